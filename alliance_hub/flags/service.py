"""Keep flags beside their records: a record's newest version brings its flag, or takes it away."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Select, delete, insert
from sqlalchemy.orm import Session

from alliance_hub.flags.models import FlagRow
from privacy.encoding import unb64
from privacy.records import Flag


def replace(
    session: Session, member: str, contracts: Select[tuple[bytes]], flags: Mapping[bytes, Flag]
) -> None:
    """Take the flags of `contracts`, a query of contract_refs, away, and put `flags` in their place."""
    session.execute(delete(FlagRow).where(FlagRow.member == member, FlagRow.contract_ref.in_(contracts)))
    rows = [_row(member, ref, flag) for ref, flag in flags.items()]
    if rows:
        session.execute(insert(FlagRow), rows)


def remove(session: Session, member: str, contract_ref: bytes) -> None:
    """Take a contract's flag out of matching at once (credit repair, domain section 5)."""
    session.execute(delete(FlagRow).where(FlagRow.member == member, FlagRow.contract_ref == contract_ref))


def _row(member: str, contract_ref: bytes, flag: Flag) -> dict[str, object]:
    return {
        "member": member,
        "contract_ref": contract_ref,
        "flag_id": unb64(flag.id),
        "version": flag.version,
        "category": flag.category,
        "sealed": unb64(flag.sealed),
    }

"""What a settlement, withdrawal, hold or release does to the contract that it names.

Called by the feed in the transaction that appends the statement, under the head's lock; what raises
keeps the statement out of the feed.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, NotFound
from alliance_hub.flags import service as flags
from alliance_hub.membership import directory
from alliance_hub.records.blocking import end_block
from alliance_hub.records.models import RecordRow, RecordState
from privacy.statements import SECRETARIAT


def end_contract(
    session: Session,
    member_name: str,
    contract_ref: bytes,
    *,
    how: Literal["settled", "withdrawn"],
    position: int,
) -> None:
    """End a member's own contract: it leaves matching at once.

    Raises NotFound when the member has no accepted record of it, Conflict when it has ended.
    """
    record = _live(session, member_name, contract_ref)
    record.state, record.ended_at = RecordState(how), position
    flags.remove(session, member_name, contract_ref)
    session.flush()


def hold(session: Session, member_name: str, contract_ref: bytes, *, by: str, position: int) -> None:
    """Put a contract on hold for author `by`, its member or the secretariat; each holds for itself.

    Raises NotFound, or Conflict when it has ended or this author holds it.
    """
    record = _live(session, member_name, contract_ref)
    if getattr(record, _column(by)) is not None:
        raise Conflict("this author holds the contract already", slug="already-held")
    setattr(record, _column(by), position)
    session.flush()


def release(session: Session, member_name: str, contract_ref: bytes, *, by: str, position: int) -> None:
    """End the hold of author `by`, also on a contract that has ended; another's hold stays.

    What was out so long that custodians have forgotten it does not come back with the hold's end.
    Raises NotFound, or Conflict when this author does not hold the contract.
    """
    record = _record(session, member_name, contract_ref)
    if getattr(record, _column(by)) is None:
        raise Conflict("this author does not hold the contract: who held it releases it", slug="not-held")
    end_block(session, directory.get(session, member_name), contract_ref)
    setattr(record, _column(by), None)
    session.flush()


def _record(session: Session, member_name: str, contract_ref: bytes) -> RecordRow:
    record = session.get(RecordRow, (member_name, contract_ref), populate_existing=True)
    if record is None:
        raise NotFound("the member has no accepted record of this contract", slug="unknown-contract")
    return record


def _live(session: Session, member_name: str, contract_ref: bytes) -> RecordRow:
    record = _record(session, member_name, contract_ref)
    if record.state != RecordState.LIVE:
        raise Conflict(f"the contract is {record.state} already", slug="contract-ended")
    return record


def _column(author: str) -> str:
    return "secretariat_hold" if author == SECRETARIAT else "member_hold"

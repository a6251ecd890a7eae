"""Record what the hub does, in the transaction in which it does it; hand out the receipt."""

from __future__ import annotations

import json
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid, NotFound
from alliance_hub.people.actor import Actor
from alliance_hub.transparency.models import LogRow
from alliance_hub.transparency.rules import marks_of
from privacy.encoding import Json, b64, canonical, instant_text
from privacy.logged import LogReceipt, entry_leaf

SALT_BYTES = 32


def record_entry(session: Session, kind: str, facts: Json, *, now: datetime) -> LogReceipt:
    """Write the entry `{"kind", "at", **facts}` under a fresh salt and return its receipt.

    Facts never hold identifiers or amounts, and pseudonyms only inside a manifest's digest.
    """
    if facts.keys() & {"kind", "at"}:
        raise Invalid("a log entry's kind and instant are not among its facts", field="facts")
    entry = {"kind": kind, "at": instant_text(now), **facts}
    salt = secrets.token_bytes(SALT_BYTES)
    leaf = entry_leaf(entry, salt)
    marks = marks_of(entry)
    session.add(
        LogRow(
            kind=kind,
            at=now,
            actor=marks.actor,
            organisation=marks.organisation,
            object=marks.object,
            leaf=leaf,
            salt=salt,
            entry=canonical(entry),
        )
    )
    session.flush()
    return LogReceipt(entry=entry, salt=b64(salt), leaf=b64(leaf))


def record_act(
    session: Session, actor: Actor, kind: str, *, object: str, facts: Json | None = None, now: datetime
) -> LogReceipt:
    """Write what an officer did to `object`, such as `member/NAME`; return its receipt.

    The officer stands there by organisation and staff number, never by name.
    """
    who = {"officer": actor.ref, "organisation": actor.organisation, "object": object}
    return record_entry(session, kind, {**who, **(facts or {})}, now=now)


def get_receipt(session: Session, leaf: bytes) -> LogReceipt:
    """Return the receipt of the entry with this leaf; raises NotFound, also when it was erased."""
    row = session.scalar(select(LogRow).where(LogRow.leaf == leaf))
    if row is None or row.entry is None or row.salt is None:
        raise NotFound("the log holds no entry with this leaf")
    return LogReceipt(entry=json.loads(row.entry), salt=b64(row.salt), leaf=b64(row.leaf))

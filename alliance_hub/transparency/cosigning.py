"""Witnesses hand in their cosignatures: custodians, whose count makes a checkpoint good, and members.

A cosignature is taken only under a checkpoint that the hub has signed and kept, only under its sender's own
name and key, and once: the first stands, since the same witness may sign again at another time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Sender
from alliance_hub.transparency import tree
from alliance_hub.transparency.models import CheckpointRow, CosignatureRow
from privacy import checkpoint
from privacy.checkpoint import Checkpoint, Line, custodian_name, log_origin, member_name
from privacy.errors import DeserializeError, VerifyError

SKEW = timedelta(minutes=5)
"""A cosignature's time may lie so far ahead of the hub's clock, as a request's may."""


def receive(
    session: Session, hub: Hub, sender: Sender, size: int, line_text: str, now: datetime
) -> list[int]:
    """Keep a witness's cosignature under the checkpoint of `size`; return which custodians have cosigned it.

    The same witness again changes nothing. Raises Conflict `no-checkpoint` when the hub has signed nothing of
    this size, or does not keep it, and Invalid for a line that is not the sender's own cosignature.
    """
    row = tree.locked(session)
    signed = session.get(CheckpointRow, size)
    # One that was never offered is replaced by the next, and nobody has been shown it.
    if signed is None or size > (row.offered or 0):
        raise Conflict(
            "the hub keeps no checkpoint of this size: cosign the one it shows", slug="no-checkpoint"
        )
    name, public = _witness(session, hub, sender)
    line = _read(line_text)
    at = _verify(line, Checkpoint(log_origin(hub.key_set), size, signed.root), name, public)
    if at > now + SKEW:
        raise Invalid("the cosignature is of the future: set the witness's clock", field="line")
    if session.get(CosignatureRow, (size, name)) is None:
        session.add(
            CosignatureRow(
                size=size, name=name, custodian=sender.custodian, member=sender.member, at=at, line=line_text
            )
        )
        signed.custodians += sender.custodian is not None
        session.flush()
        tree.offer_next(session, hub.key_set, row, now)
        session.flush()
    return _custodians(session, size)


def _witness(session: Session, hub: Hub, sender: Sender) -> tuple[str, bytes]:
    """Return under which name and key a sender cosigns."""
    origin = log_origin(hub.key_set)
    if sender.custodian is not None:
        return custodian_name(origin, sender.custodian), hub.key_set.witness(sender.custodian)
    assert sender.member is not None  # a sender is one or the other
    public = membership.get(session, sender.member).signing
    return member_name(origin, public), public


def _read(text: str) -> Line:
    try:
        return checkpoint.read_line(text)
    except DeserializeError as error:
        raise Invalid(f"the cosignature cannot be read: {error}", field="line") from error


def _verify(line: Line, signed: Checkpoint, name: str, public: bytes) -> datetime:
    try:
        return checkpoint.verify_cosignature(line, signed, name=name, public=public)
    except VerifyError as error:
        raise Invalid(
            "the line is not your cosignature of the hub's checkpoint of this size: compare the roots",
            field="line",
            slug="cosignature",
        ) from error


def _custodians(session: Session, size: int) -> list[int]:
    found = select(CosignatureRow.custodian).where(
        CosignatureRow.size == size, CosignatureRow.custodian.is_not(None)
    )
    return sorted(index for index in session.scalars(found) if index is not None)

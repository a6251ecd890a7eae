"""Holds that the secretariat puts on any member's contract and ends again: statements of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.feed.appending import append_own
from alliance_hub.hub import Hub
from alliance_hub.membership import directory
from alliance_hub.records.effects import hold, release
from privacy.encoding import b64
from privacy.statements import SECRETARIAT, Hold, Release


def hold_as_secretariat(session: Session, hub: Hub, member: str, contract_ref: bytes, now: datetime) -> None:
    """Put a member's contract on hold; raises NotFound, or Conflict when it ended or is held already."""
    directory.get(session, member)
    body = Hold(member=member, contract_ref=b64(contract_ref))
    entry = append_own(session, hub, body, author=SECRETARIAT, now=now)
    hold(session, member, contract_ref, by=SECRETARIAT, position=entry.position)


def release_as_secretariat(
    session: Session, hub: Hub, member: str, contract_ref: bytes, now: datetime
) -> None:
    """End the secretariat's hold; raises NotFound, or Conflict when there is none."""
    directory.get(session, member)
    body = Release(member=member, contract_ref=b64(contract_ref))
    entry = append_own(session, hub, body, author=SECRETARIAT, now=now)
    release(session, member, contract_ref, by=SECRETARIAT, position=entry.position)

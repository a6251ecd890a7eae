"""Write down who did what to an officer or organisation: an officer, or the machine's operator."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.people.actor import Actor
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json

OPERATOR = "operator"
"""Whoever works at the command line of the hub's machine."""

By = Actor | str
"""Who acts: an officer, or a ref such as `operator`."""


def ref_of(by: By) -> str:
    """Return by what an entry names whoever acts."""
    return by.ref if isinstance(by, Actor) else by


def record(
    session: Session, by: By, kind: str, *, object: str, facts: Json | None = None, now: datetime
) -> None:
    """Write an entry; names, mobile numbers and mail addresses are never among its facts."""
    if isinstance(by, Actor):
        transparency.record_act(session, by, kind, object=object, facts=facts, now=now)
    else:
        transparency.record_entry(session, kind, {"officer": by, "object": object, **(facts or {})}, now=now)

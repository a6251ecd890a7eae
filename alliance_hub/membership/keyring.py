"""Which keys a member has had, read from its own statements in the feed: nobody else can say it.

A signing key replaces signing and sealing key; only the recovery key replaces all three, which is what a
member does when a key was stolen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from alliance_hub.feed.models import FeedRow
from alliance_hub.membership.models import Member
from privacy.encoding import unb64
from privacy.messages import parse_json
from privacy.signing import fingerprint
from privacy.statements import Enrolment, Rotation, SignedStatement, member_author


class Origin(StrEnum):
    """How keys came into force."""

    ENROLLED = "enrolled"
    """With the member itself; custodians' operators compared their fingerprint."""
    ROTATED = "rotated"
    """Fresh signing and sealing keys; the recovery key stayed."""
    REVOKED = "revoked"
    """All replaced by the word of the recovery key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Three keys of a member and since when they are in force."""

    origin: Origin
    position: int
    """Where in the feed the statement stands."""
    at: datetime
    fingerprint: str


def list_keys(session: Session, member: Member) -> list[Keys]:
    """Return every set of keys that the member has had, those in force first; none before its admission."""
    stated = (
        select(FeedRow)
        .where(
            FeedRow.author == member_author(member.name),
            FeedRow.type.in_((_type(Enrolment), _type(Rotation))),
        )
        .order_by(FeedRow.position.desc())
        .options(undefer(FeedRow.document))
    )
    rows = session.scalars(stated).all()
    bodies = [_body(row) for row in rows]
    # Newest first: each is compared with the one behind it.
    older = [*bodies, None][1:]
    return [
        _keys(member.name, row, body, before) for row, body, before in zip(rows, bodies, older, strict=True)
    ]


def _keys(name: str, row: FeedRow, body: Enrolment | Rotation, before: Enrolment | Rotation | None) -> Keys:
    keys = (unb64(body.signing), unb64(body.recovery), unb64(body.sealing))
    origin = Origin.ENROLLED
    if before is not None:
        origin = Origin.ROTATED if body.recovery == before.recovery else Origin.REVOKED
    return Keys(origin, row.position, row.stamp, fingerprint(name, *keys))


def _body(row: FeedRow) -> Enrolment | Rotation:
    body = parse_json(SignedStatement, row.document).statement.body
    assert isinstance(body, Enrolment | Rotation)  # it was chosen by its type
    return body


def _type(form: type[Enrolment | Rotation]) -> str:
    return str(form.__struct_config__.tag)

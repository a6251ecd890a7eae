"""Gather what the hub gives a court: certificates, the entries on which they rest, and who the member is.

All entries stand under one checkpoint that t custodians have cosigned. Until there is one that reaches the
last of them, the member is asked to come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from alliance_hub.errors import Conflict, NotFound, Unavailable
from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub
from alliance_hub.matters import reading, superseding
from alliance_hub.matters.models import MatterCertificate, MatterRow
from alliance_hub.membership import directory
from alliance_hub.transparency import anchoring, checkpoints, proofs
from privacy.certificates import leaves_of
from privacy.checkpoint import Note
from privacy.encoding import unb64
from privacy.evidence import MatterEvidence
from privacy.logged import LogProof
from privacy.messages import parse_json
from privacy.statements import Enrolment, Rotation, SignedStatement, member_author

RETRY_AFTER = timedelta(seconds=3)
"""The hub integrates every two seconds; custodians cosign when they next pull."""


def evidence(hub: Hub, member: str, reference: str, now: datetime) -> MatterEvidence:
    """Return the evidence of a member's matter, and note which certificates were handed out.

    Opens sessions of its own: gathering takes long, and nobody need wait for it. Raises NotFound, Unavailable
    `checkpoint-pending` with `retry_at`, Conflict when nothing stands certified or an entry was erased, and
    Forgotten.
    """
    with hub.database.reading() as session:
        row = reading.get_own(session, member, reference)
        found = gather(session, hub, row, now)
    numbers = [each.certificate.number for each in found.certificates]
    if row.handed_out != numbers:
        with hub.database.transaction() as session:
            reading.get_own(session, member, reference).handed_out = numbers
    return found


def gather(session: Session, hub: Hub, row: MatterRow, now: datetime) -> MatterEvidence:
    """Return a matter's evidence as it stands; raises as `evidence` does."""
    request = reading.request_of(session, row)
    standing = _standing(session, hub, row, now)
    certificates = [reading.certificate_of(each) for each in standing]
    named = (leaf for each in certificates for leaf in leaves_of(each.certificate.said))
    leaves = _distinct([row.log_leaf, *(each.log_leaf for each in standing), *map(unb64, named)])
    note = _note(session, hub, leaves, now)
    return MatterEvidence(
        request=request,
        membership=_membership(session, row.member),
        certificates=tuple(certificates),
        proofs=tuple(_proofs(session, leaves, note)),
        checkpoint=note.text(),
        anchor=anchoring.evidence_for(session, note.checkpoint.size),
    )


def _standing(session: Session, hub: Hub, row: MatterRow, now: datetime) -> list[MatterCertificate]:
    """Return the certificates that still say what is on record, by number."""
    gone = superseding.look(session, hub, row, now)
    standing = [each for each in reading.certificates_of(session, row) if each.number not in gone]
    if not standing:
        raise Conflict(
            "nothing is certified in this matter that still stands: ask for certificates first",
            slug="not-certified",
        )
    return standing


def _note(session: Session, hub: Hub, leaves: Sequence[bytes], now: datetime) -> Note:
    """Return the newest checkpoint that counts, once it reaches every leaf."""
    try:
        size = 1 + max(proofs.inclusion(session, leaf).index for leaf in leaves)
    except Unavailable as error:
        if error.slug != "not-integrated":
            raise
        raise _pending(now) from error
    note = checkpoints.newest_counted(session, hub.key_set, min_size=size)
    if note is None:
        raise _pending(now)
    return note


def _pending(now: datetime) -> Unavailable:
    return Unavailable(
        "the custodians have yet to cosign a checkpoint of the log with all of these entries: ask again",
        slug="checkpoint-pending",
        retry_at=now + RETRY_AFTER,
    )


def _proofs(session: Session, leaves: Sequence[bytes], note: Note) -> list[LogProof]:
    try:
        return proofs.logged(session, leaves, size=note.checkpoint.size)
    except NotFound as error:
        raise Conflict(
            "a log entry on which this rests has been erased: ask the secretariat", slug="entry-erased"
        ) from error


def _membership(session: Session, member: str) -> tuple[SignedStatement, ...]:
    """Return the member's enrolment, the custodians' acceptances of it, and its rotations."""
    author = member_author(member)
    enrolment = select(FeedRow).where(FeedRow.author == author, FeedRow.type == _tag(Enrolment))
    rotations = select(FeedRow).where(FeedRow.author == author, FeedRow.type == _tag(Rotation))
    accepted = [each.position for each in directory.get(session, member).acceptances]
    return (
        *_statements(session.scalars(enrolment.options(undefer(FeedRow.document)))),
        *(feed.statement_at(session, position) for position in accepted),
        *_statements(
            session.scalars(rotations.order_by(FeedRow.position).options(undefer(FeedRow.document)))
        ),
    )


def _statements(rows: Iterable[FeedRow]) -> Iterator[SignedStatement]:
    return (parse_json(SignedStatement, row.document) for row in rows)


def _tag(form: type[Enrolment | Rotation]) -> str:
    return str(form.__struct_config__.tag)


def _distinct(leaves: Iterable[bytes]) -> list[bytes]:
    return list(dict.fromkeys(leaves))

"""Certify what the member asked about the debtor, and what was decided.

A question that was denied stands in the log by its manifest's digest alone: nothing at the hub ties it to
this debtor, so it is not certified. The same holds for a question in which the debtor's standing signature
does not hold: it tells nothing about the debtor.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, undefer

from alliance_hub.matching.models import MatchRow, MatchSubject
from alliance_hub.matters.certifying.facts import Case, Fact
from privacy import signing
from privacy.certificates import Decided, DecisionSaid
from privacy.encoding import b64, instant_text, unb64
from privacy.errors import PrivacyError
from privacy.matching import Decision, standing_message
from privacy.messages import parse_json


class _Manifest(msgspec.Struct):
    purpose: str
    subjects: list[str]


class _Request(msgspec.Struct):
    """A stored match request, as far as one subject's place in it: it was checked when it was taken."""

    manifest: _Manifest
    standing: list[str]


def certify(session: Session, case: Case) -> list[Fact]:
    """Return every question about the debtor that was allowed, the oldest first."""
    asked = (
        select(MatchRow, MatchSubject.place)
        .join(MatchSubject, MatchSubject.match == MatchRow.id)
        .where(_is_about(case))
        .order_by(MatchRow.id)
        .options(undefer(MatchRow.request), undefer(MatchRow.decision))
    )
    found = (_decided(case, row, place) for row, place in session.execute(asked))
    decisions = tuple(each for each in found if each is not None)
    return [Fact(DecisionSaid(decisions=decisions))] if decisions else []


def versions(session: Session, case: Case) -> set[tuple[str, int]]:
    """Return under which agreements and versions the member asked about the debtor."""
    asked = select(MatchRow.decision).join(MatchSubject, MatchSubject.match == MatchRow.id)
    decisions = (parse_json(Decision, each) for each in session.scalars(asked.where(_is_about(case))))
    return {(each.agreement, each.version) for each in decisions}


def _is_about(case: Case) -> ColumnElement[bool]:
    """Return the condition that a match is the matter's member's, and named its debtor."""
    return (MatchRow.member == case.row.member) & (MatchSubject.pseudonym == case.row.pseudonym)


def _decided(case: Case, row: MatchRow, place: int) -> Decided | None:
    request = msgspec.json.decode(row.request, type=_Request)
    decision = parse_json(Decision, row.decision)
    standing = request.standing[place]
    try:
        signing.verify(case.row.standing_key or b"", standing_message(row.digest, place), unb64(standing))
    except PrivacyError:
        return None
    return Decided(
        manifest=b64(row.digest),
        position=place,
        subjects=len(request.manifest.subjects),
        standing=standing,
        asked_at=instant_text(row.decided_at),
        purpose=request.manifest.purpose,
        agreement=decision.agreement,
        version=decision.version,
        clause=decision.clause,
        allowed=decision.allowed,
        leaf=b64(row.log_leaf),
    )

"""Answer a member that asks about its own debtors: decide and log, ask custodians, store and sign.

The custodians stand between two transactions. A crash there leaves a decided match that the same
request completes: custodians charge a manifest once, by its digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import msgspec
from sqlalchemy.orm import Session

from alliance_hub import faults
from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Unavailable
from alliance_hub.hub import Hub
from alliance_hub.matching import deciding, rules
from alliance_hub.matching.custodians import Custodians, Silent, Stale
from alliance_hub.matching.deciding import Case, Signed
from alliance_hub.matching.models import FurtherOpening, MatchRow, MatchState
from alliance_hub.membership import service as membership
from alliance_hub.parameters import service as parameters
from alliance_hub.transparency import service as transparency
from privacy.answers import MatchAnswer, SignedMatchAnswer, sign_answer
from privacy.encoding import b64, instant_text
from privacy.matching import MatchRequest, OpeningRequest, SealedOpening
from privacy.messages import parse_json
from privacy.statements import custodian_author

__all__ = ["Signed", "match", "open_further"]

MOVES = 3
"""How often a match follows the feed's head while custodians find its position stale."""

RETRY_AFTER = timedelta(seconds=30)


def match(hub: Hub, member: str, request: MatchRequest, signed: Signed) -> bytes:
    """Answer a match and return the SignedMatchAnswer as JSON; the same request again returns the same.

    Opens transactions of its own. Raises Forbidden, QuotaExceeded, Invalid or Conflict as `deciding.decide`
    does, what a custodian refuses in its own words, and Unavailable when fewer than t custodians answer.
    """
    with hub.database.transaction() as session:
        asker = membership.get(session, member)
        case = deciding.decide(session, hub, asker, request, signed, hub.clock())
    if isinstance(case, HubError):
        raise case
    if case.answer is not None:
        return case.answer
    faults.reached("match.decided")
    case, openings = _gather(hub, case, signed) if case.opens else (case, [])
    with hub.database.transaction() as session:
        return _store(session, hub, case, openings, hub.clock())


def open_further(hub: Hub, member: str, request_id: str, custodian: int) -> bytes:
    """Return one more custodian's SealedOpening as JSON, for an answer whose openings do not agree.

    Raises NotFound, Invalid, Conflict `stale` when the feed has moved on since, Unavailable.
    """
    if not 1 <= custodian <= hub.key_set.count:
        raise Invalid(f"custodians have the numbers 1 to {hub.key_set.count}", field="custodian")
    with hub.database.reading() as session:
        require_mode(session, hub)
        case = _answered(session, member, request_id)
        stored = _stored_opening(session, case, custodian)
    if stored is not None:
        return stored
    try:
        opening = _custodians(hub).ask(custodian, _request_to(hub, case, custodian))
    except Stale as error:
        raise Conflict(
            "the feed has moved on since this answer: match again under a new request id", slug="stale"
        ) from error
    except Silent as error:
        raise _unavailable(hub) from error
    with hub.database.transaction() as session:
        document = msgspec.json.encode(opening)
        session.merge(FurtherOpening(match=case.row, custodian=custodian, opening=document))
    return document


def require_mode(session: Session, hub: Hub) -> None:
    """Raise Forbidden in a regulatory mode in which a licensed bureau answers, and not the hub."""
    if not parameters.mode(session, hub).answers_matches:
        raise Forbidden("in this regulatory mode the licensed bureau answers matches", slug="regulatory-mode")


def _gather(hub: Hub, case: Case, signed: Signed) -> tuple[Case, list[SealedOpening]]:
    """Collect t openings at one position, following the head while it is found stale."""
    order = rules.custodian_order(case.digest, hub.key_set.count)
    for moves_left in reversed(range(MOVES + 1)):
        found = _custodians(hub).gather(order, hub.key_set.threshold, partial(_request_to, hub, case))
        if len(found.openings) >= hub.key_set.threshold:
            return case, [found.openings[index] for index in sorted(found.openings)]
        if not found.stale or not moves_left:
            break
        with hub.database.transaction() as session:
            moved = deciding.move(session, hub, case, signed, hub.clock())
        if isinstance(moved, HubError):
            raise moved
        case = moved
    raise _first(found.refusals) or _unavailable(hub)


def _first(refusals: Iterable[HubError]) -> HubError | None:
    return next(iter(refusals), None)


def _custodians(hub: Hub) -> Custodians:
    return Custodians(hub.settings.custodians, hub.keys.hub, hub.clock)


def _request_to(hub: Hub, case: Case, custodian: int) -> OpeningRequest:
    return OpeningRequest(
        recipient=custodian_author(custodian),
        epoch=hub.key_set.epoch,
        key_set=b64(hub.key_set.digest),
        match=case.request,
        decision=case.decision,
        position=case.position,
    )


def _store(session: Session, hub: Hub, case: Case, openings: list[SealedOpening], now: datetime) -> bytes:
    row = session.get_one(MatchRow, case.row, with_for_update=True)
    if row.answer is not None:
        return row.answer
    answer = MatchAnswer(
        manifest=b64(case.digest),
        decision=case.decision,
        answered_at=instant_text(now),
        subjects=case.subjects,
        openings=tuple(openings),
    )
    receipt = transparency.get_receipt(session, row.log_leaf)
    document = msgspec.json.encode(sign_answer(hub.keys.hub, answer, receipt))
    row.state, row.answered_at, row.answer = MatchState.ANSWERED, now, document
    return document


def _answered(session: Session, member: str, request_id: str) -> Case:
    row = deciding.find(session, member, request_id)
    if row is None:
        raise NotFound("no match of yours has this request id")
    if row.answer is None or not row.opens:
        raise Conflict("this match has no openings: post it again until it is answered", slug="not-answered")
    return deciding.case_of(row)


def _stored_opening(session: Session, case: Case, custodian: int) -> bytes | None:
    further = session.get(FurtherOpening, (case.row, custodian))
    if further is not None:
        return further.opening
    signed = parse_json(SignedMatchAnswer, case.answer or b"")
    held = (each for each in signed.answer.openings if each.custodian == custodian)
    return next((msgspec.json.encode(each) for each in held), None)


def _unavailable(hub: Hub) -> Unavailable:
    return Unavailable(
        "too few custodians answer now: nothing is lost, post the same request again",
        slug="custodians-unavailable",
        retry_at=hub.clock() + RETRY_AFTER,
    )

"""A member asks about its own debtors and hears what its agreement allows."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.matching import service as matching
from alliance_hub.matching.service import Signed
from alliance_hub.permissions import Permission
from api import answers, bodies
from api.forms import FurtherOpeningRequest
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.answers import SignedMatchAnswer
from privacy.matching import MatchRequest, SealedOpening

bp = APIBlueprint("matches", __name__, tag="Matches")


@bp.post("/matches")
@describe(bp, body=MatchRequest, answers={200: SignedMatchAnswer}, refuses=(403, 409, 422, 429, 503))
@allows(Permission.MATCH)
def create(caller: Caller) -> Response:
    """Ask about up to 1,000 of your own debtors.

    The decision, with agreement, version, clause and log entry; for each subject whether others reach it, and
    their flags; and at least t custodians' openings of the totals, sealed to you. The same manifest again
    returns the same answer. 403 names the clause that denies; 409 `period` the period to ask for; 503
    `custodians-unavailable` loses nothing: post the same again.
    """
    request = bodies.message(MatchRequest)
    signed = Signed(caller.verified.base, caller.verified.signature)
    return answers.document(matching.match(the_hub(), caller.member, request, signed))


@bp.post("/matches/<request_id>/openings")
@describe(
    bp, body=FurtherOpeningRequest, answers={200: SealedOpening}, refuses=(403, 404, 409, 422, 429, 503)
)
@allows(Permission.MATCH)
def open_further(caller: Caller, request_id: str) -> Response:
    """Ask one more custodian about a match that was answered.

    For openings that do not agree with each other. 409 `stale` when the feed has moved on since: match again
    under a new request id.
    """
    asked = bodies.message(FurtherOpeningRequest)
    opening = matching.open_further(the_hub(), caller.member, request_id, asked.custodian)
    return answers.document(opening)

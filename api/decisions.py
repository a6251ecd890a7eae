"""A dry run: would this be allowed, by which clause, and since when. Nothing is asked or charged."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import PolicyDecision
from alliance_hub.membership import service as membership
from alliance_hub.parameters import service as parameters
from alliance_hub.permissions import Permission
from api import answers, bodies
from api.forms import DecisionQuestion, Decisions, DecisionShown
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64, instant_text
from privacy.vocabulary import Category

bp = APIBlueprint("decisions", __name__, tag="Decisions")


@bp.post("/decisions")
@describe(bp, body=DecisionQuestion, answers={200: Decisions}, refuses=(403, 422))
@allows(Permission.READ_OWN)
def create(caller: Caller) -> Response:
    """Try whether a question would be allowed.

    The same function decides that decides a match; here nothing is asked, logged or charged. One decision
    for each category: agreement, version and clause that allow or deny it, why, and since when.
    """
    hub, asked = the_hub(), bodies.message(DecisionQuestion)
    now = hub.clock()
    with hub.database.reading() as session:
        member = membership.get(session, caller.member)
        mode = parameters.mode(session, hub)
        decided = agreements.decide(
            session,
            hub,
            member,
            agreement=asked.agreement,
            purpose=asked.purpose,
            categories=asked.categories,
            subjects=asked.subjects,
            at=now,
        )
    shown = tuple(present(category, decision) for category, decision in decided.items())
    return answers.form(Decisions(mode=str(mode), at=instant_text(now), decisions=shown))


def present(category: Category, decision: PolicyDecision) -> DecisionShown:
    """Return one decision as it is shown."""
    return DecisionShown(
        category=category,
        allowed=decision.allowed,
        agreement=decision.agreement,
        version=decision.version,
        clause=decision.clause,
        reason=decision.reason,
        since=None if decision.since is None else instant_text(decision.since),
        retry_at=None if decision.retry_at is None else instant_text(decision.retry_at),
        entry=None if decision.leaf is None else b64(decision.leaf),
    )

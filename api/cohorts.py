"""Custodians' commitments to the cohorts that they helped open: what contributors check their receipts by."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.feed import service as feed
from alliance_hub.permissions import Permission
from api import answers
from api.forms import CohortsShown
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import instant_text

bp = APIBlueprint("cohorts", __name__, tag="Cohorts")


@bp.get("/cohorts/<int:position>")
@describe(bp, answers={200: CohortsShown}, refuses=(403, 404))
@allows(Permission.READ_CUTS)
def show(caller: Caller, position: int) -> Response:
    """Show a commitment to opened cohorts.

    The custodian's signed statement at this position of the feed, with the log entry that records it. A
    custodian gives you your receipt itself (`GET /v1/cohorts` there) and names the position; only a root
    that all members can read here binds it. 404 for any other statement's position.
    """
    with the_hub().database.reading() as session:
        row = feed.get_cohorts(session, position)
        shown = CohortsShown(
            position=row.position,
            stamp=instant_text(row.stamp),
            statement=feed.statement_at(session, row.position),
            receipt=feed.receipt_of(session, row),
        )
    return answers.form(shown)

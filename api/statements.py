"""Statements go into the feed here, those of members and those of custodians; a member reads back its own."""

from __future__ import annotations

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.permissions import Permission
from api import answers, bodies
from api.forms import StatementPage, StatementShown, StatementTaken
from api.openapi import describe
from api.paging import Page, next_mark
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64, instant_text
from privacy.statements import SignedStatement

bp = APIBlueprint("statements", __name__, tag="Statements")


@bp.post("/statements")
@describe(
    bp,
    body=SignedStatement,
    answers={200: StatementTaken, 201: StatementTaken},
    refuses=(403, 404, 409, 422),
)
@allows(Permission.STATE)
def create(caller: Caller) -> Response:
    """Append a statement of your own to the feed.

    Members: settlement, withdrawal, rotation, hold, release. Custodians: acceptance, cut_signature, cohorts.
    A rotation may be signed, and sent, with the recovery key. 201 when it was appended, 200 when exactly
    this statement stands there already; 409 `sequence` says which number and digest come next, `closed` that
    the epoch has ended.
    """
    hub, signed = the_hub(), bodies.message(SignedStatement)
    with hub.database.transaction() as session:
        before = feed.head(session).position
        row = feed.receive(session, hub, signed, sender=caller.sender, now=hub.clock())
        taken = StatementTaken(
            position=row.position, stamp=instant_text(row.stamp), receipt=feed.receipt_of(session, row)
        )
    return answers.form(taken, HTTPStatus.CREATED if row.position > before else HTTPStatus.OK)


@bp.get("/statements")
@describe(bp, answers={200: StatementPage}, refuses=(403, 422))
@allows(Permission.READ_OWN)
@bp.input(Page, location="query")
def show(caller: Caller, query_data: Page) -> Response:
    """List your statements.

    Those with a sequence number above `after`, in order: where each stands in the feed, for comparison with
    your own and with what the custodians say.
    """
    with the_hub().database.reading() as session:
        rows = feed.statements_of(session, caller.sender.author, query_data.after, query_data.limit)
    page = StatementPage(
        statements=tuple(_present(row) for row in rows),
        next=next_mark(rows, query_data.limit, lambda row: row.sequence),
    )
    return answers.form(page)


def _present(row: FeedRow) -> StatementShown:
    return StatementShown(
        sequence=row.sequence,
        type=row.type,
        position=row.position,
        stamp=instant_text(row.stamp),
        digest=b64(row.digest),
    )

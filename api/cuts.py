"""Cuts with their signatures, so that a member need not take the hub's word for when a period began."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.feed.models import CutRow
from alliance_hub.permissions import Permission
from api import answers
from api.forms import CutDetail, CutSignatureShown
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64, instant_text

bp = APIBlueprint("cuts", __name__, tag="Cuts")


@bp.get("/cuts/<period>")
@describe(bp, answers={200: CutDetail}, refuses=(403, 404))
@allows(Permission.READ_CUTS)
def show(caller: Caller, period: str) -> Response:
    """Show a cut.

    Position, stamp and head, and the statements with which the custodians signed it. The period is opened
    once all of them have signed the same head and state digest: check that, and compare the head with what
    the custodians tell you themselves.
    """
    with the_hub().database.reading() as session:
        shown = _present(session, feed.get_cut(session, period))
    return answers.form(shown)


def _present(session: Session, cut: CutRow) -> CutDetail:
    places = [signature.position for signature in feed.signatures_of(session, cut)]
    return CutDetail(
        period=cut.period,
        position=cut.position,
        stamp=instant_text(cut.stamp),
        head=b64(cut.head),
        signatures=tuple(
            CutSignatureShown(position=place, statement=feed.statement_at(session, place)) for place in places
        ),
    )

"""Agreements as their member sees them, and its signature under what was offered."""

from __future__ import annotations

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementView
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Permission
from api import answers, bodies
from api.forms import AgreementList, AgreementShown, AgreementSignature, AgreementSigned
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import instant_text

bp = APIBlueprint("agreements", __name__, tag="Agreements")


@bp.get("/agreements")
@describe(bp, answers={200: AgreementList}, refuses=(403,))
@allows(Permission.READ_OWN)
def show(caller: Caller) -> Response:
    """List your agreements.

    Every version that was offered to you, the oldest first; `offered` ones wait for your signature.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        member = membership.get(session, caller.member)
        views = agreements.list_for(session, member, at=hub.clock())
    return answers.form(AgreementList(agreements=tuple(present(view) for view in views)))


@bp.post("/agreements/signatures")
@describe(bp, body=AgreementSignature, answers={201: AgreementSigned}, refuses=(403, 404, 409, 422))
@allows(Permission.SIGN_AGREEMENT)
def sign(caller: Caller) -> Response:
    """Sign an agreement that was offered to you.

    Sign the terms as they were offered (label `agreement`). The secretariat then states the agreement in
    the feed. The same signature again changes nothing.
    """
    hub, asked = the_hub(), bodies.message(AgreementSignature)
    with hub.database.transaction() as session:
        member = membership.get(session, caller.member)
        row = agreements.sign(
            session, hub, member, asked.agreement, asked.version, asked.signature, hub.clock()
        )
        signed = AgreementSigned(agreement=row.agreement, version=row.version, position=row.position or 0)
    return answers.form(signed, HTTPStatus.CREATED)


def present(view: AgreementView) -> AgreementShown:
    """Return a version of an agreement as it is shown."""
    signed_at = None if view.signed_at is None else instant_text(view.signed_at)
    return AgreementShown(terms=view.terms, state=str(view.state), signed_at=signed_at)

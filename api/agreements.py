"""Agreements as their member sees them: its signature under what was offered, and its notice."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementView
from alliance_hub.errors import NotFound
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Permission
from api import answers, bodies
from api.forms import (
    AgreementEnding,
    AgreementList,
    AgreementNotice,
    AgreementShown,
    AgreementSignature,
    AgreementSigned,
    AgreementText,
)
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import instant_text

bp = APIBlueprint("agreements", __name__, tag="Agreements")


@bp.get("/agreements")
@describe(bp, answers={200: AgreementList}, refuses=(403,))
@allows(Permission.READ_OWN)
def show(caller: Caller) -> Response:
    """List your agreements.

    Every version that was offered to you, the oldest first; `offered` ones wait for your signature, `signed`
    ones for the two officers who put them into effect.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        member = membership.get(session, caller.member)
        views = agreements.list_for(session, member, at=hub.clock())
    return answers.form(AgreementList(agreements=tuple(present(view) for view in views)))


@bp.get("/agreements/texts/<digest>")
@describe(bp, answers={200: AgreementText}, refuses=(403, 404))
@allows(Permission.READ_OWN)
def show_text(caller: Caller, digest: str) -> Response:
    """Show the Chinese text of an agreement.

    By its digest, as the terms name it in `text`: SHA-256 over the text's UTF-8 bytes, in base64url. This
    text prevails; compare its digest before you sign.
    """
    with the_hub().database.reading() as session:
        text = agreements.find_text(session, caller.member, digest)
    if text is None:
        raise NotFound("no text of this digest was offered to this member")
    return answers.form(AgreementText(text=text))


@bp.post("/agreements/signatures")
@describe(bp, body=AgreementSignature, answers={201: AgreementSigned}, refuses=(403, 404, 409, 422))
@allows(Permission.SIGN_AGREEMENT)
def sign(caller: Caller) -> Response:
    """Sign an agreement that was offered to you.

    Sign the terms as they were offered (label `agreement`). Two officers then activate it, and the
    secretariat states it in the feed. The same signature again changes nothing.
    """
    hub, asked = the_hub(), bodies.message(AgreementSignature)
    with hub.database.transaction() as session:
        member = membership.get(session, caller.member)
        row = agreements.sign(
            session, hub, member, asked.agreement, asked.version, asked.signature, hub.clock()
        )
        signed = AgreementSigned(
            agreement=row.agreement, version=row.version, state=str(row.state), position=row.position
        )
    return answers.form(signed, HTTPStatus.CREATED)


@bp.post("/agreements/terminations")
@describe(bp, body=AgreementNotice, answers={201: AgreementEnding}, refuses=(403, 404, 409, 422))
@allows(Permission.END_AGREEMENT)
def terminate(caller: Caller) -> Response:
    """Give notice for an agreement.

    It holds until `ends_at`, the end of the notice that its terms ask for, and is over then; versions that
    have not taken effect are withdrawn. 409 when notice was given already or nothing is in effect.
    """
    hub, asked = the_hub(), bodies.message(AgreementNotice)
    with hub.database.transaction() as session:
        member = membership.get(session, caller.member)
        rows = agreements.terminate_own(session, member, asked.agreement, hub.clock())
        ends_at = max(row.ends_at for row in rows)
    ending = AgreementEnding(agreement=asked.agreement, ends_at=instant_text(ends_at))
    return answers.form(ending, HTTPStatus.CREATED)


def present(view: AgreementView) -> AgreementShown:
    """Return a version of an agreement as it is shown."""
    return AgreementShown(
        terms=view.terms,
        state=str(view.state),
        signed_at=_text(view.signed_at),
        activated_at=_text(view.activated_at),
        suspended_at=_text(view.suspended_at),
        terminated_at=_text(view.terminated_at),
        ends_at=instant_text(view.ends_at),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)

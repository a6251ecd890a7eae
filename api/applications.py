"""A firm asks to become a member; its request is signed by the key on its card, and by nothing else yet."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from apiflask import APIBlueprint
from flask import Response

from alliance_hub.membership import applications
from alliance_hub.membership.applying import contact_field, read_application
from alliance_hub.membership.models import Application
from api import answers, bodies
from api.forms import ApplicationForm, ApplicationTaken
from api.openapi import describe
from api.signatures import take_once, the_hub, verify_signature
from privacy.encoding import unb64
from privacy.periods import day_of
from privacy.signing import key_id

LARGEST = 2**14

bp = APIBlueprint("applications", __name__, tag="Application")

STATUS_PAGE = "/console/apply/status/"
"""Where a person follows an application by the secret of its link."""


@bp.post("/applications")
@describe(bp, body=ApplicationForm, answers={202: ApplicationTaken}, refuses=(409, 422, 429))
def create() -> Response:
    """Apply for membership.

    Sign this request with the signing key on your card. The secretariat reviews what you say, and may return
    the application: send it again, corrected, and it goes on; sent again otherwise it changes nothing. Each
    time you get a fresh link, on which a person follows the application; the one before stops working.
    Introduce yourself besides (POST /v1/enrolments), within a day of your admission.
    """
    hub, form = the_hub(), bodies.message(ApplicationForm, largest=LARGEST)
    key = unb64(form.card.signing)
    take_once(verify_signature(lambda keyid: key if keyid == key_id(key) else None))
    now = hub.clock()
    card, facts = read_application(_raw(form), day_of(now))
    with hub.database.transaction() as session:
        received = applications.receive_signed(session, card, facts, now)
        taken = _present(received.application, hub.settings.base_url + STATUS_PAGE + received.secret)
    return answers.form(taken, HTTPStatus.ACCEPTED)


def _raw(form: ApplicationForm) -> dict[str, str]:
    """Return the form as the texts that a page would have sent, so that both are judged alike."""
    said = {
        "card": msgspec.json.encode(form.card).decode(),
        "legal_name": form.legal_name,
        "kind": form.kind,
        "uscc": form.uscc,
        "licence_kind": form.licence_kind,
        "licence_number": form.licence_number,
        "licence_until": form.licence_until or "",
        "declared_portfolio": str(form.declared_portfolio),
        "controller_uscc": form.controller_uscc or "",
    }
    for contact in form.contacts:
        for part in ("name", "mobile", "email"):
            said[contact_field(contact.role, part)] = getattr(contact, part)
    return said


def _present(application: Application, link: str) -> ApplicationTaken:
    return ApplicationTaken(id=application.id, member=application.member, state=application.state, link=link)

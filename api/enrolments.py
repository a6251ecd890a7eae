"""A newcomer introduces itself; it is known by the keys that it brings, and by nothing else yet."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.errors import Invalid
from alliance_hub.membership import service as membership
from api import answers, bodies
from api.forms import Enrolled
from api.openapi import describe
from api.signatures import take_once, the_hub, verify_signature
from privacy.encoding import unb64
from privacy.signing import key_id
from privacy.statements import Enrolment, SignedStatement

LARGEST = 2**14

bp = APIBlueprint("enrolments", __name__, tag="Enrolment")


@bp.post("/enrolments")
@describe(bp, body=SignedStatement, answers={202: Enrolled}, refuses=(409, 422))
def create() -> Response:
    """Introduce yourself as a member.

    The body is your first statement, an enrolment with sequence 0 and no countersignature; sign it and this
    request with its signing key. The secretariat then admits you, and each custodian's operator compares
    your fingerprint with your card. The same enrolment again changes nothing; GET /v1/account tells how
    far you are.
    """
    hub, signed = the_hub(), bodies.message(SignedStatement, largest=LARGEST)
    verified = verify_signature(_own_key(signed))
    take_once(verified)
    with hub.database.transaction() as session:
        member = membership.apply(session, hub, signed, hub.clock())
        enrolled = Enrolled(member=member.name, state=str(member.state), fingerprint=member.fingerprint)
    return answers.form(enrolled, HTTPStatus.ACCEPTED)


def _own_key(signed: SignedStatement) -> Callable[[str], bytes | None]:
    """Return what finds the enrolment's own signing key, and no other."""
    if not isinstance(signed.statement.body, Enrolment):
        raise Invalid("an enrolment is expected", field="statement.body.type")
    key = unb64(signed.statement.body.signing)
    return lambda keyid: key if keyid == key_id(key) else None

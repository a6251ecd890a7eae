"""What a leaving member is told and given: how far it is, its data, certificates; and what it hands in."""

from __future__ import annotations

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.membership import leaving
from alliance_hub.membership.certificates import SignedCertificate
from alliance_hub.membership.exporting import read_parts
from alliance_hub.membership.models import Exit
from alliance_hub.permissions import Permission
from api import answers, bodies
from api.forms import DeletionsHandedIn, ExitShown
from api.openapi import ARCHIVE, describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64, instant_text
from privacy.messages import parse_json

LARGEST = 2**20

bp = APIBlueprint("leaving", __name__, tag="Leaving")


@bp.get("/exit")
@describe(bp, answers={200: ExitShown}, refuses=(403, 404))
@allows(Permission.READ_OWN)
def show(caller: Caller) -> Response:
    """Show how far your leaving is.

    `suspended`: your data are being put together; `exported`: they wait to be fetched; `erased`: the hub has
    erased its tables and signed a first certificate; `closed`: nothing is left that the protocol does not
    keep. Certificates are signed with the secretariat's key (label `exit-certificate`), the newest first.
    """
    with the_hub().database.reading() as session:
        row = leaving.get_exit(session, caller.member)
        certificates = leaving.list_certificates(session, caller.member)
        shown = _present(row, [each.document for each in certificates])
    return answers.form(shown)


@bp.get("/exit/data")
@describe(bp, answers={200: bytes}, refuses=(403, 404, 409))
@allows(Permission.READ_OWN)
def fetch(caller: Caller) -> Response:
    """Fetch your data.

    A zip archive of JSON lines (`application/zip`): all that the hub held of you. Its SHA-256 stands in
    GET /v1/exit. It can be fetched until `export_until`, and is erased then.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        leaving.require_copy(session, caller.member, hub.clock())
        # A few pieces of a megabyte each: what was erased meanwhile would else cut an answer short.
        body = b"".join(read_parts(session, caller.member))
    return Response(body, mimetype=ARCHIVE)


@bp.post("/exit/deletions")
@describe(bp, body=DeletionsHandedIn, answers={200: ExitShown}, refuses=(403, 404, 422))
@allows(Permission.READ_OWN)
def hand_in(caller: Caller) -> Response:
    """Hand in the custodians' deletion certificates.

    Custodians certify to you, not to the hub, what they have forgotten. What you hand in is checked against
    the key set and named in the hub's next certificate; if one is signed already, another follows at once.
    """
    hub, form = the_hub(), bodies.message(DeletionsHandedIn, largest=LARGEST)
    with hub.database.transaction() as session:
        row = leaving.hand_in(session, hub, caller.member, form.deletions, hub.clock())
        certificates = leaving.list_certificates(session, caller.member)
        shown = _present(row, [each.document for each in certificates])
    return answers.form(shown, HTTPStatus.OK)


def _present(row: Exit, certificates: list[bytes]) -> ExitShown:
    return ExitShown(
        member=row.member,
        stage=row.stage,
        began_at=instant_text(row.began_at),
        deadline_at=instant_text(row.deadline_at),
        export_until=None if row.export_until is None else instant_text(row.export_until),
        export_sha256=None if row.export_digest is None else b64(row.export_digest),
        export_bytes=row.export_size,
        certificates=tuple(parse_json(SignedCertificate, each) for each in certificates),
    )

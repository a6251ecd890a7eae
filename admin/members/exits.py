"""How a member leaves: its certificates for officers, and for its own administrator also its archive."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from admin.gate import shows, the_hub
from admin.members import words
from admin.members.family import bp, member_page
from alliance_hub.errors import NotFound
from alliance_hub.membership import leaving, service
from alliance_hub.membership.certificates import Remains, SignedCertificate, Stays
from alliance_hub.membership.exporting import read_parts
from alliance_hub.membership.models import ExitCertificate
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.messages import parse_json

# Only a member's administrator manages its people, and only it may take the whole archive.
OWN = Act.MANAGE_OWN_OFFICERS


@bp.get("/members/<name>/certificates/<int:number>")
@shows(Act.READ_MEMBERS)
def certificate(actor: Actor, name: str, number: int) -> str:
    """Show a deletion certificate, fit to be printed."""
    with the_hub().database.reading() as session:
        service.get(session, name)
        return _certificate_page(_find(session, name, number), back=member_page(name))


@bp.get("/members/<name>/certificates/<int:number>.json")
@shows(Act.READ_MEMBERS)
def certificate_file(actor: Actor, name: str, number: int) -> Response:
    """Give a deletion certificate as the secretariat signed it."""
    with the_hub().database.reading() as session:
        return _file(_find(session, name, number))


@bp.get("/leaving")
@shows(OWN)
def own_exit(actor: Actor) -> str:
    """Show a member's administrator how far the leaving is."""
    name, hub = _own(actor), the_hub()
    with hub.database.reading() as session:
        leaves = leaving.find_exit(session, name)
        certificates = [] if leaves is None else leaving.list_certificates(session, name)
    fetchable = leaves is not None and leaves.export_until is not None and hub.clock() < leaves.export_until
    return render_template(
        "members/own_exit.html",
        title=_("Leaving the alliance"),
        exit=leaves,
        stage=None if leaves is None else words.STAGES[leaves.stage],
        fetchable=fetchable,
        certificates=certificates,
    )


@bp.get("/leaving/data.zip")
@shows(OWN)
def own_data(actor: Actor) -> Response:
    """Give a leaving member's administrator its archive."""
    name, hub = _own(actor), the_hub()
    with hub.database.reading() as session:
        leaving.require_copy(session, name, hub.clock())
        body = b"".join(read_parts(session, name))
    headers = {"Content-Disposition": "attachment; filename=alliance-data.zip"}
    return Response(body, mimetype="application/zip", headers=headers)


@bp.get("/leaving/certificates/<int:number>")
@shows(OWN)
def own_certificate(actor: Actor, number: int) -> str:
    """Show a leaving member's administrator a deletion certificate."""
    with the_hub().database.reading() as session:
        return _certificate_page(_find(session, _own(actor), number), back=url_for("members.own_exit"))


def _own(actor: Actor) -> str:
    if actor.member is None:
        raise NotFound("this page is for members")
    return actor.member


def _find(session: Session, name: str, number: int) -> ExitCertificate:
    for each in leaving.list_certificates(session, name):
        if each.number == number:
            return each
    raise NotFound("there is no such certificate")


def _certificate_page(row: ExitCertificate, *, back: str) -> str:
    said = parse_json(SignedCertificate, row.document).certificate
    return render_template(
        "members/certificate.html",
        title=_("Deletion certificate no. %(number)s", number=row.number),
        said=said,
        at=row.at,
        signature=parse_json(SignedCertificate, row.document).signature,
        digest=said.sha256().hex(),
        remains=[words.REMAINS[Remains(note.what)] for note in said.remains],
        stays=[words.STAYS[Stays(note.what)] for note in said.stays],
        tables=[(words.TABLES.get(each.table, each.table), each.rows) for each in said.erased],
        back=back,
        file=url_for("members.certificate_file", name=row.member, number=row.number)
        if back == member_page(row.member)
        else "",
    )


def _file(row: ExitCertificate) -> Response:
    document: dict[str, Any] = json.loads(row.document)
    headers = {"Content-Disposition": f"attachment; filename=deletion-certificate-{row.number}.json"}
    return Response(json.dumps(document, ensure_ascii=False), mimetype="application/json", headers=headers)

"""A member goes to court: it opens a matter, is certified what is on record, and says what it made of it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import Session

from alliance_hub.errors import HubError
from alliance_hub.hub import Hub
from alliance_hub.matters import reading
from alliance_hub.matters import service as matters
from alliance_hub.matters.models import MatterRow
from alliance_hub.matters.rules import require_keys
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Permission
from alliance_hub.transparency import service as transparency
from api import answers, bodies
from api.matter_forms import (
    Addressed,
    BundleDelivered,
    BundleListed,
    BundleReported,
    CertificateListed,
    CertificatesAsked,
    CertificatesIssued,
    MatterClosed,
    MatterDetail,
    MatterOpened,
    MatterPage,
)
from api.openapi import PDF, describe
from api.paging import Page, next_mark
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64, instant_text, parse_instant, unb64
from privacy.evidence import MatterEvidence, SignedMatterRequest
from privacy.logged import LogReceipt

bp = APIBlueprint("matters", __name__, tag="Matters")

AddressedForm = TypeVar("AddressedForm", bound=Addressed)


@bp.post("/matters")
@describe(bp, body=SignedMatterRequest, answers={201: MatterOpened}, refuses=(403, 409, 422))
@allows(Permission.OPEN_MATTER)
def create(caller: Caller) -> Response:
    """Open a matter about one debtor.

    Sign the request (label `matter`): pseudonym, standing key and contracts as you handed them in, the digest
    of your identity opening, law firm and lawyers, and until when. The log names its digest with your
    signature. The same request again returns the same matter. 403 names the clause that denies; 409
    `reference-taken` when the reference was used for another; 422 names the contract or lawyer at fault.
    """
    hub, signed = the_hub(), bodies.message(SignedMatterRequest)
    with hub.database.transaction() as session:
        member = membership.get(session, caller.member)
        opened = matters.open_matter(session, hub, member, signed, hub.clock())
        shown = None if isinstance(opened, HubError) else _opened(session, opened, hub.clock())
    if isinstance(opened, HubError):
        raise opened
    assert shown is not None
    return answers.form(shown, HTTPStatus.CREATED)


@bp.get("/matters")
@describe(bp, answers={200: MatterPage}, refuses=(403, 422))
@allows(Permission.READ_OWN)
@bp.input(Page, location="query")
def index(caller: Caller, query_data: Page) -> Response:
    """List your matters.

    The oldest first, each with the receipt of its opening. Give `next` as `after` for the next page.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        rows = matters.list_own(session, caller.member, after=query_data.after, limit=query_data.limit)
        shown = tuple(_opened(session, row, hub.clock()) for row in rows)
    return answers.form(MatterPage(shown, next_mark(rows, query_data.limit, lambda row: row.id)))


@bp.get("/matters/<matter>")
@describe(bp, answers={200: MatterDetail}, refuses=(403, 404))
@allows(Permission.READ_OWN)
def show(caller: Caller, matter: str) -> Response:
    """Show a matter, what was certified in it, and its bundles.

    `superseded_at` and `why` mark what says no longer what is on record: ask for certificates again, and make
    another bundle.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        row = matters.get_own(session, caller.member, matter)
        detail = _detail(session, hub, row, hub.clock())
    return answers.form(detail)


@bp.post("/matters/<matter>/certificates")
@describe(bp, body=CertificatesAsked, answers={200: CertificatesIssued}, refuses=(403, 404, 409, 422))
@allows(Permission.OPEN_MATTER)
def certify(caller: Caller, matter: str) -> Response:
    """Have certified what is on record.

    One certificate for each kind, and one for each version of an agreement; of what is not on record there is
    none. Asked again, you get the same, unless the register says something else by now: then a later number
    supersedes. `existence` needs a court's `order`, and waits for two officers: ask again.
    """
    hub, asked = the_hub(), _addressed(CertificatesAsked)
    with hub.database.transaction() as session:
        row = matters.get_own(session, caller.member, matter)
        found = matters.certify(session, hub, row, set(asked.kinds), asked.order, hub.clock())
    return answers.form(CertificatesIssued(found.certificates, found.waiting))


@bp.get("/matters/<matter>/evidence")
@describe(bp, answers={200: MatterEvidence}, refuses=(403, 404, 409, 410, 503))
@allows(Permission.OPEN_MATTER)
def evidence(caller: Caller, matter: str) -> Response:
    """Fetch a matter's evidence.

    Your signed request, the certificates that stand, every log entry on which they rest with its proof, your
    enrolment, its acceptances and rotations, and the newest checkpoint that t custodians have cosigned. 503
    `checkpoint-pending` until there is one that reaches all of these entries: a matter of seconds.
    """
    hub = the_hub()
    return answers.form(matters.evidence(hub, caller.member, matter, hub.clock()))


@bp.get("/matters/<matter>/certificates/<int:number>/paper")
@describe(bp, answers={200: bytes}, media=PDF, refuses=(403, 404, 410, 503))
@allows(Permission.OPEN_MATTER)
def paper(caller: Caller, matter: str, number: int) -> Response:
    """Fetch a certificate as paper.

    A4, Chinese and English, with the hub's watermark: always the same bytes for the same certificate.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        row = matters.get_own(session, caller.member, matter)
        page = matters.paper_of(session, hub, row, number)
    return Response(page, mimetype=PDF)


@bp.post("/matters/<matter>/bundles")
@describe(bp, body=BundleReported, answers={200: LogReceipt}, refuses=(403, 404, 409, 422))
@allows(Permission.OPEN_MATTER)
def report(caller: Caller, matter: str) -> Response:
    """Say that you have sealed a bundle.

    By the SHA-256 of its seal.json; the bundle stays with you. The same again returns the same receipt.
    """
    hub, said = the_hub(), _addressed(BundleReported)
    with hub.database.transaction() as session:
        row = matters.get_own(session, caller.member, matter)
        receipt = matters.report_bundle(
            session, row, unb64(said.seal), parse_instant(said.sealed_at), hub.clock()
        )
    return answers.form(receipt)


@bp.post("/matters/<matter>/deliveries")
@describe(bp, body=BundleDelivered, answers={200: LogReceipt}, refuses=(403, 404, 409, 422))
@allows(Permission.OPEN_MATTER)
def deliver(caller: Caller, matter: str) -> Response:
    """Say that you have handed a bundle over.

    The same again returns the same receipt.
    """
    hub, said = the_hub(), _addressed(BundleDelivered)
    with hub.database.transaction() as session:
        row = matters.get_own(session, caller.member, matter)
        receipt = matters.deliver_bundle(
            session, row, unb64(said.seal), parse_instant(said.delivered_at), hub.clock()
        )
    return answers.form(receipt)


@bp.post("/matters/<matter>/close")
@describe(bp, body=MatterClosed, answers={200: LogReceipt}, refuses=(403, 404, 409, 422))
@allows(Permission.OPEN_MATTER)
def close(caller: Caller, matter: str) -> Response:
    """Close a matter.

    Its lawyers see it no longer, and nothing more is certified in it. 409 `matter-over` when it is over.
    """
    hub, _ = the_hub(), _addressed(MatterClosed)
    with hub.database.transaction() as session:
        row = matters.get_own(session, caller.member, matter)
        receipt = matters.close_own(session, row, hub.clock())
    return answers.form(receipt)


def _addressed(form: type[AddressedForm]) -> AddressedForm:
    """Read a body that is made for this hub under the keys in force; raises Conflict for others."""
    said = bodies.message(form)
    require_keys(said.epoch, said.key_set, the_hub().key_set)
    return said


def _opened(session: Session, row: MatterRow, now: datetime) -> MatterOpened:
    return MatterOpened(
        matter=row.reference,
        state=row.state_at(now),
        kind=row.kind,
        opened_at=instant_text(row.opened_at),
        until=instant_text(row.until),
        law_firm=row.law_firm,
        lawyers=tuple(officer.staff_number for _, officer in reading.lawyers_of(session, row)),
        receipt=transparency.get_receipt(session, row.log_leaf),
    )


def _detail(session: Session, hub: Hub, row: MatterRow, now: datetime) -> MatterDetail:
    shown = matters.present(session, hub, row, now)
    opened = _opened(session, row, now)
    return MatterDetail(
        **{name: getattr(opened, name) for name in opened.__struct_fields__},
        certificates=tuple(
            CertificateListed(
                number=each.number,
                kind=each.kind,
                issued_at=instant_text(each.issued_at),
                superseded_at=_text(each.superseded_at),
                why=each.why,
            )
            for each in shown.certificates
        ),
        bundles=tuple(
            BundleListed(
                seal=b64(each.seal),
                sealed_at=instant_text(each.sealed_at),
                superseded_at=_text(each.superseded_at),
                why=each.why,
                delivered_at=_text(each.delivered_at),
            )
            for each in shown.bundles
        ),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)

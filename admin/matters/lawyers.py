"""What a lawyer does in a matter: accept the terms, take a certificate with its receipt, confirm a bundle."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from admin import facts, i18n, office, steps
from admin.attempts import attempt
from admin.files import as_file
from admin.gate import shows
from admin.groups import in_groups
from admin.matters import words
from admin.matters.family import READS, bp, get, page_of
from admin.objects import Text
from admin.steps import Step, StepForm
from alliance_hub.matters import service as matters
from alliance_hub.matters.shown import CertificateShown, MatterShown
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.encoding import unb64
from privacy.errors import DeserializeError
from privacy.logged import LogReceipt

TAKEN = "certificate_downloaded"
"""The kind of entry that says who took a certificate."""


@bp.route("/<int:id>/terms", methods=["GET", "POST"])
@shows(Act.READ_MATTERS)
def terms(actor: Actor, id: int) -> AnyResponse:
    """Show the terms, and take a lawyer's acceptance for this matter."""
    with office.the_hub().database.reading() as session:
        found = matters.terms_for(session, actor, id, office.now())
    if found.is_accepted:
        return redirect(page_of(id), 303)
    step = Step(
        _("Terms for the matter %(matter)s", matter=found.reference),
        [
            _(
                "%(member)s has appointed you. Once you accept the terms, you see it until %(until)s.",
                member=found.member,
                until=i18n.instant(found.until, weekday=True),
            )
        ],
        [_("Your acceptance stands in the log, and so does each day on which you look at the matter.")],
        _("I accept these terms for this matter"),
        url_for("matters.index"),
    )

    def act() -> Text:
        with office.the_hub().database.transaction() as session:
            matters.accept_terms(session, actor, id, office.now())
        return _("Accepted: this is the matter.")

    chosen = found.terms.zh if i18n.language() == "zh" else found.terms.en
    return attempt(
        actor,
        step,
        StepForm(),
        act,
        then=page_of(id),
        template="matters/terms.html",
        paragraphs=chosen,
        version=found.terms.version,
        digest=found.terms.digest,
    )


@bp.route("/<int:id>/certificates/<int:number>", methods=["GET", "POST"])
@shows(*READS)
def take(actor: Actor, id: int, number: int) -> AnyResponse:
    """Take a certificate as a page of paper; who took it is entered in the log."""
    matter = get(actor, id)
    certificate = _certificate(matter, number)
    effects = [_("The entry says who took which certificate, and when; you get its receipt.")]
    if certificate.why is not None:
        effects.insert(0, _("It is superseded. %(why)s", why=words.WHYS[certificate.why]))
    step = Step(
        _("Download certificate %(number)s", number=number),
        [
            _("You get a PDF with the hub's certificate, in Chinese and English, marked so on every page."),
            _("It certifies what stood in the log, and not that the debt exists."),
        ],
        effects,
        _("Download"),
        page_of(id),
    )

    def act() -> AnyResponse:
        hub = office.the_hub()
        with hub.database.transaction() as session:
            _page, receipt = matters.download(session, hub, actor, id, number, office.now())
        return steps.done(
            _("The download is entered in the log."), url_for("matters.taken", id=id, leaf=receipt.leaf)
        )

    return attempt(actor, step, StepForm(), act, then=step.back)


@bp.get("/<int:id>/taken/<leaf>")
@shows(*READS)
def taken(actor: Actor, id: int, leaf: str) -> str:
    """Show the receipt of one's own download, with the certificate and the receipt as files."""
    matter, receipt = get(actor, id), _receipt(actor, leaf)
    number = _number(matter, receipt)
    return render_template(
        "matters/taken.html",
        title=_("Certificate %(number)s of %(matter)s", number=number, matter=matter.reference),
        matter=matter,
        certificate=_certificate(matter, number),
        kind=words.CERTIFICATES[_certificate(matter, number).kind],
        receipt=receipt,
        said=[(facts.fact(name), words.worded(name, value)) for name, value in _said(receipt)],
        back=page_of(id),
    )


@bp.get("/<int:id>/taken/<leaf>/certificate.pdf")
@shows(*READS)
def paper(actor: Actor, id: int, leaf: str) -> Response:
    """Hand out the certificate that a receipt is about."""
    matter, receipt = get(actor, id), _receipt(actor, leaf)
    number, hub = _number(matter, receipt), office.the_hub()
    with hub.database.reading() as session:
        row = matters.get_own(session, matter.member, matter.reference)
        page = matters.paper_of(session, hub, row, number)
    return as_file(page, f"certificate-{number:02}.pdf", "application/pdf")


@bp.get("/<int:id>/taken/<leaf>/receipt.json")
@shows(*READS)
def receipt(actor: Actor, id: int, leaf: str) -> Response:
    """Hand out the receipt of one's own download."""
    matter, found = get(actor, id), _receipt(actor, leaf)
    return as_file(found.canonical(), f"receipt-{_number(matter, found):02}.json", "application/json")


@bp.route("/<int:id>/bundles/<seal>/received", methods=["GET", "POST"])
@shows(Act.READ_MATTERS)
def received(actor: Actor, id: int, seal: str) -> AnyResponse:
    """Confirm that one holds the bundle with this seal."""
    matter, digest = get(actor, id), _hex(seal)
    bundle = next((each for each in matter.bundles if each.seal == digest), None) or abort(404)
    step = Step(
        _("I have received the bundle"),
        [
            _("You say that you hold the bundle whose file seal.json has the SHA-256 below."),
        ],
        [_("It stands in the log with your staff number: the member sees that the bundle has arrived.")],
        _("I have received this bundle"),
        page_of(id),
    )

    def act() -> Text:
        with office.the_hub().database.transaction() as session:
            matters.confirm_bundle(session, actor, id, digest, office.now())
        return _("Confirmed, and entered in the log.")

    shown = {"template": "matters/received.html", "seal": in_groups(bundle.seal)}
    return attempt(actor, step, StepForm(), act, then=step.back, **shown)


def _certificate(matter: MatterShown, number: int) -> CertificateShown:
    return next((each for each in matter.certificates if each.number == number), None) or abort(404)


def _receipt(actor: Actor, leaf: str) -> LogReceipt:
    """Return the receipt of a download by this very officer; 404 for any other entry."""
    try:
        wanted = unb64(leaf, length=32)
    except DeserializeError:
        abort(404)
    with office.the_hub().database.reading() as session:
        found = transparency.get_receipt(session, wanted)
    said = found.entry
    return found if (said["kind"], said.get("officer")) == (TAKEN, actor.ref) else abort(404)


def _said(receipt: LogReceipt) -> list[tuple[str, Any]]:
    return list(facts.in_order(receipt.entry).items())


def _number(matter: MatterShown, receipt: LogReceipt) -> int:
    """Return which of the matter's certificates a receipt is about; 404 when it is another matter's."""
    said = receipt.entry
    return int(said["number"]) if _is_of(said, matter) else abort(404)


def _is_of(said: dict[str, object], matter: MatterShown) -> bool:
    return (said.get("member"), said.get("matter")) == (matter.member, matter.reference)


def _hex(seal: str) -> bytes:
    try:
        return bytes.fromhex(seal)
    except ValueError:
        abort(404)

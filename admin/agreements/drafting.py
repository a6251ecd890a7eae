"""Write a draft: begin from a template, an earlier version or a document, and change it until it is right."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, abort, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin import steps
from admin.agreements import forms
from admin.agreements.family import bp, page_of
from admin.agreements.forms import DocumentForm, TermsForm
from admin.agreements.templates import says
from admin.gate import shows
from admin.objects import Text
from admin.office import now, the_hub
from admin.refusals import sentence
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementView
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.membership import service as membership
from alliance_hub.membership.rules import MemberState
from alliance_hub.parameters import service as parameters
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.encoding import instant_text

USUAL = "usual"
"""The template with which a draft begins unless another is chosen."""

Beginning = tuple[dict[str, Any], str]
"""Plain values of the terms' fields, and the wording."""


@bp.route("/new", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def new(actor: Actor) -> AnyResponse:
    """Write a new agreement, or the next version of the one that the address names."""
    hub = the_hub()
    with hub.database.reading() as session:
        members = _members(session)
        facts, wording = _beginning(session, members)
        templates = [(each.name, says(each)) for each in agreements.list_templates(session)]
    form = _form(facts, wording, members)
    if request.method == "POST" and form.validate_on_submit():
        try:
            with hub.database.transaction() as session:
                row = agreements.draft(
                    session, hub, actor, forms.facts_of(form), wording=forms.wording_of(form), now=now()
                )
                href = page_of(row.agreement, row.version)
        except (Invalid, Conflict) as error:
            return _ask(form, _("New draft"), refusal=_refusal(form, error), templates=templates)
        return steps.done(_("The draft is kept. Nobody but the association sees it."), href)
    return _ask(form, _("New draft"), templates=templates)


@bp.route("/<agreement>/<int:version>/edit", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def revise(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Change a draft."""
    hub = the_hub()
    with hub.database.reading() as session:
        view = agreements.get_version(session, agreement, version, at=now())
    form = _form(view.terms.document(), view.wording, [view.terms.member])
    title = _("Change %(agreement)s, version %(version)s", agreement=agreement, version=version)
    back = page_of(agreement, version)
    if request.method == "POST" and form.validate_on_submit():
        facts, wording = forms.facts_of(form), forms.wording_of(form)
        try:
            with hub.database.transaction() as session:
                agreements.revise(session, hub, actor, agreement, version, facts, wording=wording, now=now())
        except (Invalid, Conflict) as error:
            return _ask(form, title, refusal=_refusal(form, error), back=back, view=view)
        return steps.done(_("The draft is changed."), back)
    return _ask(form, title, back=back, view=view)


@bp.route("/document", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def from_document(actor: Actor) -> AnyResponse:
    """Write a draft from terms as JSON, pasted or as a file."""
    hub, form = the_hub(), DocumentForm()
    if form.validate_on_submit():
        try:
            facts = agreements.read_document(_document(form))
            facts.pop("text", None)
            with hub.database.transaction() as session:
                row = agreements.draft(session, hub, actor, facts, now=now())
                href = page_of(row.agreement, row.version)
        except (Invalid, Conflict) as error:
            return _ask_document(form, _at_path(error))
        return steps.done(_("The draft is kept. Nobody but the association sees it."), href)
    return _ask_document(form)


def _members(session: Session) -> list[str]:
    """Return who can be offered an agreement."""
    return [each.name for each in membership.list_members(session) if each.state is not MemberState.APPLIED]


def _beginning(session: Session, members: list[str]) -> Beginning:
    """Return what the address asks to begin from: a version, or a template and the sides as known."""
    agreement, version = request.args.get("agreement", ""), request.args.get("version", 0, type=int)
    if agreement and version:
        view = agreements.get_version(session, agreement, version, at=now())
        return _next(view), view.wording
    template = agreements.get_template(session, request.args.get("template", "") or USUAL)
    member = request.args.get("member", "")
    if member and member not in members:
        abort(HTTPStatus.NOT_FOUND)
    sides = {
        "association_party": agreements.find_association_party(session),
        "member_party": agreements.find_member_party(session, member) if member else None,
    }
    known = {side: party.document() for side, party in sides.items() if party is not None}
    least = the_hub().key_set.policy.min_contributors
    facts = {"member": member, "min_contributors": least, **_year(), **template.clauses, **known}
    return facts, template.wording


def _next(view: AgreementView) -> dict[str, Any]:
    """Return what the next version begins with: the same terms, from now or from their own beginning."""
    terms = view.terms
    begins = max(instant_text(now()), terms.valid_from)
    return (
        {**terms.document(), "valid_from": begins}
        if terms.valid_until > begins
        else {**terms.document(), **_year()}
    )


def _year() -> dict[str, str]:
    with the_hub().database.reading() as session:
        span = parameters.span(session, "agreement_days")
    return {"valid_from": instant_text(now()), "valid_until": instant_text(now() + span)}


def _form(facts: Mapping[str, Any], wording: str, members: list[str]) -> TermsForm:
    form = TermsForm(data={**forms.fields_of(facts), "wording": wording})
    form.member.choices = forms.choices_of({each: each for each in members})
    return form


def _refusal(form: TermsForm, error: Invalid | Conflict) -> Text:
    """Put a refusal to its field; return its sentence where there is none."""
    if isinstance(error, Invalid) and forms.put_error(form, error):
        return _("One value is refused: see below.")
    return sentence(error)


def _ask(form: TermsForm, title: str, *, refusal: Text = "", **context: Any) -> Response:
    page = render_template(
        "agreements/form.html", title=title, form=form, groups=forms.GROUPS, refusal=refusal, **context
    )
    wrong = refusal or form.errors
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)


def _document(form: DocumentForm) -> str | bytes:
    file = form.file.data
    return file.read() if file else str(form.document.data or "")


def _ask_document(form: DocumentForm, refusal: Text = "") -> Response:
    page = render_template(
        "agreements/document.html", title=_("Draft from a document"), form=form, refusal=refusal
    )
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def _at_path(error: Invalid | Conflict) -> str:
    path = error.field.removeprefix("terms.") if isinstance(error, Invalid) else ""
    return f"{path}: {sentence(error)}" if path else sentence(error)

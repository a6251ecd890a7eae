"""Templates of agreements: what a draft begins with; an officer keeps a good version as another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from admin import register, steps
from admin.agreements import words
from admin.agreements.family import bp, page_of
from admin.agreements.forms import put_error
from admin.gate import shows
from admin.objects import Text
from admin.office import now, the_hub
from admin.refusals import sentence
from admin.register import Column, Empty, Rows
from admin.steps import Step, StepForm
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementTemplate
from alliance_hub.agreements.templates import OWN_TO_EACH
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

BUILT_IN: Mapping[str, Text] = {
    "usual": lazy_gettext(
        "The usual one: post-loan management and lost debtors; totals, reachability, flags."
    ),
    "skip-trace": lazy_gettext("Only whether a lost debtor can be reached: no totals, no flags."),
    "flags-and-exposure": lazy_gettext(
        "Flags and totals for flags, litigation, arbitration and enforcement."
    ),
    "contributor": lazy_gettext(
        "For a member that hands in and hardly asks: it receives reachability alone."
    ),
}
"""What the templates that come with the hub are meant for."""

COLUMNS = (
    Column("name", lazy_gettext("Template")),
    Column("says", lazy_gettext("Meant for")),
    Column("purposes", lazy_gettext("Purposes")),
    Column("receives", lazy_gettext("Categories received")),
    Column("saved_at", lazy_gettext("Kept"), "instant"),
    Column("author", lazy_gettext("By")),
)


class KeepForm(StepForm):
    """Under which name a version is kept as a template."""

    name = StringField(
        lazy_gettext("Name of the template"),
        [DataRequired(), Length(max=40)],
        description=lazy_gettext("Small letters, digits and hyphens."),
    )
    says = StringField(lazy_gettext("Meant for"), [DataRequired(), Length(max=200)])


def says(template: AgreementTemplate) -> Text:
    """Return for what a template is meant."""
    return BUILT_IN.get(template.name, template.says) if template.author is None else template.says


@bp.get("/templates")
@shows(Act.READ_AGREEMENTS)
def templates(actor: Actor) -> Response:
    """Show the register of templates."""
    query = register.parse(COLUMNS, (), sort="name")
    with the_hub().database.reading() as session:
        return register.show(
            _("Templates of agreements"),
            COLUMNS,
            (),
            query,
            _rows(session, actor),
            all_rows=partial(_rows, session, actor),
            empty=Empty(_("No template is kept.")),
            note=_(
                "A draft begins with one of these. To keep another, open a version that is good and keep it."
            ),
        )


@bp.route("/<agreement>/<int:version>/keep", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def keep(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Keep the clauses and the wording of a version as a template."""
    hub, form = the_hub(), KeepForm()
    with hub.database.reading() as session:
        view = agreements.get_version(session, agreement, version, at=now())
    step = Step(
        _("Keep %(agreement)s, version %(version)s, as a template", agreement=agreement, version=version),
        [_("New drafts may begin with its clauses and wording. Member, sides and dates are left out.")],
        [_("No agreement changes.")],
        _("Keep as a template"),
        page_of(agreement, version),
    )
    if not form.validate_on_submit():
        return steps.ask(step, form)
    try:
        with hub.database.transaction() as session:
            agreements.save_template(
                session,
                actor,
                form.name.data,
                says=form.says.data,
                clauses=_clauses(view.terms.document()),
                wording=view.wording,
                now=now(),
            )
    except Invalid as error:
        if not put_error(form, error):
            raise
        return steps.ask(step, form)
    except Conflict as error:
        return steps.ask(step, form, refusal=sentence(error))
    return steps.done(_("The template is kept."), url_for("agreement_pages.templates"))


def _clauses(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in OWN_TO_EACH}


def _rows(session: Session, actor: Actor) -> Rows:
    found = agreements.list_templates(session)
    return Rows([_row(each, actor) for each in found], len(found))


def _row(template: AgreementTemplate, actor: Actor) -> dict[str, Any]:
    begin = url_for("agreement_pages.new", template=template.name) if actor.may(Act.WRITE_AGREEMENTS) else ""
    return {
        "href": begin,
        "name": template.name,
        "says": says(template),
        "purposes": _(", ").join(str(words.purpose(each)) for each in template.clauses.get("purposes", ())),
        "receives": _(", ").join(
            str(words.CATEGORIES[each]) for each in template.clauses.get("receives", ())
        ),
        "saved_at": template.saved_at,
        "author": template.author or _("comes with the hub"),
    }

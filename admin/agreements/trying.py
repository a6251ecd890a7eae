"""Would this be allowed, and why? The decision that a real call would meet; nothing is asked or charged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from sqlalchemy.orm import Session
from wtforms import DateTimeLocalField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from admin import entries, i18n, refusals
from admin.agreements import words
from admin.agreements.forms import MOMENT, choices_of
from admin.gate import shows
from admin.objects import Chip
from admin.office import now, the_hub
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import PolicyDecision
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import search
from privacy.encoding import parse_instant
from privacy.periods import SHANGHAI
from privacy.vocabulary import Category, Purpose

bp = Blueprint("trying", __name__, url_prefix="/decisions")

ALLOWED = Chip(lazy_gettext("allowed"), "good")
DENIED = Chip(lazy_gettext("denied"), "bad")

PURPOSES = [
    *choices_of(words.PURPOSES, lazy_gettext("Purposes that an agreement may name")),
    *choices_of(words.REFUSED, lazy_gettext("Purposes that no agreement can allow")),
]
MATCHED = (Category.EXPOSURE, Category.REACHABILITY, Category.FLAGS)
"""The categories that a match answers: they are asked about unless others are chosen."""

MOST_SUBJECTS = 100_000_000

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
"""An instant as terms write it."""


class TryForm(FlaskForm):  # type: ignore[misc]
    """What would be asked."""

    class Meta:
        """It changes nothing and stands in the address, so that an answer can be shown to somebody else."""

        csrf = False

    agreement = StringField(
        lazy_gettext("Agreement"),
        [Optional(), Length(max=64)],
        description=lazy_gettext("Left empty, every agreement of the member answers."),
    )
    purpose = SelectField(lazy_gettext("Purpose"))
    categories = SelectMultipleField(
        lazy_gettext("Categories"),
        [DataRequired(lazy_gettext("Choose at least one."))],
        choices=choices_of(words.CATEGORIES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    subjects = IntegerField(
        lazy_gettext("Subjects"), [InputRequired(), NumberRange(0, MOST_SUBJECTS)], render_kw={"min": 0}
    )
    at = DateTimeLocalField(
        lazy_gettext("At"),
        [Optional()],
        format=list(MOMENT),
        description=lazy_gettext("Time of Asia/Shanghai; left empty, now."),
    )


class TryForMemberForm(TryForm):
    """What a member would ask."""

    member = SelectField(lazy_gettext("Member"))


@dataclass(frozen=True, slots=True)
class Answered:
    """One decision as the page shows it."""

    agreement: str
    category: Any
    chip: Chip
    decision: PolicyDecision
    clause: Any
    reason: str
    entry: str
    """The address of the log entry that brought the agreement into its state; empty without."""


@bp.get("/")
@shows(Act.READ_AGREEMENTS)
def index(actor: Actor) -> str:
    """Answer for any member."""
    hub, form = the_hub(), begin(TryForMemberForm)
    with hub.database.reading() as session:
        form.member.choices = choices_of({each.name: each.name for each in membership.list_members(session)})
        answers = None
        if "purpose" in request.args and form.validate():
            answers = answer(session, hub, membership.get(session, form.member.data), form, actor)
    return render_template(
        "agreements/try.html",
        title=_("Would this be allowed?"),
        form=form,
        answers=answers,
        at=instant_of(form),
    )


def begin(kind: type[TryForm]) -> Any:
    """Return the form as the address fills it, with what is usual where it says nothing."""
    usual = {
        "purpose": str(Purpose.POST_LOAN_MANAGEMENT),
        "categories": [str(each) for each in MATCHED],
        "subjects": 1,
        **{name: request.args[name] for name in ("member", "agreement") if name in request.args},
    }
    form = kind(request.args) if "purpose" in request.args else kind(data=usual)
    form.purpose.choices = PURPOSES
    return form


def instant_of(form: TryForm) -> datetime:
    """Return the instant that is asked about."""
    local = form.at.data
    return now() if local is None else local.replace(tzinfo=SHANGHAI)


def answer(session: Session, hub: Hub, member: Member, form: TryForm, actor: Actor) -> list[Answered]:
    """Decide what the form asks, for each agreement and category."""
    found = []
    for name in _agreements(session, member, form):
        decisions = agreements.decide(
            session,
            hub,
            member,
            agreement=name,
            purpose=form.purpose.data,
            categories=[Category(each) for each in form.categories.data],
            subjects=form.subjects.data,
            at=instant_of(form),
        )
        found += [_answered(session, actor, category, each) for category, each in decisions.items()]
    return found


def _agreements(session: Session, member: Member, form: TryForm) -> Iterable[str]:
    """Return the named agreement, or every one of the member's; without any, one that does not exist."""
    named = (form.agreement.data or "").strip()
    if named:
        return [named]
    own = agreements.list_for(session, member, at=instant_of(form))
    return sorted({view.terms.agreement for view in own}) or [i18n.NOTHING]


def _answered(session: Session, actor: Actor, category: Category, decision: PolicyDecision) -> Answered:
    entry = None if decision.leaf is None else search.find_by_leaf(session, decision.leaf)
    return Answered(
        agreement=decision.agreement,
        category=words.CATEGORIES[category],
        chip=ALLOWED if decision.allowed else DENIED,
        decision=decision,
        clause=words.clause(decision.clause),
        reason=_in_words(decision.reason),
        entry="" if entry is None else entries.entry_page(entry, actor),
    )


def _in_words(reason: str) -> str:
    """Return a reason in the officer's language, its instants as a clock in Shanghai shows them."""
    told = refusals.told(reason, i18n.language())
    return INSTANT.sub(lambda found: i18n.instant(parse_instant(found[0]), seconds=True), told)

"""The form of one amendment for many: which clauses change, for whom; what is left empty stays as it is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from admin.agreements import words
from admin.agreements.clauses import HEADINGS
from admin.agreements.forms import ANSWERS, HINTS, LISTS, MOMENT, NUMBERS, as_instant, choices_of

KEPT = ""
"""The choice that leaves a clause as it is."""

YES_OR_NO = {KEPT: lazy_gettext("as it is"), "yes": lazy_gettext("yes"), "no": lazy_gettext("no")}


def _number(name: str) -> IntegerField:
    return IntegerField(HEADINGS[name], [Optional()], description=HINTS[name], render_kw={"min": 1})


def _checks(label: Any, choices: Any, hint: Any = "") -> SelectMultipleField:
    return SelectMultipleField(
        label,
        choices=choices,
        description=hint,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def _list(name: str, choices: Any) -> SelectMultipleField:
    return _checks(
        HEADINGS[name], choices_of(choices), lazy_gettext("Ticked: exactly these. None ticked: as it is.")
    )


class AmendmentForm(FlaskForm):  # type: ignore[misc]
    """What changes for whom."""

    title = StringField(
        lazy_gettext("Title"),
        [DataRequired(), Length(max=200)],
        description=lazy_gettext("What the amendment is about; the association alone reads it."),
    )
    template = SelectField(
        lazy_gettext("Begin from"),
        description=lazy_gettext(
            "A template makes a new agreement for each member, also where one is running."
        ),
    )
    purposes = _list("purposes", words.PURPOSES)
    contributes = _list("contributes", words.CATEGORIES)
    receives = _list("receives", words.CATEGORIES)
    min_contributors = _number("min_contributors")
    subjects_per_day = _number("subjects_per_day")
    subjects_per_request = _number("subjects_per_request")
    retention_days = _number("retention_days")
    exit_days = _number("exit_days")
    consent_version = StringField(
        HEADINGS["consent_version"], [Optional(), Length(max=32)], description=HINTS["consent_version"]
    )
    dispute_days = _number("dispute_days")
    incident_hours = _number("incident_hours")
    notice_days = _number("notice_days")
    audit_right = SelectField(HEADINGS["audit_right"], choices=choices_of(YES_OR_NO))
    sub_processing = SelectField(HEADINGS["sub_processing"], choices=choices_of(YES_OR_NO))
    valid_until = DateTimeLocalField(
        HEADINGS["valid_until"],
        [Optional()],
        format=list(MOMENT),
        description=HINTS["valid_until"],
        render_kw={"step": "1"},
    )
    everyone = BooleanField(lazy_gettext("Every member of the list"))
    members = _checks(lazy_gettext("Members"), [])


CLAUSES = (*LISTS, *NUMBERS, "consent_version", *ANSWERS, "valid_until")
"""The fields that change a clause."""


def changes_of(form: AmendmentForm) -> dict[str, Any]:
    """Return what is to change, as plain values of the terms' fields."""
    given = {name: form[name].data for name in CLAUSES}
    changes = {name: value for name, value in given.items() if value not in (None, KEPT, [])}
    for name in ANSWERS:
        if name in changes:
            changes[name] = changes[name] == "yes"
    if "valid_until" in changes:
        changes["valid_until"] = as_instant(changes["valid_until"])
    return changes


def members_of(form: AmendmentForm) -> list[str]:
    """Return for whom."""
    listed = [each.value for each in form.members.choices]
    return listed if form.everyone.data else list(form.members.data or ())

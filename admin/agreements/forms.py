"""The terms of an agreement as a form, and back: every clause has its field, every refusal finds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from flask_wtf.file import FileField  # type: ignore[import-untyped]
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from admin.agreements import words
from admin.agreements.clauses import ACTIVITIES, HEADINGS, PARTS
from admin.objects import Text
from admin.refusals import sentence
from alliance_hub.agreements.wording import LONGEST
from alliance_hub.errors import Invalid
from privacy.encoding import instant_text, parse_instant
from privacy.periods import SHANGHAI

MOMENT = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")

PARTIES = ("association_party", "member_party")
NUMBERS = (
    "min_contributors",
    "subjects_per_day",
    "subjects_per_request",
    "retention_days",
    "exit_days",
    "dispute_days",
    "incident_hours",
    "notice_days",
)
LISTS = ("purposes", "contributes", "receives")
ANSWERS = ("audit_right", "sub_processing")
MOMENTS = ("valid_from", "valid_until")

HINTS = {
    "min_contributors": lazy_gettext("Distinct other members; the key set sets the least."),
    "subjects_per_day": lazy_gettext("Subjects a day."),
    "subjects_per_request": lazy_gettext("Subjects in one request; at most the daily quota."),
    "retention_days": lazy_gettext("Days; at most 1,825, which is five years (Regulation art. 16)."),
    "exit_days": lazy_gettext("Days after the end; at most 30."),
    "dispute_days": lazy_gettext("Days until the written answer; at most 20 (Regulation art. 25)."),
    "incident_hours": lazy_gettext("Hours; at most 72."),
    "notice_days": lazy_gettext("Days of notice; at most 365."),
    "consent_version": lazy_gettext("The version under which the consent text is kept, such as 2026-1."),
    "receives": lazy_gettext("A member receives only what it contributes."),
    "valid_from": lazy_gettext("Time of Asia/Shanghai."),
    "valid_until": lazy_gettext("Time of Asia/Shanghai; from this second on it is no longer in force."),
}


def choices_of(words: Mapping[str, Text], group: Text | None = None) -> list[SelectChoice]:
    """Return words as a form offers them, under a heading if there is one."""
    return [SelectChoice(str(word), label, optgroup=group) for word, label in words.items()]


def _text(label: Text, most: int = 120, hint: Text = "") -> StringField:
    return StringField(label, [DataRequired(), Length(max=most)], description=hint)


def _number(name: str) -> IntegerField:
    return IntegerField(HEADINGS[name], [InputRequired()], description=HINTS[name], render_kw={"min": 1})


def _checks(name: str, choices: Mapping[str, Text]) -> SelectMultipleField:
    return SelectMultipleField(
        HEADINGS[name],
        [DataRequired(lazy_gettext("Choose at least one."))],
        choices=choices_of(choices),
        description=HINTS.get(name, ""),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def _role(activity: str) -> SelectField:
    return SelectField(ACTIVITIES[activity], choices=choices_of(words.HANDLINGS))


def _moment(name: str) -> DateTimeLocalField:
    return DateTimeLocalField(
        HEADINGS[name],
        [InputRequired()],
        format=list(MOMENT),
        description=HINTS[name],
        render_kw={"step": "1"},
    )


class TermsForm(FlaskForm):  # type: ignore[misc]
    """One field for each clause; names follow the paths of the terms, with underscores."""

    agreement = StringField(
        lazy_gettext("Name of the agreement"),
        [Optional(), Length(max=64)],
        description=lazy_gettext("Left empty, the next free name is taken."),
    )
    member = SelectField(HEADINGS["member"])
    association_party_legal_name = _text(PARTS["legal_name"])
    association_party_uscc = _text(PARTS["uscc"], 18)
    association_party_licence = _text(PARTS["licence"])
    member_party_legal_name = _text(PARTS["legal_name"])
    member_party_uscc = _text(PARTS["uscc"], 18)
    member_party_licence = _text(PARTS["licence"])
    roles_submission = _role("submission")
    roles_matching = _role("matching")
    roles_contact = _role("contact")
    roles_disputes = _role("disputes")
    purposes = _checks("purposes", words.PURPOSES)
    contributes = _checks("contributes", words.CATEGORIES)
    receives = _checks("receives", words.CATEGORIES)
    min_contributors = _number("min_contributors")
    subjects_per_day = _number("subjects_per_day")
    subjects_per_request = _number("subjects_per_request")
    retention_days = _number("retention_days")
    consent_version = _text(HEADINGS["consent_version"], 32, HINTS["consent_version"])
    exit_days = _number("exit_days")
    dispute_days = _number("dispute_days")
    incident_hours = _number("incident_hours")
    audit_right = BooleanField(lazy_gettext("The association may audit how the member uses answers."))
    sub_processing = BooleanField(lazy_gettext("A law firm may handle answers on the member's behalf."))
    notice_days = _number("notice_days")
    valid_from = _moment("valid_from")
    valid_until = _moment("valid_until")
    wording = TextAreaField(
        lazy_gettext("Chinese text, with places for the clauses"),
        [DataRequired(), Length(max=LONGEST)],
        description=lazy_gettext(
            "Places such as ${retention_days} are filled from the clauses above, so that text and clauses "
            "cannot differ."
        ),
        render_kw={"rows": 18},
    )


class DocumentForm(FlaskForm):  # type: ignore[misc]
    """Terms as JSON, pasted or as a file."""

    document = TextAreaField(lazy_gettext("Terms as JSON"), [Optional()], render_kw={"rows": 18})
    file = FileField(lazy_gettext("Or a file"))


GROUPS: Sequence[tuple[Text, Sequence[str]]] = (
    (
        HEADINGS["association_party"],
        tuple(f"association_party_{each}" for each in ("legal_name", "uscc", "licence")),
    ),
    (HEADINGS["member_party"], tuple(f"member_party_{each}" for each in ("legal_name", "uscc", "licence"))),
    (HEADINGS["roles"], tuple(f"roles_{each}" for each in ACTIVITIES)),
    (lazy_gettext("What for and what"), LISTS),
    (lazy_gettext("Limits"), ("min_contributors", "subjects_per_day", "subjects_per_request")),
    (lazy_gettext("Data and consent"), ("retention_days", "consent_version", "exit_days")),
    (lazy_gettext("Duties"), ("dispute_days", "incident_hours", *ANSWERS)),
    (lazy_gettext("Time"), (*MOMENTS, "notice_days")),
    (lazy_gettext("Text"), ("wording",)),
)
"""The fields as they stand on the page, after the name and the member."""


def fields_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's fields filled from the terms' plain values, as far as those are there."""
    flat: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}_{part}": inner for part, inner in value.items()}
        elif name in MOMENTS and isinstance(value, str):
            flat[name] = parse_instant(value).astimezone(SHANGHAI).replace(tzinfo=None)
        else:
            flat[name] = value
    return flat


def facts_of(form: TermsForm) -> dict[str, Any]:
    """Return what the form says as plain values of the terms' fields."""
    facts: dict[str, Any] = {"member": form.member.data, "consent_version": form.consent_version.data}
    if form.agreement.data:
        facts["agreement"] = form.agreement.data
    for party in PARTIES:
        facts[party] = {
            each: _of(form, f"{party}_{each}").strip() for each in ("legal_name", "uscc", "licence")
        }
    facts["roles"] = {each: _of(form, f"roles_{each}") for each in ACTIVITIES}
    facts |= {name: _of(form, name) for name in (*NUMBERS, *LISTS, *ANSWERS)}
    facts |= {name: as_instant(_of(form, name)) for name in MOMENTS}
    return facts


def wording_of(form: TermsForm) -> str:
    """Return the wording with the line ends that it was shown with: browsers send others."""
    return str(form.wording.data).replace("\r\n", "\n")


def put_error(form: FlaskForm, error: Invalid) -> bool:
    """Put a refusal to its field, and say whether the form has that field."""
    name = re.sub(r"\[\d+\]", "", error.field.removeprefix("terms.")).replace(".", "_")
    if name not in form:
        return False
    field: Field = form[name]
    field.errors = [*field.errors, sentence(error)]
    return True


def only(form: FlaskForm, names: Iterable[str]) -> list[Field]:
    """Return some of a form's fields, in order."""
    return [form[name] for name in names]


def _of(form: TermsForm, name: str) -> Any:
    return form[name].data


def as_instant(local: datetime) -> str:
    """Return what a clock in Shanghai shows as an instant of the terms."""
    return instant_text(local.replace(tzinfo=SHANGHAI))

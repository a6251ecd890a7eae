"""The form of what a firm says of itself: the public page, a correction, and a member's file share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import Field, FileField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice

from admin.members.words import CONTACTS, KINDS, LICENCES
from alliance_hub.membership.applying import LONGEST_CARD, InvalidFacts, contact_field
from alliance_hub.membership.models import Firm
from alliance_hub.membership.vocabulary import ContactRole

PARTS = ("name", "mobile", "email")


def _choices(words: Mapping[Any, LazyString]) -> list[SelectChoice]:
    """Return what a list offers; nothing is chosen before somebody chooses."""
    offered = [SelectChoice(str(key), label) for key, label in words.items()]
    return [SelectChoice("", lazy_gettext("Please choose")), *offered]


class FirmForm(FlaskForm):  # type: ignore[misc]
    """Legal name, licence, portfolio, shareholder and contacts; what is right is judged by the rules."""

    legal_name = StringField(
        lazy_gettext("Full legal name"), description=lazy_gettext("As on the business licence.")
    )
    kind = SelectField(
        lazy_gettext("Kind of firm"),
        choices=_choices(KINDS),
        validate_choice=False,
    )
    uscc = StringField(
        lazy_gettext("Unified social credit code"), description=lazy_gettext("18 digits and capital letters.")
    )
    licence_kind = SelectField(
        lazy_gettext("Licence"),
        choices=_choices(LICENCES),
        validate_choice=False,
    )
    licence_number = StringField(lazy_gettext("Licence number"))
    licence_until = StringField(
        lazy_gettext("Last day of the licence"),
        description=lazy_gettext("Such as 2027-12-31; leave it empty for a licence without end."),
        render_kw={"type": "date"},
    )
    declared_portfolio = StringField(
        lazy_gettext("Declared portfolio"),
        description=lazy_gettext("Number of contracts that will be handed in; quotas are measured by it."),
        render_kw={"inputmode": "numeric"},
    )
    controller_uscc = StringField(
        lazy_gettext("Controlling shareholder's social credit code"),
        description=lazy_gettext("Leave it empty if no firm controls yours."),
    )

    business_name = StringField(lazy_gettext("Person"))
    business_mobile = StringField(lazy_gettext("Mobile"), render_kw={"inputmode": "tel"})
    business_email = StringField(lazy_gettext("E-mail"), render_kw={"inputmode": "email"})
    data_protection_name = StringField(lazy_gettext("Person"))
    data_protection_mobile = StringField(lazy_gettext("Mobile"), render_kw={"inputmode": "tel"})
    data_protection_email = StringField(lazy_gettext("E-mail"), render_kw={"inputmode": "email"})
    technical_name = StringField(lazy_gettext("Person"))
    technical_mobile = StringField(lazy_gettext("Mobile"), render_kw={"inputmode": "tel"})
    technical_email = StringField(lazy_gettext("E-mail"), render_kw={"inputmode": "email"})

    def raw(self) -> dict[str, str]:
        """Return what was typed, by field."""
        return {field.short_name: field.data or "" for field in self if isinstance(field.data, str)}

    def contacts(self) -> list[tuple[Any, list[Field]]]:
        """Return the fields of each contact, under what the contact is called."""
        return [
            (label, [self[contact_field(role, part)] for part in PARTS]) for role, label in CONTACTS.items()
        ]

    def blame(self, error: InvalidFacts) -> None:
        """Put each fault beside its field."""
        for field, reason in error.faults.items():
            self[field].errors = [*self[field].errors, gettext(reason)]


class ApplicationForm(FirmForm):
    """An application: the firm's facts and its card, as a file or as text."""

    file = FileField(
        lazy_gettext("Key card"),
        description=lazy_gettext(
            "card.json, which alliance-member init wrote beside your vault. It holds public keys only."
        ),
        render_kw={"accept": ".json,application/json"},
    )
    card = TextAreaField(
        lazy_gettext("Or paste the text of card.json"),
        render_kw={"rows": 3, "spellcheck": "false", "autocomplete": "off"},
    )

    def raw(self) -> dict[str, str]:
        """Return what was typed, with the card from the file where one was sent."""
        found = super().raw()
        upload = self.file.data
        if upload is not None and getattr(upload, "filename", None):
            found["card"] = upload.stream.read(LONGEST_CARD + 1).decode("utf-8-sig", "replace")
        found.pop("file", None)
        return found


def facts_of(firm: Firm) -> Mapping[str, str]:
    """Return what is kept of a firm as the texts of its form."""
    found = {
        "legal_name": firm.legal_name,
        "kind": str(firm.kind),
        "uscc": firm.uscc,
        "licence_kind": str(firm.licence_kind),
        "licence_number": firm.licence_number,
        "licence_until": "" if firm.licence_until is None else firm.licence_until.isoformat(),
        "declared_portfolio": str(firm.declared_portfolio),
        "controller_uscc": firm.controller_uscc or "",
    }
    for contact in firm.contacts:
        for part in PARTS:
            found[contact_field(ContactRole(contact["role"]), part)] = contact[part]
    return found

"""The forms about officers: who somebody is, which roles until when, who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, EmailField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin.choices import choices
from admin.days import end_of, last_day
from admin.i18n import LANGUAGES
from admin.steps import StepForm
from admin.words import ROLES
from alliance_hub.people.officers import APPOINTED
from alliance_hub.people.roles import ROLES_OF, OrganisationKind, Role
from alliance_hub.people.service import Person

_NEEDED = lazy_gettext("This is needed.")


class PersonForm(StepForm):
    """Who somebody is."""

    name = StringField(lazy_gettext("Full name"), [InputRequired(_NEEDED), Length(max=120)])
    staff_number = StringField(
        lazy_gettext("Staff number"),
        [InputRequired(_NEEDED), Length(max=32)],
        description=lazy_gettext("As the organisation numbers its people; it is what the log names."),
    )
    mobile = StringField(
        lazy_gettext("Mobile number"),
        [Optional(), Length(max=32)],
        description=lazy_gettext("May be left out; with it the officer can log in by number."),
    )
    email = EmailField(
        lazy_gettext("E-mail"),
        [Optional(), Length(max=120)],
        description=lazy_gettext("For reminders; they carry a link and no case data."),
    )
    language = SelectField(lazy_gettext("Language"), choices=choices(LANGUAGES))

    def person(self) -> Person:
        """Return who was entered."""
        return Person(
            staff_number=self.staff_number.data,
            name=self.name.data,
            mobile=self.mobile.data or "",
            email=self.email.data or "",
            language=self.language.data,
        )


class DeputyForm(StepForm):
    """Who stands in, in what, and for how long: whole days."""

    deputy = SelectField(lazy_gettext("Deputy"), coerce=int)
    role = SelectField(lazy_gettext("Role"))
    first_day = DateField(lazy_gettext("First day"), [InputRequired(_NEEDED)])
    last_day = DateField(
        lazy_gettext("Last day"),
        [InputRequired(_NEEDED)],
        description=lazy_gettext("It is part of the time. 92 days at most."),
    )


class LawFirmForm(StepForm):
    """A law firm."""

    id = StringField(
        lazy_gettext("Short name"),
        [InputRequired(_NEEDED), Length(max=40)],
        description=lazy_gettext("Two to forty letters, digits or hyphens; it is what the log names."),
    )
    name = StringField(lazy_gettext("Full legal name"), [InputRequired(_NEEDED), Length(max=120)])
    uscc = StringField(lazy_gettext("Unified social credit code"), [Optional(), Length(max=32)])


class RolesForm(StepForm):
    """A form with a line for each role that may be given: whether it is held, and until when."""

    offered: tuple[Role, ...]

    def lines(self) -> list[tuple[Role, BooleanField, DateField]]:
        """Return the lines: role, tick, last day."""
        return [(role, self[f"role_{role}"], self[f"until_{role}"]) for role in self.offered]

    def chosen(self, held: Mapping[Role, datetime | None]) -> dict[Role, datetime | None]:
        """Return what is ticked, each with its end; an unchanged last day keeps the instant of `held`."""
        ends = {role: day.data for role, tick, day in self.lines() if tick.data}
        return {
            role: held[role] if role in held and last_day(held[role]) == day else end_of(day)
            for role, day in ends.items()
        }


def roles_form(
    kind: OrganisationKind, held: Mapping[Role, datetime | None], *more: type[StepForm]
) -> RolesForm:
    """Return a form with roles and what `more` forms ask; roles that are `held` are ticked at first."""
    offered = tuple(
        role for role in ROLES if role in ROLES_OF[kind] and (role not in APPOINTED or role in held)
    )
    fields: dict[str, object] = {"offered": offered}
    for role in offered:
        fields[f"role_{role}"] = BooleanField(ROLES[role], default=role in held)
        fields[f"until_{role}"] = DateField(
            lazy_gettext("Last day"), [Optional()], default=last_day(held.get(role))
        )
    form: RolesForm = type("OfferedRoles", (*more, RolesForm), fields)()
    return form

"""The forms about complaints. They ask for no name and no number of the person who complains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext
from wtforms import (
    DateTimeLocalField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from admin.choices import Choices, choices
from admin.complaints.words import CHANNELS, KINDS, MISCONDUCT, OUTCOMES
from admin.steps import StepForm
from alliance_hub.complaints import rules
from alliance_hub.complaints.kinds import Channel, Kind, Misconduct, Outcome
from alliance_hub.complaints.service import Ending, Entry
from alliance_hub.people.models import Officer
from privacy.periods import SHANGHAI

_NEEDED = lazy_gettext("This is needed.")
_NO_IDENTITY = lazy_gettext(
    "No name, resident ID, telephone number or address of any debtor or complainant: the rights desk keeps "
    "them."
)


class EnterForm(StepForm):
    """A new complaint."""

    kind = RadioField(lazy_gettext("Kind"), [InputRequired(_NEEDED)], choices=choices(KINDS))
    channel = SelectField(lazy_gettext("Channel"), choices=choices(CHANNELS))
    received_at = DateTimeLocalField(
        lazy_gettext("Received"),
        [InputRequired(_NEEDED)],
        description=lazy_gettext("Day and time in Shanghai. The day itself does not count."),
    )
    complainant = StringField(
        lazy_gettext("Reference of the rights desk"),
        [InputRequired(_NEEDED), Length(max=60)],
        description=lazy_gettext("Such as RD-2026-00017; only the rights desk knows whom it means."),
    )
    member = SelectField(
        lazy_gettext("Member"),
        description=lazy_gettext("Whose contract it is about, or for whom the agency works."),
    )
    agency = StringField(
        lazy_gettext("Agency"),
        [Optional(), Length(max=rules.LONGEST_NAME)],
        description=lazy_gettext("The firm that collected, where it is not the member itself."),
        render_kw={"list": "agencies"},
    )
    misconduct = SelectMultipleField(
        lazy_gettext("Misconduct"),
        choices=choices(MISCONDUCT),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=lazy_gettext("Only for misconduct in collecting: tick everything that is complained of."),
    )
    summary = TextAreaField(
        lazy_gettext("What happened"),
        [InputRequired(_NEEDED), Length(max=rules.LONGEST_TEXT)],
        description=_NO_IDENTITY,
    )
    officer = SelectField(lazy_gettext("In the hands of"))

    def entry(self) -> Entry:
        """Return what was entered."""
        return Entry(
            kind=Kind(self.kind.data),
            channel=Channel(self.channel.data),
            received_at=in_shanghai(self.received_at.data),
            complainant=self.complainant.data,
            summary=self.summary.data,
            member=self.member.data or None,
            agency=self.agency.data or None,
            misconduct=[Misconduct(each) for each in self.misconduct.data or ()],
            officer=int(self.officer.data) if self.officer.data else None,
        )


class NoteForm(StepForm):
    """What was done about a complaint."""

    text = TextAreaField(
        lazy_gettext("Note"),
        [InputRequired(_NEEDED), Length(max=rules.LONGEST_TEXT)],
        description=_NO_IDENTITY,
    )


class AssignForm(StepForm):
    """In whose hands it is."""

    officer = SelectField(lazy_gettext("Officer"), coerce=int)


class CloseForm(StepForm):
    """How it ended."""

    outcome = RadioField(
        lazy_gettext("Outcome"),
        [InputRequired(_NEEDED)],
        choices=choices(OUTCOMES),
    )
    conclusion = TextAreaField(
        lazy_gettext("What was found, and what follows"),
        [InputRequired(_NEEDED), Length(max=rules.LONGEST_TEXT)],
        description=_NO_IDENTITY,
    )
    replied_at = DateTimeLocalField(
        lazy_gettext("Reply sent"),
        [Optional()],
        description=lazy_gettext("Day and time in Shanghai; only a complaint that was withdrawn needs none."),
    )

    def ending(self) -> Ending:
        """Return how it ended."""
        replied = self.replied_at.data
        return Ending(
            Outcome(self.outcome.data), self.conclusion.data, in_shanghai(replied) if replied else None
        )


def in_shanghai(local: datetime) -> datetime:
    """Return the instant that a form's day and time mean."""
    return local.replace(tzinfo=SHANGHAI)


def officers(handlers: Sequence[Officer]) -> Choices:
    """Return officers as a form offers them."""
    return choices((each.id, f"{each.name} · {each.staff_number}") for each in handlers)

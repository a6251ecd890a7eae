"""What kinds, channels, outcomes and states of complaints are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from flask_babel import lazy_gettext as _

from admin.objects import Chip, Text
from alliance_hub.complaints import rules
from alliance_hub.complaints.kinds import SOURCES, Channel, Kind, Misconduct, Outcome
from alliance_hub.complaints.models import Complaint
from alliance_hub.complaints.register import SOON, State
from alliance_hub.complaints.rules import Standing
from alliance_hub.complaints.service import standing_of

KINDS: Mapping[Kind, Text] = {
    Kind.DISPUTE: _("Dispute about data"),
    Kind.MISCONDUCT: _("Misconduct in collecting"),
    Kind.PERSONAL_INFORMATION: _("Request about personal information"),
    Kind.SERVICE: _("Service, and anything else"),
}

CHANNELS: Mapping[Channel, Text] = {
    Channel.PHONE: _("Telephone"),
    Channel.LETTER: _("Letter"),
    Channel.MAIL: _("E-mail"),
    Channel.VISIT: _("Visit"),
    Channel.ONLINE: _("Online form"),
    Channel.REGULATOR: _("Passed on by a regulator or hotline"),
    Channel.MEMBER: _("Passed on by a member"),
}

MISCONDUCT: Mapping[Misconduct, Text] = {
    Misconduct.QUIET_HOURS: _("Contact between 22:00 and 8:00"),
    Misconduct.TOO_MANY_CALLS: _("Too many calls in one day"),
    Misconduct.THIRD_PERSON_PRESSED: _("Third person pressed or told of the debt"),
    Misconduct.REFUSAL_IGNORED: _("Third person's refusal ignored"),
    Misconduct.CONTACT_SOURCE: _("Contact point from no permitted source"),
    Misconduct.IMPERSONATION: _("Posing as an authority or lawyer"),
    Misconduct.THREATS: _("Threats, violence or stalking"),
    Misconduct.INSULTS: _("Insults or humiliation"),
    Misconduct.PUBLIC_SHAMING: _("Debt made public"),
    Misconduct.FALSE_STATEMENT: _("False papers or statements"),
    Misconduct.PRIVATE_PAYMENT: _("Payment to a private account, or charges beyond the contract"),
    Misconduct.PAID_REPAIR: _("Credit repair for money"),
    Misconduct.OTHER: _("Other misconduct"),
}

OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.UPHELD: _("Upheld"),
    Outcome.PARTLY: _("Upheld in part"),
    Outcome.NOT_UPHELD: _("Not upheld"),
    Outcome.PASSED_ON: _("Passed on to whoever is in charge"),
    Outcome.WITHDRAWN: _("Withdrawn by whoever complained"),
}

STATES: Mapping[State, Text] = {
    State.OPEN: _("To be answered"),
    State.SOON: _("Due within a week"),
    State.OVERDUE: _("Overdue"),
    State.CLOSED: _("Ended and answered"),
}

_MARK = re.compile(r" ?\[[A-Z]\]")


def state_chip(complaint: Complaint, at: datetime) -> Chip:
    """Return how a complaint stands."""
    match standing_of(complaint, at):
        case Standing.OVERDUE:
            return Chip(_("Overdue"), "bad")
        case Standing.CLOSED:
            return Chip(_("Closed in time"), "good")
        case Standing.CLOSED_LATE:
            return Chip(_("Closed late"), "still")
        case Standing.OPEN:
            soon = complaint.due_at <= at + SOON
            return Chip(_("Due within a week") if soon else _("To be answered"), "wait")


def rule_of(misconduct: Misconduct) -> str:
    """Return the rule that forbids it, without the mark that says how sure its source is."""
    return _MARK.sub("", SOURCES[misconduct]).strip()


def days_of(kind: Kind) -> str:
    """Return the parameter by which a kind's deadline is counted."""
    return rules.DAYS_OF[kind]

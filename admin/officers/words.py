"""What the pages of officers call states, roles' tasks and what happened to an officer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext

from admin.objects import Chip, Tone
from alliance_hub.people.login import is_locked
from alliance_hub.people.models import Officer, OfficerState
from alliance_hub.people.records import OPERATOR
from alliance_hub.people.roles import OrganisationKind, Role

KINDS: Mapping[OrganisationKind, LazyString] = {
    OrganisationKind.ASSOCIATION: lazy_gettext("Association"),
    OrganisationKind.MEMBER: lazy_gettext("Member"),
    OrganisationKind.LAW_FIRM: lazy_gettext("Law firm"),
}

STATES: Mapping[OfficerState, LazyString] = {
    OfficerState.INVITED: lazy_gettext("Invited"),
    OfficerState.ACTIVE: lazy_gettext("Active"),
    OfficerState.DISABLED: lazy_gettext("Disabled"),
}
_TONES: Mapping[OfficerState, Tone] = {
    OfficerState.INVITED: "wait",
    OfficerState.ACTIVE: "good",
    OfficerState.DISABLED: "still",
}

TASKS: Mapping[Role, LazyString] = {
    Role.SYSTEM_ADMIN: lazy_gettext("Settings, custodians' health, key ceremonies. Sees no business data."),
    Role.SECURITY_ADMIN: lazy_gettext("Officers, their second factors and sessions. Sees no business data."),
    Role.AUDIT_ADMIN: lazy_gettext("Reads what everybody did, and does nothing else. Sees no business data."),
    Role.MEMBERSHIP_OFFICER: lazy_gettext("Applications and members; proposes or approves, never both."),
    Role.AGREEMENT_OFFICER: lazy_gettext("Data agreements; proposes or approves, never both."),
    Role.FLAG_REVIEWER: lazy_gettext("Reviews evasion flags that members submit."),
    Role.DISPUTE_OFFICER: lazy_gettext("Answers complaints and disputes within their deadlines."),
    Role.RIGHTS_DESK: lazy_gettext("Serves borrowers whose identity it has checked."),
    Role.INSPECTOR: lazy_gettext("Reads all registers until a day. Two officers appoint; see Inspection."),
    Role.MEMBER_ADMIN: lazy_gettext("Manages the member's own officers, agreements and keys."),
    Role.SUBMITTER: lazy_gettext("Watches what the member hands in."),
    Role.REVIEWER: lazy_gettext("Checks submissions and flags before they go out."),
    Role.COLLECTOR: lazy_gettext("Works on the member's own overdue contracts."),
    Role.LAWYER: lazy_gettext("Sees the matters that a member has appointed it to, until a day."),
}


def state_chip(officer: Officer, now: datetime) -> Chip:
    """Return an officer's state; a locked login before all others."""
    if officer.state is OfficerState.ACTIVE and is_locked(officer, now):
        return Chip(gettext("Locked"), "bad")
    return Chip(STATES[officer.state], _TONES[officer.state])


def by(ref: str | None) -> str:
    """Return who did something: an officer by its ref, the machine's operator, or the hub by itself."""
    if ref is None:
        return str(gettext("the hub"))
    return str(gettext("the operator")) if ref == OPERATOR else ref

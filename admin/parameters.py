"""What the parameters are called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from admin.objects import Text
from alliance_hub.parameters.catalogue import Group, Mark, Parameter, Source, Unit

NAMES: Mapping[str, Text] = {
    "login_failures": lazy_gettext("Failures before a login is locked"),
    "login_lock_minutes": lazy_gettext("How long a login stays locked"),
    "session_idle_minutes": lazy_gettext("Rest before a session ends"),
    "session_life_hours": lazy_gettext("Longest session"),
    "invitation_hours": lazy_gettext("How long an invitation works"),
    "source_failures": lazy_gettext("Failures before an address must wait"),
    "source_window_minutes": lazy_gettext("How long an address's failures count"),
    "proposal_days": lazy_gettext("How long a proposal waits"),
    "agreement_days": lazy_gettext("Usual life of a data agreement"),
    "exit_days": lazy_gettext("Time for a member's exit"),
    "dispute_answer_days": lazy_gettext("Time to answer a dispute"),
    "complaint_answer_days": lazy_gettext("Time to answer another complaint"),
    "inspection_days": lazy_gettext("Longest inspection"),
    "regulatory_mode": lazy_gettext("Regulatory mode"),
}

GROUPS: Mapping[Group, Text] = {
    Group.LOGIN: lazy_gettext("Login"),
    Group.APPROVALS: lazy_gettext("Approvals"),
    Group.AGREEMENTS: lazy_gettext("Data agreements"),
    Group.MEMBERSHIP: lazy_gettext("Membership"),
    Group.COMPLAINTS: lazy_gettext("Complaints"),
    Group.INSPECTION: lazy_gettext("Inspection"),
}

UNITS: Mapping[str, Text] = {
    Unit.TIMES: lazy_gettext("times"),
    Unit.MINUTES: lazy_gettext("minutes"),
    Unit.HOURS: lazy_gettext("hours"),
    Unit.DAYS: lazy_gettext("days"),
}

MARKS: Mapping[Mark, Text] = {
    Mark.STATUTE: lazy_gettext("statute"),
    Mark.SECONDARY: lazy_gettext("secondary source"),
    Mark.SOURCE: lazy_gettext("the association's documents"),
    Mark.MEMORY: lazy_gettext("to be verified by counsel"),
    Mark.CHOICE: lazy_gettext("choice of the software"),
}


def name_of(name: str) -> str:
    """Return what a parameter is called."""
    return str(NAMES.get(name, name))


def says(parameter: Parameter) -> str:
    """Return what a parameter means."""
    return str(gettext(parameter.says))


def amount(value: int, unit: str) -> str:
    """Return a value with its unit."""
    return str(gettext("%(value)s %(unit)s", value=f"{value:,}", unit=str(UNITS[unit])))


def source(source: Source) -> str:
    """Return where a number comes from, and how sure that is."""
    where, mark = str(gettext(source.reference)), str(MARKS[source.mark])
    return str(gettext("%(where)s (%(mark)s)", where=where, mark=mark))

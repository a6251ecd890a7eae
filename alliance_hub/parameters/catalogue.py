"""Every number that the secretariat may set: what it means, its bounds, its default and its source.

What all parties must count alike stands in the key set's policy and changes with the epoch only; what one
member has signed stands in its agreement. A number that is in none of these three places is in `policy.py`
and is no choice of the secretariat's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alliance_hub import policy


class Mark(StrEnum):
    """How sure a number's source is (the marks of the domain notes)."""

    STATUTE = "T"
    """A statute's text says so."""
    SECONDARY = "P"
    """A secondary source says so."""
    SOURCE = "S"
    """The association's own documents say so."""
    MEMORY = "M"
    """Remembered; counsel has yet to verify it."""
    CHOICE = "D"
    """A choice of this software's; no legal number exists."""


class Unit(StrEnum):
    """What a number counts."""

    TIMES = "times"
    """Occurrences."""
    MINUTES = "minutes"
    """Of 60 seconds."""
    HOURS = "hours"
    """Of 60 minutes."""
    DAYS = "days"
    """Calendar days."""


class Group(StrEnum):
    """What part of the work a number belongs to, in the order of the settings page."""

    LOGIN = "login"
    """How officers get in and how long they stay."""
    APPROVALS = "approvals"
    """Decisions that need two officers."""
    AGREEMENTS = "agreements"
    """Data agreements."""
    MEMBERSHIP = "membership"
    """Members from application to exit."""
    COMPLAINTS = "complaints"
    """Complaints and disputes."""
    INSPECTION = "inspection"
    """Inspectors' visits."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from."""

    mark: Mark
    reference: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number; a value is sound from `low` to `high`, both included."""

    name: str
    group: Group
    default: int
    unit: Unit
    low: int
    high: int
    source: Source
    says: str


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def _hours(span: timedelta) -> int:
    return span // timedelta(hours=1)


_OURS = Source(Mark.CHOICE, "no law sets this number")
# 征信业管理条例 第二十五条
_DISPUTES = Source(Mark.STATUTE, "Regulation on the Administration of Credit Reporting, art. 25")
# 银行业保险业消费投诉处理管理办法 第二十条; it binds banks and insurers, and is taken as a model here.
_COMPLAINTS = Source(Mark.MEMORY, "Measures for Consumer Complaints in Banking and Insurance, art. 20")

_ALL = (
    Parameter(
        "login_failures",
        Group.LOGIN,
        default=policy.LOGIN_FAILURES,
        unit=Unit.TIMES,
        low=3,
        high=10,
        source=_OURS,
        says="So many failures in a row lock an officer's login.",
    ),
    Parameter(
        "login_lock_minutes",
        Group.LOGIN,
        default=_minutes(policy.LOGIN_LOCK),
        unit=Unit.MINUTES,
        low=5,
        high=24 * 60,
        source=_OURS,
        says="A locked login opens by itself after this time.",
    ),
    Parameter(
        "session_idle_minutes",
        Group.LOGIN,
        default=_minutes(policy.SESSION_IDLE),
        unit=Unit.MINUTES,
        low=5,
        high=60,
        source=_OURS,
        says="A session at the console ends after so much rest.",
    ),
    Parameter(
        "session_life_hours",
        Group.LOGIN,
        default=_hours(policy.SESSION_LIFE),
        unit=Unit.HOURS,
        low=1,
        high=12,
        source=_OURS,
        says="A session at the console ends after this time in any case.",
    ),
    Parameter(
        "invitation_hours",
        Group.LOGIN,
        default=_hours(policy.INVITATION_LIFE),
        unit=Unit.HOURS,
        low=1,
        high=14 * 24,
        source=_OURS,
        says="An invitation's link works for this long, and once.",
    ),
    Parameter(
        "source_failures",
        Group.LOGIN,
        default=policy.SOURCE_FAILURES,
        unit=Unit.TIMES,
        low=5,
        high=200,
        source=_OURS,
        says="So many failed logins from one network address make it wait.",
    ),
    Parameter(
        "source_window_minutes",
        Group.LOGIN,
        default=_minutes(policy.SOURCE_WINDOW),
        unit=Unit.MINUTES,
        low=5,
        high=24 * 60,
        source=_OURS,
        says="Failed logins from one network address count for this long.",
    ),
    Parameter(
        "proposal_days",
        Group.APPROVALS,
        default=policy.PROPOSAL_LIFE.days,
        unit=Unit.DAYS,
        low=1,
        high=60,
        source=_OURS,
        says="A proposal that nobody has decided by then lapses and must be made again.",
    ),
    Parameter(
        "agreement_days",
        Group.AGREEMENTS,
        default=policy.AGREEMENT_DAYS,
        unit=Unit.DAYS,
        low=30,
        high=3 * 365,
        source=_OURS,
        says="A data agreement is drafted for this long unless its draft says otherwise.",
    ),
    Parameter(
        "exit_days",
        Group.MEMBERSHIP,
        default=30,
        unit=Unit.DAYS,
        low=1,
        high=30,
        source=_OURS,
        says="A leaving member's data are returned and deleted within this time.",
    ),
    Parameter(
        "dispute_answer_days",
        Group.COMPLAINTS,
        default=20,
        unit=Unit.DAYS,
        low=1,
        high=20,
        source=_DISPUTES,
        says="A dispute about somebody's data is verified and answered in writing within this time.",
    ),
    Parameter(
        "complaint_answer_days",
        Group.COMPLAINTS,
        default=15,
        unit=Unit.DAYS,
        low=1,
        high=30,
        source=_COMPLAINTS,
        says="Any other complaint is answered within this time.",
    ),
    Parameter(
        "inspection_days",
        Group.INSPECTION,
        default=30,
        unit=Unit.DAYS,
        low=1,
        high=90,
        source=_OURS,
        says="The longest time for which an inspector may be let in.",
    ),
)

PARAMETERS: Mapping[str, Parameter] = {each.name: each for each in _ALL}
"""By name, in the order of the settings page."""

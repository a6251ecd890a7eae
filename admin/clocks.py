"""Clocks running out: what ends or must be done within the month, by week, with the page where it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import LazyString, gettext, lazy_gettext

from admin import entries, facts, office, register
from admin.days import start_of, today
from admin.gate import shows
from admin.register import Address, Column, Empty, Filter, Query, Rows
from admin.words import ROLES
from alliance_hub.approvals.models import Kind
from alliance_hub.clocks import service
from alliance_hub.clocks.registry import Clock, ClockKind
from alliance_hub.clocks.rules import last_day
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role

bp = Blueprint("clocks", __name__, url_prefix="/clocks")

KINDS: Mapping[ClockKind, LazyString] = {
    ClockKind.COMPLAINT_DUE: lazy_gettext("Answer to a complaint"),
    ClockKind.AGREEMENT_EXPIRES: lazy_gettext("Data agreement expires"),
    ClockKind.AGREEMENT_TERMINATES: lazy_gettext("Notice of termination is over"),
    ClockKind.LICENCE_EXPIRES: lazy_gettext("Licence expires"),
    ClockKind.EXIT_DUE: lazy_gettext("Exit to be finished"),
    ClockKind.PROPOSAL_LAPSES: lazy_gettext("Proposal lapses"),
    ClockKind.DEPUTY_ENDS: lazy_gettext("Deputy's time ends"),
    ClockKind.INSPECTOR_ENDS: lazy_gettext("Inspection ends"),
    ClockKind.LAWYER_ENDS: lazy_gettext("Lawyer's appointment ends"),
    ClockKind.MATTER_EXPIRES: lazy_gettext("Matter expires"),
}
_MONTH, _WEEK, _QUARTER = 31, 7, 92
FILTERS = (
    Filter(
        "days",
        lazy_gettext("Within"),
        [
            (str(_WEEK), lazy_gettext("a week")),
            (str(_QUARTER), lazy_gettext("three months")),
            ("365", lazy_gettext("a year")),
        ],
    ),
    Filter("kind", lazy_gettext("Kind"), [(str(kind), label) for kind, label in KINDS.items()]),
)
COLUMNS = (
    Column("what", lazy_gettext("About")),
    Column("kind", lazy_gettext("Kind")),
    Column("due", lazy_gettext("Until"), "left"),
)
EMPTY = Empty(
    lazy_gettext(
        "Nothing runs out in this time. Agreements, licences, answers to complaints, proposals and "
        "appointments will appear here as their last day comes near."
    )
)


@dataclass(frozen=True, slots=True)
class Week:
    """What runs out in one week, or ran out before now."""

    first: date
    last: date
    over: bool
    rows: Sequence[Mapping[str, object]]


@bp.get("")
@shows()
def index(actor: Actor) -> Response:
    """Show what runs out and concerns this officer, by week; export and print it as one list."""
    query = register.parse(COLUMNS, FILTERS, sort="due")
    now = office.now()
    found = _find(actor, query, now)
    rows = [_row(clock, actor) for clock in found]
    title = _title(query)
    if {"format", "print"} & request.args.keys():
        return register.show(title, COLUMNS, FILTERS, query, Rows(rows, len(rows)), empty=EMPTY)
    page = render_template(
        "clocks/clocks.html",
        title=title,
        weeks=_weeks(found, rows, now),
        filters=FILTERS,
        query=query,
        at=Address(query),
        empty=EMPTY,
        total=len(rows),
        today=today(now),
    )
    return make_response(page)


def last_moment(due_at: datetime) -> datetime:
    """Return an end as people say it: what ends at 24:00 ends on that day, not at 0:00 of the next."""
    return due_at - timedelta(seconds=1) if start_of(today(due_at)) == due_at else due_at


def sentence(clock: Clock) -> str:
    """Return what a clock is about."""
    says = {**clock.says_params}
    match clock.kind:
        case ClockKind.COMPLAINT_DUE:
            return str(gettext("Complaint %(number)s about %(about)s", **says))
        case ClockKind.AGREEMENT_EXPIRES | ClockKind.AGREEMENT_TERMINATES:
            return str(gettext("Agreement %(agreement)s, version %(version)s, with %(member)s", **says))
        case ClockKind.LICENCE_EXPIRES | ClockKind.EXIT_DUE:
            return str(gettext("Member %(member)s", member=says["member"]))
        case ClockKind.PROPOSAL_LAPSES:
            action, about = str(facts.KINDS[Kind(says["action"])]), entries.thing(says["about"])
            number = says["proposal"]
            return str(
                gettext(
                    "Proposal %(number)s: %(action)s, %(about)s", number=number, action=action, about=about
                )
            )
        case ClockKind.DEPUTY_ENDS:
            role = str(ROLES[Role(says["role"])])
            return str(gettext("Officer %(officer)s, acting as %(role)s", officer=says["officer"], role=role))
        case ClockKind.INSPECTOR_ENDS | ClockKind.LAWYER_ENDS:
            return str(gettext("Officer %(officer)s", officer=says["officer"]))
        case ClockKind.MATTER_EXPIRES:
            return str(gettext("Matter %(matter)s of %(member)s", **says))


def _find(actor: Actor, query: Query, now: datetime) -> list[Clock]:
    days = int(query.filters.get("days", _MONTH))
    kind = query.filters.get("kind")
    kinds = None if kind is None else {ClockKind(kind)}
    until = start_of(today(now) + timedelta(days=days + 1)) + timedelta(seconds=1)
    with office.the_hub().database.reading() as session:
        return service.list_for(session, actor, now=now, until=until, kinds=kinds)


def _title(query: Query) -> str:
    match int(query.filters.get("days", _MONTH)):
        case days if days == _WEEK:
            return str(gettext("Clocks running out this week"))
        case days if days == _MONTH:
            return str(gettext("Clocks running out this month"))
        case days if days == _QUARTER:
            return str(gettext("Clocks running out within three months"))
        case _:
            return str(gettext("Clocks running out within a year"))


def _row(clock: Clock, actor: Actor) -> dict[str, object]:
    return {
        "href": entries.page_of(clock.object, actor),
        "what": sentence(clock),
        "kind": KINDS[clock.kind],
        "due": last_moment(clock.due_at),
    }


def _weeks(found: Sequence[Clock], rows: Sequence[Mapping[str, object]], now: datetime) -> list[Week]:
    """Return the rows by the week of their last day, from Monday; what is over comes first, as one."""
    groups: dict[tuple[bool, date], list[Mapping[str, object]]] = {}
    for clock, row in zip(found, rows, strict=True):
        day = last_day(clock.due_at)
        key = (False, date.min) if clock.due_at <= now else (True, day - timedelta(days=day.weekday()))
        groups.setdefault(key, []).append(row)
    return [
        Week(monday, monday + timedelta(days=6) if ahead else monday, not ahead, rows)
        for (ahead, monday), rows in sorted(groups.items())
    ]

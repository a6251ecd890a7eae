"""Overview: what waits for the officer, and what the alliance does, as far as its roles may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin import charts, custodians, office
from admin.agreements import words
from admin.charts import Chart, Series
from admin.gate import shows
from admin.log import words as words_of_log
from admin.members.words import STANDINGS
from admin.register import Column
from alliance_hub.approvals import register as approvals
from alliance_hub.clocks import service as clocks
from alliance_hub.clocks.registry import Clock, ClockKind
from alliance_hub.membership.register import Standing
from alliance_hub.membership.rules import MemberState
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act, OrganisationKind
from alliance_hub.statistics import rules, service
from alliance_hub.statistics.rules import ALLOWED, DENIED, Figure
from alliance_hub.statistics.service import Figures, Use
from alliance_hub.transparency import state
from privacy.periods import day_of

bp = Blueprint("dashboard", __name__)

MONTHS, WEEKS, WEEKS_AHEAD = 12, 16, 8
BUSIEST = 5
LATELY = timedelta(days=30)

CLAUSES = (Column("clause", lazy_gettext("Clause")), Column("count", lazy_gettext("Denied"), "number"))
MEMBERS = (Column("state", lazy_gettext("State")), Column("count", lazy_gettext("Members"), "number"))
USES = (
    Column("member", lazy_gettext("Member")),
    Column("used", lazy_gettext("Subjects today"), "number"),
    Column("limit", lazy_gettext("Quota of the day"), "number"),
    Column("share", lazy_gettext("Used")),
)


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for an officer."""

    waiting: int
    overdue: int
    week: int
    complaints: int | None
    """Complaints whose last day is within a week or over; None for whoever does not read them."""


@dataclass(frozen=True, slots=True)
class Business:
    """What the alliance does."""

    standing: service.Standing
    figures: Figures
    busiest: Sequence[Use]
    charts: dict[str, Chart] = field(default_factory=dict)


@bp.get("/")
@shows()
def index(actor: Actor) -> AnyResponse:
    """Show an officer of the association its overview; a member's people have one of their own."""
    if actor.may(Act.READ_OWN):
        return redirect(url_for("mine.index"))
    if actor.may(Act.READ_MATTERS):
        return redirect(url_for("matters.index"))
    if actor.kind is OrganisationKind.LAW_FIRM:
        return redirect(url_for("my_account.show"))
    hub, now = office.the_hub(), office.now()
    with hub.database.reading() as session:
        found = _clocks(session, actor, now)
        work = _work(session, actor, found, now)
        business = _business(session, now) if actor.may(Act.VIEW_BUSINESS) else None
        system = service.standing(session) if actor.may(Act.VIEW_SYSTEM) else None
        log = state.health(session, hub, now) if system else None
    drawn = {**(business.charts if business else {}), "clocks": _clocks_ahead(found, day_of(now))}
    text = render_template(
        "dashboard/dashboard.html",
        title=gettext("Overview"),
        today=day_of(now),
        work=work,
        business=business,
        system=system,
        log=log,
        log_warnings=[] if log is None else words_of_log.warnings(log),
        charts={name: chart for name, chart in drawn.items() if _holds(chart)},
        **(_tables(business, now) if business else {}),
        **(custodians.health_now() if system else {}),
    )
    return make_response(text)


@bp.get("/figures/<any(contributions, matches):name>")
@shows(Act.VIEW_BUSINESS)
def figures(actor: Actor, name: str) -> Response:
    """Answer the figures of a chart about the alliance's work."""
    with office.the_hub().database.reading() as session:
        return charts.answer(_business(session, office.now()).charts[name])


@bp.get("/figures/clocks")
@shows()
def clock_figures(actor: Actor) -> Response:
    """Answer how much runs out in the coming weeks."""
    now = office.now()
    with office.the_hub().database.reading() as session:
        return charts.answer(_clocks_ahead(_clocks(session, actor, now), day_of(now)))


def _clocks(session: Session, actor: Actor, now: datetime) -> list[Clock]:
    return clocks.list_for(session, actor, now=now, until=now + timedelta(weeks=WEEKS_AHEAD))


def _work(session: Session, actor: Actor, found: Sequence[Clock], now: datetime) -> Work:
    soon = [each for each in found if each.due_at <= now + timedelta(days=7)]
    return Work(
        waiting=approvals.count_waiting(session, actor, at=now),
        overdue=sum(each.due_at <= now for each in soon),
        week=sum(each.due_at > now for each in soon),
        complaints=sum(each.kind is ClockKind.COMPLAINT_DUE for each in soon)
        if actor.may(Act.READ_COMPLAINTS)
        else None,
    )


def _business(session: Session, now: datetime) -> Business:
    today = day_of(now)
    months, weeks = rules.months(today, MONTHS), rules.weeks(today, WEEKS)
    counted = service.figures(session, since=min(months[0], weeks[0]))
    contributions = Chart(
        [f"{month:%Y-%m}" for month in months],
        [
            Series(gettext("accepted"), counted.series(Figure.ROWS, "accepted", months)),
            Series(gettext("refused"), counted.series(Figure.ROWS, "refused", months)),
        ],
        gettext("rows"),
    )
    matches = Chart(
        [f"{week:%m-%d}" for week in weeks],
        [
            Series(gettext("allowed"), counted.series(Figure.MATCHES, ALLOWED, weeks)),
            Series(gettext("denied"), counted.series(Figure.MATCHES, DENIED, weeks)),
        ],
        gettext("matches"),
    )
    drawn = {"contributions": contributions, "matches": matches}
    return Business(service.standing(session), counted, service.busiest(session, today, limit=BUSIEST), drawn)


def _tables(business: Business, now: datetime) -> dict[str, object]:
    """Return what the tables and figures of the alliance's work show."""
    today, counted = day_of(now), business.figures
    month = today.replace(day=1)
    denied = counted.by_label(Figure.DENIED, since=today - LATELY)
    return {
        "members": [
            {"state": STANDINGS[Standing(state)][0], "count": business.standing.members.get(state, 0)}
            for state in MemberState
        ],
        "member_columns": MEMBERS,
        "active": business.standing.members.get(MemberState.ACTIVE, 0),
        "allowed": counted.total(Figure.MATCHES, ALLOWED, since=month),
        "denied": counted.total(Figure.MATCHES, DENIED, since=month),
        "subjects": counted.total(Figure.SUBJECTS, ALLOWED, since=month),
        "clauses": [{"clause": words.clause(clause), "count": count} for clause, count in denied],
        "clause_columns": CLAUSES,
        "uses": [_use(each) for each in business.busiest],
        "use_columns": USES,
        "month": month,
    }


def _use(use: Use) -> dict[str, object]:
    return {"member": use.member, "used": use.used, "limit": use.limit, "share": f"{use.share:.0%}"}


def _clocks_ahead(found: Sequence[Clock], today: date) -> Chart:
    """Return how many clocks run out in each of the coming weeks; what is overdue stands in the first."""
    first = today - timedelta(days=today.weekday())
    mondays = [first + timedelta(weeks=week) for week in range(WEEKS_AHEAD)]
    counts = [0] * WEEKS_AHEAD
    for clock in found:
        counts[min(max((day_of(clock.due_at) - first).days // 7, 0), WEEKS_AHEAD - 1)] += 1
    return Chart(
        [f"{monday:%m-%d}" for monday in mondays], [Series(gettext("clocks"), counts)], gettext("clocks")
    )


def _holds(chart: Chart) -> bool:
    """Say whether there is anything to draw."""
    return any(any(each.values) for each in chart.series)

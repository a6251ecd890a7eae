"""How much one's own member has asked, of what it may: the hub's quota, its agreements', the custodians'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from admin import charts
from admin.charts import Chart, Series
from admin.gate import shows
from admin.mine import own
from admin.office import the_hub
from alliance_hub.matching import register as matches
from alliance_hub.matching.register import Day
from alliance_hub.membership import quotas
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.policy import PORTFOLIOS_PER_PERIOD
from alliance_hub.records import service as records
from privacy.periods import day_of

bp = Blueprint("mine_quota", __name__, url_prefix="/mine/quota")

DAYS = 30
"""How far back the charts look."""


@bp.get("/")
@shows(Act.READ_OWN)
def index(actor: Actor) -> str:
    """Show what is used of every quota."""
    hub = the_hub()
    today = day_of(hub.clock())
    with hub.database.reading() as session:
        member = own.member(session, actor)
        return render_template(
            "mine/quota.html",
            title=_("Our quota"),
            member=member,
            quota=quotas.use(session, member, today),
            until=quotas.next_midnight(hub.clock()),
            live=records.live_count(session, member),
            policy=hub.key_set.policy,
            per_period=PORTFOLIOS_PER_PERIOD,
            questions=_questions(_days(session, member.name, today)),
            subjects=_subjects(_days(session, member.name, today)),
            days=DAYS,
        )


@bp.get("/questions.json")
@shows(Act.READ_OWN)
def questions(actor: Actor) -> Response:
    """Give the figures of the chart of questions."""
    hub = the_hub()
    with hub.database.reading() as session:
        return charts.answer(_questions(_days(session, own.name(actor), day_of(hub.clock()))))


@bp.get("/subjects.json")
@shows(Act.READ_OWN)
def subjects(actor: Actor) -> Response:
    """Give the figures of the chart of subjects."""
    hub = the_hub()
    with hub.database.reading() as session:
        return charts.answer(_subjects(_days(session, own.name(actor), day_of(hub.clock()))))


def _days(session: Session, member: str, today: date) -> list[Day]:
    """Return the last days without a gap: a quiet day is a day with nothing."""
    since = today - timedelta(days=DAYS - 1)
    found = {day.on: day for day in matches.by_day(session, member, since=since)}
    every = (since + timedelta(days=step) for step in range(DAYS))
    return [found.get(on, Day(on, 0, 0, 0)) for on in every]


def _questions(days: Sequence[Day]) -> Chart:
    allowed, denied = [day.allowed for day in days], [day.denied for day in days]
    series = [Series(_("allowed"), allowed), Series(_("denied"), denied)]
    return Chart(_labels(days), series, _("questions a day"))


def _subjects(days: Sequence[Day]) -> Chart:
    return Chart(_labels(days), [Series(_("subjects"), [day.subjects for day in days])], _("subjects a day"))


def _labels(days: Sequence[Day]) -> list[str]:
    return [f"{day.on:%m-%d}" for day in days]

"""The page of inspection: inspectors and samples, each to whoever may know of them."""

from __future__ import annotations

from datetime import datetime

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from admin import office
from admin.clocks import last_moment
from admin.gate import shows
from admin.inspection.blueprint import bp
from admin.inspection.words import REGISTERS, SAMPLES
from admin.objects import Chip, Link
from admin.register import Column
from alliance_hub.inspection import acts, service
from alliance_hub.inspection.acts import Appointment
from alliance_hub.inspection.models import Sample
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer
from alliance_hub.people.roles import Act

SAMPLE_COLUMNS = (
    Column("number", lazy_gettext("Sample")),
    Column("register", lazy_gettext("Register")),
    Column("rows", lazy_gettext("Rows drawn"), "number"),
    Column("population", lazy_gettext("Of so many"), "number"),
    Column("by", lazy_gettext("Drawn by")),
    Column("at", lazy_gettext("Drawn at"), "instant"),
)


@bp.get("")
@shows(*SAMPLES, Act.PROPOSE_INSPECTION, Act.APPROVE_INSPECTION)
def index(actor: Actor) -> str:
    """Show inspectors and samples, each to whoever may know of them."""
    with office.the_hub().database.reading() as session:
        appointments = acts.list_appointments(session)
        samples = _samples(session) if any(map(actor.may, SAMPLES)) else None
    links = []
    if actor.may(Act.DRAW_SAMPLE):
        links.append(Link(gettext("Draw a sample"), url_for("inspection.draw")))
    if actor.may(Act.PROPOSE_INSPECTION):
        links.append(Link(gettext("Appoint an inspector"), url_for("inspection.appoint")))
    return render_template(
        "inspection/inspection.html",
        title=gettext("Inspection"),
        links=links,
        appointments=[_appointment(each, office.now(), actor) for each in appointments],
        samples=samples,
        columns=SAMPLE_COLUMNS,
    )


def _samples(session: Session) -> list[dict[str, object]]:
    return [_sample(each, get_officer(session, each.officer).name) for each in service.list_samples(session)]


def _sample(drawn: Sample, by: str) -> dict[str, object]:
    return {
        "href": url_for("inspection.sample", id=drawn.id),
        "number": str(drawn.id),
        "register": REGISTERS[drawn.register],
        "rows": len(drawn.rows),
        "population": drawn.population,
        "by": by,
        "at": drawn.drawn_at,
    }


def _appointment(each: Appointment, now: datetime, actor: Actor) -> dict[str, object]:
    chip = (
        Chip(gettext("May read"), "wait")
        if each.from_at <= now < each.until_at
        else Chip(gettext("Over"), "still")
    )
    return {
        "name": each.officer.name,
        "href": url_for("officers.show", id=each.officer.id) if actor.may(Act.READ_OFFICERS) else "",
        "state": chip,
        "from_at": each.from_at,
        "until_at": last_moment(each.until_at),
        "left": each.until_at if now < each.until_at else None,
        "by": each.granted_by,
    }

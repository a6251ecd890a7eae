"""Name a deputy of an officer, and end its time."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin import words
from admin.attempts import attempt
from admin.choices import choices
from admin.days import end_of, start_of, today
from admin.gate import shows, the_hub
from admin.objects import Text
from admin.officers.blueprint import bp
from admin.officers.forms import DeputyForm
from admin.steps import Step, StepForm
from alliance_hub.errors import NotFound
from alliance_hub.people import deputies, grants, officers, search
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer
from alliance_hub.people.roles import EXPIRING, Role


@bp.route("/officers/<int:id>/deputy", methods=["GET", "POST"])
@shows()
def appoint_deputy(actor: Actor, id: int) -> Response:
    """Name who stands in for an officer, in which role, and for how long."""
    hub = the_hub()
    now = hub.clock()
    with hub.database.reading() as database:
        row = officers.get_visible(database, actor, id)
        if not deputies.may_appoint(database, actor, row):
            raise NotFound("there is no such officer")
        held = [each.role for each in grants.list_held(database, id, now) if each.role not in EXPIRING]
        colleagues = search.list_colleagues(database, row)
    form = DeputyForm(first_day=today(now), last_day=today(now + timedelta(days=6)))
    form.deputy.choices = choices((each.id, f"{each.name} ({each.staff_number})") for each in colleagues)
    form.role.choices = choices((str(role), words.ROLES[role]) for role in held)
    step = Step(
        gettext("Name a deputy of %(name)s", name=row.name),
        [gettext("For the days that you name the deputy may do what the role allows, in its own name.")],
        [
            gettext(
                "What the deputy proposes for %(name)s is approved by neither of the two.", name=row.name
            ),
            gettext("The log names the deputy as the one who acted."),
        ],
        gettext("Name the deputy"),
        url_for("officers.show", id=id),
    )

    def act() -> Text:
        first, end = start_of(form.first_day.data), end_of(form.last_day.data)
        assert end is not None  # the form asks for it
        # Today begins now: nobody stood in during the hours that are over.
        begin = now if form.first_day.data == today(now) else first
        with hub.database.transaction() as database:
            deputies.appoint(database, actor, id, form.deputy.data, Role(form.role.data), begin, end, now)
        return gettext("The deputy is named.")

    return attempt(actor, step, form, act, then=step.back)


@bp.route("/officers/deputies/<int:id>/end", methods=["GET", "POST"])
@shows()
def end_deputy(actor: Actor, id: int) -> Response:
    """End a deputy's time."""
    hub = the_hub()
    with hub.database.reading() as database:
        found = deputies.get_endable(database, actor, id, hub.clock())
        whom, who = get_officer(database, found.principal), get_officer(database, found.deputy)
    step = Step(
        gettext("End the time of a deputy"),
        [
            gettext(
                "%(who)s stands in for %(whom)s as %(role)s no more.",
                who=who.name,
                whom=whom.name,
                role=words.ROLES[found.role],
            )
        ],
        [gettext("What the deputy did stays; open proposals stay to be decided.")],
        gettext("End it"),
        url_for("officers.show", id=whom.id if actor.officer != who.id else who.id),
    )

    def act() -> Text:
        with hub.database.transaction() as database:
            deputies.end(database, actor, id, hub.clock())
        return gettext("The deputy's time is ended.")

    return attempt(actor, step, StepForm(), act, then=step.back)

"""Invite officers: one, a small secretariat at once, or an officer anew; each link is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length, Optional

from admin import words
from admin.attempts import attempt
from admin.gate import shows, the_hub
from admin.officers.blueprint import bp
from admin.officers.forms import PersonForm, roles_form
from admin.officers.views import INVITES
from admin.officers.words import TASKS
from admin.steps import Step, StepForm
from alliance_hub.errors import Invalid, NotFound
from alliance_hub.people import founding, officers, rules, service
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_organisation
from alliance_hub.people.models import ASSOCIATION, Organisation
from alliance_hub.people.officers import Invited
from alliance_hub.people.roles import FIVE_PERSONS, Act, OrganisationKind, Role
from alliance_hub.people.service import Person

_LINKS = "invited"
"""Under this name the signed cookie carries fresh links to the one page that shows them."""


@bp.route("/officers/invite", methods=["GET", "POST"])
@shows(*INVITES)
def invite(actor: Actor) -> ResponseReturnValue:
    """Invite an officer; before that, say to which organisation."""
    organisation = request.args.get("organisation", "")
    choices = _choices(actor)
    if not organisation and len(choices) == 1:
        organisation = choices[0].id
    if not organisation:
        page = render_template("officers/where.html", title=gettext("Invite an officer"), choices=choices)
        return make_response(page)
    return _invite(actor, organisation)


def _invite(actor: Actor, organisation: str) -> ResponseReturnValue:
    hub = the_hub()
    with hub.database.reading() as database:
        place = get_organisation(database, organisation)
    if not rules.may_see(actor, place.id, place.kind):
        raise NotFound("there is no such organisation")
    own = rules.may_manage(actor, place.id, place.kind)
    form = roles_form(place.kind, {} if own else {Role.MEMBER_ADMIN: None}, PersonForm)
    step = Step(
        gettext("Invite an officer of %(place)s", place=place.name),
        [
            gettext(
                "A link is made that works once, for three days. You see it on the next page, and hand it on "
                "yourself."
            )
        ],
        [
            gettext(
                "With it the officer chooses a password and sets up an authenticator; until then nobody can "
                "log in."
            )
        ],
        gettext("Invite"),
        url_for("officers.index"),
        second_factor=True,
    )

    def act() -> Response:
        with hub.database.transaction() as database:
            invited = officers.invite(
                database, actor, organisation, form.person(), form.chosen({}), hub.clock()
            )
        return _to_links([invited])

    return attempt(
        actor, step, form, act, then="", template="officers/roles.html", lines=form.lines(), tasks=TASKS
    )


@bp.route("/officers/<int:id>/reset", methods=["GET", "POST"])
@shows(*INVITES)
def reset(actor: Actor, id: int) -> Response:
    """Take password and second factors away, and make a new link."""
    hub = the_hub()
    with hub.database.reading() as database:
        row = officers.get_visible(database, actor, id)
        if actor.officer != id and not officers.may_reinvite(database, actor, row, hub.clock()):
            raise NotFound("there is no such officer")
    step = Step(
        gettext("Make a new link for %(name)s", name=row.name),
        [
            gettext(
                "Password, authenticator, passkeys and recovery codes of %(name)s work no more; the session "
                "ends.",
                name=row.name,
            ),
            gettext("A link is made that works once, for three days; an earlier one works no more."),
        ],
        [
            gettext(
                "Whoever has the link is %(name)s to the console: hand it over in person or by a way that "
                "you trust.",
                name=row.name,
            )
        ],
        gettext("Make the link"),
        url_for("officers.show", id=id),
        danger=True,
        second_factor=True,
    )

    def act() -> Response:
        with hub.database.transaction() as database:
            invited = officers.reset(database, actor, id, hub.clock())
        return _to_links([invited])

    return attempt(actor, step, StepForm(), act, then="")


class StaffForm(StepForm):
    """Five lines of a name, a staff number and a mobile number; an empty line leaves its place out."""

    def people(self) -> dict[int, Person]:
        """Return who was entered, by place; raises Invalid for a line that lacks one of the two."""
        found = {}
        for place in range(1, len(FIVE_PERSONS) + 1):
            name, number = self[f"name_{place}"].data, self[f"number_{place}"].data
            if bool(name) != bool(number):
                raise Invalid(
                    "a line needs name and staff number, or neither",
                    field=f"number_{place}" if name else f"name_{place}",
                )
            if name:
                found[place] = Person(number, name, self[f"mobile_{place}"].data or "")
        return found


for _place in range(1, len(FIVE_PERSONS) + 1):
    for _part in ("name", "number", "mobile"):
        setattr(StaffForm, f"{_part}_{_place}", StringField("", [Optional(), Length(max=120)]))


@bp.route("/officers/staff", methods=["GET", "POST"])
@shows(Act.MANAGE_OFFICERS)
def staff(actor: Actor) -> Response:
    """Invite the five people of a small secretariat at once."""
    hub, form = the_hub(), StaffForm()
    step = Step(
        gettext("Set up a small secretariat"),
        [
            gettext(
                "Each of the five people is invited with the roles of the line; an empty line is left out."
            )
        ],
        [
            gettext("Three administrate and see no business data; two do the business and check each other."),
            gettext("You see the links on the next page, and hand them on yourself."),
        ],
        gettext("Invite them"),
        url_for("officers.index"),
        second_factor=True,
    )
    lines = [
        (words.roles(roles), form[f"name_{place}"], form[f"number_{place}"], form[f"mobile_{place}"])
        for place, roles in enumerate(FIVE_PERSONS, 1)
    ]

    def act() -> Response:
        people = form.people()
        with hub.database.transaction() as database:
            invited = founding.staff(database, actor, people, hub.clock())
        return _to_links(invited)

    return attempt(actor, step, form, act, then="", template="officers/staff.html", lines=lines)


@bp.get("/officers/links")
@shows(*INVITES)
def links(actor: Actor) -> ResponseReturnValue:
    """Show fresh links, once."""
    made = session.pop(_LINKS, None)
    if made is None:
        return redirect(url_for("officers.index"), HTTPStatus.SEE_OTHER)
    base = the_hub().settings.base_url
    shown = [(name, ref, base + url_for("invitation.take_up", secret=secret)) for name, ref, secret in made]
    return make_response(
        render_template("officers/links.html", title=gettext("Hand on these links"), links=shown)
    )


def _to_links(made: Sequence[Invited]) -> Response:
    session[_LINKS] = [(each.officer.name, each.officer.ref, each.secret) for each in made]
    return redirect(url_for("officers.links"), HTTPStatus.SEE_OTHER)


def _choices(actor: Actor) -> list[Organisation]:
    """Return the organisations to which the actor may invite."""
    hub = the_hub()
    with hub.database.reading() as database:
        found = service.list_organisations(database)
    first = actor.may(Act.INVITE_MEMBER_ADMINS)
    return [
        place
        for place in found
        if rules.may_manage(actor, place.id, place.kind)
        or (first and place.kind is OrganisationKind.MEMBER and place.id != ASSOCIATION)
    ]

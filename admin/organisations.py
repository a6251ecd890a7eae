"""The register of organisations, the page of one, and law firms entered and closed."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from admin import register
from admin.attempts import attempt
from admin.gate import shows, the_hub
from admin.objects import Chip, Link, Text
from admin.officers.forms import LawFirmForm
from admin.officers.views import COLUMNS as OFFICERS
from admin.officers.views import ENTRIES, INVITES, KIND, officer_row, timeline
from admin.officers.words import KINDS
from admin.register import Column, Empty, Query, Rows
from admin.steps import Step, StepForm
from alliance_hub.errors import NotFound
from alliance_hub.people import places, rules, search
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_organisation
from alliance_hub.people.models import Organisation
from alliance_hub.people.roles import Act, OrganisationKind
from alliance_hub.people.search import Wanted
from alliance_hub.transparency.search import list_about

bp = Blueprint("organisations", __name__, url_prefix="/organisations")

SEES = (Act.READ_OFFICERS, Act.MANAGE_OFFICERS, Act.INVITE_MEMBER_ADMINS, Act.READ_MEMBERS)
ENTERS = (Act.MANAGE_OFFICERS, Act.INVITE_MEMBER_ADMINS)

COLUMNS = (
    Column("name", lazy_gettext("Name"), sortable=True),
    Column("kind", lazy_gettext("Kind")),
    Column("uscc", lazy_gettext("Unified social credit code")),
    Column("officers", lazy_gettext("Active officers"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("created", lazy_gettext("Entered"), "day", sortable=True),
)


@bp.get("")
@shows(*SEES)
def index(actor: Actor) -> ResponseReturnValue:
    """Show the organisations whose officers log in."""
    query = register.parse(COLUMNS, (KIND,), sort="name")
    enter = [Link(gettext("Enter a law firm"), url_for("organisations.enter"))]
    return register.show(
        gettext("Organisations"),
        COLUMNS,
        (KIND,),
        query,
        _rows(query),
        all_rows=lambda: _rows(query.whole()),
        empty=Empty(gettext("Members appear here when they apply, law firms when they are entered.")),
        note=gettext("Whose officers log in: the association, members and law firms."),
        actions=enter if places.may_enter(actor) else [],
        search=gettext("Name"),
    )


@bp.get("/<path:id>")
@shows(*SEES)
def show(actor: Actor, id: str) -> ResponseReturnValue:
    """Show one organisation with those of its officers whom the actor may read about."""
    hub = the_hub()
    now = hub.clock()
    with hub.database.reading() as database:
        place = get_organisation(database, id)
        found, _ = search.list_officers(database, actor, Wanted(organisation=id, limit=200), now)
        entries = timeline(list_about(database, f"organisation/{id}", limit=ENTRIES), actor)
    page = render_template(
        "officers/organisation.html",
        title=place.name,
        place=place,
        kind=KINDS[place.kind],
        chip=_chip(place),
        links=_links(actor, place),
        sees_officers=rules.may_see(actor, place.id, place.kind),
        columns=[column for column in OFFICERS if column.key != "organisation"],
        rows=[officer_row(each, now) for each in found],
        entries=entries,
    )
    return make_response(page)


@bp.route("/law-firms/new", methods=["GET", "POST"])
@shows(*ENTERS)
def enter(actor: Actor) -> Response:
    """Enter a law firm."""
    hub, form = the_hub(), LawFirmForm()
    step = Step(
        gettext("Enter a law firm"),
        [gettext("The law firm stands in the register, and its lawyers can be invited.")],
        [
            gettext(
                "A lawyer is invited until a day, and sees only matters that a member has appointed it to."
            )
        ],
        gettext("Enter it"),
        url_for("organisations.index"),
    )

    def act() -> Text:
        with hub.database.transaction() as database:
            places.enter_law_firm(
                database,
                actor,
                id=form.id.data,
                name=form.name.data,
                uscc=form.uscc.data or "",
                now=hub.clock(),
            )
        return gettext("The law firm is entered.")

    return attempt(actor, step, form, act, then=step.back)


@bp.route("/law-firms/<path:id>/close", methods=["GET", "POST"])
@shows(*ENTERS)
def close(actor: Actor, id: str) -> Response:
    """Let a law firm's lawyers in no more, or in again."""
    hub, place = the_hub(), _law_firm(id)
    closing = place.closed_at is None
    step = Step(
        gettext("Close %(name)s", name=place.name)
        if closing
        else gettext("Open %(name)s again", name=place.name),
        [
            gettext("Its lawyers are logged out at once and cannot log in any more.")
            if closing
            else gettext("Its lawyers can log in again.")
        ],
        [gettext("What they did stays in the log.")],
        gettext("Close it") if closing else gettext("Open it again"),
        url_for("organisations.show", id=id),
        danger=closing,
        second_factor=True,
    )

    def act() -> Text:
        change = places.close if closing else places.open_again
        with hub.database.transaction() as database:
            change(database, actor, id, hub.clock())
        return gettext("The law firm is closed.") if closing else gettext("The law firm is open again.")

    return attempt(actor, step, StepForm(), act, then=step.back)


def _rows(query: Query) -> Rows:
    hub = the_hub()
    wanted = Wanted(
        text=query.text,
        kind=OrganisationKind(query.filters["kind"]) if "kind" in query.filters else None,
        sort=query.sort,
        descending=query.descending,
        offset=query.offset,
        limit=query.limit,
    )
    with hub.database.reading() as database:
        found, total = search.list_places(database, wanted)
    return Rows([_row(place, count) for place, count in found], total)


def _row(place: Organisation, count: int) -> dict[str, object]:
    return {
        "href": url_for("organisations.show", id=place.id),
        "name": place.name,
        "kind": KINDS[place.kind],
        "uscc": place.uscc,
        "officers": count,
        "state": _chip(place),
        "created": place.created_at,
    }


def _chip(place: Organisation) -> Chip:
    return Chip(gettext("Open"), "good") if place.closed_at is None else Chip(gettext("Closed"), "still")


def _links(actor: Actor, place: Organisation) -> list[Link]:
    links = []
    invites = rules.may_manage(actor, place.id, place.kind) or (
        place.kind is OrganisationKind.MEMBER and actor.may(Act.INVITE_MEMBER_ADMINS)
    )
    if invites and place.closed_at is None and any(actor.may(act) for act in INVITES):
        links.append(Link(gettext("Invite an officer"), url_for("officers.invite", organisation=place.id)))
    if place.kind is OrganisationKind.LAW_FIRM and places.may_enter(actor):
        label = gettext("Close") if place.closed_at is None else gettext("Open again")
        links.append(Link(label, url_for("organisations.close", id=place.id)))
    return links


def _law_firm(id: str) -> Organisation:
    with the_hub().database.reading() as database:
        place = get_organisation(database, id)
    if place.kind is not OrganisationKind.LAW_FIRM:
        raise NotFound("there is no such law firm")
    return place

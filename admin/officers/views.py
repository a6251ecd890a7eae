"""The register of officers, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.utils import redirect

from admin import entries, words
from admin.gate import shows, the_hub
from admin.objects import Link, Text, TimelineEntry
from admin.officers.blueprint import bp
from admin.officers.words import KINDS, STATES, by, state_chip
from admin.register import Column, Empty, Filter, Query, Rows, parse
from admin.register import show as show_register
from alliance_hub.people import deputies, grants, invitations, officers, search, sessions
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_by_ref, get_officer, get_organisation
from alliance_hub.people.models import Officer, OfficerState
from alliance_hub.people.roles import Act, OrganisationKind, Role
from alliance_hub.people.search import Listed, Wanted
from alliance_hub.transparency.models import LogRow
from alliance_hub.transparency.search import list_about

SEES = (Act.READ_OFFICERS, Act.MANAGE_OFFICERS, Act.MANAGE_OWN_OFFICERS, Act.INVITE_MEMBER_ADMINS)
INVITES = (Act.MANAGE_OFFICERS, Act.MANAGE_OWN_OFFICERS, Act.INVITE_MEMBER_ADMINS)

COLUMNS = (
    Column("name", lazy_gettext("Full name"), sortable=True),
    Column("staff_number", lazy_gettext("Staff number"), sortable=True),
    Column("organisation", lazy_gettext("Organisation"), sortable=True),
    Column("roles", lazy_gettext("Roles")),
    Column("state", lazy_gettext("State"), "chip"),
    Column("created", lazy_gettext("Entered"), "day", sortable=True),
)
KIND = Filter("kind", lazy_gettext("Organisation"), [(str(kind), label) for kind, label in KINDS.items()])
FILTERS = (
    Filter("role", lazy_gettext("Role"), [(str(role), label) for role, label in words.ROLES.items()]),
    Filter("state", lazy_gettext("State"), [(str(state), label) for state, label in STATES.items()]),
)

ENTRIES = 30
"""How much of an officer's history its page shows; the activity search has the rest."""


@bp.get("/officers")
@shows(*SEES)
def index(actor: Actor) -> ResponseReturnValue:
    """Show the officers whom the actor may read about."""
    own = not actor.may(Act.READ_OFFICERS) and not actor.may(Act.INVITE_MEMBER_ADMINS)
    filters = FILTERS if own else (KIND, *FILTERS)
    query = parse(COLUMNS, filters, sort="name")
    actions = [Link(gettext("Invite an officer"), url_for("officers.invite"))] if _may_invite(actor) else []
    if actor.may(Act.MANAGE_OFFICERS):
        actions.append(Link(gettext("Set up a small secretariat"), url_for("officers.staff")))
    return show_register(
        gettext("Officers"),
        COLUMNS,
        filters,
        query,
        _rows(actor, query),
        all_rows=lambda: _rows(actor, query.whole()),
        empty=Empty(
            gettext("Officers appear here as soon as they are invited."),
            gettext("Invite an officer") if _may_invite(actor) else "",
            url_for("officers.invite") if _may_invite(actor) else "",
        ),
        note=gettext("Who may log in, and with which roles."),
        actions=actions,
        search=gettext("Name, staff number or organisation"),
    )


@bp.get("/officers/by-ref/<path:ref>")
@shows()
def find(actor: Actor, ref: str) -> ResponseReturnValue:
    """Lead from an officer's name in the log to its page."""
    with the_hub().database.reading() as database:
        row = officers.get_visible(database, actor, get_by_ref(database, ref).id)
    return redirect(url_for("officers.show", id=row.id), HTTPStatus.SEE_OTHER)


@bp.get("/officers/<int:id>")
@shows()
def show(actor: Actor, id: int) -> ResponseReturnValue:
    """Show one officer."""
    hub = the_hub()
    now = hub.clock()
    with hub.database.reading() as database:
        row = officers.get_visible(database, actor, id)
        place = get_organisation(database, row.organisation)
        around = deputies.list_concerning(database, id, now)
        page = render_template(
            "officers/officer.html",
            title=row.name,
            officer=row,
            place=place,
            kind=KINDS[place.kind],
            chip=state_chip(row, now),
            links=_links(database, actor, row, now),
            invitation=invitations.find_running(database, id, now),
            held=grants.list_held(database, id, now),
            by=by,
            deputies=around,
            may_deputise=deputies.may_appoint(database, actor, row),
            people={
                each: get_officer(database, each) for pair in around for each in (pair.principal, pair.deputy)
            },
            sessions=[
                (each, sessions.runs(database, each, now)) for each in sessions.list_of(database, id, limit=5)
            ],
            entries=timeline(list_about(database, f"officer/{row.ref}", limit=ENTRIES), actor),
        )
    return make_response(page)


def timeline(rows: Sequence[LogRow], actor: Actor) -> list[TimelineEntry]:
    """Return log entries as a page shows them, each with the role that it is about."""
    href = entries.entry_page
    return [
        TimelineEntry(row.at, by(row.actor), entries.deed(row.kind), href(row, actor), _role(row))
        for row in rows
    ]


def _role(row: LogRow) -> Text:
    role = str(entries.facts_of(row).get("role"))
    return words.ROLES[Role(role)] if role in words.ROLES else ""


def _may_invite(actor: Actor) -> bool:
    return any(actor.may(act) for act in INVITES)


def _rows(actor: Actor, query: Query) -> Rows:
    hub = the_hub()
    asked = query.filters
    wanted = Wanted(
        text=query.text,
        organisation=request.args.get("organisation", ""),
        kind=OrganisationKind(asked["kind"]) if "kind" in asked else None,
        role=Role(asked["role"]) if "role" in asked else None,
        state=OfficerState(asked["state"]) if "state" in asked else None,
        sort=query.sort,
        descending=query.descending,
        offset=query.offset,
        limit=query.limit,
    )
    now = hub.clock()
    with hub.database.reading() as database:
        found, total = search.list_officers(database, actor, wanted, now)
    return Rows([officer_row(each, now) for each in found], total)


def officer_row(listed: Listed, now: datetime) -> dict[str, object]:
    """Return an officer as a register shows it."""
    officer = listed.officer
    acting = words.roles(listed.deputised)
    roles = words.roles(listed.roles)
    return {
        "href": url_for("officers.show", id=officer.id),
        "name": officer.name,
        "staff_number": officer.staff_number,
        "organisation": listed.organisation.name,
        "roles": gettext("%(roles)s; acting as %(acting)s", roles=roles, acting=acting) if acting else roles,
        "state": state_chip(officer, now),
        "created": officer.created_at,
    }


def _links(database: Session, actor: Actor, row: Officer, now: datetime) -> list[Link]:
    """Return what the actor may do about an officer now."""
    disabled, links = row.state is OfficerState.DISABLED, []
    manages = officers.may_manage(database, actor, row)
    if manages and not disabled:
        links.append(Link(gettext("Change roles"), url_for("officers.roles", id=row.id)))
    if officers.may_reinvite(database, actor, row, now) and not disabled:
        invited = row.state is OfficerState.INVITED
        label = gettext("Make a new link") if invited else gettext("Reset password and second factors")
        links.append(Link(label, url_for("officers.reset", id=row.id)))
    if manages and row.locked_until is not None and now < row.locked_until:
        links.append(Link(gettext("Unlock"), url_for("officers.unlock", id=row.id)))
    if manages and row.state is OfficerState.ACTIVE:
        links.append(Link(gettext("End the session"), url_for("officers.end_session", id=row.id)))
    if manages:
        links.append(
            Link(gettext("Enable again"), url_for("officers.enable", id=row.id))
            if disabled
            else Link(gettext("Disable"), url_for("officers.disable", id=row.id))
        )
    return links

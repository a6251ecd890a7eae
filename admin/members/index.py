"""The registers: members, applications, and members under one control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from admin import register
from admin.days import today
from admin.gate import shows, the_hub
from admin.members import words
from admin.members.family import application_page, bp, member_page, review
from admin.objects import Link
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.membership import register as lists
from alliance_hub.membership.checklist import MANUAL
from alliance_hub.membership.register import ApplicationLine, MemberLine
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

MEMBER_COLUMNS = (
    Column("name", lazy_gettext("Member"), sortable=True),
    Column("legal_name", lazy_gettext("Legal name"), sortable=True),
    Column("kind", lazy_gettext("Kind"), sortable=True),
    Column("group", lazy_gettext("Control group"), sortable=True),
    Column("standing", lazy_gettext("State"), "chip", sortable=True),
    Column("licence_until", lazy_gettext("Licence until"), "day", sortable=True),
    Column("declared_portfolio", lazy_gettext("Enrolled portfolio"), "number", sortable=True),
    Column("used", lazy_gettext("Asked today"), "number"),
    Column("quota", lazy_gettext("Daily quota"), "number"),
)
MEMBER_FILTERS = (
    Filter(
        "standing",
        lazy_gettext("State"),
        [(str(key), label) for key, (label, _tone) in words.STANDINGS.items()],
    ),
    Filter("kind", lazy_gettext("Kind"), [(str(key), label) for key, label in words.KINDS.items()]),
    Filter("group", lazy_gettext("Control group")),
)
APPLICATION_COLUMNS = (
    Column("id", lazy_gettext("Number"), sortable=True),
    Column("member", lazy_gettext("Member name"), sortable=True),
    Column("legal_name", lazy_gettext("Legal name")),
    Column("kind", lazy_gettext("Kind")),
    Column("state", lazy_gettext("State"), "chip", sortable=True),
    Column("ticked", lazy_gettext("Checked by officers")),
    Column("declared_portfolio", lazy_gettext("Declared portfolio"), "number"),
    Column("received_at", lazy_gettext("Received"), "instant", sortable=True),
    Column("changed_at", lazy_gettext("Last change"), "instant", sortable=True),
)
APPLICATION_FILTERS = (
    Filter(
        "state",
        lazy_gettext("State"),
        [(str(key), label) for key, (label, _tone) in words.APPLICATIONS.items()],
    ),
    Filter("kind", lazy_gettext("Kind"), [(str(key), label) for key, label in words.KINDS.items()]),
)


@bp.get("/members")
@shows(Act.READ_MEMBERS)
def index(actor: Actor) -> Response:
    """Show the register of members."""
    query = register.parse(MEMBER_COLUMNS, MEMBER_FILTERS, sort="name")
    return register.show(
        _("Members"),
        MEMBER_COLUMNS,
        MEMBER_FILTERS,
        query,
        _members(query),
        all_rows=lambda: _members(query.whole()),
        search=_("Name or social credit code"),
        empty=Empty(
            _("Firms that the alliance has admitted will stand here. Each begins with an application."),
            _("To the applications"),
            url_for("admissions.index"),
        ),
        actions=_ways(
            ("admissions.index", _("Applications")),
            ("members.groups", _("Members under one control")),
        ),
    )


@review.get("/applications", endpoint="index")
@shows(Act.READ_MEMBERS)
def applications_index(actor: Actor) -> Response:
    """Show the register of applications."""
    query = register.parse(APPLICATION_COLUMNS, APPLICATION_FILTERS, sort="received_at", descending=True)
    return register.show(
        _("Applications"),
        APPLICATION_COLUMNS,
        APPLICATION_FILTERS,
        query,
        _applications(query),
        all_rows=lambda: _applications(query.whole()),
        search=_("Name or social credit code"),
        empty=Empty(
            _(
                "Applications will stand here. Send firms the address of the public page, or let them run "
                "alliance-member apply."
            ),
            _("To the public page"),
            url_for("apply.show"),
        ),
        actions=_ways(("members.index", _("Members")), ("apply.show", _("Public page"))),
    )


@bp.get("/members/groups")
@shows(Act.READ_MEMBERS)
def groups(actor: Actor) -> str:
    """Show members under one control."""
    with the_hub().database.reading() as session:
        found = lists.list_groups(session)
    return render_template(
        "members/groups.html",
        title=_("Members under one control"),
        groups=found,
        page_of=member_page,
        back=url_for("members.index"),
    )


def _members(query: Query) -> Rows:
    hub = the_hub()
    found = _page(lists.list_members, query, today=today(hub.clock()))
    return Rows([_member_row(line) for line in found.lines], found.total)


def _applications(query: Query) -> Rows:
    found = _page(lists.list_applications, query)
    return Rows([_application_row(line) for line in found.lines], found.total)


def _page(listing: Callable[..., lists.Page], query: Query, **more: Any) -> lists.Page:
    with the_hub().database.reading() as session:
        return listing(
            session,
            query.filters,
            query.text,
            sort=query.sort,
            descending=query.descending,
            offset=query.offset,
            limit=query.limit,
            **more,
        )


def _member_row(line: MemberLine) -> dict[str, Any]:
    return {
        "href": member_page(line.name),
        "name": line.name,
        "legal_name": line.legal_name,
        "kind": None if line.kind is None else words.KINDS[line.kind],
        "group": line.group,
        "standing": words.standing_chip(line.standing),
        "licence_until": line.licence_until,
        "declared_portfolio": line.declared_portfolio,
        "used": line.used,
        "quota": line.quota,
    }


def _application_row(line: ApplicationLine) -> dict[str, Any]:
    return {
        "href": application_page(line.id),
        "id": str(line.id),
        "member": line.member,
        "legal_name": line.legal_name,
        "kind": words.KINDS[line.kind],
        "state": words.application_chip(line.state),
        "ticked": _("%(done)s of %(all)s", done=line.ticked, all=len(MANUAL)),
        "declared_portfolio": line.declared_portfolio,
        "received_at": line.received_at,
        "changed_at": line.changed_at,
    }


def _ways(*ways: tuple[str, str]) -> list[Link]:
    return [Link(label, url_for(endpoint)) for endpoint, label in ways]

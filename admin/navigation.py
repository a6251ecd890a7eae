"""The menu: what an officer may see, in four sections. Each page family adds its own line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString, lazy_gettext

from admin import office
from alliance_hub.approvals import register as approvals
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import FOUR_EYES, Act

LOG_OUT = "login.log_out"
"""The endpoint to which the frame posts when an officer leaves."""

WORK = lazy_gettext("Work")
REGISTERS = lazy_gettext("Registers")
ALLIANCE = lazy_gettext("Alliance")
MINE = lazy_gettext("My organisation")

SECTIONS = (WORK, REGISTERS, ALLIANCE, MINE)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu, shown to whoever may do one of the acts; with none named, to every officer."""

    section: LazyString
    endpoint: str
    label: LazyString
    acts: tuple[Act, ...] = ()
    count: Callable[[Actor], int] | None = None
    """How many things wait there for the officer; none says nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as one officer sees it."""

    label: LazyString
    href: str
    here: bool
    count: int = 0


def _waiting(actor: Actor) -> int:
    with office.the_hub().database.reading() as session:
        return approvals.count_waiting(session, actor, at=office.now())


NAVIGATION: tuple[Item, ...] = (
    Item(
        WORK,
        "dashboard.index",
        lazy_gettext("Overview"),
        (Act.VIEW_BUSINESS, Act.VIEW_SYSTEM, Act.WRITE_COMPLAINTS),
    ),
    Item(
        WORK, "approvals.index", lazy_gettext("Waiting for me"), (*FOUR_EYES, Act.DRAW_SAMPLE), count=_waiting
    ),
    Item(WORK, "clocks.index", lazy_gettext("Clocks running out")),
    Item(REGISTERS, "members.index", lazy_gettext("Members"), (Act.READ_MEMBERS,)),
    Item(REGISTERS, "admissions.index", lazy_gettext("Applications"), (Act.READ_MEMBERS,)),
    Item(REGISTERS, "agreement_pages.index", lazy_gettext("Data agreements"), (Act.READ_AGREEMENTS,)),
    Item(REGISTERS, "campaigns.index", lazy_gettext("Amendments of many"), (Act.READ_AGREEMENTS,)),
    Item(REGISTERS, "trying.index", lazy_gettext("Would this be allowed?"), (Act.READ_AGREEMENTS,)),
    Item(
        REGISTERS,
        "complaints.index",
        lazy_gettext("Complaints"),
        (Act.READ_COMPLAINTS, Act.WRITE_COMPLAINTS),
    ),
    Item(
        REGISTERS,
        "court_orders.index",
        lazy_gettext("Orders of courts"),
        (Act.PROPOSE_EXISTENCE, Act.APPROVE_EXISTENCE),
    ),
    Item(REGISTERS, "activity.index", lazy_gettext("Activity"), (Act.READ_ACTIVITY,)),
    Item(
        ALLIANCE,
        "log_pages.index",
        lazy_gettext("Transparency log"),
        (
            Act.READ_CUSTODIANS,
            Act.READ_ACTIVITY,
            Act.VIEW_SYSTEM,
            Act.PROPOSE_ERASURE,
            Act.APPROVE_ERASURE,
        ),
    ),
    Item(
        ALLIANCE,
        "custodians.index",
        lazy_gettext("Custodians and key set"),
        (Act.READ_CUSTODIANS, Act.VIEW_SYSTEM),
    ),
    Item(
        ALLIANCE,
        "officers.index",
        lazy_gettext("Officers"),
        (Act.READ_OFFICERS, Act.MANAGE_OFFICERS, Act.INVITE_MEMBER_ADMINS),
    ),
    Item(
        ALLIANCE,
        "organisations.index",
        lazy_gettext("Organisations"),
        (Act.READ_OFFICERS, Act.MANAGE_OFFICERS, Act.READ_MEMBERS),
    ),
    Item(
        ALLIANCE,
        "inspection.index",
        lazy_gettext("Inspection"),
        (Act.DRAW_SAMPLE, Act.PROPOSE_INSPECTION, Act.APPROVE_INSPECTION),
    ),
    Item(ALLIANCE, "settings.index", lazy_gettext("Settings"), (Act.READ_SETTINGS,)),
    Item(MINE, "mine.index", lazy_gettext("What waits for us"), (Act.READ_OWN,)),
    Item(MINE, "mine_agreements.index", lazy_gettext("Our agreements"), (Act.READ_OWN,)),
    Item(MINE, "mine_trying.index", lazy_gettext("Would this be allowed?"), (Act.READ_OWN,)),
    Item(MINE, "mine_submissions.index", lazy_gettext("Our submissions"), (Act.READ_OWN_SUBMISSIONS,)),
    Item(MINE, "mine_matches.index", lazy_gettext("Our matches"), (Act.READ_OWN_MATCHES,)),
    Item(MINE, "mine_quota.index", lazy_gettext("Our quota"), (Act.READ_OWN,)),
    Item(MINE, "mine_keys.index", lazy_gettext("Our keys"), (Act.READ_OWN,)),
    Item(MINE, "matters.index", lazy_gettext("Our matters"), (Act.READ_OWN_MATTERS,)),
    Item(MINE, "matters.index", lazy_gettext("My matters"), (Act.READ_MATTERS,)),
    Item(
        MINE,
        "court_tools.index",
        lazy_gettext("Tools for the court"),
        (Act.READ_OWN_MATTERS, Act.READ_MATTERS),
    ),
    Item(MINE, "officers.index", lazy_gettext("Our officers"), (Act.MANAGE_OWN_OFFICERS,)),
    Item(MINE, "members.own_exit", lazy_gettext("Leaving the alliance"), (Act.MANAGE_OWN_OFFICERS,)),
    Item(MINE, "my_account.show", lazy_gettext("My account")),
)


_KEY = "console_menu"


def install(app: Flask, items: Sequence[Item]) -> None:
    """Let these lines be the menu of `app`."""
    app.extensions[_KEY] = items


def menu(actor: Actor | None) -> list[tuple[LazyString, list[Entry]]]:
    """Return the sections that are not empty for this officer, each with its lines."""
    if actor is None:
        return []
    seen = [item for item in current_app.extensions[_KEY] if _is_for(item, actor)]
    here = _here(seen)
    found = [
        (
            section,
            [
                Entry(item.label, url_for(item.endpoint), item is here, _count(item, actor))
                for item in seen
                if item.section is section
            ],
        )
        for section in SECTIONS
    ]
    return [(section, entries) for section, entries in found if entries]


def log_out() -> str:
    """Return where the frame posts to log out, or nothing before the login's pages are there."""
    return url_for(LOG_OUT) if LOG_OUT in current_app.view_functions else ""


def _count(item: Item, actor: Actor) -> int:
    return 0 if item.count is None else item.count(actor)


def _is_for(item: Item, actor: Actor) -> bool:
    return not item.acts or any(actor.may(act) for act in item.acts)


def _here(items: Sequence[Item]) -> Item | None:
    """Return the line whose page this is, or else the first of the same family."""
    exact = [item for item in items if item.endpoint == request.endpoint]
    family = [item for item in items if item.endpoint.partition(".")[0] == request.blueprint]
    return next(iter(exact + family), None)

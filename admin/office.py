"""The hub behind the pages, for the request under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g, request

from admin.groups import in_groups
from alliance_hub.app import EXTENSION
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.transparency import checkpoints

ROOT = "/console"


def the_hub() -> Hub:
    """Return the hub whose pages these are."""
    hub: Hub = current_app.extensions[EXTENSION]
    return hub


def now() -> datetime:
    """Return the instant now, by the hub's clock."""
    return the_hub().clock()


def find_actor() -> Actor | None:
    """Return the officer who asks, or None on a public page."""
    actor: Actor | None = g.get("actor")
    return actor


def is_console() -> bool:
    """Say whether the request is for a page of the console, found or not."""
    return request.path == ROOT or request.path.startswith(f"{ROOT}/")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the log stood when a register was printed: a checkpoint, and which custodians cosigned it."""

    size: int
    root: str
    at: datetime
    custodians: tuple[int, ...]
    counts: bool


def log_stand() -> Stand | None:
    """Return the newest checkpoint that counts, else the newest at all; None before the first."""
    hub = the_hub()
    with hub.database.reading() as session:
        counted = checkpoints.newest_counted_shown(session, hub.key_set)
        shown = counted or checkpoints.newest(session)
    if shown is None:
        return None
    return Stand(shown.size, in_groups(shown.root), shown.at, tuple(shown.custodians), counted is not None)

"""The hub behind the pages, for the request under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g, request

from alliance_hub.app import EXTENSION
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.transparency.search import Search, search
from privacy.encoding import b64

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
class NewestEntry:
    """Where the log stood when a register was printed."""

    number: int
    leaf: str
    at: datetime


def newest_entry() -> NewestEntry | None:
    """Return the log's newest entry, or None while it is empty."""
    with the_hub().database.reading() as session:
        found = search(session, Search(), limit=1).entries
    return NewestEntry(found[0].id, b64(found[0].leaf), found[0].at) if found else None

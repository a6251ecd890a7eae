"""The family's blueprint, and whose matters they are: one's own member's, or those one was appointed to."""

from __future__ import annotations

from flask import Blueprint, url_for

from admin import office
from alliance_hub.matters import service as matters
from alliance_hub.matters.shown import MatterShown
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

bp = Blueprint("matters", __name__, url_prefix="/matters")

READS = (Act.READ_MATTERS, Act.READ_OWN_MATTERS)
"""A matter's lawyers, and its member's officers."""


def get(actor: Actor, id: int) -> MatterShown:
    """Return a matter that the officer may see; a lawyer's first look of a day is logged. Raises NotFound."""
    hub = office.the_hub()
    # Of the member's own people no look is logged: their pages wait for nobody who writes.
    begin = hub.database.transaction if is_lawyer(actor) else hub.database.reading
    with begin() as session:
        return matters.get_for(session, hub, actor, id, office.now())


def page_of(id: int) -> str:
    """Return the address of a matter's page."""
    return url_for("matters.show", id=id)


def is_lawyer(actor: Actor) -> bool:
    """Say whether the officer sees matters as a lawyer."""
    return actor.may(Act.READ_MATTERS)

"""Whose pages these are: the member that the officer works for, and no other."""

from __future__ import annotations

from flask import abort, url_for
from sqlalchemy.orm import Session
from werkzeug.utils import redirect

from alliance_hub.errors import NotFound
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.people.actor import Actor


def name(actor: Actor) -> str:
    """Return the member's name; raises NotFound for officers of the association and of law firms."""
    if actor.member is None:
        raise NotFound("these pages are for members")
    return actor.member


def member(session: Session, actor: Actor) -> Member:
    """Return the officer's own member; before it has introduced its keys, lead to the page that says how."""
    try:
        return membership.get(session, name(actor))
    except NotFound:
        abort(redirect(url_for("mine.index"), 303))

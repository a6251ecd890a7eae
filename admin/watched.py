"""Each view of an inspector is a log entry, written before the page is handed out.

A page that could not be logged is not shown: an inspector reads every register, and what it looked at is
known afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, request

from admin import office
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.transparency import service as transparency

VIEWED = "inspector_viewed"

_OBJECTS: Mapping[str, str] = {
    "agreements": "agreement",
    "applications": "application",
    "approvals": "proposal",
    "complaints": "complaint",
    "members": "member",
    "officers": "officer",
    "settings": "parameter",
}
"""By the blueprint's name: what its pages are about, by the first name in their address."""


def install(app: Flask) -> None:
    """Look at every answer of the console before it is handed out."""
    app.after_request(_look)


def _look(response: Response) -> Response:
    actor = office.find_actor() if office.is_console() else None
    shown = request.method == "GET" and response.status_code == HTTPStatus.OK
    if actor is not None and shown and request.endpoint != "console.static" and _is_inspector(actor):
        inspector_viewed(actor)
    return response


def inspector_viewed(actor: Actor) -> None:
    """Write that an inspector saw the page of this request, and in which form."""
    hub = office.the_hub()
    facts = {"route": str(request.url_rule), "form": _form()}
    with hub.database.transaction() as session:
        transparency.record_act(session, actor, VIEWED, object=_object(), facts=facts, now=hub.clock())


def _is_inspector(actor: Actor) -> bool:
    return Role.INSPECTOR in actor.roles or Role.INSPECTOR in actor.deputised


def _object() -> str:
    kind = _OBJECTS.get((request.blueprint or "").partition(".")[0])
    name = next(iter((request.view_args or {}).values()), None)
    if kind is None or name is None:
        return f"page{request.path.removeprefix(office.ROOT)}"
    return f"{kind}/{name}"


def _form() -> str:
    if request.args.get("format"):
        return "file"
    return "paper" if "print" in request.args else "page"

"""The transparency log on one page: how far it is, who cosigned what, and what an authority stamped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext, lazy_gettext

from admin import office
from admin.files import as_file
from admin.gate import shows
from admin.groups import in_groups
from admin.log import cosigners, words
from admin.log.blueprint import bp
from admin.objects import Link
from admin.register import Column, Empty
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import anchoring, checkpoints, state
from alliance_hub.transparency.checkpoints import Shown
from alliance_hub.transparency.models import AnchorRow
from privacy.checkpoint import log_origin

SEEN_BY = (Act.READ_CUSTODIANS, Act.READ_ACTIVITY, Act.VIEW_SYSTEM, Act.PROPOSE_ERASURE, Act.APPROVE_ERASURE)

ANCHORS = 10

ANCHOR_COLUMNS = (
    Column("size", lazy_gettext("Size"), "number"),
    Column("at", lazy_gettext("Stamped"), "instant"),
    Column("authority", lazy_gettext("Authority")),
    Column("text", lazy_gettext("What was stamped"), "link"),
    Column("token", lazy_gettext("Time stamp"), "link"),
)
EMPTY = Empty(
    lazy_gettext(
        "No checkpoint has been signed yet. The first follows the first entry within seconds, and the "
        "custodians cosign it when they fetch the feed."
    )
)


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint as the page shows it; the root is hex, in groups."""

    size: int
    at: datetime
    root: str


@bp.get("")
@shows(*SEEN_BY)
def index(actor: Actor) -> str:
    """Show the log."""
    hub, now = office.the_hub(), office.now()
    key_set = hub.key_set
    with hub.database.reading() as session:
        health = state.health(session, hub, now)
        shown = checkpoints.list_newest(session, cosigners.NEWEST + 1)
        counted = checkpoints.newest_counted_shown(session, key_set)
        anchors = anchoring.list_newest(session, ANCHORS)
    return render_template(
        "log/log.html",
        title=gettext("Transparency log"),
        health=health,
        warnings=words.warnings(health),
        newest=_head(shown[0]) if shown else None,
        counted=None if counted is None else _head(counted),
        origin=log_origin(key_set),
        custodians=key_set.count,
        threshold=key_set.threshold,
        columns=cosigners.columns(key_set.count),
        rows=cosigners.rows(shown, key_set, offered=health.offered or 0, now=now),
        empty=EMPTY,
        anchor_columns=ANCHOR_COLUMNS,
        anchors=[_anchor(each) for each in anchors],
        authority=hub.settings.timestamp_url,
        acts=_acts(actor),
    )


@bp.get("/checkpoint.txt")
@shows(*SEEN_BY)
def note(actor: Actor) -> Response:
    """Hand out the newest checkpoint as a signed note; with `counted`, the newest that counts."""
    hub = office.the_hub()
    with hub.database.reading() as session:
        counted = "counted" in request.args
        shown = (
            checkpoints.newest_counted_shown(session, hub.key_set) if counted else checkpoints.newest(session)
        )
    if shown is None:
        abort(404)
    return as_file(shown.note.text(), f"checkpoint-{shown.size}.txt", "text/plain")


@bp.get("/anchors/<int:size>.txt")
@shows(*SEEN_BY)
def stamped(actor: Actor, size: int) -> Response:
    """Hand out the very bytes that the authority stamped: the checkpoint without signatures."""
    with office.the_hub().database.reading() as session:
        shown = checkpoints.find(session, size)
    if shown is None:
        abort(404)
    return as_file(shown.note.checkpoint.text(), f"checkpoint-{size}.txt", "text/plain")


@bp.get("/anchors/<int:size>.tsr")
@shows(*SEEN_BY)
def token(actor: Actor, size: int) -> Response:
    """Hand out the authority's answer as it came (RFC 3161)."""
    with office.the_hub().database.reading() as session:
        row = anchoring.find(session, size)
    if row is None:
        abort(404)
    return as_file(row.token, f"checkpoint-{size}.tsr", "application/timestamp-reply")


def _head(shown: Shown) -> Head:
    return Head(shown.size, shown.at, in_groups(shown.root))


def _anchor(row: AnchorRow) -> dict[str, object]:
    size = row.size
    return {
        "size": size,
        "at": row.at,
        "authority": row.authority,
        "text": Link(f"checkpoint-{size}.txt", url_for("log_pages.stamped", size=size)),
        "token": Link(f"checkpoint-{size}.tsr", url_for("log_pages.token", size=size)),
    }


def _acts(actor: Actor) -> list[Link]:
    if not actor.may(Act.PROPOSE_ERASURE):
        return []
    return [Link(gettext("Propose to erase an entry"), url_for("log_pages.erase"))]

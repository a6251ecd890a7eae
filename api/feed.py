"""The feed, as custodians copy it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec
from apiflask import APIBlueprint
from flask import Response

from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.permissions import Permission
from api import answers
from api.openapi import describe
from api.paging import FeedPage
from api.signatures import Caller, allows, the_hub

bp = APIBlueprint("feed", __name__, tag="Feed")


@bp.get("/feed")
@describe(bp, answers={200: None}, refuses=(403, 410, 422))
@allows(Permission.PULL_FEED)
@bp.input(FeedPage, location="query")
def show(caller: Caller, query_data: FeedPage) -> Response:
    """Pull the feed.

    For custodians. Up to `limit` lines `{"entry": FeedEntry}` behind position `after`, in order, and a last
    line `{"heartbeat": SignedHead}`: the head at the feed's very end, signed now. 410 `forgotten` behind a
    position from which the records of chunks are erased: start from a checkpoint of a fellow custodian.
    """
    lines = _lines(the_hub(), query_data)
    # The first line is made here, so that a refusal still has a status of its own.
    return answers.lines(chain([next(lines)], lines))


def _lines(hub: Hub, page: FeedPage) -> Iterator[bytes]:
    with hub.database.reading() as session:
        feed.require_remembered(session, page.after)
        yield from feed.stream_after(session, page.after, page.limit)
        heartbeat = feed.heartbeat(session, hub, hub.clock())
    yield b'{"heartbeat":' + msgspec.json.encode(heartbeat) + b"}\n"

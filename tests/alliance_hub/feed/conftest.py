"""A custodian that signs the newest cut, or whatever else it is told to say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub
from alliance_hub.permissions import Sender
from privacy.encoding import b64
from privacy.statements import AnyBody, CutSignature
from tests.alliance_hub.builders import Clock, Speaker, seed

Hear = Callable[[int, AnyBody], FeedRow]
Sign = Callable[..., FeedRow]


@pytest.fixture
def hear(session: Session, hub: Hub, custodians: list[Speaker], clock: Clock) -> Hear:
    """Append what a custodian says."""

    def heard(index: int, body: AnyBody) -> FeedRow:
        witness = custodians[index - 1]
        statement = witness.say(body)
        row = feed.receive(session, hub, statement, sender=Sender.for_custodian(index), now=clock())
        witness.said(statement)
        return row

    return heard


@pytest.fixture
def sign(session: Session, hear: Hear) -> Sign:
    """Let a custodian sign the newest cut, with some of the facts changed."""

    def signed(index: int, **changes: object) -> FeedRow:
        cut = feed.newest_cut(session)
        assert cut is not None
        facts: dict[str, object] = {
            "period": cut.period,
            "position": cut.position,
            "head": b64(cut.head),
            "state_digest": b64(seed("state")),
        }
        return hear(index, CutSignature(**(facts | changes)))  # type: ignore[arg-type]

    return signed


@pytest.fixture
def cut_all(session: Session, hub: Hub, clock: Clock, sign: Sign) -> Callable[[], FeedRow]:
    """Begin a period that all custodians sign."""

    def cut() -> FeedRow:
        row = feed.cut(session, hub, clock())
        for index in (1, 2, 3):
            sign(index)
        return row

    return cut

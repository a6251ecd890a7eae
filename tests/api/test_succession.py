"""An epoch that has ended: everybody hears where it goes on, and nothing is taken any more."""

from __future__ import annotations

import pytest
from flask import Flask

from alliance_hub.feed import service as feed
from privacy.encoding import b64
from privacy.keyset import SignedKeySet, verify_succession
from privacy.messages import parse
from privacy.statements import Settlement
from tests.alliance_hub.builders import Platform, final_head, succeed
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.records.builders import Body, record_of, reference_of, sign_chunk
from tests.api.asking import Asker, problem


@pytest.fixture
def ended(story: Story) -> SignedKeySet:
    """The successor of the told alliance."""
    hub, ceremony = story.hub, story.alliance.ceremony
    with hub.database.transaction() as session:
        head = feed.head(session)
        named = final_head(hub.key_set, position=head.position, head=head.root, period="2026-11")
        successor = succeed(ceremony, named).signed
        feed.set_successor(session, hub, successor, "https://next.example", now=story.clock())
    return successor


def test_anybody_hears_where_it_goes_on(app: Flask, story: Story, ended: SignedKeySet) -> None:
    shown = app.test_client().get("/v1/alliance").json
    assert shown is not None
    assert shown["successor"]["address"] == "https://next.example"
    heard = parse(SignedKeySet, shown["successor"]["key_set"])
    assert heard == ended
    verify_succession(story.hub.signed_key_set, heard)


def test_while_it_goes_on_there_is_none(app: Flask) -> None:
    shown = app.test_client().get("/v1/alliance").json
    assert shown is not None
    assert shown["successor"] is None


@pytest.mark.usefixtures("ended")
def test_nothing_is_taken_any_more(story: Story, as_north: Asker, north: Platform) -> None:
    settled = north.say(Settlement(contract_ref=b64(reference_of("North/Lin/1"))))
    assert problem(as_north.post("/v1/statements", settled)) == (409, "closed")
    key_set = story.hub.key_set
    body = bytes(Body(story.hub, "october-2026", [sign_chunk(north, key_set, [record_of(key_set, "c1")])]))
    response = as_north.post("/v1/submissions", body, Idempotency_Key="october-2026")
    assert problem(response) == (409, "closed")
    assert as_north.get("/v1/account").status_code == 200

"""What custodians signed for all members: cuts, and commitments to the cohorts that they opened."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from flask import Flask

from alliance_hub.feed import service as feed
from alliance_hub.membership import service as membership
from privacy import merkle
from privacy.encoding import b64, canonical, unb64
from privacy.messages import parse
from privacy.statements import Cohorts, CutSignature, SignedStatement, verify_statement
from tests.alliance_hub.builders import Clock, Platform, platform, seed
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker, problem


@pytest.fixture
def commitment(story: Story, as_custodian: Asker, clock: Clock) -> int:
    """Where custodian 1 commits to November's cohorts, now that December's cut is effective."""
    clock.move(days=30)
    assert story.cut() == "2026-12"
    speaker = story.alliance.custodians[0]
    signed = speaker.say(Cohorts(period="2026-11", root=b64(seed("root")), size=3))
    taken = as_custodian.post("/v1/statements", speaker.said(signed))
    assert taken.status_code == 201
    assert taken.json is not None
    return int(taken.json["position"])


def read(asker: Asker, path: str) -> Any:
    response = asker.get(path)
    assert response.status_code == 200, response.text
    return response.json


def test_a_cut_shows_what_every_custodian_signed(story: Story, as_south: Asker) -> None:
    shown = read(as_south, "/v1/cuts/2026-11")
    with story.hub.database.reading() as session:
        cut = feed.newest_cut(session)
    assert cut is not None
    assert (shown["period"], shown["position"], shown["head"]) == ("2026-11", cut.position, b64(cut.head))
    assert shown["stamp"] == "2026-11-01T18:00:00Z"
    positions = [cut.position + index for index in (1, 2, 3)]
    assert [each["position"] for each in shown["signatures"]] == positions
    for index, each in enumerate(shown["signatures"], 1):
        signed = parse(SignedStatement, each["statement"])
        verify_statement(signed, story.hub.key_set.witness(index))
        assert isinstance(signed.statement.body, CutSignature)
        assert (signed.statement.body.period, signed.statement.body.head) == ("2026-11", shown["head"])


def test_a_cut_that_waits_shows_who_has_signed(story: Story, as_north: Asker, clock: Clock) -> None:
    clock.move(days=30)
    with story.hub.database.transaction() as session:
        feed.cut(session, story.hub, clock())
    assert read(as_north, "/v1/cuts/2026-12")["signatures"] == []


def test_a_commitment_is_shown_with_its_log_entry(story: Story, as_south: Asker, commitment: int) -> None:
    shown = read(as_south, f"/v1/cohorts/{commitment}")
    signed = parse(SignedStatement, shown["statement"])
    verify_statement(signed, story.hub.key_set.witness(1))
    assert signed.statement.body == Cohorts(period="2026-11", root=b64(seed("root")), size=3)
    assert (shown["position"], shown["stamp"]) == (commitment, "2026-12-01T18:00:00Z")
    receipt = shown["receipt"]
    salted = unb64(receipt["salt"]) + canonical(receipt["entry"])
    assert receipt["leaf"] == b64(merkle.leaf_hash(hashlib.sha256(salted).digest()))
    assert (receipt["entry"]["type"], receipt["entry"]["digest"]) == ("cohorts", b64(signed.digest()))


@pytest.mark.parametrize(
    "path",
    ["/v1/cuts/2027-01", "/v1/cuts/nonsense", "/v1/cohorts/1", "/v1/cohorts/9999", f"/v1/cohorts/{2**80}"],
)
@pytest.mark.usefixtures("commitment")
def test_what_is_not_there_and_what_is_not_told_look_alike(as_north: Asker, path: str) -> None:
    """Position 1 is another's enrolment: no word of it."""
    assert problem(as_north.get(path)) == (404, "not-found")


def test_an_applicant_reads_nothing_of_it(app: Flask, story: Story, clock: Clock) -> None:
    stranger = platform("Stranger", clock)
    with story.hub.database.transaction() as session:
        membership.apply(session, story.hub, stranger.say(stranger.enrolment()), clock())
    asker = Asker(app, stranger.key, clock)
    for path in ("/v1/cuts/2026-11", "/v1/cohorts/1"):
        assert problem(asker.get(path)) == (403, "not-active")


def test_a_suspended_member_reads_on(story: Story, as_north: Asker, north: Platform, clock: Clock) -> None:
    """Its records still stand in cohorts."""
    with story.hub.database.transaction() as session:
        membership.suspend(session, story.hub, north.name, clock())
    assert read(as_north, "/v1/cuts/2026-11")["period"] == "2026-11"


def test_custodians_have_the_feed_for_it(as_custodian: Asker) -> None:
    assert problem(as_custodian.get("/v1/cuts/2026-11")) == (403, "forbidden")


# Forgetting, as a custodian meets it


@pytest.mark.usefixtures("commitment")
def test_the_feed_is_pulled_from_the_earlier_cut_on(story: Story, as_custodian: Asker) -> None:
    with story.hub.database.reading() as session:
        first = feed.get_cut(session, "2026-11").position
    response = as_custodian.get("/v1/feed?after=0")
    assert problem(response) == (410, "forgotten")
    assert response.json is not None
    assert response.json["position"] == first
    assert "checkpoint of a fellow custodian" in response.json["detail"]
    lines = as_custodian.get(f"/v1/feed?after={first}").data.splitlines()
    assert msgspec.json.decode(lines[0])["entry"]["position"] == first + 1
    assert "heartbeat" in msgspec.json.decode(lines[-1])

"""A lender's whole way through the API, from a stranger to an answer; each step is one request."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Flask
from werkzeug.test import TestResponse

from alliance_hub.feed import service as feed
from alliance_hub.jobs import service as jobs
from alliance_hub.membership import service as membership
from alliance_hub.records.models import Submission
from privacy.answers import SignedMatchAnswer, verify_answer
from privacy.encoding import b64
from privacy.feed import FeedEntry, SignedHead, verify_head
from privacy.merkle import root
from privacy.messages import parse
from privacy.statements import Acceptance, CutSignature, Settlement
from privacy.terms import sign_terms
from tests.alliance_hub.builders import offer, platform, seed, terms_for
from tests.alliance_hub.matching.story import ALL, Story
from tests.alliance_hub.records.builders import Body, record_of, reference_of, sign_chunk
from tests.api.asking import Asker


def ok(response: TestResponse, status: int = 200) -> Any:
    """Return what an answer says, having checked that it is none of the other kind."""
    assert response.status_code == status, response.text
    assert response.headers["Alliance-Mode"] == "synthetic"
    assert response.headers["Cache-Control"] == "no-store"
    return response.json


def test_from_stranger_to_answer(empty_app: Flask, empty_story: Story) -> None:
    app, story, clock, hub = empty_app, empty_story, empty_story.clock, empty_story.hub
    alliance = ok(app.test_client().get("/v1/alliance"))
    assert (alliance["mode"], alliance["feed"], alliance["period"]) == ("synthetic", {"position": 0}, None)
    assert [each["index"] for each in alliance["custodians"]] == [1, 2, 3]

    # It introduces itself, twice, because the first answer got lost.
    lender = platform("北岸消费金融", clock)
    asker = Asker(app, lender.key, clock)
    for _ in range(2):
        enrolled = ok(asker.post("/v1/enrolments", lender.say(lender.enrolment())), 202)
        assert (enrolled["member"], enrolled["state"]) == (lender.name, "applied")
    assert ok(asker.get("/v1/account"))["next_sequence"] == 0

    # The secretariat admits it, and two custodians accept it.
    with hub.database.transaction() as session:
        digest = membership.admit(session, hub, lender.name, clock()).enrolment_digest
    assert digest is not None
    lender.sequence, lender.previous = 1, digest
    witnesses = [Asker(app, speaker.key, clock) for speaker in story.alliance.custodians]
    for speaker, witness in zip(story.alliance.custodians[:2], witnesses, strict=False):
        signed = speaker.said(speaker.say(Acceptance(enrolment=b64(digest))))
        ok(witness.post("/v1/statements", signed), 201)
    account = ok(asker.get("/v1/account"))
    assert (account["state"], account["acceptances"]) == ("active", [1, 2])
    assert (account["next_sequence"], account["previous"]) == (1, b64(digest))

    # It signs the agreement that it is offered.
    terms = terms_for(lender.name, clock(), categories=ALL)
    with hub.database.transaction() as session:
        offer(session, hub, terms, clock())
    (offered,) = ok(asker.get("/v1/agreements"))["agreements"]
    assert (offered["state"], offered["signed_at"]) == ("offered", None)
    signature = {"agreement": "data-0001", "version": 1, "signature": sign_terms(lender.key, terms)}
    for _ in range(2):
        assert ok(asker.post("/v1/agreements/signatures", signature), 201)["position"] == 4
    assert ok(asker.get("/v1/account"))["agreements"][0]["state"] == "active"

    # It hands in two contracts, twice again, and follows what becomes of them.
    records = [record_of(hub.key_set, contract, "Lin") for contract in ("A-1", "A-2")]
    body = bytes(Body(hub, "october-2026", [sign_chunk(lender, hub.key_set, records)]))
    taken = [ok(asker.post("/v1/submissions", body, Idempotency_Key="october-2026"), 202) for _ in range(2)]
    assert taken[0] == taken[1]
    path = f"/v1/submissions/{taken[0]['id']}"
    assert ok(asker.get(path))["state"] == "received"
    with hub.database.reading() as session:
        jobs.run(hub, session.get_one(Submission, taken[0]["id"]).job)
    shown = ok(asker.get(path))
    assert (shown["state"], shown["rows"], shown["accepted"], shown["refused"]) == ("done", 2, 2, 0)
    assert shown["chunks"] == [{"sequence": 1, "state": "appended", "position": 5, "reason": None}]
    assert ok(asker.get("/v1/submissions?limit=1")) == {"submissions": [shown], "next": shown["id"]}
    assert ok(asker.get(f"/v1/submissions?after={shown['id']}")) == {"submissions": [], "next": None}
    assert ok(asker.get(f"{path}/rows")) == {"rows": [], "next": None}

    # One is paid.
    settled = lender.say(Settlement(contract_ref=b64(reference_of("A-2"))))
    first = ok(asker.post("/v1/statements", lender.said(settled)), 201)
    assert ok(asker.post("/v1/statements", settled), 200) == first
    statements = ok(asker.get("/v1/statements?after=0&limit=1"))
    assert [each["type"] for each in statements["statements"]] == ["chunk"]
    rest = ok(asker.get(f"/v1/statements?after={statements['next']}"))
    assert [each["digest"] for each in rest["statements"]] == [b64(settled.digest())]
    assert rest["next"] is None

    # The period begins, and takes effect when the third custodian has signed.
    with hub.database.transaction() as session:
        feed.cut(session, hub, clock())
        cut = feed.newest_cut(session)
    assert cut is not None
    confirmed = CutSignature(
        period=cut.period, position=cut.position, head=b64(cut.head), state_digest=b64(seed("state"))
    )
    for speaker, witness in zip(story.alliance.custodians, witnesses, strict=True):
        assert ok(app.test_client().get("/v1/alliance"))["period"] is None
        ok(witness.post("/v1/statements", speaker.said(speaker.say(confirmed))), 201)
    account = ok(asker.get("/v1/account"))
    assert account["cut"]["effective"]
    assert (account["cut"]["signatures"], account["cut"]["live_records"]) == ([1, 2, 3], 1)
    assert ok(app.test_client().get("/v1/alliance"))["period"] == "2026-11"

    # It asks about the other.
    story.know(lender)
    request = story.request(lender, "Lin", agreement="data-0001")
    answer = parse(SignedMatchAnswer, ok(asker.post("/v1/matches", request)))
    verify_answer(answer, hub.key_set.hub_key)
    assert len(story.openings(lender, answer)) == 2
    (third,) = {1, 2, 3} - {sealed.custodian for sealed in answer.answer.openings}
    further = ok(asker.post("/v1/matches/request-0001/openings", {"custodian": third}))
    assert further["custodian"] == third

    # A custodian copies all of it, page by page, and finds the head that the hub has signed.
    entries = [entry for after in (0, 4, 8) for entry in pull(witnesses[0], after, 4)[0]]
    assert [entry.position for entry in entries] == list(range(1, 11))
    _, heartbeat = pull(witnesses[0], 10, 4)
    verify_head(heartbeat, hub.key_set.hub_key)
    assert heartbeat.head.position == 10
    assert heartbeat.head.head == b64(root(entry.leaf() for entry in entries))


def pull(witness: Asker, after: int, limit: int) -> tuple[list[FeedEntry], SignedHead]:
    """Return the entries of one page of the feed, and the heartbeat behind them."""
    response = witness.get(f"/v1/feed?after={after}&limit={limit}")
    assert (response.status_code, response.mimetype) == (200, "application/x-ndjson")
    *lines, last = (msgspec.json.decode(line) for line in response.data.splitlines())
    return [parse(FeedEntry, line["entry"]) for line in lines], parse(SignedHead, last["heartbeat"])

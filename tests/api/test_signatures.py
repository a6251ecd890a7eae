"""Who may ask: one row for each way in which a request does not show who sends it, or may not."""

from __future__ import annotations

import pytest
from flask import Flask

from privacy.encoding import b64
from privacy.signing import SigningKey
from privacy.statements import Rotation
from tests.alliance_hub.builders import Clock, Platform, seed
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker, problem

ACCOUNT = "/v1/account"
UNAUTHENTICATED = (401, "unauthenticated")


def test_a_signed_request_is_answered_once(app: Flask, as_north: Asker) -> None:
    client, headers = app.test_client(), as_north.headers("GET", ACCOUNT)
    assert client.get(ACCOUNT, headers=headers).status_code == 200
    assert problem(client.get(ACCOUNT, headers=headers)) == (401, "replayed-nonce")


def test_without_a_signature(app: Flask) -> None:
    response = app.test_client().get(ACCOUNT)
    assert problem(response) == UNAUTHENTICATED
    assert response.headers["WWW-Authenticate"].startswith("Signature")


def test_a_body_that_was_changed(app: Flask, as_north: Asker) -> None:
    headers = as_north.headers("POST", "/v1/statements", b'{"a": 1}')
    assert (
        problem(app.test_client().post("/v1/statements", data=b'{"a": 2}', headers=headers))
        == UNAUTHENTICATED
    )


def test_a_body_that_was_added(app: Flask, as_north: Asker) -> None:
    headers = as_north.headers("GET", ACCOUNT)
    response = app.test_client().get(ACCOUNT, data=b"more", headers=headers)
    assert problem(response) in {UNAUTHENTICATED, (413, "too-large")}


def test_another_digest_than_the_signed_one(app: Flask, as_north: Asker) -> None:
    signed, other = as_north.headers("POST", "/v1/statements", b"{}"), as_north.headers("POST", "/x", b"[]")
    headers = signed | {"Content-Digest": other["Content-Digest"]}
    response = app.test_client().post("/v1/statements", data=b"[]", headers=headers)
    assert problem(response) == UNAUTHENTICATED


@pytest.mark.parametrize(
    "path", ["/v1/agreements", "/v1/account?after=1"], ids=["another path", "a query that was added"]
)
def test_a_request_that_was_made_for_another_address(app: Flask, as_north: Asker, path: str) -> None:
    response = app.test_client().get(path, headers=as_north.headers("GET", ACCOUNT))
    assert problem(response) == UNAUTHENTICATED


def test_a_request_that_was_made_for_another_server(app: Flask, as_north: Asker) -> None:
    elsewhere = as_north.headers("GET", ACCOUNT, base_url="http://elsewhere:8400")
    response = app.test_client().get(ACCOUNT, headers=elsewhere | {"Host": "elsewhere:8400"})
    assert problem(response) == UNAUTHENTICATED


@pytest.mark.parametrize(("seconds", "status"), [(300, 200), (301, 401), (-300, 200), (-301, 401)])
def test_the_signatures_age(app: Flask, as_north: Asker, clock: Clock, seconds: int, status: int) -> None:
    headers = as_north.headers("GET", ACCOUNT)
    clock.move(seconds=seconds)
    assert app.test_client().get(ACCOUNT, headers=headers).status_code == status


def test_an_unknown_key(app: Flask, clock: Clock) -> None:
    stranger = Asker(app, SigningKey(seed("stranger")), clock)
    assert problem(stranger.get(ACCOUNT)) == UNAUTHENTICATED


def test_another_members_key_id(app: Flask, as_north: Asker, as_south: Asker) -> None:
    north, south = as_north.headers("GET", ACCOUNT), as_south.headers("GET", ACCOUNT)
    mixed = north | {"Signature-Input": south["Signature-Input"]}
    assert problem(app.test_client().get(ACCOUNT, headers=mixed)) == UNAUTHENTICATED


def test_members_and_custodians_have_doors_of_their_own(as_north: Asker, as_custodian: Asker) -> None:
    assert problem(as_north.get("/v1/feed")) == (403, "forbidden")
    assert problem(as_custodian.get(ACCOUNT)) == (403, "forbidden")


def test_a_member_that_is_not_active_submits_and_asks_nothing(app: Flask, story: Story, clock: Clock) -> None:
    newcomer = story.alliance.join("East", agreed=False)
    from alliance_hub.membership import service as membership

    with story.hub.database.transaction() as session:
        membership.suspend(session, story.hub, "East", clock())
    east = Asker(app, newcomer.key, clock)
    assert problem(east.post("/v1/matches", {})) == (403, "not-active")
    assert problem(east.post("/v1/submissions", b"", Idempotency_Key="reference-1")) == (403, "not-active")
    assert east.get(ACCOUNT).json["state"] == "suspended"  # type: ignore[index]


def test_a_recovery_key_states_a_rotation_and_nothing_else(app: Flask, north: Platform, clock: Clock) -> None:
    lost = Asker(app, north.recovery, clock)
    assert problem(lost.get(ACCOUNT)) == UNAUTHENTICATED
    fresh = SigningKey(seed("signing", "North", "second"))
    body = Rotation(
        signing=b64(fresh.public), recovery=b64(north.recovery.public), sealing=b64(north.sealing.public)
    )
    response = lost.post("/v1/statements", north.say(body, key=north.recovery))
    assert response.status_code == 201
    assert problem(Asker(app, north.key, clock).get(ACCOUNT)) == UNAUTHENTICATED
    assert Asker(app, fresh, clock).get(ACCOUNT).status_code == 200

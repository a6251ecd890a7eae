"""Fellow custodians' heads against one's own feed: agreement, ignorance, and proof of two feeds."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from custodian import heads
from custodian.errors import OperatorError, Stopped
from privacy.errors import VerifyError
from privacy.feed import SignedHead, verify_head
from privacy.messages import parse_json
from tests.custodian.conftest import INDEX, Office
from tests.feeds import Alliance


@pytest.fixture
def followed(office: Office) -> Office:
    office.alliance.enrols("北辰")
    office.custodian.follow()
    return office


def evidence(office: Office) -> list[SignedHead]:
    with office.custodian.ledger.transaction() as db:
        (text,) = db.execute("SELECT evidence FROM alarms WHERE kind = 'fork'").fetchone()
    return msgspec.json.decode(text, type=list[SignedHead])


def told(office: Office) -> list[tuple[int | None, int]]:
    return [(each.custodian, each.head.position) for each in office.custodian.compare()]


def test_fellows_that_agree_or_are_further_on(followed: Office) -> None:
    end = len(followed.alliance.entries)
    followed.hears_fellows(2, position=end - 1)
    followed.hears_fellows(3, position=end + 5, head=bytes(32))
    assert told(followed) == [(2, end - 1), (3, end + 5)]
    assert followed.alarms() == []


@pytest.mark.parametrize("behind", [0, 1])
def test_a_fellow_with_another_feed_stops_this_one_with_both_signatures(
    followed: Office, behind: int
) -> None:
    at = len(followed.alliance.entries) - behind
    followed.hears_fellows(2, position=at, head=b"\x01" * 32)
    with pytest.raises(Stopped, match="custodian 2 signs"):
        followed.custodian.compare()
    theirs, ours, believed = evidence(followed)
    key_set = followed.alliance.key_set
    verify_head(theirs, key_set.witness(2))
    verify_head(ours, key_set.witness(INDEX))
    verify_head(believed, key_set.hub_key)
    assert theirs.head.position == ours.head.position == at
    assert theirs.head.head != ours.head.head
    (alarm,) = followed.custodian.ledger.alarms()
    assert theirs.head.head in alarm.detail
    assert ours.head.head in alarm.detail


def test_what_is_no_fellows_signature_is_no_proof_of_anything(followed: Office) -> None:
    end = len(followed.alliance.entries)
    followed.hears_fellows(2, position=end, head=bytes(32))
    (genuine,) = followed.hub.fellows
    others = [
        msgspec.structs.replace(genuine, custodian=3),
        msgspec.structs.replace(genuine, custodian=None),
        msgspec.structs.replace(genuine, custodian=200),
        msgspec.structs.replace(genuine, head=msgspec.structs.replace(genuine.head, epoch=2)),
        followed.alliance.heartbeat(end, head=genuine.head.head),
    ]
    followed.hub.fellows[:] = others
    assert told(followed) == []
    with pytest.raises(VerifyError):
        verify_head(others[0], followed.alliance.key_set.witness(3))


def test_a_position_from_before_this_ledger_says_nothing(followed: Office) -> None:
    with followed.custodian.ledger.transaction() as db:
        db.execute("DELETE FROM heads")
    followed.hears_fellows(2, position=1, head=bytes(32))
    assert told(followed) == []


def test_a_feed_that_comes_back_different_after_the_state_was_lost_is_a_fork(
    followed: Office, tmp_path: object
) -> None:
    """The ledger remembers what was followed, also when the state is computed anew."""
    followed.custodian.follower.state_path.unlink()
    other = Alliance()
    other.enrols("南山")
    followed.hub.lines = followed.hub.feed(other.entries, other.heartbeat())
    with pytest.raises(Stopped, match="another head before"):
        followed.custodian.follow()


def test_asking_takes_what_answers_and_is_a_head(followed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    good = followed.asker.get("/v1/head").data
    answers = {
        "https://a.example/v1/head": httpx.Response(200, content=good),
        "https://b.example/v1/head": httpx.Response(200, content=b"{}"),
        "https://c.example/v1/head": httpx.Response(503, content=good),
        "https://d.example/v1/head": httpx.Response(200, content=b" " * heads.MAX_BODY + good),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) not in answers:
            raise httpx.ConnectError("nobody there")
        return answers[str(request.url)]

    usual = httpx.Client

    def client(**options: object) -> httpx.Client:
        return usual(transport=httpx.MockTransport(answer))

    monkeypatch.setattr(httpx, "Client", client)
    addresses = [f"https://{letter}.example/" for letter in "abcde"]
    assert heads.ask(addresses) == [parse_json(SignedHead, good)]


def test_a_fellow_is_not_asked_in_the_clear() -> None:
    with pytest.raises(OperatorError, match="https"):
        heads.ask(["http://a.example"])

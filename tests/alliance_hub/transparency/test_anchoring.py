"""The daily anchor, by a real RFC 3161 authority around openssl; what others answer is not believed."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from alliance_hub.errors import Conflict, Invalid, Unavailable
from alliance_hub.hub import Hub
from alliance_hub.settings import load_settings
from alliance_hub.transparency import anchoring, stamping
from demo.authority import Authority, verify_command
from privacy import merkle
from privacy.checkpoint import read_note, verify_checkpoint
from privacy.encoding import unb64
from tests.alliance_hub.builders import Ceremony, Clock
from tests.alliance_hub.transparency.telling import grown, oracle_of, witness
from tests.services.programs import OPENSSL


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """A made-up authority that answers."""
    if OPENSSL.find_program() is None:
        pytest.skip(OPENSSL.absence)
    with Authority(tmp_path_factory.mktemp("authority")).serve() as authority:
        yield authority


@pytest.fixture
def anchored(hub: Hub, authority: Authority, clock: Clock) -> Hub:
    """A hub that the authority is set for, at the authority's own time."""
    clock.at = datetime.now(UTC).replace(microsecond=0)
    return at_address(hub, authority, authority.url)


def at_address(hub: Hub, authority: Authority, url: str) -> Hub:
    settings = load_settings(hub.settings.home, timestamp_url=url, timestamp_roots=authority.roots)
    return replace(hub, settings=settings)


def test_anybody_checks_the_token_with_openssl(
    anchored: Hub, ceremony: Ceremony, authority: Authority, tmp_path: Path, clock: Clock
) -> None:
    grown(anchored, 3)
    witness(anchored, ceremony, 1, 2)

    row = anchoring.anchor(anchored)

    assert row is not None
    assert (row.size, row.authority) == (3, "127.0.0.1")
    assert abs(row.at - clock()) < timedelta(minutes=2)
    with anchored.database.reading() as session:
        evidence = anchoring.evidence_for(session, 3)
    assert evidence is not None
    text, token = tmp_path / "checkpoint", tmp_path / "anchor.tsr"
    text.write_text(read_note(evidence.note).checkpoint.text(), "utf-8")
    token.write_bytes(unb64(evidence.token))
    words = verify_command(text, token, authority.roots)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Verification: OK\n")
    text.write_text(text.read_text("utf-8").replace("\n3\n", "\n4\n"), "utf-8")
    assert subprocess.run(words, capture_output=True, check=False).returncode != 0


def test_evidence_leads_from_the_anchor_to_its_own_checkpoint(anchored: Hub, ceremony: Ceremony) -> None:
    receipts = grown(anchored, 3)
    with anchored.database.reading() as session:
        assert anchoring.evidence_for(session, 3) is None
    anchoring.anchor(anchored)
    receipts += grown(anchored, 4)
    with anchored.database.reading() as session:
        assert anchoring.evidence_for(session, 2) is None
        evidence = anchoring.evidence_for(session, 7)
    assert evidence is not None
    checkpoint = verify_checkpoint(read_note(evidence.note), anchored.key_set)
    path = [unb64(node) for node in evidence.consistency]
    merkle.verify_consistency(3, 7, checkpoint.root, oracle_of(receipts).get_root(), path)


def test_once_a_day_and_never_the_same_twice(anchored: Hub, ceremony: Ceremony, clock: Clock) -> None:
    grown(anchored, 3)
    anchoring.anchor_day(anchored, clock())
    witness(anchored, ceremony, 1, 2, 3)
    grown(anchored, 2)
    anchoring.anchor_day(anchored, clock())
    with anchored.database.reading() as session:
        assert [row.size for row in anchoring.list_newest(session, 9)] == [3]

    # What counts is anchored, rather than what is newer and waits: the same checkpoint as yesterday.
    anchoring.anchor_day(anchored, clock() + timedelta(days=2))
    assert anchoring.anchor(anchored) is None
    witness(anchored, ceremony, 1, 2)
    anchoring.anchor_day(anchored, clock() + timedelta(days=2))

    with anchored.database.reading() as session:
        assert [row.size for row in anchoring.list_newest(session, 9)] == [5, 3]


def test_without_an_authority_or_a_checkpoint(hub: Hub, anchored: Hub, clock: Clock) -> None:
    anchoring.anchor_day(hub, clock())
    with pytest.raises(Conflict, match="timestamp_url"):
        anchoring.anchor(hub)
    with pytest.raises(Conflict, match="no checkpoint yet"):
        anchoring.anchor(anchored)


def test_it_is_overdue_after_two_days(anchored: Hub, hub: Hub, ceremony: Ceremony, clock: Clock) -> None:
    two_days = timedelta(days=2)

    def overdue(hub: Hub, at: datetime) -> bool:
        with hub.database.reading() as session:
            return anchoring.is_overdue(session, hub, at, two_days)

    assert not overdue(anchored, clock() + two_days)
    grown(anchored, 1)
    assert not overdue(anchored, clock() + two_days - timedelta(seconds=1))
    assert overdue(anchored, clock() + two_days)
    assert not overdue(hub, clock() + two_days)
    anchoring.anchor(anchored)
    assert not overdue(anchored, clock() + two_days * 2)
    witness(anchored, ceremony, 1, 2, 3)
    grown(anchored, 1)
    assert overdue(anchored, clock() + two_days * 2)


# What is not believed


def test_an_authority_that_is_down_is_asked_again(
    anchored: Hub, authority: Authority, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    grown(anchored, 1)
    dead = at_address(anchored, authority, "http://127.0.0.1:9/")
    caplog.set_level(logging.WARNING, anchoring.__name__)
    with pytest.raises(Unavailable, match="again later"):
        anchoring.anchor_day(dead, clock())
    assert "does not answer" in caplog.text

    anchoring.anchor_day(anchored, clock())

    with anchored.database.reading() as session:
        assert len(anchoring.list_newest(session, 9)) == 1


def test_another_authoritys_root_is_not_ours(anchored: Hub, authority: Authority, tmp_path: Path) -> None:
    grown(anchored, 1)
    other = Authority(tmp_path / "other")
    with other.serve(), pytest.raises(Unavailable, match="not signed under timestamp_roots"):
        anchoring.anchor(at_address(anchored, authority, other.url))
    with anchored.database.reading() as session:
        assert anchoring.list_newest(session, 1) == []


Answer = Callable[[bytes], httpx.Response]


def stamped_by(answer: Answer, authority: Authority, data: bytes = b"a checkpoint") -> stamping.Stamp:
    """Ask somebody who answers like this for a stamp."""
    transport = httpx.MockTransport(lambda request: answer(request.read()))
    with httpx.Client(transport=transport) as http:
        return stamping.stamp(http, "http://tsa.test/", stamping.read_roots(authority.roots), data)


def query(data: bytes) -> bytes:
    return TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()


def test_what_the_authority_answers_is_kept_as_it_came(authority: Authority) -> None:
    answers: list[bytes] = []

    def answer(asked: bytes) -> httpx.Response:
        answers.append(authority.answer(asked))
        return httpx.Response(200, content=answers[0])

    assert stamped_by(answer, authority).response == answers[0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(lambda a, q: a.answer(query(b"another")), "over another digest", id="wrong-digest"),
        pytest.param(lambda a, q: a.answer(query(b"a checkpoint")), "another question", id="wrong-nonce"),
        pytest.param(lambda a, q: a.answer(b"garbage"), "refused to stamp", id="refused"),
        pytest.param(lambda a, q: a.answer(q)[:-1], "not a time-stamp response", id="truncated"),
        pytest.param(lambda a, q: a.answer(q)[:-1] + b"\0", "not signed under", id="corrupted"),
        pytest.param(lambda a, q: b"", "not a time-stamp response", id="empty"),
        pytest.param(lambda a, q: b"<html>", "not a time-stamp response", id="a-page"),
        pytest.param(lambda a, q: bytes(200_000), "too large", id="too-large"),
    ],
)
def test_an_answer_that_does_not_hold_is_refused(
    authority: Authority, answer: Callable[[Authority, bytes], bytes], reason: str
) -> None:
    with pytest.raises(Unavailable, match=reason) as refusal:
        stamped_by(lambda asked: httpx.Response(200, content=answer(authority, asked)), authority)
    assert refusal.value.slug == "time-stamp"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_error_is_no_answer(authority: Authority, status: int) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        stamped_by(lambda _asked: httpx.Response(status), authority)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_roots_that_cannot_be_read_are_said(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "roots.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Invalid) as refusal:
        stamping.read_roots(path)
    assert refusal.value.field == "timestamp_roots"


@pytest.mark.parametrize("url", ["tsa.example", "ftp://tsa.example", "http://"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Invalid, match="timestamp_url"):
        load_settings(tmp_path, timestamp_url=url, timestamp_roots=tmp_path / "roots.pem")


def test_an_authority_needs_its_roots(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="timestamp_roots"):
        load_settings(tmp_path, timestamp_url="http://tsa.example")

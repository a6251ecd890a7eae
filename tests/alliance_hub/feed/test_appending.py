"""Positions without gaps, stamps that never go back, chains that cannot fork; also with many writers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub
from privacy import merkle
from privacy.encoding import b64, instant_text, unb64
from privacy.feed import FeedEntry, verify_head
from privacy.messages import parse_json
from privacy.records import Record
from privacy.statements import SECRETARIAT, Chunk, Suspension, verify_statement
from tests.alliance_hub.builders import ALLIANCE, Clock, Platform, platform, seed


def chunk_of(records: list[Record]) -> Chunk:
    root = merkle.root(record.leaf() for record in records)
    return Chunk(key_set=b64(bytes(32)), root=b64(root), size=len(records), proof=None)


def record(number: int) -> Record:
    return Record(
        pseudonym=b64(seed("pseudonym", str(number))),
        epoch=1,
        standing_key=b64(seed("standing", str(number))),
        contract_ref=b64(seed("contract", str(number))),
        as_of="2026-10-31",
        contribution=b64(b"\x01" * 256),
        private_digest=b64(seed("private", str(number))),
    )


@pytest.fixture
def north(clock: Clock) -> Platform:
    return platform("North Bank", clock)


def entries(session: Session) -> list[FeedEntry]:
    lines = feed.stream_after(session, 0, 1_000)
    return [parse_json(FeedEntry, json.dumps(json.loads(line)["entry"])) for line in lines]


def test_the_empty_feed_has_the_empty_root(session: Session) -> None:
    assert feed.head(session) == feed.FeedHead(0, merkle.EMPTY_ROOT, None)
    assert feed.author_state(session, "member/North Bank") == feed.AuthorState(0, None, None)


def test_what_was_appended_is_what_is_served(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    records = [record(1), record(2)]
    first = north.said(north.say(chunk_of(records)))
    feed.append(session, hub, first, records, now=clock())
    second = north.say(Suspension(member="North Bank"))
    feed.append(session, hub, second, now=clock.move(seconds=5))

    served = entries(session)

    assert [entry.position for entry in served] == [1, 2]
    assert [entry.statement for entry in served] == [first, second]
    assert [entry.records for entry in served] == [tuple(records), None]
    assert [entry.stamp for entry in served] == ["2026-11-01T18:00:00Z", "2026-11-01T18:00:05Z"]
    head = feed.head(session)
    assert (head.position, head.root) == (2, merkle.root(entry.leaf() for entry in served))


def test_serving_stops_at_its_limit_and_goes_on_after_a_position(
    session: Session, hub: Hub, clock: Clock
) -> None:
    for name in ("A", "B", "C", "D"):
        feed.append_own(session, hub, Suspension(member=name), author=SECRETARIAT, now=clock())

    lines = [json.loads(line) for line in feed.stream_after(session, 1, 2)]

    assert [line["entry"]["position"] for line in lines] == [2, 3]


def test_the_heartbeat_commits_to_the_last_position(session: Session, hub: Hub, clock: Clock) -> None:
    feed.append_own(session, hub, Suspension(member="A"), author=SECRETARIAT, now=clock())

    beat = feed.heartbeat(session, hub, clock.move(minutes=3))

    verify_head(beat, hub.key_set.hub_key)
    assert (beat.head.alliance, beat.head.epoch, beat.custodian) == (ALLIANCE, 1, None)
    assert (beat.head.position, beat.head.at) == (1, "2026-11-01T18:03:00Z")
    assert beat.head.head == b64(merkle.root(entry.leaf() for entry in entries(session)))


def test_stamps_do_not_follow_a_clock_that_goes_back(session: Session, hub: Hub, clock: Clock) -> None:
    before = feed.append_own(session, hub, Suspension(member="A"), author=SECRETARIAT, now=clock())
    after = feed.append_own(
        session, hub, Suspension(member="B"), author=SECRETARIAT, now=clock.move(hours=-2)
    )

    assert after.stamp == before.stamp


def test_the_secretariat_speaks_in_a_chain_of_its_own(session: Session, hub: Hub, clock: Clock) -> None:
    for name in ("A", "B"):
        feed.append_own(session, hub, Suspension(member=name), author=SECRETARIAT, now=clock())

    first, second = (entry.statement for entry in entries(session))

    for signed in (first, second):
        verify_statement(signed, hub.key_set.secretariat_key)
    assert (first.statement.sequence, first.statement.previous) == (0, None)
    assert (second.statement.sequence, second.statement.previous) == (1, b64(first.digest()))


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("statement.alliance", {"alliance": "Another"}),
        ("statement.epoch", {"epoch": 2}),
        ("statement.signed_at", {"signed_at": "2026-11-02T18:00:01Z"}),
        ("statement.signed_at", {"signed_at": "2026-10-31T17:59:59Z"}),
        ("statement.signed_at", {"signed_at": "2026-13-31T17:59:59Z"}),
    ],
)
def test_what_custodians_would_void_is_refused(
    session: Session, hub: Hub, north: Platform, clock: Clock, field: str, changed: dict[str, object]
) -> None:
    signed = north.say(Suspension(member="North Bank"))
    other = msgspec.structs.replace(signed, statement=msgspec.structs.replace(signed.statement, **changed))

    with pytest.raises(Invalid) as refused:
        feed.append(session, hub, other, now=clock())

    assert refused.value.field == field
    assert feed.head(session).position == 0


def test_signing_times_of_an_author_do_not_go_back(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    feed.append(session, hub, north.said(north.say(Suspension(member="A"))), now=clock())
    clock.move(seconds=-1)

    with pytest.raises(Invalid, match="earlier than this author's last"):
        feed.append(session, hub, north.say(Suspension(member="B")), now=clock())


def test_a_lost_race_names_what_comes_next(session: Session, hub: Hub, north: Platform, clock: Clock) -> None:
    one, other = north.say(Suspension(member="A")), north.say(Suspension(member="B"))
    feed.append(session, hub, one, now=clock())

    with pytest.raises(Conflict) as lost:
        feed.append(session, hub, other, now=clock())

    assert lost.value.slug == "sequence"
    assert lost.value.extra == {"next_sequence": 1, "previous": b64(one.digest())}


def test_a_statement_must_name_its_predecessor(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    feed.append(session, hub, north.said(north.say(Suspension(member="A"))), now=clock())
    north.previous = bytes(32)

    with pytest.raises(Conflict):
        feed.append(session, hub, north.say(Suspension(member="B")), now=clock())


def test_own_statements_are_listed_after_a_sequence_number(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    for name in ("A", "B", "C"):
        feed.append(session, hub, north.said(north.say(Suspension(member=name))), now=clock())
        feed.append_own(session, hub, Suspension(member=name), author=SECRETARIAT, now=clock())

    def sequences(after: int, limit: int) -> list[int]:
        return [row.sequence for row in feed.statements_of(session, north.author, after, limit)]

    assert sequences(-1, 10) == [0, 1, 2]
    assert sequences(0, 1) == [1]


def test_each_appending_is_logged_under_its_receipt(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    signed = north.say(Suspension(member="A"))
    row = feed.append(session, hub, signed, now=clock())

    receipt = feed.receipt_of(session, row)

    assert receipt.entry == {
        "kind": "statement",
        "at": instant_text(clock()),
        "author": "member/North Bank",
        "sequence": 0,
        "type": "suspension",
        "position": 1,
        "digest": b64(signed.digest()),
    }
    assert unb64(receipt.leaf) == row.log_leaf


def test_nothing_stays_of_a_transaction_that_fails(hub: Hub, clock: Clock) -> None:
    def fail() -> None:
        with hub.database.transaction() as session:
            feed.append_own(session, hub, Suspension(member="A"), author=SECRETARIAT, now=clock())
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        fail()

    with hub.database.transaction() as session:
        assert feed.head(session).position == 0
        assert feed.author_state(session, SECRETARIAT).next_sequence == 0


def test_a_reader_keeps_its_snapshot_while_others_append(
    either_database: Database, hub_on: Callable[[Database], Hub], clock: Clock
) -> None:
    hub = hub_on(either_database)
    with hub.database.reading() as reader:
        assert feed.head(reader).position == 0
        with hub.database.transaction() as session:
            feed.append_own(session, hub, Suspension(member="A"), author=SECRETARIAT, now=clock())

        assert feed.head(reader).position == 0
        assert list(feed.stream_after(reader, 0, 10)) == []


def test_writers_at_once_leave_no_gap_and_no_step_back(
    either_database: Database, hub_on: Callable[[Database], Hub], clock: Clock
) -> None:
    """Eight writers, each with a clock of its own, append 80 statements of nine authors."""
    hub = hub_on(either_database)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        author, now = platform(f"M{number}", Clock(clock())), clock() + timedelta(seconds=7 * (number % 3))
        try:
            for turn in range(5):
                with hub.database.transaction() as session:
                    signed = author.said(author.say(Suspension(member=f"{turn}")))
                    feed.append(session, hub, signed, now=now)
                with hub.database.transaction() as session:
                    feed.append_own(session, hub, Suspension(member="X"), author=SECRETARIAT, now=now)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with hub.database.reading() as session:
        rows = session.scalars(select(FeedRow).order_by(FeedRow.position)).all()
        assert [row.position for row in rows] == list(range(1, 81))
        assert [row.stamp for row in rows] == sorted(row.stamp for row in rows)
        assert feed.head(session).root == merkle.root(row.leaf for row in rows)
        assert feed.author_state(session, SECRETARIAT).next_sequence == 40

"""What is no continuation of the feed is never state: each fault by name, and nothing of it taken."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from custodian import state
from custodian.errors import DeliveryFault, Fault, Forked
from custodian.state.schema import NEVER
from privacy import merkle
from privacy.encoding import b64
from privacy.feed import FeedEntry, sign_head
from privacy.signing import SigningKey
from tests.custodian.state.watch import Watch
from tests.feeds import LI, WANG, Alliance, secret


def changed(entry: FeedEntry, **changes: object) -> FeedEntry:
    return msgspec.structs.replace(entry, **changes)


def a_chunk() -> tuple[Watch, FeedEntry]:
    """A feed that is followed up to its last entry, a chunk of two records."""
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    watch.follows()
    return watch, north.submits(north.record(LI, "1"), north.record(WANG, "2"))


def without_a_record(entry: FeedEntry) -> FeedEntry:
    assert entry.records is not None
    return changed(entry, records=entry.records[:1])


def in_another_order(entry: FeedEntry) -> FeedEntry:
    assert entry.records is not None
    return changed(entry, records=entry.records[::-1])


def with_another_record(entry: FeedEntry) -> FeedEntry:
    assert entry.records is not None
    first, second = entry.records
    return changed(entry, records=(msgspec.structs.replace(first, as_of="2026-10-30"), second))


FAULTS: dict[str, tuple[Callable[[FeedEntry], FeedEntry], Fault]] = {
    "a position is left out": (lambda entry: changed(entry, position=entry.position + 1), Fault.POSITION),
    "a position comes again": (lambda entry: changed(entry, position=entry.position - 1), Fault.POSITION),
    "dated back": (lambda entry: changed(entry, stamp="2026-10-31T16:29:59Z"), Fault.STAMP),
    "stamped on 30 February": (lambda entry: changed(entry, stamp="2027-02-30T00:00:00Z"), Fault.STAMP),
    "stamped where calendars end": (lambda entry: changed(entry, stamp="9999-12-31T23:00:00Z"), Fault.STAMP),
    "a chunk without its records": (lambda entry: changed(entry, records=None), Fault.RECORDS),
    "a chunk with one record less": (without_a_record, Fault.RECORDS),
    "records in another order": (in_another_order, Fault.RECORDS),
    "a record that was not signed": (with_another_record, Fault.RECORDS),
}


@pytest.mark.parametrize(("deliver", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_delivery_is_refused_and_leaves_nothing(
    deliver: Callable[[FeedEntry], FeedEntry], fault: Fault
) -> None:
    watch, entry = a_chunk()
    before = state.head(watch.db), state.state_digest(watch.db)

    with pytest.raises(DeliveryFault) as refusal, watch.db:
        state.apply(watch.db, watch.alliance.key_set, deliver(entry))

    assert refusal.value.reason is fault
    assert (state.head(watch.db), state.state_digest(watch.db)) == before
    assert watch.outcome().valid  # the true delivery still follows


def test_records_beside_another_statement_are_refused() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    alliance.entries[-1] = changed(alliance.entries[-1], records=(north.record(LI, "1"),))

    with pytest.raises(DeliveryFault, match="is no chunk"):
        watch.follows()


def test_a_chunk_of_another_size_than_it_says_is_refused() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    records = [north.record(LI, "1")]
    north.says(north.chunk(records, size=2), records)
    with pytest.raises(DeliveryFault, match="do not give the signed root"):
        watch.follows()


def test_a_faulty_delivery_takes_its_whole_batch_back() -> None:
    watch, entry = a_chunk()
    watch.alliance.cuts()
    watch.alliance.entries[-1] = changed(watch.alliance.entries[-1], position=99)
    before = state.head(watch.db)

    with pytest.raises(DeliveryFault):
        watch.follows()

    assert state.head(watch.db) == before
    assert before.position == entry.position - 1


def test_the_head_is_the_root_over_all_positions() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    assert state.head(watch.db) == state.Position(0, merkle.EMPTY_ROOT, None)

    alliance.enrols("北辰")
    watch.follows()

    head = state.head(watch.db)
    assert (head.position, head.stamp) == (3, alliance.now)
    assert head.root == merkle.root([entry.leaf() for entry in alliance.entries])


def test_another_salt_gives_another_head() -> None:
    watch, entry = a_chunk()
    watch.alliance.entries[-1] = changed(entry, salt=b64(secret("another")))
    watch.follows()
    assert state.head(watch.db).root != watch.alliance.head()


# Heartbeats


def test_a_heartbeat_at_the_own_head_is_agreed_with() -> None:
    watch, _ = a_chunk()
    watch.follows()
    state.check_heartbeat(watch.db, watch.alliance.key_set, watch.alliance.heartbeat())


def test_a_heartbeat_further_on_says_nothing_yet() -> None:
    watch, _ = a_chunk()
    ahead = watch.alliance.heartbeat(head=b64(bytes(32)))
    state.check_heartbeat(watch.db, watch.alliance.key_set, ahead)


def test_another_head_at_the_own_position_is_a_fork() -> None:
    watch, _ = a_chunk()
    watch.follows()
    forked = watch.alliance.heartbeat(head=b64(bytes(32)))
    with pytest.raises(Forked) as refusal:
        state.check_heartbeat(watch.db, watch.alliance.key_set, forked)
    assert refusal.value.reason is Fault.FORKED


def test_a_shorter_feed_than_delivered_is_a_truncation() -> None:
    watch, entry = a_chunk()
    watch.follows()
    with pytest.raises(Forked) as refusal:
        state.check_heartbeat(
            watch.db, watch.alliance.key_set, watch.alliance.heartbeat(position=entry.position - 1)
        )
    assert refusal.value.reason is Fault.TRUNCATED


def test_a_heartbeat_of_anybody_else_is_no_heartbeat() -> None:
    watch, _ = a_chunk()
    watch.follows()
    alliance = watch.alliance
    custodian = alliance.custodians[1].key
    bad = {
        "another key": alliance.heartbeat(key=SigningKey(secret("another"))),
        "another alliance": alliance.heartbeat(alliance="别的联盟"),
        "another epoch": alliance.heartbeat(epoch=2),
        "no instant": alliance.heartbeat(at="2027-02-30T00:00:00Z"),
        "a custodian's head": sign_head(custodian, alliance.heartbeat().head, custodian=1),
        "another head signed for": msgspec.structs.replace(
            alliance.heartbeat(), signature=alliance.heartbeat(position=1).signature
        ),
    }
    for name, heartbeat in bad.items():
        with pytest.raises(DeliveryFault) as refusal:
            state.check_heartbeat(watch.db, alliance.key_set, heartbeat)
        assert refusal.value.reason is Fault.HEARTBEAT, name


def test_never_is_after_all_that_can_happen() -> None:
    assert int(Alliance().now.timestamp()) + 1_000_000 * 86_400 < NEVER

"""The tree over the entries: numbers without gaps, one root a size, whatever happens at the same moment."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.transparency import checkpoints, integrator, keeping, tree
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import CheckpointRow, LogRow, NodeRow
from privacy import merkle
from privacy.checkpoint import verify_checkpoint
from privacy.encoding import unb64
from tests.alliance_hub.builders import Ceremony, Clock
from tests.alliance_hub.conftest import fresh_database, fresh_name
from tests.alliance_hub.transparency.telling import grown, oracle_of, witness, write


@pytest.fixture
def either_hub(hub_on: Callable[[Database], Hub], either_database: Database) -> Hub:
    """A hub on each kind of database."""
    return hub_on(either_database)


def numbered(session: Session) -> list[tuple[int, bytes]]:
    rows = select(LogRow.number, LogRow.leaf).where(LogRow.number.is_not(None)).order_by(LogRow.number)
    return [(number or 0, leaf) for number, leaf in session.execute(rows)]


def test_what_waits_is_numbered_in_order_and_signed(either_hub: Hub, clock: Clock) -> None:
    receipts = write(either_hub, 7)
    clock.move(seconds=3)

    assert integrator.turn(either_hub, clock()) == 7

    with either_hub.database.reading() as session:
        assert numbered(session) == [(n, unb64(each.leaf)) for n, each in enumerate(receipts)]
        shown = checkpoints.newest(session)
    assert shown is not None
    checkpoint = verify_checkpoint(shown.note, either_hub.key_set)
    assert (checkpoint.size, checkpoint.root) == (7, oracle_of(receipts).get_root())
    assert (shown.at, shown.cosigned) == (clock(), ())


def test_nothing_new_signs_nothing(hub: Hub, clock: Clock) -> None:
    grown(hub, 3)
    with hub.database.reading() as session:
        before = checkpoints.newest(session)
        assert not tree.is_due(session, hub.key_set, clock())

    clock.move(minutes=5)
    assert integrator.turn(hub, clock()) == 0

    with hub.database.reading() as session:
        assert checkpoints.newest(session) == before


def test_an_empty_log_has_no_checkpoint(hub: Hub, clock: Clock) -> None:
    with hub.database.transaction() as session:
        assert tree.integrate(session, hub, clock()) == 0
        assert checkpoints.newest(session) is checkpoints.offered(session) is None


@pytest.mark.parametrize("limit", [1, 4, 10])
def test_in_parts_it_is_the_same_tree(
    hub: Hub, clock: Clock, limit: int, caplog: pytest.LogCaptureFixture
) -> None:
    """So a log that was there before the tree is integrated, with a line for each part."""
    receipts = write(hub, 10)

    with caplog.at_level(logging.INFO, integrator.__name__):
        assert integrator.turn(hub, clock(), limit=limit) == 10

    with hub.database.reading() as session:
        shown = checkpoints.newest(session)
        assert [number for number, _ in numbered(session)] == list(range(10))
        # Of ten leaves, 5 + 2 + 1 pairs are perfect.
        assert session.scalar(select(func.count()).select_from(NodeRow)) == 8
    assert shown is not None
    assert shown.root == oracle_of(receipts).get_root()
    parts = [record.getMessage() for record in caplog.records]
    assert len(parts) == 10 // limit
    assert all(f"has {limit * n}; more wait" in part for n, part in enumerate(parts, 1))


def test_a_crash_before_the_commit_leaves_nothing(either_hub: Hub, clock: Clock) -> None:
    receipts = grown(either_hub, 3) + write(either_hub, 4)

    def crash() -> None:
        with either_hub.database.transaction() as session:
            assert tree.integrate(session, either_hub, clock()) == 4
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()

    with either_hub.database.reading() as session:
        assert tree.size_of(session) == len(numbered(session)) == 3
    assert integrator.turn(either_hub, clock()) == 4
    with either_hub.database.reading() as session:
        shown = checkpoints.newest(session)
    assert shown is not None
    assert shown.root == oracle_of(receipts).get_root()


def test_two_integrators_and_many_writers_make_one_tree(either_hub: Hub, clock: Clock) -> None:
    """Each number once, and for each size that was signed the one root that the numbered leaves give."""
    failed: list[BaseException] = []
    signed: dict[int, set[bytes]] = {}

    def work(step: Callable[[], object]) -> None:
        try:
            for _ in range(12):
                step()
        except BaseException as error:
            failed.append(error)

    def step() -> None:
        with either_hub.database.transaction() as session:
            tree.integrate(session, either_hub, clock(), limit=5)
            shown = checkpoints.newest(session)
        if shown is not None:
            signed.setdefault(shown.size, set()).add(shown.root)

    threads = [threading.Thread(target=work, args=(step,)) for _ in range(2)]
    threads += [threading.Thread(target=work, args=(lambda: write(either_hub, 3),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    integrator.turn(either_hub, clock())

    assert failed == []
    with either_hub.database.reading() as session:
        found = numbered(session)
    assert [number for number, _ in found] == list(range(72))
    for size, roots in signed.items():
        assert roots == {merkle.root(leaf for _, leaf in found[:size])}


def test_an_entry_that_commits_later_has_the_higher_number(
    hub_on: Callable[[Database], Hub], request: pytest.FixtureRequest, clock: Clock
) -> None:
    """On PostgreSQL ids are given before the commit, so the lower one may come to light last."""
    like = request.getfixturevalue("migrated_on_postgres")
    with fresh_database(request.getfixturevalue("postgres_url"), fresh_name(), like=like) as url:
        hub = hub_on(Database(url))
        with hub.database.transaction() as slow:
            late = transparency.record_entry(slow, "test", {"n": "late"}, now=clock())
            early = write(hub, 2)
            assert integrator.turn(hub, clock()) == 2
        assert integrator.turn(hub, clock()) == 1
        with hub.database.reading() as session:
            ids = session.scalars(select(LogRow.id).order_by(LogRow.number)).all()
            leaves = [leaf for _, leaf in numbered(session)]
        hub.database.close()
    assert leaves == [unb64(each.leaf) for each in (*early, late)]
    assert ids[2] < ids[0]


# What custodians are shown


def shown_to_custodians(hub: Hub) -> int | None:
    with hub.database.reading() as session:
        shown = checkpoints.offered(session)
    return None if shown is None else shown.size


def test_what_is_shown_stands_still_until_it_counts(hub: Hub, ceremony: Ceremony, clock: Clock) -> None:
    grown(hub, 3)
    assert shown_to_custodians(hub) == 3
    for _ in range(3):
        clock.move(minutes=1)
        grown(hub, 2)
        assert shown_to_custodians(hub) == 3

    assert witness(hub, ceremony, 1) == [1]
    grown(hub, 1)
    assert shown_to_custodians(hub) == 3
    assert witness(hub, ceremony, 3) == [1, 3]

    # It counts and has been shown for long: the next turn goes on with the newest.
    assert shown_to_custodians(hub) == 10
    with hub.database.reading() as session:
        assert [each.size for each in checkpoints.list_newest(session, 9)] == [10, 3]


def test_a_quick_third_custodian_is_waited_for(hub: Hub, ceremony: Ceremony, clock: Clock) -> None:
    grown(hub, 3)
    assert witness(hub, ceremony, 1, 2) == [1, 2]
    grown(hub, 1)
    assert shown_to_custodians(hub) == 3

    assert witness(hub, ceremony, 3) == [1, 2, 3]

    assert shown_to_custodians(hub) == 4


def test_a_slow_third_custodian_is_not(hub: Hub, ceremony: Ceremony, clock: Clock) -> None:
    grown(hub, 3)
    witness(hub, ceremony, 1, 2)
    grown(hub, 1)
    clock.move(seconds=4)
    assert integrator.turn(hub, clock()) == 0
    assert shown_to_custodians(hub) == 3

    clock.move(seconds=1)
    with hub.database.reading() as session:
        assert tree.is_due(session, hub.key_set, clock())
    assert integrator.turn(hub, clock()) == 0

    assert shown_to_custodians(hub) == 4


def test_only_what_was_shown_is_kept(hub: Hub, clock: Clock) -> None:
    """Two seconds apart, a year's checkpoints would be sixteen million rows that nobody was ever shown."""
    for _ in range(5):
        grown(hub, 2)

    with hub.database.reading() as session:
        assert session.scalars(select(CheckpointRow.size).order_by(CheckpointRow.size)).all() == [2, 10]


# The integrator


def test_what_goes_wrong_is_said_once_and_tried_again(
    hub: Hub, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    grown(hub, 2)
    path = hub.settings.home / keeping.CHECKPOINT_FILE
    good = path.read_bytes()
    path.write_bytes(b"")
    write(hub, 1)
    turns = iter([False, False, False, True])

    def wait(seconds: float) -> bool:
        if not seconds:
            return False
        assert seconds == 2
        if (over := next(turns)) is False and caplog.records[1:]:
            raise AssertionError("said twice")
        return over

    with caplog.at_level(logging.ERROR, integrator.__name__):
        integrator.run(hub, wait)
        assert ["damaged" in record.getMessage() for record in caplog.records] == [True]
    path.write_bytes(good)
    again = iter([False, True])
    integrator.run(hub, lambda seconds: next(again) if seconds else False)

    with hub.database.reading() as session:
        assert tree.size_of(session) == 3

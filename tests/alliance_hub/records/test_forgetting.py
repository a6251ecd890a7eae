"""What the hub forgets once a second cut is effective, and that nothing which still counts goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from alliance_hub.errors import Forgotten
from alliance_hub.feed import service as feed
from alliance_hub.feed.cuts import FORGET
from alliance_hub.feed.models import AttachmentRow
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job
from alliance_hub.membership import service as membership
from alliance_hub.records import forgetting
from alliance_hub.records.models import RecordRow
from privacy.encoding import b64, unb64
from privacy.records import Flag
from privacy.statements import Hold, Release, Settlement
from tests.alliance_hub.builders import Clock, Platform, seed
from tests.alliance_hub.records.builders import (
    NOVEMBER,
    OCTOBER,
    pseudonym_of,
    record_of,
    reference_of,
    sign_chunk,
)
from tests.alliance_hub.records.conftest import Alliance

FLAG = Flag(id=b64(seed("flag")), version=1, category="absconded", sealed=b64(b"sealed"))
SAID = ("pseudonym", "standing_key", "product_class", "lost_contact", "consent_digest", "notice_digest")


def lend(alliance: Alliance, member: Platform, *contracts: str, reference: str, **facts: object) -> None:
    """Hand in one contract with each debtor of the same name."""
    key_set = alliance.hub.key_set
    rows = [record_of(key_set, name, name, **facts) for name in contracts]  # type: ignore[arg-type]
    alliance.submit(member, [sign_chunk(member, key_set, rows)], reference=reference)


def settle(alliance: Alliance, member: Platform, contract: str) -> int:
    return alliance.state(member, Settlement(contract_ref=b64(reference_of(contract)))).position


def forget_jobs(alliance: Alliance) -> list[Job]:
    with alliance.hub.database.reading() as session:
        return list(session.scalars(select(Job).where(Job.kind == FORGET).order_by(Job.id)))


def forget(alliance: Alliance) -> None:
    """Do what the newest cut has brought about."""
    newest = forget_jobs(alliance)[-1]
    jobs.run(alliance.hub, newest.id)
    assert forget_jobs(alliance)[-1].state == "done"


def stored(alliance: Alliance) -> dict[bytes, RecordRow]:
    with alliance.hub.database.reading() as session:
        return {row.contract_ref: row for row in session.scalars(select(RecordRow))}


def forgotten(alliance: Alliance) -> set[str]:
    """Return the contracts of which nothing is left to read, having checked that it is all or nothing."""
    gone = set()
    for name in "abcdef":
        row = stored(alliance).get(reference_of(name))
        if row is not None and row.pseudonym is None:
            assert [getattr(row, column) for column in SAID] == [None] * len(SAID)
            gone.add(name)
    return gone


def attachments(alliance: Alliance) -> Sequence[int]:
    with alliance.hub.database.reading() as session:
        return session.scalars(select(AttachmentRow.position).order_by(AttachmentRow.position)).all()


def test_the_first_effective_cut_forgets_nothing(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    lend(alliance, north, "a", reference="reference-1")
    settle(alliance, north, "a")
    alliance.cut_all()
    assert forget_jobs(alliance) == []
    with alliance.hub.database.reading() as session:
        feed.require_remembered(session, 0)


def test_the_second_forgets_what_had_ended_at_the_first(either_alliance: Alliance, clock: Clock) -> None:
    alliance = either_alliance
    north = alliance.join("North Bank")
    lend(alliance, north, "a", "b", "c", reference="reference-1", flag=FLAG)
    ended = settle(alliance, north, "a")
    first = alliance.cut_all()
    settle(alliance, north, "b")
    lend(alliance, north, "d", reference="reference-2")
    late = alliance.position
    clock.move(days=30)
    alliance.cut_all()
    assert (len(forget_jobs(alliance)), forgotten(alliance)) == (1, set())

    forget(alliance)

    assert forgotten(alliance) == {"a"}
    assert attachments(alliance) == [late]
    row = stored(alliance)[reference_of("a")]
    assert (row.state, row.ended_at, row.as_of) == ("settled", ended, OCTOBER)
    assert row.leaf == record_of(alliance.hub.key_set, "a", "a", flag=FLAG).record.leaf()
    # What is live tells as before, flag and all, though the chunk that brought it is gone.
    found = alliance.holders(*map(pseudonym_of, "abcd"))
    assert [(each.pseudonym, each.flag) for each in found] == sorted(
        [(pseudonym_of("c"), FLAG), (pseudonym_of("d"), None)],
        key=lambda told: reference_of("c" if told[0] == pseudonym_of("c") else "d"),
    )
    assert (alliance.live(north), alliance.live(north, first)) == (2, 2)

    clock.move(days=31)
    alliance.cut_all()
    forget(alliance)
    assert (forgotten(alliance), attachments(alliance)) == ({"a", "b"}, [])
    assert alliance.live(north) == 2


def test_the_feed_is_served_from_the_earlier_cut_on(alliance: Alliance, clock: Clock) -> None:
    """At once, and not only when the job is done; the statements themselves stay."""
    north = alliance.join("North Bank")
    lend(alliance, north, "a", reference="reference-1")
    first = alliance.cut_all()
    clock.move(days=30)
    second = alliance.cut_all()
    with alliance.hub.database.reading() as session:
        for after in (0, first - 1):
            with pytest.raises(Forgotten, match="checkpoint") as refused:
                feed.require_remembered(session, after)
            assert refused.value.extra == {"position": first}
        for after in (first, second):
            feed.require_remembered(session, after)
        assert len(list(feed.stream_after(session, first, 100))) == alliance.position - first


def test_a_contract_that_ended_and_was_forgotten_does_not_come_back(
    either_alliance: Alliance, clock: Clock
) -> None:
    alliance = either_alliance
    north, key_set = alliance.join("North Bank"), alliance.hub.key_set
    lend(alliance, north, "a", reference="reference-1")
    settle(alliance, north, "a")
    for _ in range(2):
        alliance.cut_all()
        clock.move(days=31)
    forget(alliance)

    before = north.sequence, north.previous
    for number, as_of in enumerate([OCTOBER, NOVEMBER]):
        chunk = sign_chunk(north, key_set, [record_of(key_set, "a", "a", as_of=as_of)])
        submission = alliance.submit(north, [chunk], reference=f"reference-2{number}")
        assert alliance.rows(submission) == [(0, 0, "refused", "ended")]
        north.sequence, north.previous = before
    assert forgotten(alliance) == {"a"}


# Expiry, with real data


def test_what_had_expired_is_forgotten_and_comes_back_with_a_later_day(real: Alliance, clock: Clock) -> None:
    north, key_set = real.join("North Bank"), real.hub.key_set
    lend(real, north, "a", "b", reference="reference-1")
    clock.move(days=61)
    real.cut_all()  # 2027-01-01 in Shanghai: both expired two weeks ago
    lend(real, north, "b", reference="reference-2", as_of=NOVEMBER)
    clock.move(days=31)
    real.cut_all()

    forget(real)

    assert forgotten(real) == {"a"}
    assert real.live(north) == 1
    # The same again is known and changes nothing; it is not the figures that come back, only a newer day.
    again = sign_chunk(north, key_set, [record_of(key_set, "a", "a")])
    submission = real.submit(north, [again], reference="reference-3")
    assert (submission.unchanged, forgotten(real)) == (1, {"a"})
    lend(real, north, "a", reference="reference-4", as_of=NOVEMBER)
    row = stored(real)[reference_of("a")]
    assert (row.pseudonym, row.state, row.live_since) == (pseudonym_of("a"), "live", real.position)
    assert real.live(north) == 2


def test_what_blocks_its_subject_is_kept_for_six_cuts(real: Alliance, clock: Clock) -> None:
    """On hold since the day after it came: it does not expire, and is out with the sixth cut."""
    north = real.join("North Bank")
    lend(real, north, "a", "b", reference="reference-1")
    clock.move(days=1)
    real.state(north, Hold(member=north.name, contract_ref=b64(reference_of("a"))))
    kept = []
    for days in (30, 31, 31, 28, 31, 30, 31, 30, 31):
        clock.move(days=days)
        real.cut_all()
        if forget_jobs(real):
            forget(real)
        kept.append((real.live(north), sorted(forgotten(real))))
    # b had expired at the second cut, and is forgotten with the third. a is out once six cuts are in effect,
    # the seventh stands where that is so, and with the eighth it is forgotten.
    assert kept == [(2, []), (1, []), *[(1, ["b"])] * 3, *[(0, ["b"])] * 2, *[(0, ["a", "b"])] * 2]


def test_a_hold_that_began_after_it_expired_keeps_nothing_but_time(real: Alliance, clock: Clock) -> None:
    """Released, it is over at the next cut; it never counts again."""
    north = real.join("North Bank")
    lend(real, north, "a", reference="reference-1")
    clock.move(days=61)
    ref = b64(reference_of("a"))
    real.state(north, Hold(member=north.name, contract_ref=ref))
    real.cut_all()
    real.state(north, Release(member=north.name, contract_ref=ref))
    clock.move(days=31)
    real.cut_all()
    forget(real)
    assert (real.live(north), forgotten(real)) == (0, {"a"})


def test_a_suspended_members_records_are_kept_while_they_may_block(real: Alliance, clock: Clock) -> None:
    north = real.join("North Bank")
    lend(real, north, "a", "b", reference="reference-1")
    settle(real, north, "b")
    with real.hub.database.transaction() as session:
        membership.suspend(session, real.hub, north.name, clock())
    found = []
    for days in (61, 31, 28, 31, 30, 31, 30, 31):
        clock.move(days=days)
        real.cut_all()
        if forget_jobs(real):
            forget(real)
        found.append(sorted(forgotten(real)))
    # Where the seventh cut stands, six are in effect since its suspension.
    assert found == [[], *[["b"]] * 6, ["a", "b"]]


# Piece by piece


def test_stopped_anywhere_it_goes_on_where_it_was(
    alliance: Alliance, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "ROWS_AT_ONCE", 2)
    north = alliance.join("North Bank")
    for number in range(3):
        lend(alliance, north, *"abcdef"[2 * number : 2 * number + 2], reference=f"reference-{number}")
    for name in "abcde":
        settle(alliance, north, name)
    alliance.cut_all()
    clock.move(days=30)
    alliance.cut_all()

    def work(parts: int) -> tuple[int, int]:
        """Do so many parts before the worker is told to stop; return what is left, and what is forgotten."""
        steps = iter([False] * parts)
        jobs.run(alliance.hub, forget_jobs(alliance)[0].id, stopping=lambda: next(steps, True))
        assert forget_jobs(alliance)[0].state == "waiting"
        return len(attachments(alliance)), len(forgotten(alliance))

    left = [work(2), work(3)]
    # Two chunks of three; then the third, a look that finds none, and the first two records.
    assert left == [(1, 0), (0, 2)]
    forget(alliance)
    assert forgotten(alliance) == set("abcde")


def test_the_file_itself_forgets(alliance: Alliance, clock: Clock, tmp_path: Path) -> None:
    north, key_set = alliance.join("North Bank"), alliance.hub.key_set
    lend(alliance, north, "a", reference="reference-1")
    lend(alliance, north, "b", reference="reference-2")
    settle(alliance, north, "a")
    alliance.cut_all()

    def found() -> list[bool]:
        alliance.hub.database.close()  # the last connection writes the log back into the file
        (path,) = tmp_path.glob("*.sqlite")
        told, record = path.read_bytes(), record_of(key_set, "a", "a").record
        sought = (pseudonym_of("a"), record.contribution.encode(), unb64(record.contract_ref))
        return [text in told for text in sought]

    assert found() == [True, True, True]
    clock.move(days=30)
    alliance.cut_all()
    forget(alliance)
    assert found() == [False, False, True]

"""What is forgotten, when, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from custodian import state
from custodian.errors import Refused
from custodian.state import Deleted
from privacy import merkle
from privacy.encoding import unb64
from privacy.feed import FeedEntry
from privacy.keyset import Policy
from privacy.matching import Reason, Status
from privacy.records import Record
from tests.custodian.state.watch import Watch
from tests.feeds import BY_THE_DAY, LI, WANG, Alliance, Member

THREE_DAYS: Policy = msgspec.structs.replace(BY_THE_DAY, record_days=3)


def begin(policy: Policy = BY_THE_DAY) -> tuple[Watch, Member]:
    """A member with contracts "1" and "2", and a first effective cut."""
    alliance = Alliance(policy)
    north = alliance.enrols("北辰")
    north.submits(north.record(LI, "1"), north.record(WANG, "2"))
    watch = Watch(alliance)
    watch.opens_period()
    return watch, north


def remembered(watch: Watch, member: Member) -> list[tuple[str, str]]:
    """Number and day of a member's records that still have a body, the oldest first."""
    watch.follows()
    numbers = {member.ref(number): number for number in "123456789"}
    rows = watch.db.execute(
        "SELECT contract_ref, as_of, pseudonym IS NULL, standing_key IS NULL, private_digest IS NULL,"
        " ciphertext IS NULL FROM records JOIN contracts ON contracts.id = records.contract"
        " LEFT JOIN contributions ON record = records.id WHERE member = ? ORDER BY records.id",
        (state.get_member(watch.db, member.name).id,),
    ).fetchall()
    assert all(len(set(missing)) == 1 for _, _, *missing in rows)
    return [(numbers[contract_ref], as_of) for contract_ref, as_of, *missing in rows if not any(missing)]


def numbers(watch: Watch, member: Member) -> str:
    """The numbers of the contracts of which a body is left."""
    return "".join(number for number, _ in remembered(watch, member))


# When


ENDS: dict[str, Callable[[Member], FeedEntry]] = {
    "settled": lambda member: member.settles("1"),
    "withdrawn": lambda member: member.withdraws("1"),
    "settled while on hold": lambda member: member.holds("1") and member.settles("1"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_ended_record_is_forgotten_where_the_second_cut_takes_effect(
    end: Callable[[Member], FeedEntry],
) -> None:
    watch, north = begin()
    end(north)
    watch.opens_period(days=1)
    assert numbers(watch, north) == "12"

    watch.alliance.passes(days=1)
    watch.alliance.cuts()
    assert numbers(watch, north) == "12"
    body = state.cut_to_sign(watch.db, 1)
    assert body is not None
    watch.alliance.signs_cut(body, by=[1, 3])
    assert numbers(watch, north) == "12"
    watch.alliance.signs_cut(body, by=[2])
    assert numbers(watch, north) == "2"


def test_what_ended_between_two_cuts_waits_for_the_third() -> None:
    watch, north = begin()
    watch.opens_period(days=1)
    north.settles("1")
    watch.opens_period(days=1)
    assert numbers(watch, north) == "12"
    watch.opens_period(days=1)
    assert numbers(watch, north) == "2"


def test_a_record_with_a_newer_one_is_forgotten_and_the_newer_stays() -> None:
    watch, north = begin()
    later = watch.alliance.today + timedelta(days=1)
    north.submits(north.record(LI, "1", as_of=later))
    for _ in range(2):
        watch.opens_period(days=1)
    assert remembered(watch, north) == [("2", "2026-11-01"), ("1", later.isoformat())]
    assert watch.live("北辰") == 2


def test_an_expired_record_is_forgotten() -> None:
    watch, north = begin(THREE_DAYS)
    watch.alliance.passes(days=2)
    north.submits(north.record(WANG, "2"))
    watch.opens_period(days=1)  # the last second of "1"
    watch.opens_period(days=1)
    assert (numbers(watch, north), watch.live("北辰")) == ("12", 1)
    watch.opens_period(days=1)
    assert numbers(watch, north) == "2"


def test_a_cut_that_takes_effect_behind_a_later_one_lets_nothing_be_forgotten() -> None:
    watch, north = begin()
    alliance = watch.alliance
    north.settles("1")
    alliance.passes(days=1)
    alliance.cuts()
    watch.follows()
    late = state.cut_to_sign(watch.db, 1)
    assert late is not None
    watch.opens_period(days=1)
    alliance.signs_cut(late)
    assert (watch.verdict(), numbers(watch, north)) == (None, "12")
    watch.opens_period(days=1)
    assert numbers(watch, north) == "2"


# Blocks


BLOCKS: dict[str, tuple[Callable[[Member], FeedEntry], Callable[[Member], FeedEntry]]] = {
    "its member's hold": (lambda m: m.holds("1"), lambda m: m.releases("1")),
    "the secretariat's hold": (
        lambda m: m.alliance.holds(m, "1"),
        lambda m: m.alliance.releases(m, "1"),
    ),
    "a suspension": (lambda m: m.alliance.suspends(m), lambda m: m.alliance.resumes(m)),
}


@pytest.mark.parametrize("policy", [BY_THE_DAY, THREE_DAYS], ids=["lasting", "soon to expire"])
@pytest.mark.parametrize(("block", "release"), BLOCKS.values(), ids=BLOCKS)
def test_a_blocked_record_is_kept_for_six_cuts_and_then_forgotten_for_good(
    block: Callable[[Member], FeedEntry], release: Callable[[Member], FeedEntry], policy: Policy
) -> None:
    watch, north = begin(policy)
    block(north)
    for _ in range(7):
        watch.opens_period(days=1)
        assert "1" in numbers(watch, north)  # the seventh is the first without it
    watch.opens_period(days=1)
    assert "1" not in (left := numbers(watch, north))
    release(north)
    assert watch.live("北辰") == len(left)

    north.submits(north.record(LI, "1"))
    assert watch.live("北辰") == len(left) + 1


def test_a_record_that_comes_back_before_the_second_cut_takes_effect_is_kept() -> None:
    watch, north = begin()
    north.holds("1")
    for _ in range(7):
        watch.opens_period(days=1)
    watch.alliance.passes(days=1)
    watch.alliance.cuts()
    watch.follows()
    body = state.cut_to_sign(watch.db, 1)
    assert body is not None
    north.releases("1")
    watch.alliance.signs_cut(body)
    assert (numbers(watch, north), watch.live("北辰")) == ("12", 2)
    north.holds("1")  # and a new hold counts anew
    watch.opens_period(days=1)
    assert (numbers(watch, north), watch.live("北辰")) == ("12", 2)


def test_a_newer_record_under_an_old_hold_is_kept_as_long_as_any_other() -> None:
    watch, north = begin()
    north.holds("1")
    for _ in range(8):
        watch.opens_period(days=1)
    assert numbers(watch, north) == "2"
    north.submits(north.record(LI, "1"))
    watch.opens_period(days=1)
    assert numbers(watch, north) == "21"
    north.releases("1")
    assert watch.live("北辰") == 2


# What is left


def test_an_older_record_of_a_forgotten_one_is_still_ignored() -> None:
    watch, north = begin(THREE_DAYS)
    for _ in range(6):
        watch.opens_period(days=1)
    assert numbers(watch, north) == ""
    for day, expected in ((date(2026, 10, 30), 1), (date(2026, 11, 1), 1), (date(2026, 11, 2), 0)):
        north.submits(north.record(LI, "1", as_of=day))
        assert watch.outcome().ignored == expected
    assert remembered(watch, north) == [("1", "2026-11-02")]


def test_a_settled_contract_that_was_forgotten_stays_closed() -> None:
    watch, north = begin()
    north.settles("1")
    for _ in range(3):
        watch.opens_period(days=1)
    north.submits(north.record(LI, "1"))
    assert watch.outcome().ignored == 1


def test_contracts_of_which_nothing_is_known_make_room_for_others() -> None:
    alliance = Alliance(THREE_DAYS)
    north = alliance.enrols("北辰")
    watch = Watch(alliance)

    def taken(numbers: range) -> int:
        north.submits(*(north.record(LI, str(number)) for number in numbers))
        return len(numbers) - watch.outcome().ignored

    assert taken(range(257)) == 256
    for _ in range(6):
        watch.opens_period(days=1)
    assert taken(range(250, 510)) == 256


def test_what_is_left_of_it_is_certified_by_member() -> None:
    watch, north = begin()
    south = watch.alliance.enrols("南山")
    later = [south.record(LI, number) for number in "12"]
    first = south.submits(*later).records
    north.settles("2")
    assert first is not None
    older = north.record(LI, "1", as_of=date(2026, 11, 2)), north.record(LI, "3")
    north.submits(*older)
    north.withdraws("3")
    watch.opens_period(days=1)
    assert state.deletions(watch.db, "北辰") == []
    south.settles("2")
    south.settles("1")
    period = watch.opens_period(days=1)
    effective = len(watch.alliance.entries)

    gone = [*records_of(watch.alliance, north)[:2], older[1]]
    assert state.deletions(watch.db, "北辰") == [Deleted(period, effective, 3, root_of(gone))]
    assert state.deletions(watch.db, "南山") == []

    period = watch.opens_period(days=1)
    effective = len(watch.alliance.entries)
    assert state.deletions(watch.db, "南山") == [Deleted(period, effective, 2, root_of(later))]
    assert len(state.deletions(watch.db, "北辰")) == 1
    with pytest.raises(Refused):
        state.deletions(watch.db, "无名")


def records_of(alliance: Alliance, member: Member) -> list[Record]:
    """All records that a member has submitted."""
    return [
        record
        for entry in alliance.entries
        if entry.statement.statement.author == member.author
        for record in entry.records or ()
    ]


def root_of(records: list[Record]) -> bytes:
    return merkle.root(record.leaf() for record in records)


def test_a_cut_judges_the_same_before_and_after_the_one_before_it_is_forgotten() -> None:
    alliance = Alliance()
    north, south, west = (alliance.enrols(name) for name in ("北辰", "南山", "西河"))
    watch = Watch(alliance)
    north.agrees()
    for member in (north, south, west):
        member.submits(member.record(LI, "1"), member.record(WANG, "2"))
    watch.opens_period()
    west.settles("1")
    answers = []
    for _ in range(3):
        answers.append(watch.says(north.asks(LI, WANG)))
        watch.opens_period(days=1)
    few = Reason.TOO_FEW_CONTRIBUTORS
    assert answers == [[Reason.CHANGED, Status.OPEN], [few, Status.OPEN], [few, Status.OPEN]]
    assert numbers(watch, west) == "2"


def test_its_bytes_are_gone_from_the_file(tmp_path: Path) -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance, tmp_path / "state.db")
    gone = [north.record(LI, number) for number in "123456789"]
    kept = north.record(WANG, "10")
    north.submits(*gone, kept)
    watch.opens_period()
    for number in "123456789":
        north.settles(number)
    watch.opens_period(days=1)
    watch.db.close()
    secrets = [secret for record in gone for secret in said_by(record)]
    assert all(secret in bytes_in(tmp_path) for secret in secrets + said_by(kept))

    watch.db = state.open_state(tmp_path / "state.db")
    watch.opens_period(days=1)
    watch.db.close()
    assert not any(secret in bytes_in(tmp_path) for secret in secrets)
    assert all(secret in bytes_in(tmp_path) for secret in said_by(kept))


def said_by(record: Record) -> list[bytes]:
    """What a file that holds a record's body holds."""
    texts = (record.pseudonym, record.standing_key, record.private_digest)
    return [unb64(record.contribution), *(text.encode() for text in texts)]


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())

"""What a custodian keeps for a fellow that must start without the old feed; never more than one may keep."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from custodian import checkpoints, extracts, state
from custodian.state import checkpoint
from tests.custodian.conftest import Office
from tests.feeds import LI, Member


@pytest.fixture
def folder(office: Office) -> Path:
    return office.custodian.follower.checkpoints.folder


@pytest.fixture
def north(office: Office) -> Member:
    member = office.alliance.enrols("北辰")
    member.submits(member.record(LI, "N-1"))
    return member


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def newest_cut(office: Office) -> int:
    with office.custodian.feed() as db:
        return int(db.execute("SELECT max(position) FROM cuts").fetchone()[0])


def a_day_later(office: Office) -> None:
    office.alliance.passes(days=1)
    office.begins_period()


def test_a_fellow_starts_from_it_and_comes_to_the_same_state(
    office: Office, north: Member, folder: Path
) -> None:
    office.begins_period()
    at = newest_cut(office)
    assert names(folder) == [f"{at}.gz", f"{at}.signatures.json"]
    north.settles("N-1")
    a_day_later(office)
    file = checkpoints.newest(folder)
    assert file == folder / f"{newest_cut(office)}.gz"
    with closing(state.open_state(":memory:")) as db, file.open("rb") as content:
        checkpoint.read(content, db, office.alliance.key_set, checkpoints.read_signatures(file))
        for entry in office.alliance.entries[state.head(db).position :]:
            state.apply(db, office.alliance.key_set, entry)
        with office.custodian.feed() as own:
            assert state.state_digest(db) == state.state_digest(own)


def test_before_all_have_signed_there_is_nothing_to_hand_on(
    office: Office, north: Member, folder: Path
) -> None:
    office.alliance.cuts()
    office.custodian.follow()
    office.alliance.signs_cut(office.hub.published[-1].statement.body, by=[2])  # type: ignore[arg-type]
    office.custodian.follow()
    assert names(folder) == [f"{newest_cut(office)}.gz"]
    assert checkpoints.newest(folder) is None


def test_the_last_signed_stays_beside_the_one_that_waits_and_nothing_else(
    office: Office, north: Member, folder: Path
) -> None:
    office.begins_period()
    first = newest_cut(office)
    for _ in range(2):
        office.alliance.passes(days=1)
        office.alliance.cuts()
        office.custodian.follow()
    assert names(folder) == sorted([f"{first}.gz", f"{first}.signatures.json", f"{newest_cut(office)}.gz"])
    a_day_later(office)
    last = newest_cut(office)
    assert names(folder) == [f"{last}.gz", f"{last}.signatures.json"]
    with office.custodian.ledger.transaction() as db:
        assert db.execute("SELECT DISTINCT cut FROM cut_statements").fetchall() == [(last,)]


def test_a_custodian_that_disagrees_makes_none_complete(office: Office, north: Member, folder: Path) -> None:
    office.alliance.cuts()
    office.custodian.follow()
    body = office.hub.published[-1].statement.body
    office.alliance.signs_cut(body, by=[2])  # type: ignore[arg-type]
    with office.custodian.feed() as db:
        honest = extracts.cut_signature(db, newest_cut(office))
    other = type(honest)(honest.period, honest.position, honest.head, honest.head)
    office.alliance.signs_cut(other, by=[3])
    office.custodian.follow()
    assert checkpoints.newest(folder) is None


def test_a_crash_before_it_is_written_loses_none(
    office: Office, north: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cut is in the state, and the process died; what comes next on the feed waits for the checkpoint."""

    class Crash(BaseException):
        """The process ends here."""

    def dies(*_: object) -> None:
        raise Crash

    office.alliance.cuts()
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write", dies)
        with pytest.raises(Crash):
            office.custodian.follow()
    at = newest_cut(office)
    assert all(name.endswith(".partial") for name in names(folder))
    north.settles("N-1")
    office.custodian.follow()
    assert f"{at}.gz" in names(folder)
    a_day_later(office)
    assert not any(name.endswith(".partial") for name in names(folder))


def test_a_crash_before_the_signatures_are_written_loses_none(
    office: Office, north: Member, folder: Path
) -> None:
    office.begins_period()
    signatures = folder / f"{newest_cut(office)}.signatures.json"
    written = signatures.read_bytes()
    signatures.unlink()
    office.custodian.follow()
    assert signatures.read_bytes() == written

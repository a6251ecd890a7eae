"""Settled, withdrawn, held and released: what a statement does to its contract, and what it may not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from alliance_hub.errors import Conflict, HubError, NotFound
from alliance_hub.flags.models import FlagRow
from alliance_hub.records import effects
from alliance_hub.records.models import RecordRow
from privacy.encoding import b64
from privacy.records import Flag
from privacy.statements import SECRETARIAT, AnyBody, Hold, Release, Settlement, Withdrawal
from tests.alliance_hub.builders import Platform, seed
from tests.alliance_hub.records.builders import pseudonym_of, record_of, reference_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance

C1 = b64(reference_of("c1"))


@pytest.fixture
def north(alliance: Alliance) -> Platform:
    """A lender with two contracts of Lin, the first of them flagged."""
    north, key_set = alliance.join("North Bank"), alliance.hub.key_set
    flag = Flag(id=b64(seed("flag")), version=1, category="absconded", sealed=b64(b"sealed"))
    rows = [record_of(key_set, "c1", flag=flag), record_of(key_set, "c2")]
    alliance.submit(north, [sign_chunk(north, key_set, rows)])
    return north


def row(alliance: Alliance) -> RecordRow:
    with alliance.hub.database.reading() as session:
        return session.get_one(RecordRow, ("North Bank", reference_of("c1")))


@pytest.mark.parametrize(
    ("body", "state"),
    [(Settlement(contract_ref=C1), "settled"), (Withdrawal(contract_ref=C1), "withdrawn")],
)
def test_an_ended_contract_leaves_at_once_with_its_flag(
    alliance: Alliance, north: Platform, body: AnyBody, state: str
) -> None:
    before = alliance.position
    entry = alliance.state(north, body)

    assert (row(alliance).state, row(alliance).ended_at) == (state, entry.position)
    assert (alliance.live(north), alliance.live(north, before)) == (1, 2)
    assert [holder.flag for holder in alliance.holders(pseudonym_of("Lin"))] == [None]
    with alliance.hub.database.reading() as session:
        assert session.scalars(select(FlagRow)).all() == []


def test_a_hold_keeps_the_contract_and_shows(alliance: Alliance, north: Platform) -> None:
    entry = alliance.state(north, Hold(member=north.name, contract_ref=C1))
    assert (row(alliance).member_hold, row(alliance).secretariat_hold) == (entry.position, None)
    assert sorted(holder.held for holder in alliance.holders(pseudonym_of("Lin"))) == [False, True]
    assert alliance.live(north) == 2

    alliance.state(north, Release(member=north.name, contract_ref=C1))
    assert not row(alliance).is_held
    assert [holder.held for holder in alliance.holders(pseudonym_of("Lin"))] == [False, False]


def test_each_holder_releases_its_own_hold(alliance: Alliance, north: Platform) -> None:
    alliance.state(north, Hold(member=north.name, contract_ref=C1))
    with alliance.hub.database.transaction() as session:
        effects.hold(session, north.name, reference_of("c1"), by=SECRETARIAT, position=99)
    alliance.state(north, Release(member=north.name, contract_ref=C1))
    assert (row(alliance).member_hold, row(alliance).secretariat_hold) == (None, 99)
    with alliance.hub.database.transaction() as session:
        effects.release(session, north.name, reference_of("c1"), by=SECRETARIAT, position=100)
    assert not row(alliance).is_held


def test_a_hold_outlives_the_contract_and_can_still_be_released(alliance: Alliance, north: Platform) -> None:
    alliance.state(north, Hold(member=north.name, contract_ref=C1))
    alliance.state(north, Settlement(contract_ref=C1))
    alliance.state(north, Release(member=north.name, contract_ref=C1))
    assert (row(alliance).state, row(alliance).is_held) == ("settled", False)


UNKNOWN = b64(reference_of("c9"))

REFUSED: dict[str, tuple[list[AnyBody], AnyBody, type[HubError], str]] = {
    "settle an unknown one": ([], Settlement(contract_ref=UNKNOWN), NotFound, "unknown-contract"),
    "hold an unknown one": (
        [],
        Hold(member="North Bank", contract_ref=UNKNOWN),
        NotFound,
        "unknown-contract",
    ),
    "settle twice": (
        [Settlement(contract_ref=C1)],
        Settlement(contract_ref=C1),
        Conflict,
        "contract-ended",
    ),
    "withdraw what is settled": (
        [Settlement(contract_ref=C1)],
        Withdrawal(contract_ref=C1),
        Conflict,
        "contract-ended",
    ),
    "hold what is settled": (
        [Settlement(contract_ref=C1)],
        Hold(member="North Bank", contract_ref=C1),
        Conflict,
        "contract-ended",
    ),
    "hold twice": (
        [Hold(member="North Bank", contract_ref=C1)],
        Hold(member="North Bank", contract_ref=C1),
        Conflict,
        "already-held",
    ),
    "release what is not held": (
        [],
        Release(member="North Bank", contract_ref=C1),
        Conflict,
        "not-held",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_custodians_would_void_does_not_enter_the_feed(
    alliance: Alliance, north: Platform, name: str
) -> None:
    before, body, error, slug = REFUSED[name]
    for each in before:
        alliance.state(north, each)
    position = alliance.position
    with pytest.raises(error) as caught:
        alliance.state(north, body)
    assert caught.value.slug == slug
    assert alliance.position == position


def test_another_members_contract_is_unknown(alliance: Alliance, north: Platform) -> None:
    south = alliance.join("South Bank")
    with pytest.raises(NotFound):
        alliance.state(south, Settlement(contract_ref=C1))
    assert row(alliance).state == "live"

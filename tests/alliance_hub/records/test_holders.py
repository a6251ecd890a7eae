"""Who holds whom, and how many: the hub's own view of what is live."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from alliance_hub.feed import service as feed
from alliance_hub.membership import service as membership
from alliance_hub.records.models import RecordRow
from privacy.encoding import b64
from privacy.records import Flag
from privacy.statements import Hold
from tests.alliance_hub.builders import Platform, seed
from tests.alliance_hub.records.builders import (
    NOVEMBER,
    OCTOBER,
    pseudonym_of,
    record_of,
    reference_of,
    sign_chunk,
    standing_key_of,
)
from tests.alliance_hub.records.conftest import Alliance

FLAG = Flag(id=b64(seed("flag")), version=1, category="absconded", sealed=b64(b"sealed"))


def lend(alliance: Alliance, name: str, *debtors: str, **facts: object) -> Platform:
    """Let a lender join with one contract for each debtor."""
    member, key_set = alliance.join(name), alliance.hub.key_set
    rows = [record_of(key_set, f"{name}-{debtor}", debtor, **facts) for debtor in debtors]  # type: ignore[arg-type]
    alliance.submit(member, [sign_chunk(member, key_set, rows)])
    return member


def test_holders_of_many_in_one_question(either_alliance: Alliance) -> None:
    lend(either_alliance, "North Bank", "Lin", "Wu", lost_contact=True)
    lend(either_alliance, "South Bank", "Lin", as_of=NOVEMBER, flag=FLAG)
    statements: list[str] = []
    event.listen(
        either_alliance.hub.database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_rest: statements.append(statement),
    )

    asked = [pseudonym_of(f"nobody {number}") for number in range(998)]
    found = either_alliance.holders(*asked, pseudonym_of("Lin"), pseudonym_of("Wu"))

    assert sum("FROM records" in statement for statement in statements) == 1
    facts = {(each.member, each.pseudonym): each for each in found}
    assert set(facts) == {
        ("North Bank", pseudonym_of("Lin")),
        ("North Bank", pseudonym_of("Wu")),
        ("South Bank", pseudonym_of("Lin")),
    }
    north, south = facts["North Bank", pseudonym_of("Lin")], facts["South Bank", pseudonym_of("Lin")]
    assert (north.lost_contact, north.as_of, north.flag) == (True, OCTOBER, None)
    assert (south.lost_contact, south.as_of, south.flag) == (False, NOVEMBER, FLAG)
    assert (north.group, north.held) == ("North Bank", False)
    assert north.standing_key == south.standing_key == standing_key_of("Lin").public


def test_nobody_is_held_before_the_first_statement(alliance: Alliance) -> None:
    assert alliance.holders(pseudonym_of("Lin")) == []


def test_a_suspended_members_records_tell_nothing(alliance: Alliance) -> None:
    lend(alliance, "North Bank", "Lin")
    lend(alliance, "South Bank", "Lin")
    with alliance.hub.database.transaction() as session:
        membership.suspend(session, alliance.hub, "North Bank", alliance.clock())
    assert [holder.member for holder in alliance.holders(pseudonym_of("Lin"))] == ["South Bank"]


def test_counts_of_a_cut_stay_while_the_feed_goes_on(either_alliance: Alliance) -> None:
    north = lend(either_alliance, "North Bank", "Lin", "Wu")
    with either_alliance.hub.database.transaction() as session:
        cut = feed.cut(session, either_alliance.hub, either_alliance.clock()).position
    key_set = either_alliance.hub.key_set
    rows = [record_of(key_set, "c3"), record_of(key_set, "North Bank-Lin", as_of=NOVEMBER)]
    either_alliance.submit(north, [sign_chunk(north, key_set, rows)], reference="reference-2")

    assert (either_alliance.live(north), either_alliance.live(north, cut)) == (3, 2)
    assert either_alliance.live(north, 1) == 0
    assert either_alliance.live(north, cut + 1_000) == 0


@pytest.fixture
def held(alliance: Alliance) -> Platform:
    """A lender whose record expires tomorrow and is on hold today."""
    north = lend(alliance, "North Bank", "Lin")
    with alliance.hub.database.transaction() as session:
        session.execute(update(RecordRow).values(expires_at=alliance.clock() + timedelta(days=1)))
    hold = Hold(member=north.name, contract_ref=b64(reference_of("North Bank-Lin")))
    alliance.state(north, hold)
    return north


def test_what_is_on_hold_does_not_expire(alliance: Alliance, held: Platform) -> None:
    alliance.clock.move(days=2)
    lend(alliance, "South Bank", "Wu")  # so that the feed's stamp moves on
    assert alliance.live(held) == 1


def test_what_had_expired_when_the_hold_began_is_out(alliance: Alliance) -> None:
    north = lend(alliance, "North Bank", "Lin")
    with alliance.hub.database.transaction() as session:
        session.execute(update(RecordRow).values(expires_at=alliance.clock() - timedelta(days=1)))
    alliance.state(north, Hold(member=north.name, contract_ref=b64(reference_of("North Bank-Lin"))))
    assert (alliance.live(north), alliance.holders(pseudonym_of("Lin"))) == (0, [])


def test_a_hold_blocks_for_six_effective_cuts_and_is_out(alliance: Alliance, held: Platform) -> None:
    counts = []
    for _ in range(7):
        alliance.cut_all()
        counts.append(alliance.live(held))
        alliance.clock.move(days=31)
    assert counts == [1, 1, 1, 1, 1, 0, 0]
    assert alliance.holders(pseudonym_of("Lin")) == []

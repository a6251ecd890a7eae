"""What becomes of a row: a table of named cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from alliance_hub.feed.rules import AuthorState
from alliance_hub.records.rules import (
    UNCHANGED,
    ChunkReason,
    Incoming,
    Known,
    RowReason,
    Verdict,
    exceeds_portfolio,
    is_taken_product,
    judge,
    statement_fault,
)
from privacy.encoding import b64, instant_text
from privacy.statements import Settlement, Statement
from tests.alliance_hub.builders import ALLIANCE, Ceremony

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 30)
SAME, OTHER = b"same content", b"other content"
LIN, WU = b"Lin", b"Wu"


def row(place: int = 0, contract: bytes = b"c1", who: bytes = LIN, **changed: Any) -> Incoming:
    facts: dict[str, Any] = {"as_of": OCTOBER, "content_digest": SAME} | changed
    return Incoming(place=place, contract_ref=contract, pseudonym=who, **facts)


def known(**changed: Any) -> Known:
    facts: dict[str, Any] = {
        "state": "live",
        "pseudonym": LIN,
        "as_of": OCTOBER,
        "content_digest": SAME,
        "seen_here": False,
    }
    return Known(**(facts | changed))


def refused(reason: RowReason) -> Verdict:
    return Verdict.refused(reason)


CASES = {
    "new": (row(), None, None),
    "later day": (row(as_of=NOVEMBER, content_digest=OTHER), known(), None),
    "later day, same content": (row(as_of=NOVEMBER), known(), None),
    "the same again": (row(), known(), UNCHANGED),
    "same day, other content": (row(content_digest=OTHER), known(), refused(RowReason.OTHER_CONTENT)),
    "earlier day": (row(), known(as_of=NOVEMBER), refused(RowReason.OLDER)),
    "earlier day, other content": (
        row(content_digest=OTHER),
        known(as_of=NOVEMBER),
        refused(RowReason.OLDER),
    ),
    "settled": (row(as_of=NOVEMBER), known(state="settled"), refused(RowReason.ENDED)),
    "withdrawn, the same again": (row(), known(state="withdrawn"), refused(RowReason.ENDED)),
    "named in an earlier chunk": (
        row(as_of=NOVEMBER),
        known(seen_here=True),
        refused(RowReason.TWICE),
    ),
    "unchanged but named before": (row(), known(seen_here=True), refused(RowReason.TWICE)),
    "today": (row(as_of=date(2026, 12, 1)), None, None),
    "tomorrow": (row(as_of=date(2026, 12, 2)), None, refused(RowReason.AHEAD)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_row(case: str) -> None:
    incoming, standing, verdict = CASES[case]
    found = judge([incoming], {} if standing is None else {0: standing}, {}, latest=date(2026, 12, 1))
    assert found == ({} if verdict is None else {0: verdict})


def test_made_up_data_may_play_the_future() -> None:
    assert judge([row(as_of=date(2099, 1, 1))], {}, {}, latest=None) == {}


def test_the_second_of_two_in_one_chunk_is_refused() -> None:
    rows = [row(0), row(1, b"c2"), row(2, as_of=NOVEMBER)]
    assert judge(rows, {}, {}, latest=None) == {2: refused(RowReason.TWICE)}


def test_a_pseudonym_has_room_for_256_contracts() -> None:
    rows = [row(place, b"c%d" % place) for place in range(3)]
    assert judge(rows, {}, {LIN: 253, WU: 256}, latest=None) == {}
    assert judge(rows, {}, {LIN: 254}, latest=None) == {2: refused(RowReason.TOO_MANY_CONTRACTS)}


def test_a_contract_that_stands_needs_no_new_room() -> None:
    later = row(as_of=NOVEMBER)
    assert judge([later], {0: known()}, {LIN: 256}, latest=None) == {}


def test_a_contract_that_changes_its_debtor_makes_room_at_the_old_one() -> None:
    moved = row(0, b"c1", WU, as_of=NOVEMBER)
    assert judge([moved], {0: known()}, {LIN: 256, WU: 255}, latest=None) == {}
    full = judge([moved], {0: known()}, {LIN: 256, WU: 256}, latest=None)
    assert full == {0: refused(RowReason.TOO_MANY_CONTRACTS)}
    behind_it = judge([moved, row(1, b"c2", LIN)], {0: known()}, {LIN: 256, WU: 0}, latest=None)
    assert behind_it == {}


def test_a_contract_that_was_forgotten_takes_room_when_it_comes_back() -> None:
    forgotten, back = known(pseudonym=None), row(as_of=NOVEMBER)
    assert judge([back], {0: forgotten}, {LIN: 255}, latest=None) == {}
    full = judge([back], {0: forgotten}, {LIN: 256}, latest=None)
    assert full == {0: refused(RowReason.TOO_MANY_CONTRACTS)}


def test_an_unchanged_row_takes_no_room() -> None:
    assert judge([row(), row(1, b"c2")], {0: known()}, {LIN: 255}, latest=None) == {0: UNCHANGED}


@pytest.mark.parametrize(
    ("taken", "size", "too_many"), [(0, 200, False), (0, 201, True), (199, 1, False), (200, 1, True)]
)
def test_twice_the_declared_portfolio(taken: int, size: int, too_many: bool) -> None:
    assert exceeds_portfolio(taken, size, declared=100) is too_many


@pytest.mark.parametrize(
    ("product", "taken"),
    [
        ("consumer_loan", True),
        ("other", True),
        ("campus_loan", False),
        ("down_payment_loan", False),
        ("timeshare", False),
    ],
)
def test_products(product: str, taken: bool) -> None:
    assert is_taken_product(product) is taken


STAMP = datetime(2026, 11, 1, 18, 0, tzinfo=UTC)
LAST = bytes(range(32))


def statement(**changed: Any) -> Statement:
    body = Settlement(contract_ref=b64(bytes(32)))
    sound = Statement(
        alliance=ALLIANCE,
        epoch=1,
        author="member/North",
        sequence=4,
        previous=b64(LAST),
        signed_at=instant_text(STAMP),
        body=body,
    )
    return msgspec.structs.replace(sound, **changed)


def hours(count: float) -> str:
    return instant_text(STAMP + timedelta(hours=count))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"alliance": "Another"}, ChunkReason.ALLIANCE),
        ({"epoch": 2}, ChunkReason.ALLIANCE),
        ({"sequence": 5}, ChunkReason.SEQUENCE),
        ({"previous": b64(bytes(32))}, ChunkReason.SEQUENCE),
        ({"previous": None}, ChunkReason.SEQUENCE),
        ({"signed_at": hours(-24)}, None),
        ({"signed_at": hours(24.01)}, ChunkReason.SIGNED_AT),
        ({"signed_at": hours(-24.01)}, ChunkReason.SIGNED_AT),
        ({"signed_at": "2026-02-30T00:00:00Z"}, ChunkReason.SIGNED_AT),
    ],
)
def test_a_chunks_place_in_its_chain(
    ceremony: Ceremony, changed: dict[str, Any], reason: ChunkReason | None
) -> None:
    author = AuthorState(4, LAST, STAMP - timedelta(hours=24))
    assert statement_fault(statement(**changed), ceremony.key_set, author, STAMP) is reason


def test_time_never_goes_back_for_an_author(ceremony: Ceremony) -> None:
    author = AuthorState(4, LAST, STAMP)
    earlier = statement(signed_at=hours(-0.01))
    assert statement_fault(earlier, ceremony.key_set, author, STAMP) is ChunkReason.SIGNED_AT

"""Slots, buckets, sanity, and the randomness derived for one contribution."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import exposure
from privacy.errors import DeserializeError, InvalidInputError
from privacy.exposure import Exposure, contribution_of, is_sane, positions_per_ciphertext, randomness, split

NAMES = [
    *("contracts", "outstanding", "overdue"),
    *("d1_30", "d31_60", "d61_90", "d91_180", "d181_plus"),
    *("in_court", "judged"),
]
AS_OF = date(2026, 10, 31)
SECRET = bytes(range(32))
QUIET = Exposure(1, 500, 0, 0, 0, 0, 0, 0, 0, 0)
TOTAL = Exposure(3, 900, 400, 1, 0, 0, 0, 1, 1, 0)

exposures = st.builds(Exposure, *[st.integers(0, 2**48 - 1)] * 10)
contributions = st.builds(Exposure, *[st.integers(0, 2**33 - 1)] * 10)


# Slots


@given(exposures)
def test_unpack_undoes_pack(total: Exposure) -> None:
    assert Exposure.unpack(total.pack()) == total


@given(st.integers(0, 2**480 - 1))
def test_pack_undoes_unpack(packed: int) -> None:
    assert Exposure.unpack(packed).pack() == packed


@given(exposures)
def test_each_slot_stands_48_bits_above_the_one_before(total: Exposure) -> None:
    expected = sum(getattr(total, name) * 2 ** (48 * place) for place, name in enumerate(NAMES))
    assert total.pack() == expected


@given(st.lists(contributions, min_size=1, max_size=20))
def test_adding_packed_numbers_adds_slot_by_slot(parts: list[Exposure]) -> None:
    total = Exposure.unpack(sum(part.pack() for part in parts))
    assert total == Exposure(*(sum(getattr(part, name) for part in parts) for name in NAMES))


def test_as_many_contributions_as_are_allowed_do_not_spill() -> None:
    largest = Exposure(*[exposure.AMOUNT_LIMIT - 1] * 10)
    total = Exposure.unpack(largest.pack() * exposure.CONTRACTS_LIMIT)
    assert set(total.as_dict().values()) == {(2**33 - 1) * 2**15}


def test_slots_are_named_from_low_to_high() -> None:
    assert list(exposure.SLOT_NAMES) == NAMES
    assert list(TOTAL.as_dict().items()) == list(zip(NAMES, [3, 900, 400, 1, 0, 0, 0, 1, 1, 0], strict=True))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-1, 2**48])
def test_a_value_that_leaves_its_slot_is_not_packed(name: str, value: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        replace(TOTAL, **{name: value}).pack()
    assert refusal.value.field == name


@pytest.mark.parametrize("packed", [-1, 2**480])
def test_a_number_beyond_the_slots_is_not_unpacked(packed: int) -> None:
    with pytest.raises(DeserializeError):
        Exposure.unpack(packed)


@given(st.lists(exposures, min_size=1, max_size=6))
def test_split_gives_the_positions_the_lowest_first(totals: list[Exposure]) -> None:
    packed = sum(total.pack() * 2 ** (480 * place) for place, total in enumerate(totals))
    assert split(packed, len(totals)) == totals


@pytest.mark.parametrize("packed", [-1, 2**960])
def test_split_refuses_more_than_its_positions(packed: int) -> None:
    with pytest.raises(DeserializeError):
        split(packed, 2)


def test_split_into_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        split(0, 0)
    assert refusal.value.field == "count"


@pytest.mark.parametrize(("bits", "positions"), [(3072, 6), (1024, 2), (960, 1), (961, 2), (480, 0)])
def test_positions_per_ciphertext(bits: int, positions: int) -> None:
    assert positions_per_ciphertext(bits) == positions


# Contributions


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "d1_30"),
        (1, "d1_30"),
        (30, "d1_30"),
        (31, "d31_60"),
        (60, "d31_60"),
        (61, "d61_90"),
        (90, "d61_90"),
        (91, "d91_180"),
        (180, "d91_180"),
        (181, "d181_plus"),
        (9999, "d181_plus"),
    ],
)
@pytest.mark.parametrize("overdue", [0, 300])
def test_a_contract_with_an_overdue_date_is_in_one_bucket(days: int, bucket: str, overdue: int) -> None:
    contribution = contribution_of(500, overdue, AS_OF - timedelta(days), AS_OF, True, False)
    assert contribution == replace(QUIET, overdue=overdue, in_court=1, **{bucket: 1})


def test_a_contract_without_one_is_in_none() -> None:
    assert contribution_of(500, 0, None, AS_OF, False, True) == replace(QUIET, judged=1)


def test_the_largest_contribution() -> None:
    amount = 2**33 - 1
    contribution = contribution_of(amount, amount, AS_OF, AS_OF, True, True)
    assert contribution == Exposure(1, amount, amount, 1, 0, 0, 0, 0, 1, 1)
    assert is_sane(contribution)


@pytest.mark.parametrize(
    ("field", "outstanding", "overdue", "overdue_on"),
    [
        ("outstanding", -1, 0, None),
        ("outstanding", 2**33, 0, None),
        ("overdue", 500, -1, AS_OF),
        ("overdue", 500, 501, AS_OF),
        ("overdue", 500, 2**33, AS_OF),
        ("overdue_on", 500, 300, AS_OF + timedelta(1)),
    ],
)
def test_absurd_contracts_are_refused(
    field: str, outstanding: int, overdue: int, overdue_on: date | None
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        contribution_of(outstanding, overdue, overdue_on, AS_OF, False, False)
    assert refusal.value.field == field
    assert not any(digits in str(refusal.value) for digits in ("500", "501"))


# Sanity


@given(
    st.lists(
        st.builds(
            lambda outstanding, share, days, in_court, judged: contribution_of(
                outstanding,
                outstanding * share // 100,
                None if days is None else AS_OF - timedelta(days),
                AS_OF,
                in_court,
                judged,
            ),
            st.integers(0, 2**33 - 1),
            st.integers(0, 100),
            st.none() | st.integers(0, 400),
            st.booleans(),
            st.booleans(),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_a_total_of_honest_contributions_is_sane(parts: list[Exposure]) -> None:
    assert is_sane(Exposure.unpack(sum(part.pack() for part in parts)))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"contracts": 0}, id="no-contract"),
        pytest.param({"contracts": 2**15 + 1}, id="more-contracts-than-slots-can-hold"),
        pytest.param({"overdue": 901}, id="more-overdue-than-outstanding"),
        pytest.param({"outstanding": 3 * 2**33}, id="more-than-three-contracts-can-owe"),
        pytest.param({"d1_30": 4}, id="bucket-above-contracts"),
        pytest.param({"d31_60": 2}, id="buckets-together-above-contracts"),
        pytest.param({"in_court": 4}, id="in-court-above-contracts"),
        pytest.param({"judged": 4}, id="judged-above-contracts"),
        pytest.param({"judged": -1}, id="negative"),
    ],
)
def test_a_total_that_nobody_can_have_made_honestly_is_not(change: dict[str, int]) -> None:
    assert is_sane(TOTAL)
    assert not is_sane(replace(TOTAL, **change))


def test_a_contribution_of_minus_one_contract_is_noticed() -> None:
    forged = QUIET.pack() - 2 * 1  # the slot above lends 2^48
    assert not is_sane(Exposure.unpack(forged))


# Randomness


def hkdf_sha512(secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 section 2, written from the RFC, salt empty."""
    key = hmac.digest(bytes(64), secret, hashlib.sha512)
    block, output = b"", b""
    for counter in range(1, -(-length // 64) + 1):
        block = hmac.digest(key, block + info + bytes([counter]), hashlib.sha512)
        output += block
    return output[:length]


@pytest.mark.parametrize("bits", [1024, 3072])
def test_randomness_is_hkdf_over_the_canonical_context(bits: int) -> None:
    expected = hkdf_sha512(SECRET, b'[7,"contract-a","2026-10-31","123456789"]', bits // 16)
    r = randomness(
        SECRET, epoch=7, contract_ref="contract-a", as_of="2026-10-31", plaintext=123456789, bits=bits
    )
    assert r == int.from_bytes(expected, "big")
    assert r < 2 ** (bits // 2)


def test_everything_that_goes_in_changes_it() -> None:
    def derive(
        secret: bytes = SECRET, epoch: int = 7, ref: str = "a", as_of: str = "2026-10-31", plaintext: int = 5
    ) -> int:
        return randomness(secret, epoch=epoch, contract_ref=ref, as_of=as_of, plaintext=plaintext, bits=1024)

    changed = [
        derive(bytes(32)),
        derive(epoch=8),
        derive(ref="b"),
        derive(as_of="2026-11-01"),
        derive(plaintext=6),
    ]
    assert len({derive(), *changed}) == 6
    assert derive() == derive()


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        randomness(SECRET[:31], epoch=7, contract_ref="a", as_of="2026-10-31", plaintext=5, bits=1024)
    assert refusal.value.field == "member_secret"

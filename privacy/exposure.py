"""What one contract contributes to a debtor's total: ten counters in one number that can be added blind.

An adversary would seal an amount so large that it spills into the next slot, or a count of minus one.
The sealing side refuses both here; whoever opens a total asks `is_sane`, and what fails is reopened
unpacked (protocol section 5). Lies that agree with each other stay undetectable.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.encoding import canonical
from privacy.errors import DeserializeError, InvalidInputError

SLOT_BITS: Final = 48
SLOTS_BITS: Final = 480
"""Ten slots: one position of a packed plaintext."""

AMOUNT_LIMIT: Final = 1 << 33
"""Amounts of one contract are below this, in fen (85,899,345.92 yuan)."""

CONTRACTS_LIMIT: Final = 1 << 15
"""So many contributions fit into one total before a slot of amounts could spill."""

SECRET_BYTES: Final = 32
"""The member's secret has at least this length: with a shorter one the randomness could be searched."""

# Last day, counted from the overdue date, of each bucket but the open one. Day 0 is in the first.
_LAST_DAYS: Final = {"d1_30": 30, "d31_60": 60, "d61_90": 90, "d91_180": 180}
_OPEN_BUCKET: Final = "d181_plus"


@dataclass(frozen=True, slots=True)
class Exposure:
    """One contract's contribution, or a total of many. Fields are the slots, from low to high."""

    contracts: int
    outstanding: int
    overdue: int
    d1_30: int
    d31_60: int
    d61_90: int
    d91_180: int
    d181_plus: int
    in_court: int
    judged: int

    def pack(self) -> int:
        """Return the ten slots as one number below 2^480; raises InvalidInputError naming the slot."""
        packed = 0
        for slot, value in reversed(self.as_dict().items()):
            if not 0 <= value < 1 << SLOT_BITS:
                raise InvalidInputError(f"a slot holds 0 .. 2^{SLOT_BITS} - 1", field=slot)
            packed = packed << SLOT_BITS | value
        return packed

    @classmethod
    def unpack(cls, packed: int) -> Exposure:
        """Read the slots of a number made by `pack`; raises DeserializeError for one that is too large."""
        if not 0 <= packed < 1 << SLOTS_BITS:
            raise DeserializeError("a contribution spilled out of its slots: reopen it alone")
        mask = (1 << SLOT_BITS) - 1
        return cls(*(packed >> shift & mask for shift in range(0, SLOTS_BITS, SLOT_BITS)))

    def as_dict(self) -> dict[str, int]:
        """Return the slots by name, from low to high."""
        return {name: getattr(self, name) for name in SLOT_NAMES}

    @property
    def buckets(self) -> tuple[int, ...]:
        """The five counts of contracts by days overdue."""
        return self.d1_30, self.d31_60, self.d61_90, self.d91_180, self.d181_plus


SLOT_NAMES: Final = tuple(slot.name for slot in fields(Exposure))
"""From low to high, as a key set lists them."""


def contribution_of(
    outstanding: int, overdue: int, overdue_on: date | None, as_of: date, in_court: bool, judged: bool
) -> Exposure:
    """Return what one contract contributes, amounts in fen.

    A contract with an overdue date counts in one bucket even when the amount is 0; one without counts
    in none. Raises InvalidInputError naming the field.
    """
    for name, amount in (("outstanding", outstanding), ("overdue", overdue)):
        if not 0 <= amount < AMOUNT_LIMIT:
            raise InvalidInputError("an amount lies in 0 .. 2^33 - 1 fen", field=name)
    if overdue > outstanding:
        raise InvalidInputError("no more can be overdue than is outstanding", field="overdue")
    counts = dict.fromkeys([*_LAST_DAYS, _OPEN_BUCKET], 0)
    if overdue_on is not None:
        counts[_bucket(overdue_on, as_of)] = 1
    return Exposure(1, outstanding, overdue, **counts, in_court=int(in_court), judged=int(judged))


def _bucket(overdue_on: date, as_of: date) -> str:
    days = (as_of - overdue_on).days
    if days < 0:
        raise InvalidInputError("the overdue date is after the as-of date", field="overdue_on")
    return next((bucket for bucket, last in _LAST_DAYS.items() if days <= last), _OPEN_BUCKET)


def positions_per_ciphertext(bits: int) -> int:
    """Return how many subjects one plaintext below a modulus of `bits` bits can hold."""
    return (bits - 1) // SLOTS_BITS


def split(packed: int, count: int) -> list[Exposure]:
    """Return the `count` positions of an opened plaintext, the lowest first, as `paillier.pack` filled them.

    Raises DeserializeError when it is larger than that: then some contribution was out of bounds.
    """
    if count < 1:
        raise InvalidInputError("at least one position is needed", field="count")
    mask = (1 << SLOTS_BITS) - 1
    highest = (count - 1) * SLOTS_BITS
    lower = [Exposure.unpack(packed >> shift & mask) for shift in range(0, highest, SLOTS_BITS)]
    return [*lower, Exposure.unpack(packed >> highest)]


def is_sane(total: Exposure) -> bool:
    """Say whether honest contributions can add up to `total` (protocol section 5 step 5).

    At least one contract, no count above it, no contract in two buckets, amounts within their bounds.
    """
    contracts = total.contracts
    return (
        0 < contracts <= CONTRACTS_LIMIT
        and min(total.as_dict().values()) >= 0
        and max(sum(total.buckets), total.in_court, total.judged) <= contracts
        and total.overdue <= total.outstanding <= contracts * (AMOUNT_LIMIT - 1)
    )


def randomness(
    member_secret: bytes, *, epoch: int, contract_ref: str, as_of: str, plaintext: int, bits: int
) -> int:
    """Derive the `r` that seals `plaintext` under a modulus of `bits` bits: `bits / 2` bits.

    HKDF-SHA512 (RFC 5869), so that the member can open a contribution to an auditor years later without
    having kept `r`. The plaintext is part of it: two amounts of one contract and date sealed with one
    `r` would show their difference. Raises InvalidInputError for a secret below 32 bytes.
    """
    if len(member_secret) < SECRET_BYTES:
        raise InvalidInputError(f"at least {SECRET_BYTES} bytes are needed", field="member_secret")
    info = canonical([epoch, contract_ref, as_of, str(plaintext)])
    derived = HKDF(algorithm=SHA512(), length=bits // 16, salt=b"", info=info).derive(member_secret)
    return int.from_bytes(derived, "big")

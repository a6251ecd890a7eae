"""How a sample is drawn, so that anybody can draw it again from its log entry.

- The register is fixed first: its references in order, their number and the SHA-256 over them.
- Then a seed comes from the system's generator: nobody could choose rows that suit the seed, or the other
  way round.
- Rank number i of the sample is `SHA-256(seed || i)` as a number below the population, counting on where a
  rank was drawn already or the number lies in the last, incomplete round (so that all are equally likely).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from alliance_hub.errors import Invalid

SEED_BYTES = 32
LARGEST = 200
"""Rows that one sample may have: what somebody can look through on a visit, and one log entry holds [D]."""
LONGEST_REASON = 500


def require_size(size: int, population: int) -> None:
    """Raise Invalid unless so many rows can be drawn."""
    if not 1 <= size <= LARGEST:
        raise Invalid(f"draw between 1 and {LARGEST} rows", field="size")
    if population == 0:
        raise Invalid("this register is empty: there is nothing to draw", field="register")
    if size > population:
        raise Invalid("the register has fewer rows than that: draw fewer", field="size")


def ranks(seed: bytes, *, size: int, population: int) -> list[int]:
    """Return `size` different ranks below `population`, in ascending order."""
    whole = (1 << 256) // population * population
    found: set[int] = set()
    numbers = (
        int.from_bytes(hashlib.sha256(seed + index.to_bytes(8, "big")).digest(), "big") for index in count()
    )
    while len(found) < size:
        number = next(numbers)
        if number < whole:
            found.add(number % population)
    return sorted(found)


@dataclass(slots=True)
class Population:
    """A register's references, counted and hashed as they go by."""

    size: int
    digest: bytes

    @classmethod
    def of(cls, references: Iterable[str]) -> Population:
        """Count references and hash them: SHA-256 over each, closed by a line feed."""
        sha, size = hashlib.sha256(), 0
        for reference in references:
            sha.update(reference.encode() + b"\n")
            size += 1
        return cls(size, sha.digest())

"""What everybody said, gathered in one go, and what a check of it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from member import wire
from member.errors import MemberError, Untrusted
from privacy.feed import Head
from privacy.keyset import KeySet


class Verdict(StrEnum):
    """What a check came to."""

    FINE = "fine"
    """Nothing contradicts what this member knows."""
    NOTE = "note"
    """Not everything could be compared, or a difference has an innocent reason: read it."""
    ALARM = "ALARM"
    """Somebody says what cannot be true: a person must act."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the result."""

    what: str
    verdict: Verdict
    says: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What everybody said, gathered in one go; `heads` are those whose signatures held."""

    key_set: KeySet
    hub: wire.Account | None
    accounts: Mapping[int, wire.CustodianAccount]
    heads: Mapping[int, Head]


def failures(errors: Mapping[int, MemberError]) -> list[Check]:
    """Return who did not answer: silence is no crime, an answer that does not hold is."""
    return [Check(f"custodian {index}", weight(error), str(error)) for index, error in sorted(errors.items())]


def weight(error: MemberError) -> Verdict:
    """Return how much a failure to answer weighs."""
    return Verdict.ALARM if isinstance(error, Untrusted) else Verdict.NOTE


def exit_code(checks: Iterable[Check]) -> int:
    """Return 1 while an alarm stands, as `status` does, else 0."""
    return int(any(check.verdict is Verdict.ALARM for check in checks))


def who(indices: Iterable[int]) -> str:
    """Return custodians as a person names them: `custodian 2`, `custodians 1 and 3`."""
    *others, last = map(str, sorted(indices))
    return f"custodians {', '.join(others)} and {last}" if others else f"custodian {last}"

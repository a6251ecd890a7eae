"""What can go wrong on the member's side, one class for each thing that its people can do about it.

    MemberError                 1  unexpected: a defect, or a machine that gave way
    ├── RetryLater              3  nothing is lost: run the same command again, later
    │   ├── Unavailable            the hub, or too many custodians, did not answer
    │   ├── QuotaExceeded          asked enough for now
    │   ├── NotYet                 somebody else must act first
    │   └── VaultBusy              another command is at work on this vault
    └── Refused                 4  a rule says no; it is named
        ├── KeySetRefused          the key set is not the one whose fingerprints were printed
        ├── VaultRefused           no vault, one too many, or one that does not open
        ├── Declined               the hub or a custodian said no, in its own words
        └── Untrusted              an answer whose signature, proof or form does not hold

The number is the exit code of the command. No message ever carries an identifier, an amount or a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar


class MemberError(Exception):
    """Root of every error that `member` raises on purpose."""

    exit_code: ClassVar[int] = 1


class RetryLater(MemberError):
    """Nothing is lost; the same command goes on later, from `retry_at` if that is known.

    Where hub or custodian said so, `rule` is its problem's slug and `extra` what it added.
    """

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        retry_at: datetime | None = None,
        rule: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_at = retry_at
        self.rule = rule
        self.extra: Mapping[str, Any] = extra or {}


class Unavailable(RetryLater):
    """The other side did not answer, or said that it cannot work now."""


class QuotaExceeded(RetryLater):
    """The other side has answered enough for now."""


class NotYet(RetryLater):
    """Somebody else must act first; the message says who."""


class VaultBusy(RetryLater):
    """Another command is at work on this vault."""


class Refused(MemberError):
    """A rule says no; `rule` names it."""

    exit_code = 4

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class KeySetRefused(Refused):
    """The key set does not hold, or is not the one whose fingerprints were printed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, rule="key-set")


class VaultRefused(Refused):
    """There is no vault, there is one already, or it does not open."""

    def __init__(self, message: str) -> None:
        super().__init__(message, rule="vault")


class Declined(Refused):
    """The hub or a custodian said no: `rule` is its problem's slug, `extra` what it added."""

    def __init__(self, message: str, *, rule: str, status: int, extra: Mapping[str, Any]) -> None:
        super().__init__(message, rule=rule)
        self.status = status
        self.extra = extra


class Untrusted(Refused):
    """An answer's signature, proof or form does not hold: it is not used."""

    def __init__(self, message: str) -> None:
        super().__init__(message, rule="proof")

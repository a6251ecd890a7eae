"""What a custodian refuses, one class for each answer that a caller can give.

    CustodianError
    ├── Refused          asked for something that the rules do not allow; `slug` names the problem
    ├── QuotaExhausted   a charge would pass a quota; `retry_at` says when to come back
    ├── OtherContent     a request id was used before for something else
    ├── Stale            this custodian's head judges otherwise than the position that was named
    ├── DeliveryFault    what the hub delivered is no continuation of the feed: take none of it
    │   └── Forked       the hub's feed contradicts the one held here: stop and raise the alarm
    ├── Stopped          a fork was seen; nothing is served until a person has looked
    ├── Forgotten        the hub serves the feed only from a later position on
    ├── HubUnreachable   the hub does not answer now
    ├── HubRefused       the hub answered with a problem; `slug` names it
    └── OperatorError    the operator must do something else; the message says what

No message ever carries an identifier, a pseudonym, an amount or a key.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custodian.state.values import Position


class CustodianError(Exception):
    """Root of every error that `custodian` raises on purpose."""


class Refused(CustodianError):
    """The rules do not allow what was asked. `slug` is the problem's name on the wire."""

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(message)
        self.slug = slug


class QuotaExhausted(CustodianError):
    """A charge would pass a quota. `retry_at` is None when waiting does not help."""

    def __init__(self, message: str, retry_at: datetime | None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class OtherContent(CustodianError):
    """A request id was used before for something else."""


class Stale(CustodianError):
    """The head of this custodian judges otherwise than the position that was named: ask again at `head`."""

    def __init__(self, head: Position) -> None:
        super().__init__("the feed has moved on since the position that was named; ask again at the head")
        self.head = head


class Fault(StrEnum):
    """In which way a delivery is no continuation of the feed."""

    POSITION = "position"
    """The position is not the one after the last."""
    STAMP = "stamp"
    """The stamp is no instant, or lies before the last one."""
    RECORDS = "records"
    """The records beside a statement are not those that it commits to."""
    HEARTBEAT = "heartbeat"
    """The heartbeat is not signed by this alliance's hub."""
    TRUNCATED = "truncated"
    """The hub's feed is shorter than the one that it delivered before."""
    FORKED = "forked"
    """The hub's feed has another head at the same position."""


class DeliveryFault(CustodianError):
    """What the hub delivered is no continuation of the feed; nothing of it was taken.

    `reason` says in which way.
    """

    def __init__(self, reason: Fault, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Forked(DeliveryFault):
    """The hub signed for a feed that contradicts the one held here; both signatures are the evidence."""


class Stopped(CustodianError):
    """This custodian serves nothing until a person has looked."""


class Forgotten(CustodianError):
    """The hub has erased what this custodian would follow from; a fellow's checkpoint leads on."""

    def __init__(self) -> None:
        super().__init__(
            "the hub has erased this part of the feed, as it must: stop, get a checkpoint from a fellow"
            " custodian, and run `alliance-custodian checkpoint import FILE`"
        )


class HubUnreachable(CustodianError):
    """The hub does not answer now; trying again later is right."""


class HubRefused(CustodianError):
    """The hub answered with a problem. `slug` is its name on the wire."""

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(message)
        self.slug = slug


class OperatorError(CustodianError):
    """The operator must do something else first; the message says what."""

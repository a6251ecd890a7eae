"""Which alarms are open: those that the operator has not said to have dealt with. None is ever deleted."""

from __future__ import annotations

from custodian.errors import OperatorError
from custodian.ledger import Alarm, Ledger

_CLOSED = "alarms_closed"
"""The fact that says how many of the alarms, counted from the oldest, were dealt with."""


def open_alarms(ledger: Ledger) -> list[Alarm]:
    """Return the alarms that nobody has dealt with, newest first."""
    every = ledger.alarms()
    return every[: len(every) - _closed(ledger)]


def close(ledger: Ledger, count: int) -> None:
    """Say that the oldest `count` alarms were dealt with: those that a person had before their eyes."""
    if not _closed(ledger) <= count <= len(ledger.alarms()):
        raise OperatorError("the alarms have changed meanwhile: look at them again")
    ledger.set_fact(_CLOSED, str(count))


def _closed(ledger: Ledger) -> int:
    return int(ledger.fact(_CLOSED) or 0)

"""When the operator paused this custodian and when it served again: for the page and the monthly report."""

from __future__ import annotations

from datetime import datetime

import msgspec

from custodian.ledger import Ledger
from privacy.encoding import instant_text
from privacy.messages import Instant, Message

_PAUSED, _PAUSES = "paused", "pauses"


class Pause(Message, frozen=True):
    """One pause; `until` is null while it lasts."""

    since: Instant
    until: Instant | None


def pause(ledger: Ledger, now: datetime) -> None:
    """Stop evaluating and opening; the feed is still followed."""
    if ledger.fact(_PAUSED) is None:
        _write(ledger, [*pauses(ledger), Pause(since=instant_text(now), until=None)])
        ledger.set_fact(_PAUSED, "operator")


def resume(ledger: Ledger, now: datetime) -> None:
    """Serve again."""
    ended = [
        each if each.until else msgspec.structs.replace(each, until=instant_text(now))
        for each in pauses(ledger)
    ]
    _write(ledger, ended)
    ledger.set_fact(_PAUSED, None)


def pauses(ledger: Ledger) -> list[Pause]:
    """Return all pauses, the oldest first."""
    text = ledger.fact(_PAUSES)
    return [] if text is None else msgspec.json.decode(text, type=list[Pause])


def _write(ledger: Ledger, all_: list[Pause]) -> None:
    ledger.set_fact(_PAUSES, msgspec.json.encode(all_).decode())

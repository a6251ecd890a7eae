"""What is true of custodians as the hub sees them.

- A custodian keeps up if the head that it signs is the hub's own, or lies not far behind it.
- Custodians on one machine separate nothing: whoever has the machine has all their shares.
- A ceremony makes keys of which more than half of the custodians are needed, for one later epoch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from alliance_hub.errors import Invalid
from alliance_hub.settings import is_loopback
from privacy.keyset import MAX_CUSTODIANS

LAGS_BEHIND = 20
"""Entries that a custodian may be behind: it pulls every few seconds, and a chunk is one entry [D]."""


class Standing(StrEnum):
    """How a custodian was found when it was asked last."""

    UNKNOWN = "unknown"
    """It was not asked yet."""
    WELL = "well"
    """It signs the hub's own head, or one shortly before."""
    BEHIND = "behind"
    """It signs a head that lies well behind the hub's."""
    SILENT = "silent"
    """It did not answer in time, or not with a head."""
    STRANGE = "strange"
    """What answers there is another alliance's or epoch's custodian, or signs with another key."""
    FORKED = "forked"
    """It signs another head than the hub has at the same position: stop, and compare the feeds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A key ceremony as two officers decide it."""

    epoch: int
    custodians: int
    threshold: int
    synthetic: bool
    on: date


def standing_of(position: int, head: bytes, *, own_position: int, own_head: bytes) -> Standing:
    """Judge a custodian's signed head by the hub's own feed, as it stood when the answer came."""
    if position == own_position and head != own_head:
        return Standing.FORKED
    return Standing.BEHIND if own_position - position > LAGS_BEHIND else Standing.WELL


def shared_machines(addresses: Sequence[str]) -> list[list[int]]:
    """Return the groups of custodians, by index from 1, whose addresses lead to one machine."""
    machines: dict[str, list[int]] = defaultdict(list)
    for index, address in enumerate(addresses, 1):
        machines["this machine" if is_loopback(address) else urlsplit(address).hostname or ""].append(index)
    return [indices for indices in machines.values() if len(indices) > 1]


def require_plan(plan: Plan, *, epoch: int, synthetic: bool, today: date) -> None:
    """Raise Invalid, naming the field, for a ceremony whose key set nobody could follow `epoch` with."""
    if plan.epoch != epoch + 1:
        raise Invalid(f"the epoch after {epoch} is {epoch + 1}", field="epoch")
    if not 2 <= plan.custodians <= MAX_CUSTODIANS:
        raise Invalid(f"there are 2 to {MAX_CUSTODIANS} custodians", field="custodians")
    if not plan.custodians < 2 * plan.threshold <= 2 * plan.custodians:
        raise Invalid(
            "more than half of the custodians must be needed, and not more than there are", field="threshold"
        )
    if plan.synthetic != synthetic:
        raise Invalid(
            "made-up and real data never share an alliance: begin a new one with a home of its own",
            field="synthetic",
        )
    if plan.on < today:
        raise Invalid("a ceremony is held today or later", field="on")

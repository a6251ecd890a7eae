"""What is true of a matter: what may be opened, and when what was certified no longer says enough.

- A matter is about contracts that the member itself has handed in, under one pseudonym and standing key.
- It lasts until an instant that the member chose, at most three years ahead, and can only be shortened.
- A certificate is superseded once the register says something else about what it certified, and when its
  member was suspended. More questions asked since do not make it wrong.
- A bundle is superseded with the first of the certificates in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.matters.kinds import MatterState, Why
from privacy.certificates import (
    AgreementSaid,
    AnySaid,
    Ended,
    Flagged,
    FlagSaid,
    Noticed,
    NoticeSaid,
    Recorded,
    RecordSaid,
    SettlementSaid,
)
from privacy.encoding import b64, parse_instant
from privacy.evidence import MatterRequest
from privacy.keyset import KeySet

LONGEST = timedelta(days=3 * 366)
"""How far ahead a matter may end: as long as a claim lives without being interrupted (民法典 188) [D]."""

OPENED_WITHIN = timedelta(hours=24)
"""Between the instant that the request names and the hub's clock; as for statements (protocol section 4)."""

KEPT_AFTER = timedelta(days=3 * 366)
"""How long a matter is kept once it is over (PIPL 56: three years for records of what was handled) [D]."""

HELD = "held"
"""The state of a live record that is on hold."""
EXPIRED = "expired"
"""The state of a live record that was not handed in again in time."""


def require_addressed(request: MatterRequest, key_set: KeySet, member: str) -> None:
    """Raise Invalid unless the request is made here and by this member, Conflict for another key set."""
    if request.alliance != key_set.alliance:
        raise Invalid("the matter is made for another alliance", field="request.alliance")
    if request.member != member:
        raise Invalid("a matter names the member that opens it", field="request.member")
    require_keys(request.epoch, request.key_set, key_set)


def require_keys(epoch: int, digest: str, key_set: KeySet) -> None:
    """Raise Conflict `key-set` unless epoch and key-set digest are those in force."""
    if (epoch, digest) != (key_set.epoch, b64(key_set.digest)):
        raise Conflict("made under another key set than the one in force: fetch /v1/alliance", slug="key-set")


def require_timely(request: MatterRequest, now: datetime) -> None:
    """Raise Invalid unless a request was made lately and ends in time."""
    if abs(now - parse_instant(request.opened_at)) > OPENED_WITHIN:
        raise Invalid("made more than 24 hours ago: sign a new one", field="request.opened_at")
    until = parse_instant(request.until)
    if not now < until <= now + LONGEST:
        raise Invalid("a matter ends in the future, and at most three years ahead", field="request.until")


def require_distinct(request: MatterRequest) -> None:
    """Raise Invalid for a contract or lawyer that is named twice."""
    for field, named in (("contracts", request.contracts), ("lawyers", request.lawyers)):
        for index, each in enumerate(named):
            if each in named[:index]:
                raise Invalid("named twice: name it once", field=f"request.{field}[{index}]")


def require_open(state: MatterState) -> None:
    """Raise Conflict unless a matter is open."""
    if state is not MatterState.OPEN:
        raise Conflict(f"the matter is {state}: open another one", slug="matter-over")


def change(before: AnySaid, after: AnySaid | None) -> Why | None:
    """Return why what was certified no longer says what is on record; None while it does.

    `after` is what would be certified now, None where nothing would.
    """
    match before:
        case RecordSaid(records=records):
            now = after.records if isinstance(after, RecordSaid) else ()
            return _first(_record_change(*pair) for pair in _pairs(records, now))
        case FlagSaid(flags=flags):
            return _flag_change(flags, after.flags if isinstance(after, FlagSaid) else ())
        case NoticeSaid(notices=notices):
            now_noticed = after.notices if isinstance(after, NoticeSaid) else ()
            return _first(_notice_change(*pair) for pair in _pairs(notices, now_noticed))
        case SettlementSaid(ended=ended):
            return _ending_change(ended, after.ended if isinstance(after, SettlementSaid) else ())
        case AgreementSaid(state=state):
            same = isinstance(after, AgreementSaid) and after.state == state
            return None if same else Why.AGREEMENT_CHANGED
        case _:
            return None


def weightiest(found: Iterable[Why]) -> Why | None:
    """Return the weightiest reason, in the order of the enumeration."""
    return min(found, key=list(Why).index, default=None)


def _record_change(before: Recorded, after: Recorded | None) -> Why | None:
    if after is None:
        return Why.NEWER_RECORD
    if after.state != before.state and (why := _STATES.get(after.state)):
        return why
    if after.record != before.record:
        return Why.NEWER_RECORD
    return None if after.state == before.state else Why.HOLD


_STATES: Mapping[str, Why] = {
    "settled": Why.SETTLED,
    "withdrawn": Why.WITHDRAWN,
    HELD: Why.HOLD,
    EXPIRED: Why.EXPIRED,
}


def _flag_change(before: Sequence[Flagged], after: Sequence[Flagged]) -> Why | None:
    def stated(flags: Sequence[Flagged]) -> set[tuple[str, str, int, str]]:
        return {(each.contract_ref, each.flag, each.version, each.category) for each in flags}

    # Handed in again unchanged with a newer record, a flag is the same flag.
    return None if stated(before) == stated(after) else Why.FLAG_CHANGED


def _notice_change(before: Noticed, after: Noticed | None) -> Why | None:
    # Forgotten once the contract has ended, the digests stay what they were.
    if after is None or (before.consent, before.notice) == (after.consent, after.notice):
        return None
    return Why.NEWER_RECORD


def _ending_change(before: Sequence[Ended], after: Sequence[Ended]) -> Why | None:
    known = {each.contract_ref for each in before}
    further = {each.state for each in after if each.contract_ref not in known}
    if not further:
        return None
    return Why.SETTLED if "settled" in further else Why.WITHDRAWN


Line = TypeVar("Line", Recorded, Noticed)


def _pairs(before: Iterable[Line], after: Iterable[Line]) -> list[tuple[Line, Line | None]]:
    """Return what was said of each contract with what would be said of it now."""
    now = {each.contract_ref: each for each in after}
    return [(each, now.get(each.contract_ref)) for each in before]


def _first(found: Iterable[Why | None]) -> Why | None:
    return weightiest(each for each in found if each is not None)

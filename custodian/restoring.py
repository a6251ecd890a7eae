"""What a custodian does that knows that it has forgotten: it was restored from a backup, or finds that out.

Charges of the gap are lost, so it serves nothing until it holds the feed as far as its fellows have signed
it, and then counts the quotas of the gap as spent. Otherwise a member's quota would begin anew with every
backup that is put back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from custodian import clocks, evaluations, extracts, openings, state
from custodian.ledger import Ledger
from privacy.encoding import instant_text, parse_instant
from privacy.feed import SignedHead
from privacy.keyset import KeySet
from privacy.messages import Instant, Message
from privacy.periods import day_of

_SPENT: Final = "spent/"
"""Before the name of a charge for what was forgotten. No member's request id holds a slash."""


class Restored(Message, frozen=True):
    """The fact `restored`: how much this custodian may have forgotten.

    `backed_up_at` is null when nobody can say: then everything counts as spent. `restored_at` is null in
    a backup that lies in its drawer.
    """

    backed_up_at: Instant | None
    restored_at: Instant | None


def find(ledger: Ledger) -> Restored | None:
    """Return what the ledger says of a restoration that is not over yet."""
    said = ledger.fact("restored")
    return None if said is None else msgspec.json.decode(said, type=Restored)


def remember(ledger: Ledger, restored: Restored) -> None:
    """Write the fact `restored`."""
    ledger.set_fact("restored", msgspec.json.encode(restored).decode())


def forgotten(ledger: Ledger, db: sqlite3.Connection, index: int) -> str | None:
    """Return what the feed carries in this custodian's name that its ledger does not know, or None."""
    known = _signed_cuts(ledger)
    for period, body in extracts.cut_bodies(db, index).items():
        if period not in known or body not in (b"", known[period]):
            return f"a signature under the cut of {period}"
    known_roots = _roots(ledger)
    for period in extracts.cohorts(db, index):
        if period not in known_roots:
            return f"the cohorts of {period}"
    return None


def last_known(ledger: Ledger, db: sqlite3.Connection) -> str | None:
    """Return the stamp of the newest cut that this ledger remembers signing: it forgot nothing before that.

    Later traces, such as when the hub was heard, are not taken: the hub could have moved them since.
    """
    known = _signed_cuts(ledger)
    stamps = [cut.stamp for cut in extracts.cuts(db) if cut.period in known]
    return stamps[-1] if stamps else None


def have_caught_up(needed: int, position: int, heads: Iterable[SignedHead], now: datetime) -> bool:
    """Say whether `needed` fellows, all whose heads were compared, have signed nothing beyond `position`.

    Only heads of these minutes count: whoever stands between them could hand over those of last week.
    """
    positions = [
        signed.head.position for signed in heads if clocks.is_near(parse_instant(signed.head.at), now)
    ]
    return len(positions) >= needed and max(positions, default=0) <= position


def spend(ledger: Ledger, db: sqlite3.Connection, key_set: KeySet, index: int, now: datetime) -> None:
    """Count the gap's quotas as spent, learn what was said in it, and end the restoration: all or nothing.

    Every member's daily quota for each day of the gap, within its quota of the epoch; and its openings of
    every period that the gap touches.
    """
    restored = find(ledger)
    if restored is None:
        return
    since = None if restored.backed_up_at is None else parse_instant(restored.backed_up_at)
    members = state.members(db)
    periods = list(_touched(db, since))
    evaluable = {each.name: evaluations.quotas(each, key_set, ledger) for each in members}
    openable = {each.name: openings.quota(each, key_set, ledger) for each in members}
    cuts, cohorts = extracts.cut_bodies(db, index), extracts.cohorts(db, index)
    at = instant_text(now)
    with ledger.transaction() as own:
        for name, (epoch_quota, day_quota) in evaluable.items():
            for day in _days(since, now):
                quota = epoch_quota if since is None else day_quota
                _spend_evaluations(own, name, key_set.epoch, (epoch_quota, quota), day, at)
        for name, quota in openable.items():
            for period in periods:
                _spend_openings(own, name, period, quota, at)
        own.executemany("INSERT OR REPLACE INTO signed_cuts VALUES (?, ?)", cuts.items())
        # What was opened in the gap is not counted: rather no account of those periods than a false one.
        own.executemany(
            "INSERT OR IGNORE INTO cohort_roots VALUES (?, NULL, 0, NULL)", [(each,) for each in periods]
        )
        own.executemany(
            "INSERT OR REPLACE INTO cohort_roots VALUES (?, ?, ?, NULL)",
            [(period, root, size) for period, (_, root, size) in cohorts.items()],
        )
        own.execute("DELETE FROM facts WHERE name = 'restored'")
        own.execute("INSERT OR REPLACE INTO facts VALUES ('log_recall', ?)", (at,))


def _spend_evaluations(
    own: sqlite3.Connection, member: str, epoch: int, quota: tuple[int, int], day: str, at: str
) -> None:
    query = "SELECT ifnull(sum(count), 0), ifnull(sum(count) FILTER (WHERE day = ?), 0) FROM evaluations"
    used, today = own.execute(f"{query} WHERE member = ? AND epoch = ?", (day, member, epoch)).fetchone()
    count = min(quota[0] - used, quota[1] - today)
    if count > 0:
        own.execute(
            "INSERT INTO evaluations VALUES (?, ?, x'', ?, ?, ?, ?)",
            (member, f"{_SPENT}{at}/{day}", count, epoch, day, at),
        )


def _spend_openings(own: sqlite3.Connection, member: str, period: str, quota: int, at: str) -> None:
    (used,) = own.execute(
        "SELECT ifnull(sum(count), 0) FROM openings WHERE member = ? AND period = ?", (member, period)
    ).fetchone()
    if quota > used:
        own.execute(
            "INSERT INTO openings VALUES (?, ?, ?, ?, ?)",
            (member, f"{_SPENT}{at}/{period}".encode(), period, quota - used, at),
        )


def _days(since: datetime | None, now: datetime) -> Iterator[str]:
    """Yield the days of the gap, today among them; today alone when all of the epoch counts as spent."""
    day: date = day_of(since or now)
    while day <= day_of(now):
        yield day.isoformat()
        day += timedelta(days=1)


def _touched(db: sqlite3.Connection, since: datetime | None) -> Iterator[str]:
    """Yield the periods that could be opened in the gap: the one in force when it began and all later."""
    cuts = [cut for cut in extracts.cuts(db) if cut.effective]
    for place, cut in enumerate(cuts):
        ended = cuts[place + 1].effective_from if place + 1 < len(cuts) else None
        if since is None or ended is None or parse_instant(ended) >= since - clocks.AHEAD:
            yield cut.period


def _signed_cuts(ledger: Ledger) -> dict[str, bytes]:
    with ledger.transaction() as own:
        return dict(own.execute("SELECT period, body FROM signed_cuts"))


def _roots(ledger: Ledger) -> set[str]:
    with ledger.transaction() as own:
        return {period for (period,) in own.execute("SELECT period FROM cohort_roots")}

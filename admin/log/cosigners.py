"""Who cosigned which checkpoint, as a table: a column for each custodian, and how many members looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

from flask_babel import gettext, lazy_gettext

from admin import i18n
from admin.objects import Chip
from admin.register import Column
from alliance_hub.transparency.checkpoints import Shown
from alliance_hub.transparency.state import LONELY
from privacy.keyset import KeySet
from privacy.periods import SHANGHAI

NEWEST = 20
"""Checkpoints in the table."""


def columns(custodians: int) -> tuple[Column, ...]:
    """Return the table's columns for so many custodians."""
    return (
        Column("size", lazy_gettext("Size"), "number"),
        Column("at", lazy_gettext("Signed by the hub")),
        Column("counts", lazy_gettext("Counts?"), "chip"),
        *(
            Column(f"custodian-{index}", gettext("Custodian %(number)s", number=index), "chip")
            for index in range(1, custodians + 1)
        ),
        Column("members", lazy_gettext("Members"), "number"),
    )


def rows(shown: Sequence[Shown], key_set: KeySet, *, offered: int, now: datetime) -> list[dict[str, object]]:
    """Return a row for each of the newest checkpoints; those up to size `offered` were shown to custodians.

    One more than is shown is looked at: it tells since when the one above it was.
    """
    newest = _newest_cosigned(shown)
    pairs = zip_longest(shown[:NEWEST], shown[1 : NEWEST + 1])
    return [
        _row(each, _shown_since(each, before, key_set.threshold), newest, key_set, offered, now)
        for each, before in pairs
    ]


def _newest_cosigned(shown: Sequence[Shown]) -> dict[int, int]:
    """Return the size of the newest checkpoint that each custodian cosigned."""
    found: dict[int, int] = {}
    for each in shown:
        for custodian in each.custodians:
            found[custodian] = max(each.size, found.get(custodian, 0))
    return found


def _shown_since(shown: Shown, before: Shown | None, threshold: int) -> datetime:
    """Return since when a checkpoint could be cosigned: signed, and the one before it counted."""
    cosigned = sorted(before.custodians.values()) if before else []
    return max([shown.at, *cosigned[threshold - 1 : threshold]])


def _row(
    shown: Shown,
    since: datetime,
    newest: Mapping[int, int],
    key_set: KeySet,
    offered: int,
    now: datetime,
) -> dict[str, object]:
    is_offered = shown.size <= offered
    return {
        "size": shown.size,
        "at": i18n.instant(shown.at, seconds=True),
        "counts": _counts(shown, key_set.threshold, is_offered),
        **{
            f"custodian-{index}": _cosigned(shown, since, index, newest.get(index, 0), is_offered, now)
            for index in range(1, key_set.count + 1)
        },
        "members": len(shown.members),
    }


def _counts(shown: Shown, threshold: int, is_offered: bool) -> Chip:
    if len(shown.custodians) >= threshold:
        return Chip(gettext("counts"), "good")
    return Chip(gettext("not yet"), "wait" if is_offered else "still")


def _cosigned(
    shown: Shown, since: datetime, custodian: int, newest: int, is_offered: bool, now: datetime
) -> Chip:
    """Return what one custodian did with one checkpoint."""
    at = shown.custodians.get(custodian)
    if at is not None:
        late = at - since > LONELY
        word = gettext("late, %(at)s", at=_time(at, shown.at)) if late else _time(at, shown.at)
        return Chip(word, "wait" if late else "good")
    if newest > shown.size:
        return Chip(gettext("in a later one"), "still")
    if not is_offered:
        return Chip(gettext("not shown yet"), "still")
    if now - since <= LONELY:
        return Chip(gettext("awaited"), "still")
    return Chip(gettext("missing"), "bad")


def _time(at: datetime, since: datetime) -> str:
    """Return an instant, without its day where that is the checkpoint's."""
    if i18n.day(at) != i18n.day(since):
        return i18n.instant(at)
    return f"{at.astimezone(SHANGHAI):%H:%M:%S}"

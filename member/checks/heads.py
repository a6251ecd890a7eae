"""Do all speak of one feed? At one position there is one head, and the hub's account agrees with theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from member import overview
from member.checks.seen import Check, Seen, Verdict, who


def compare_heads(seen: Seen) -> Iterator[Check]:
    """Yield whether custodians signed the same head wherever they stand at the same position."""
    what = "the feed's head"
    places: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, head in seen.heads.items():
        places[head.position][head.head].append(index)
    forks = {position: sides for position, sides in places.items() if len(sides) > 1}
    for position, sides in sorted(forks.items()):
        parties = " against ".join(map(who, sides.values()))
        yield Check(
            what,
            Verdict.ALARM,
            f"FORK: different heads were signed for position {position}, {parties}. Somebody was shown "
            "another feed: keep what they signed (check --out FILE) and tell every custodian",
        )
    yield from _own_words(seen, what)
    if not forks:
        yield _agreement(places, what)


def _own_words(seen: Seen, what: str) -> Iterator[Check]:
    for index, account in seen.accounts.items():
        head = seen.heads.get(index)
        if head is not None and head.position == account.position and head.head != account.head:
            yield Check(
                what,
                Verdict.ALARM,
                f"custodian {index} signs one head for position {head.position} and tells you another",
            )


def _agreement(places: Mapping[int, Mapping[str, list[int]]], what: str) -> Check:
    if not places:
        return Check(what, Verdict.NOTE, "no custodian showed a signed head: nothing was compared")
    if len(places) > 1:
        at = ", ".join(
            f"{who(index for side in places[p].values() for index in side)} at {p}" for p in sorted(places)
        )
        return Check(what, Verdict.NOTE, f"not comparable now, {at}: run check again in a minute")
    ((position, sides),) = places.items()
    (indices,) = sides.values()
    if len(indices) == 1:
        return Check(what, Verdict.NOTE, f"only {who(indices)} signed one, at position {position}")
    return Check(what, Verdict.FINE, f"{who(indices)} signed the same at position {position}")


def compare_with_hub(seen: Seen) -> Iterator[Check]:
    """Yield where a custodian's account differs from the hub's."""
    what = "the hub's account"
    if seen.hub is None or not seen.accounts:
        yield Check(what, Verdict.NOTE, "not compared: one side is missing")
        return
    differences = [
        text
        for index, account in seen.accounts.items()
        # What became of each statement is judged further down, with the vault beside it.
        for text in overview.differences(
            seen.hub, index, msgspec.structs.replace(account, last_statements=[])
        )
    ]
    for text in differences:
        yield Check(what, Verdict.ALARM, text)
    if not differences:
        yield Check(what, Verdict.FINE, f"agrees with {who(seen.accounts)}")

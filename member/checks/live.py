"""Do the custodians count the same live contracts, and as many as the vault?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from member.checks.seen import Check, Seen, Verdict, who


def compare_live(seen: Seen, live_in_vault: int) -> Iterator[Check]:
    """Yield whether the custodians count the same live contracts, and how the vault's number compares."""
    what = "live contracts"
    by_position: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, account in seen.accounts.items():
        by_position[account.position][account.live_records].append(index)
    if not by_position:
        yield Check(what, Verdict.NOTE, "not counted: no custodian gave an account")
        return
    for position, sides in sorted(by_position.items()):
        if len(sides) > 1:
            counts = ", ".join(f"{who(indices)} {count:,}" for count, indices in sides.items())
            yield Check(
                what, Verdict.ALARM, f"the custodians count differently at position {position}: {counts}"
            )
    newest = by_position[max(by_position)]
    if len(newest) == 1:
        yield _against_vault(what, next(iter(newest)), live_in_vault, seen.key_set.policy.record_days)


def _against_vault(what: str, counted: int, live: int, days: int) -> Check:
    if counted == live:
        return Check(what, Verdict.FINE, f"{counted:,}, as in this vault")
    if counted < live:
        reason = (
            f"records expire {days} days after they were sent, and one that is older than what is known is "
            "ignored; submit the newest file again, and if the numbers stay apart tell the custodians"
        )
    else:
        reason = (
            "the vault was restored from an older backup, or what ended is still on its way: submit the "
            "newest file again, and if the numbers stay apart tell the custodians"
        )
    return Check(what, Verdict.NOTE, f"the custodians count {counted:,}, this vault {live:,}: {reason}")

"""Does each of this member's statements stand on the feed as signed, and count; and is none missing?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from member import wire
from member.checks.seen import Check, Seen, Verdict, who
from member.http import printable
from member.vault.statements import Kept
from privacy.encoding import b64

GRACE = timedelta(seconds=60)
"""Within this time a statement need not be on the feed (protocol section 9)."""

PATIENCE = timedelta(minutes=10)
"""After this time no custodian may still be on its way to what the hub says it has."""

LIFE = timedelta(hours=24)
"""After this time a statement is void wherever it turns up (protocol section 4)."""


@dataclass(frozen=True, slots=True)
class _Version:
    """What custodians say of a statement in this member's name."""

    number: int
    position: int
    digest: str | None
    """None where a custodian does not name it."""
    kind: str
    valid: bool
    reason: str


_Told = Mapping[int, Mapping[_Version, list[int]]]
"""By position: what was said of it, and by whom."""


def compare_statements(seen: Seen, kept: Sequence[Kept], under_way: set[bytes]) -> Iterator[Check]:
    """Yield whether the statements on the feed are those that the vault remembers, and count.

    `under_way` are digests that no command has brought to an end yet: the hub need not have taken them.
    """
    what = "your statements"
    own: dict[int, set[str]] = defaultdict(set)
    for each in kept:
        own[each.sequence].add(b64(each.signed.digest()))
    told = _told(seen.accounts)
    counted = {each.digest for versions in told.values() for each in versions if each.valid and each.digest}
    pending = {b64(digest) for digest in under_way} - counted
    faults = [
        *_differing(told),
        *_foreign(told, own),
        *_void(told, own, counted),
        *_replaced({number: digests - pending for number, digests in own.items()}, counted),
    ]
    for text in faults:
        yield Check(what, Verdict.ALARM, text)
    if not faults:
        known = sum(bool(digests & counted) for digests in own.values())
        older = len(counted) - known
        beyond = f"; {older} from before this vault kept them, as an enrolment is" if older else ""
        yield Check(what, Verdict.FINE, f"{known} on the feed as signed, and valid{beyond}")


def _told(accounts: Mapping[int, wire.CustodianAccount]) -> _Told:
    told: dict[int, dict[_Version, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, account in accounts.items():
        for each in account.last_statements:
            reason = printable(each.reason or "no reason given")
            version = _Version(
                each.sequence, each.position, each.digest, printable(each.type), each.valid, reason
            )
            told[each.position][version].append(index)
    return told


def _differing(told: _Told) -> Iterator[str]:
    """Yield where custodians say different things of a position, or of a statement's position."""
    for position, versions in sorted(told.items()):
        if len(versions) > 1:
            sides = "; ".join(f"{who(indices)} {_judged(each)}" for each, indices in versions.items())
            yield f"the custodians differ on what you said at position {position}: {sides}"
    places: dict[str, dict[int, list[int]]] = defaultdict(dict)
    for position, versions in told.items():
        for each, indices in versions.items():
            if each.valid and each.digest is not None:
                places[each.digest][position] = indices
    for found in places.values():
        if len(found) > 1:
            sides = "; ".join(f"{who(indices)} at {position}" for position, indices in sorted(found.items()))
            yield f"one statement of yours stands at different positions: {sides}"


def _judged(version: _Version) -> str:
    verdict = "valid" if version.valid else f"void ({version.reason})"
    return f"{version.kind} number {version.number}, {verdict}"


def _foreign(told: _Told, own: Mapping[int, set[str]]) -> Iterator[str]:
    """Yield what stands on the feed in this member's name and is none of the vault's."""
    for position, versions in sorted(told.items()):
        for each in versions:
            if each.digest is None or not _is_foreign(each.number, each.digest, own):
                continue
            name = f"the {each.kind} number {each.number} at position {position} is not of this vault"
            if each.valid:
                yield (
                    f"{name}: either it was restored from an older backup, or somebody else signs with your "
                    "key: tell the secretariat"
                )
            else:
                yield f"{name} and void ({each.reason}): ask the hub why it put it there in your name"


def _is_foreign(number: int, digest: str, own: Mapping[int, set[str]]) -> bool:
    """Say whether a statement is none of the vault's, which remembers all since its first."""
    if number in own:
        return digest not in own[number]
    return bool(own) and number > min(own)


def _void(told: _Told, own: Mapping[int, set[str]], counted: set[str]) -> Iterator[str]:
    """Yield the vault's statements that do not count; one that counts elsewhere may stand there again."""
    for versions in told.values():
        for each, indices in versions.items():
            known = each.digest is None or each.digest in own.get(each.number, set())
            if known and not each.valid and each.digest not in counted:
                yield f"{who(indices)} found your {each.kind} number {each.number} void: {each.reason}"


def _replaced(own: Mapping[int, set[str]], counted: set[str]) -> Iterator[str]:
    """Yield where the hub took a statement and let another one stand in its place.

    What it refuses is forgotten here, so two of one number were both taken.
    """
    for number, digests in sorted(own.items()):
        if len(digests) > 1 and digests & counted:
            yield (
                f"the hub took your statement {number} and then another in its place: what the first said is "
                "lost. Do it again, and tell the secretariat"
            )


def find_missing(seen: Seen, kept: Sequence[Kept], *, now: datetime) -> list[Kept]:
    """Return the statements that should stand on the feed by now, and that no custodian has found there."""
    if not seen.accounts:
        return []
    following = max(account.next_sequence for account in seen.accounts.values())
    newest = {each.sequence: each for each in kept}
    return [
        each
        for each in newest.values()
        if each.sequence >= following and now - each.at > (GRACE if _caught_up(seen) else PATIENCE)
    ]


def _caught_up(seen: Seen) -> bool:
    """Say whether a custodian has followed as far as the hub says that its feed goes."""
    if seen.hub is None or seen.hub.feed is None:
        return False
    return max(account.position for account in seen.accounts.values()) >= seen.hub.feed.position


def compare_missing(missing: Sequence[Kept], under_way: set[bytes], *, now: datetime) -> Iterator[Check]:
    """Yield what the hub withholds; what is under way accuses nobody."""
    what = "withheld"
    for each in missing:
        which = f"statement {each.sequence} ({each.type} of {each.at:%Y-%m-%d %H:%M} UTC)"
        if each.signed.digest() in under_way:
            yield Check(
                what,
                Verdict.NOTE,
                f"{which} is still under way: run its command again; if that does not end it, --hand-in",
            )
        elif now - each.at > LIFE:
            yield Check(
                what,
                Verdict.ALARM,
                f"the hub withholds {which}: no custodian knows it, and it is too old now to count. Tell the "
                "custodians, and run its command again",
            )
        else:
            yield Check(
                what,
                Verdict.ALARM,
                f"the hub withholds {which}: no custodian knows it. Hand it in with --hand-in: no custodian "
                "signs a cut while it is missing",
            )
    if not missing:
        yield Check(what, Verdict.FINE, "nothing that was signed here is missing from the feed")

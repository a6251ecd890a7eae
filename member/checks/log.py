"""The hub's log: it only grows, it is the same for everybody, and it holds what this member has receipts of.

A hub could show this member one log and the custodians another, take an entry back, or never enter what
it gave a receipt for. Two checkpoints that it signed and that do not fit together prove the first two to
anybody; the third shows in a checkpoint that custodians cosigned a minute after the entry, without it.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from member.checks.seen import Check, Verdict
from member.errors import Declined, MemberError, RetryLater, Untrusted
from member.http import printable
from member.vault.receipts import Kept
from privacy import merkle
from privacy.checkpoint import Checkpoint, Note
from privacy.encoding import parse_instant
from privacy.errors import DeserializeError, VerifyError
from privacy.periods import SHANGHAI

LOG = "the log"
RECEIPTS = "receipts"

PATIENCE = timedelta(seconds=60)
"""So long after an entry was made the log must hold it."""

_SKEW = timedelta(minutes=5)
"""How far the hub's clock may be ahead of this machine's."""

_SHOWN = 20
"""Missing entries that are named one by one; a file takes them all."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A checkpoint that enough custodians have cosigned, and when the first of them did."""

    note: Note
    cosigned_at: datetime
    custodians: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many entries the log had."""
        return self.note.checkpoint.size


class Outcome(StrEnum):
    """What became of an entry of which this member has a receipt."""

    FOUND = "in the log"
    """Its place in the log is proven."""
    WAITS = "waits"
    """It is not a minute old, or was made after the newest checkpoint that counts."""
    LATER = "to be looked for again"
    """The hub promises it for the next checkpoint; once that may be, since custodians may have been away."""
    UNKNOWN = "not answered"
    """The hub did not answer."""
    MISSING = "MISSING"
    """Custodians cosigned the log more than a minute after the entry was made, and it is not in it."""
    ENDED = "of another epoch"
    """The log of its epoch is another one, which is not asked here."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What the hub said when it was asked for an entry: its place as proven, or why there is none."""

    index: int | None
    refusal: MemberError | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A receipt, what became of its entry, and in words why."""

    kept: Kept
    outcome: Outcome
    says: str
    refusal: str | None = None


def head(checkpoint: Checkpoint) -> str:
    """Return a head of the log as a person compares it: size and root, as the note has them."""
    return f"size {checkpoint.size}, root {base64.b64encode(checkpoint.root).decode()}"


def smaller_first(one: Note, other: Note) -> tuple[Checkpoint, Checkpoint]:
    """Return the checkpoints of two notes, the smaller one first: so a proof is asked for."""
    old, new = sorted((one.checkpoint, other.checkpoint), key=lambda each: each.size)
    return old, new


def is_one_log(one: Note, other: Note, path: Sequence[bytes]) -> bool:
    """Say whether a proof shows that the larger of two trees begins with the smaller one."""
    old, new = smaller_first(one, other)
    try:
        merkle.verify_consistency(old.size, new.size, old.root, new.root, path)
    except VerifyError:
        return False
    return True


def fork(who: str, theirs: Note, whose: str, ours: Note) -> Check:
    """Return the alarm that names both heads."""
    heads = f"{who}: {head(theirs.checkpoint)}; {whose}: {head(ours.checkpoint)}"
    return Check(
        LOG,
        Verdict.ALARM,
        f"FORK: these are two logs, and the hub has signed both. {heads}. Keep both with --out FILE.json: "
        "anybody can check them. Tell every custodian",
    )


def said_at(kept: Kept) -> datetime:
    """Return when an entry was made: as it says itself, unless that was yet to come when it was received."""
    try:
        at = parse_instant(kept.receipt.entry.get("at"))
    except DeserializeError:
        return kept.at
    return at if at <= kept.at + _SKEW else kept.at


def judge(kept: Kept, sought: Sought, counted: Counted, *, now: datetime) -> Judged:
    """Judge what the hub said of an entry under the newest checkpoint that counts."""
    if sought.index is not None:
        found = replace(kept, number=sought.index, size=counted.size)
        return Judged(found, Outcome.FOUND, place(found))
    refusal = str(sought.refusal)
    if kept.missed_at is not None:
        return Judged(kept, Outcome.MISSING, f"missing since {time(kept.missed_at)}", refusal)
    due = said_at(kept) + PATIENCE
    if now <= due or counted.cosigned_at <= due:
        return Judged(kept, Outcome.WAITS, _why_it_waits(counted, now <= due), refusal)
    if sought.refusal is not None and not _says_that_it_is_not_there(sought.refusal):
        return Judged(kept, Outcome.UNKNOWN, refusal, refusal)
    was_promised = kept.size is not None and kept.size < counted.size
    if _rule(sought.refusal) in _PROMISES and not was_promised:
        text = f"the hub says that it comes behind size {counted.size}: look again under the next checkpoint"
        return Judged(kept, Outcome.LATER, text, refusal)
    return Judged(kept, Outcome.MISSING, _why_it_is_missing(counted), refusal)


_PROMISES = frozenset({"later-checkpoint", "not-integrated"})
"""How the hub says that an entry is yet to come."""


def is_silence(sought: Sought) -> bool:
    """Say whether the hub did not answer at all: then it need not be asked for the next entry."""
    return isinstance(sought.refusal, RetryLater) and _rule(sought.refusal) not in _PROMISES


_DENIALS = frozenset({404, 409, 422})
"""With which status the hub denies an entry, rather than this member."""


def _says_that_it_is_not_there(refusal: MemberError) -> bool:
    """Say whether the hub itself denies an entry, or shows a proof that is none: silence is no crime."""
    denies = isinstance(refusal, Declined) and refusal.status in _DENIALS
    return denies or isinstance(refusal, Untrusted) or _rule(refusal) in _PROMISES


def _rule(refusal: MemberError | None) -> str:
    return str(getattr(refusal, "rule", ""))


def _why_it_waits(counted: Counted, young: bool) -> str:
    if young:
        return "made less than a minute ago"
    return (
        f"the newest checkpoint that counts was cosigned {time(counted.cosigned_at)}, no minute after the "
        "entry: until custodians cosign a newer one nothing is proved"
    )


def _why_it_is_missing(counted: Counted) -> str:
    return (
        f"custodians cosigned the log of size {counted.size} at {time(counted.cosigned_at)}, more than a "
        "minute after the entry, and it is not in it"
    )


def compare_receipts(judged: Iterable[Judged]) -> Iterator[Check]:
    """Yield one line for all that is well, one for each kind of waiting, and one for each missing entry."""
    every = list(judged)
    counts = Counter(each.outcome for each in every)
    if found := counts[Outcome.FOUND]:
        entries = "1 log entry" if found == 1 else f"{found:,} log entries"
        yield Check(RECEIPTS, Verdict.FINE, f"{entries} of yours proven to stand in the log")
    if late := sum(each.outcome is Outcome.FOUND and each.kept.missed_at is not None for each in every):
        yield Check(RECEIPTS, Verdict.NOTE, f"{late:,} of them entered late: missing before")
    for outcome in (Outcome.WAITS, Outcome.LATER, Outcome.UNKNOWN):
        if counts[outcome]:
            first = next(each for each in every if each.outcome is outcome)
            yield Check(RECEIPTS, Verdict.NOTE, f"{counts[outcome]:,} {outcome}: {first.says}")
    missing = [each for each in every if each.outcome is Outcome.MISSING]
    for each in missing[:_SHOWN]:
        yield Check(
            RECEIPTS,
            Verdict.ALARM,
            f"{kind(each.kept)} of {time(said_at(each.kept))}: {each.says}{_WHAT_TO_DO}",
        )
    if len(missing) > _SHOWN:
        yield Check(RECEIPTS, Verdict.ALARM, f"and {len(missing) - _SHOWN:,} more are missing")


_WHAT_TO_DO = (
    ". The hub gave you a receipt for it: write the evidence with `alliance-member receipts --out FILE.json` "
    "and tell every custodian"
)


def kind(kept: Kept) -> str:
    """Return what an entry is about, in the hub's word for it."""
    return printable(str(kept.receipt.entry.get("kind", "entry")))


def place(kept: Kept) -> str:
    """Return where an entry was proven to stand, and whether it came late."""
    late = f", after it was missing on {time(kept.missed_at)}" if kept.missed_at else ""
    return f"number {kept.number}, proven in the log of size {kept.size}{late}"


def time(at: datetime) -> str:
    """Return an instant as an office reads it, in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"

"""A member looks in the hub's log for every entry of which it has a receipt; found once, it stands for ever.

A hub that gives a receipt and enters nothing could deny later that it was asked, or that a statement came.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from member import checks, log, wire
from member.checks import Check
from member.checks import log as judging
from member.checks.log import Counted, Judged, Outcome, Sought
from member.errors import MemberError, RetryLater, Untrusted
from member.log import Followed
from member.member import Member
from member.vault import receipts
from member.vault.receipts import Kept
from privacy import merkle
from privacy.encoding import b64, instant_text
from privacy.errors import PrivacyError

_TOGETHER = 200
"""Receipts between two waits for the disk; so many are asked for again after an interruption."""


@dataclass(slots=True)
class Looked:
    """What became of every receipt, and what came of checking them."""

    receipts: list[Judged]
    followed: Followed
    answers: Mapping[bytes, msgspec.Raw] = field(repr=False)
    """What the hub signed together with the leaves of entries that are missing."""

    @property
    def checks(self) -> list[Check]:
        """What came of looking for the receipts; of the log itself see `followed`."""
        return list(judging.compare_receipts(self.receipts))

    @property
    def exit_code(self) -> int:
        """1 while an alarm stands, 3 when the hub did not answer, else 0."""
        unknown = any(each.outcome is Outcome.UNKNOWN for each in self.receipts)
        later = RetryLater.exit_code if unknown or not self.followed.answered else 0
        return checks.exit_code([*self.followed.checks, *self.checks]) or later

    def evidence(self, *, only: Container[Outcome] = frozenset(Outcome)) -> dict[str, Any]:
        """Return what another needs to judge: signed notes, receipts, the hub's answers and denials."""
        chosen = [each for each in self.receipts if each.outcome in only]
        return {"checkpoints": self.followed.notes, "receipts": [self._evidence(each) for each in chosen]}

    def _evidence(self, each: Judged) -> dict[str, Any]:
        kept = each.kept
        return {
            "receipt": kept.receipt,
            "kept_at": instant_text(kept.at),
            "epoch": kept.epoch,
            "outcome": each.outcome,
            "says": each.says,
            "number": kept.number,
            "size": kept.size,
            "missed_at": kept.missed_at and instant_text(kept.missed_at),
            "answer": self.answers.get(kept.leaf),
            "denial": each.refusal,
        }


def look_for_receipts(member: Member, followed: Followed | None = None) -> Looked:
    """Look in the log for every entry of which this member has a receipt and no proof yet.

    What was proven once is not asked for again: the log can only have grown since.
    """
    followed = followed or log.follow(member)
    kept = receipts.list_receipts(member.vault)
    unproven = [each for each in kept if each.number is None and each.epoch == member.epoch]
    found = {each.kept.leaf: each for each in _look(member, unproven, followed.counted)}
    every = [found.get(each.leaf) or _known(member, each, followed) for each in kept]
    missing = [each.kept.leaf for each in every if each.outcome is Outcome.MISSING]
    answers = {leaf: receipts.get_answer(member.vault, leaf) for leaf in missing}
    signed = {leaf: answer for leaf, answer in answers.items() if answer is not None}
    return Looked(every, followed, signed)


def _look(member: Member, unproven: Sequence[Kept], counted: Counted | None) -> Iterator[Judged]:
    """Ask for each, and keep what came of it, some hundreds at a time: each by itself waits for the disk."""
    if counted is None or not unproven:
        return
    silence: Sought | None = None
    with member.report.step("Looking for your entries in the log", len(unproven)) as advance:
        for start in range(0, len(unproven), _TOGETHER):
            with member.vault.transaction():
                for kept in unproven[start : start + _TOGETHER]:
                    sought = silence or _seek(member, kept, counted)
                    silence = sought if judging.is_silence(sought) else None
                    judged = judging.judge(kept, sought, counted, now=member.clock())
                    _note_judged(member, judged, counted)
                    yield judged
                    advance(1)


def _seek(member: Member, kept: Kept, counted: Counted) -> Sought:
    """Ask for an entry's place under a checkpoint, and check the proof."""
    query: dict[str, str | int] = {"leaf": b64(kept.leaf), "size": counted.size}
    try:
        answer = member.hub.get("/v1/log/inclusion", query)
        shown = wire.read(wire.InclusionShown, answer, member.hub.name)
        root = counted.note.checkpoint.root
        merkle.verify_inclusion(kept.leaf, shown.index, counted.size, log.nodes(shown.path), root)
    except PrivacyError as error:
        return Sought(None, Untrusted(f"the hub's proof does not hold: {error}"))
    except MemberError as error:
        return Sought(None, error)
    return Sought(shown.index, None)


def _note_judged(member: Member, judged: Judged, counted: Counted) -> None:
    """Remember what became of an entry, so that it is not asked for, or not excused, once more."""
    kept, outcome = judged.kept, judged.outcome
    if outcome is Outcome.FOUND and kept.number is not None:
        receipts.note_found(member.vault, kept.leaf, number=kept.number, size=counted.size)
    elif outcome in (Outcome.LATER, Outcome.MISSING):
        alarm_at = member.clock() if outcome is Outcome.MISSING else None
        receipts.note_missed(member.vault, kept.leaf, size=counted.size, alarm_at=alarm_at)


def _known(member: Member, kept: Kept, followed: Followed) -> Judged:
    """Return what is known of an entry that was not asked for."""
    if kept.number is not None:
        return Judged(kept, Outcome.FOUND, judging.place(kept))
    if kept.epoch != member.epoch:
        return Judged(kept, Outcome.ENDED, "of an epoch that has ended, in a log of its own")
    if kept.missed_at is not None:
        return Judged(kept, Outcome.MISSING, f"missing since {judging.time(kept.missed_at)}")
    why = followed.checks[0].says
    return Judged(kept, Outcome.WAITS if followed.answered else Outcome.UNKNOWN, why)

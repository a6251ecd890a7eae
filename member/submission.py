"""A portfolio goes out: read, tokenised, sealed, signed, sent; what is not taken comes back row by row.

In windows of some thousand rows, so that memory does not grow with the file and a killed run loses little.
Whatever an earlier run left in the outbox is brought to its end first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from member import delivery
from member.delivery import Delivered
from member.errors import Refused, RetryLater
from member.files import Rejected, Rejects, Row, count_rows, read_portfolio, rejected_path
from member.member import Member
from member.records import Prepared, make_records, prepare
from member.tokenise import tokenise
from member.vault import Ending, contracts
from member.vault.contracts import Note
from privacy.errors import InvalidInputError
from privacy.records import SubmittedRecord
from privacy.statements import MAX_CHUNK

WINDOW = 4 * MAX_CHUNK
"""Rows that are worked on together."""

_REASONS = {
    "ended": "this contract was settled or withdrawn: it cannot come back",
    "older": "newer figures of this contract were submitted already",
    "other_content": "other figures were submitted for this day: correct them with a later --as-of",
    "ahead": "the as-of date has not come yet",
    "too_many_contracts": "more than 256 contracts of one debtor are not taken",
    "flag": "the flag's narrative is too long, or its category unknown",
}
"""What the hub's word for a row's fault means to a clerk."""

_CHUNK_REASONS = {
    "portfolio": (
        "with these rows the period would hold more than twice the declared portfolio: "
        "ask the secretariat for a higher one"
    ),
    "not_active": "this member is not active now: ask the secretariat",
    "closed": "this key epoch has ended: renew with `alliance-member renew`, then submit again",
    "proof": "the proof that this member knows what it sealed does not hold: update this program",
}
_MENDED_BY_SIGNING = frozenset({"sequence", "signed_at"})
"""Why a chunk is refused that need only be signed again."""

_ROUNDS = 5
"""How often the rest of a window is signed again because something else came between."""


@dataclass(slots=True)
class Submitted:
    """What became of the rows of a file."""

    rows: int = 0
    accepted: int = 0
    """Taken into the feed by this run."""
    unchanged: int = 0
    """Known to the hub already, with the same content."""
    rejected: int = 0
    """Not taken; each stands in `rejects` with its reason."""
    resumed: int = 0
    """Taken into the feed from what an interrupted run had left; not counted elsewhere unless in the file."""
    rejects: Path | None = None

    @property
    def exit_code(self) -> int:
        """2 when rows were rejected, else 0."""
        return 2 if self.rejected else 0


def submit(member: Member, path: Path, *, as_of: date, mapping: Mapping[str, str] | None = None) -> Submitted:
    """Submit the contracts of a file as they stood on `as_of`.

    Rejected rows go to a file beside it. Raises FileError for a file that cannot be read, RetryLater or
    Refused; what was done until then is done, and the same call goes on from there.
    """
    submitted = Submitted(resumed=delivery.finish_earlier(member))
    rows = read_portfolio(path, as_of=as_of, mapping=mapping, synthetic=member.key_set.policy.synthetic)
    with Rejects(rejected_path(path)) as rejects, member.report.step("Rows", count_rows(path)) as advance:
        run = _Run(member, submitted, rejects)
        for window in _windows(rows):
            run.take(window, as_of)
            advance(len(window))
        submitted.rejected = rejects.count
    submitted.rejects = rejects.path if rejects.count else None
    return submitted


def _windows(rows: Iterable[Row | Rejected]) -> Iterator[list[Row | Rejected]]:
    rows = iter(rows)
    while window := list(itertools.islice(rows, WINDOW)):
        yield window


@dataclass(slots=True)
class _Run:
    """One pass over a file: where outcomes are counted and rejected rows go."""

    member: Member
    submitted: Submitted
    rejects: Rejects

    def take(self, window: list[Row | Rejected], as_of: date) -> None:
        """Submit one window of rows."""
        self.submitted.rows += len(window)
        fresh: list[Prepared] = []
        for row in window:
            if isinstance(row, Rejected):
                self.rejects.add(row)
            elif (prepared := self._sift(row, as_of)) is not None:
                fresh.append(prepared)
        if fresh:
            self._send(fresh, as_of)

    def _sift(self, row: Row, as_of: date) -> Prepared | None:
        """Return the row prepared, unless it is known already or refused here."""
        try:
            prepared = prepare(self.member.vault, row, as_of)
        except InvalidInputError as error:
            self._reject(row, str(error), field=error.field)
            return None
        note = contracts.find(self.member.vault, prepared.entry.ref)
        if note is None:
            return prepared
        reason = _conflict(note, prepared)
        if reason:
            self._reject(row, reason, field="contract")
            return None
        if note.as_of == as_of:
            self.submitted.unchanged += 1
            return None
        return prepared

    def _send(self, fresh: list[Prepared], as_of: date) -> None:
        """Tokenise, seal and deliver; rows that the hub refuses are dropped and the rest is signed again."""
        member = self.member
        outputs = tokenise(member, (data for prepared in fresh for data in prepared.inputs))
        with member.report.step("Sealing", len(fresh)) as advance:
            made = make_records(member, fresh, outputs, advance)
        waiting = {
            prepared.entry.ref: (prepared, record) for prepared, record in zip(fresh, made, strict=True)
        }
        for _ in range(_ROUNDS):
            delivery.put(member, [(record, each) for each, record in waiting.values()], as_of)
            delivered = _deliver(member)
            self._count(delivered, waiting)
            if not waiting:
                return
            _require_progress(delivered)
        raise RetryLater("other statements of this member keep coming between: run the same command again")

    def _count(self, delivered: Delivered, waiting: dict[bytes, tuple[Prepared, SubmittedRecord]]) -> None:
        self.submitted.accepted += len(delivered.accepted)
        self.submitted.unchanged += len(delivered.unchanged)
        for ref in delivered.taken:
            waiting.pop(ref, None)
        for ref, reason in delivered.refused.items():
            if ref in waiting:
                self._reject(waiting.pop(ref)[0].row, _REASONS.get(reason, f"refused by the hub: {reason}"))

    def _reject(self, row: Row, reason: str, *, field: str = "") -> None:
        self.rejects.add(Rejected(row.number, field, reason, row.raw))


def _conflict(note: Note, prepared: Prepared) -> str:
    """Return why a row does not go together with what the hub has of its contract; empty when it does."""
    if note.ended is not None:
        state = "settled" if note.ended is Ending.SETTLED else "withdrawn"
        return f"this contract is {state}: it cannot come back"
    if note.as_of > prepared.entry.as_of:
        return f"newer figures were submitted already, as of {note.as_of}"
    if note.as_of == prepared.entry.as_of and note.mark != prepared.entry.mark:
        return "other figures were submitted for this day: correct them with a later --as-of"
    return ""


def _deliver(member: Member) -> Delivered:
    delivered = delivery.deliver(member)
    if delivered is None:
        raise AssertionError("unreachable: the outbox was filled just now")
    return delivered


def _require_progress(delivered: Delivered) -> None:
    """Raise Refused when nothing was taken or dropped for a reason that signing again does not mend."""
    if delivered.taken or delivered.refused or set(delivered.chunk_reasons) <= _MENDED_BY_SIGNING:
        return
    reason = next(reason for reason in delivered.chunk_reasons if reason not in _MENDED_BY_SIGNING)
    raise Refused(_CHUNK_REASONS.get(reason, f"the hub took no chunk: {reason}"), rule=reason)

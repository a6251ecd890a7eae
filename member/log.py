"""A member follows the hub's log: the newest checkpoint that counts, against all that it knows of it.

What it has checked it remembers and cosigns: from then on the hub must show this very log to everybody, or
its own two signatures convict it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from member import checks, wire
from member.checks import Check, Verdict
from member.checks import log as judging
from member.checks.log import Counted
from member.errors import Declined, MemberError, RetryLater, Untrusted
from member.http import Line
from member.member import Member
from member.rounds import Round, ask_all
from member.vault import checkpoints
from privacy import checkpoint, merkle
from privacy.checkpoint import Note, member_name, read_note
from privacy.encoding import unb64
from privacy.errors import PrivacyError

_NONE_YET = frozenset({"no-checkpoint", "not-found", "http-404"})
"""How hub and custodians say that there is no checkpoint yet, or no log at all."""


@dataclass(slots=True)
class Followed:
    """What came of following the log; `counted` is None where nothing can be held against it."""

    counted: Counted | None
    checks: list[Check]
    answered: bool
    """Whether the hub said anything."""
    notes: dict[str, str] = field(default_factory=dict)
    """The signed notes that were seen, by who showed them."""


# The checkpoint


def follow(member: Member) -> Followed:
    """Ask for the newest checkpoint that counts, hold it against the one seen last, keep and cosign it."""
    last = checkpoints.find(member.vault)
    notes = {"seen last": last.text()} if last else {}
    try:
        counted = _counted(member)
    except MemberError as error:
        return Followed(None, [_silence(error, last)], not isinstance(error, RetryLater), notes)
    notes["the hub"] = counted.note.text()
    try:
        alarm = last and _compare(member, ("the hub", counted.note), ("seen here before", last), grown=True)
    except RetryLater as error:
        return Followed(None, [Check(judging.LOG, Verdict.NOTE, str(error))], False, notes)
    if alarm:
        return Followed(None, [alarm], True, notes)
    fine = Check(judging.LOG, Verdict.FINE, _says(counted, last))
    return Followed(counted, [fine, *_take(member, counted, last)], True, notes)


def _counted(member: Member) -> Counted:
    """Return the hub's newest checkpoint that enough custodians cosigned; raises Untrusted and its like."""
    note = _note(member.hub, "/v1/log/checkpoint", {"counted": "true"})
    try:
        cosigned = checkpoint.verify_counted(note, member.key_set)
    except PrivacyError as error:
        raise Untrusted(f"the hub shows a checkpoint of its log that does not count: {error}") from error
    return Counted(note, min(cosigned.values()), tuple(sorted(cosigned)))


def _note(line: Line, path: str, query: Mapping[str, str] | None = None) -> Note:
    shown = wire.read(wire.CheckpointShown, line.get(path, query), line.name)
    try:
        return read_note(shown.checkpoint)
    except PrivacyError as error:
        raise Untrusted(f"{line.name} shows a checkpoint that cannot be read: {error}") from error


def _silence(error: MemberError, last: Note | None) -> Check:
    if not isinstance(error, Declined) or error.rule not in _NONE_YET:
        return Check(judging.LOG, checks.weight(error), str(error))
    if last is None:
        says = "no checkpoint counts yet: nothing can be looked for in the log"
        return Check(judging.LOG, Verdict.NOTE, says)
    says = f"the hub shows no checkpoint any more, and it has shown one: {judging.head(last.checkpoint)}"
    return Check(judging.LOG, Verdict.ALARM, f"{says}. Ask again in some minutes, then tell every custodian")


def _says(counted: Counted, last: Note | None) -> str:
    at = judging.head(counted.note.checkpoint)
    grew = "" if last is None else f"; it only grew since it was seen with size {last.checkpoint.size}"
    return f"{at}, cosigned by {checks.who(counted.custodians)}{grew}"


_Named = tuple[str, Note]
"""A note, and who shows it."""


def _compare(member: Member, one: _Named, other: _Named, *, grown: bool = False) -> Check | None:
    """Return the alarm when two notes are of two logs, or when one that should have `grown` is smaller.

    Raises RetryLater when the hub does not answer.
    """
    old, new = judging.smaller_first(one[1], other[1])
    if grown and one[1].checkpoint.size < other[1].checkpoint.size:
        return judging.fork(*one, *other)
    try:
        path = _consistency(member, old.size, new.size) if 0 < old.size < new.size else []
    except (Declined, Untrusted) as error:
        alarm = judging.fork(*one, *other)
        return Check(alarm.what, alarm.verdict, f"{alarm.says}. It does not prove otherwise: {error}")
    return None if judging.is_one_log(one[1], other[1], path) else judging.fork(*one, *other)


def _consistency(member: Member, old: int, new: int) -> list[bytes]:
    body = member.hub.get("/v1/log/consistency", {"old": old, "new": new})
    return nodes(wire.read(wire.ConsistencyShown, body, member.hub.name).path)


def nodes(path: Sequence[str]) -> list[bytes]:
    """Read the hashes of a proof of the hub's; raises Untrusted."""
    try:
        return [unb64(node, length=merkle.HASH_BYTES) for node in path]
    except PrivacyError as error:
        raise Untrusted("the hub gives a proof that is no list of hashes") from error


def _take(member: Member, counted: Counted, last: Note | None) -> Iterator[Check]:
    """Keep a checkpoint that was checked, and cosign it; that it is not taken keeps nobody from his work."""
    if last is not None and last.checkpoint.size == counted.size:
        return
    checkpoints.keep(member.vault, counted.note, at=member.clock())
    shown, key = counted.note.checkpoint, member.keys.signing
    name = member_name(shown.origin, key.public)
    line = checkpoint.cosign(key, name, shown, at=member.clock())
    body = {**member.addressed("hub"), "size": shown.size, "line": line.text()}
    try:
        answer = member.hub.post("/v1/log/cosignatures", msgspec.json.encode(body))
        wire.read(wire.CosignatureTaken, answer, member.hub.name)
    except MemberError as error:
        yield Check(judging.LOG, Verdict.NOTE, f"this member's cosignature was not taken: {error}")


# The custodians' own notes


def compare_custodians(member: Member, lines: Mapping[int, Line], followed: Followed) -> list[Check]:
    """Ask every custodian what it has cosigned last, and hold each against the hub's log."""
    asked = ask_all(lines, lambda index, line: _shown(member, line))
    followed.notes |= {f"custodian {index}": note.text() for index, note in asked.answers.items()}
    base = _base(member, followed, asked)
    found = [_unasked(index, error) for index, error in asked.failures.items()]
    agreeing = []
    for index, note in asked.answers.items():
        try:
            alarm = base and _compare(member, (f"custodian {index}", note), base)
        except RetryLater as error:
            return [*found, Check(judging.LOG, Verdict.NOTE, str(error))]
        alarm = alarm or _uncosigned(member, index, note)
        if alarm:
            found.append(alarm)
        else:
            agreeing.append(index)
    if agreeing:
        says = f"what {checks.who(agreeing)} cosigned last is the same log"
        found.append(Check(judging.LOG, Verdict.FINE, says))
    return found


def _shown(member: Member, line: Line) -> Note:
    """Return what a custodian shows, if the hub has signed it: that binds the hub, whoever shows it."""
    note = _note(line, "/v1/checkpoint")
    try:
        checkpoint.verify_checkpoint(note, member.key_set)
    except PrivacyError as error:
        raise Untrusted(f"{line.name} shows a checkpoint that does not hold: {error}") from error
    return note


def _uncosigned(member: Member, index: int, note: Note) -> Check | None:
    try:
        cosigned = index in checkpoint.cosigners(note, member.key_set)
    except PrivacyError:
        cosigned = False
    says = f"custodian {index} shows a checkpoint that it has not cosigned"
    return None if cosigned else Check(judging.LOG, Verdict.ALARM, says)


def _base(member: Member, followed: Followed, asked: Round[Note]) -> _Named | None:
    """Return the note against which the others are held: the hub's, the last one seen, or a custodian's."""
    if followed.counted is not None:
        return "the hub", followed.counted.note
    last = checkpoints.find(member.vault)
    if last is not None:
        return "seen here before", last
    return next(((f"custodian {index}", note) for index, note in asked.answers.items()), None)


def _unasked(index: int, error: MemberError) -> Check:
    if isinstance(error, Declined) and error.rule in _NONE_YET:
        says = f"custodian {index} has cosigned nothing yet"
        return Check(judging.LOG, Verdict.NOTE, says)
    return Check(judging.LOG, checks.weight(error), str(error))

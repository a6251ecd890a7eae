"""Cosigns the hub's log: only what begins with all that was cosigned before, so that nothing is taken back.

A hub that shows two logs, or takes an entry back, is caught here: by its own two signatures. Then this
custodian stops. A log that is slow, silent or refuses to prove itself is no proof of anything: it is not
cosigned, and whatever else this custodian does goes on.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from custodian import cosigned, faults
from custodian.cosigned import Cosigned
from custodian.errors import HubRefused
from privacy import checkpoint, merkle
from privacy.checkpoint import Checkpoint, Note, custodian_name, read_note
from privacy.encoding import b64
from privacy.errors import PrivacyError, VerifyError

if TYPE_CHECKING:
    from custodian.follower import Follower


def witness(follower: Follower) -> None:
    """Cosign the log's newest checkpoint once the hub has proved that the log only grew, and send it.

    What was cosigned and not sent goes first. Raises Stopped after a fork, HubUnreachable, HubRefused.
    """
    follower.require_running()
    if follower.ledger.fact("restored") or follower.ledger.fact("log_recall"):
        return
    _send(follower)
    # Asked before the hub is: what another process cosigns meanwhile does not make the log seem smaller.
    last, furthest = cosigned.find(follower.ledger, follower.index), _furthest(follower)
    text = follower.hub.checkpoint()
    if text is None:
        gone = "the hub shows no checkpoint any more" if furthest else None
        _say_once(follower, "log_unsigned", gone, furthest.text() if furthest else "")
        return
    try:
        note = _read(follower, text)
        _require_grown(follower, note, furthest)
    except HubRefused as refusal:
        _say_once(follower, "log_unsigned", f"the log is not cosigned: {refusal}", text)
        return
    _say_once(follower, "log_unsigned", None, "")
    if last is None or note.checkpoint.size > last.size:
        _cosign(follower, note, last)


def compare(follower: Follower) -> None:
    """Compare what fellows have cosigned with what was cosigned here; raises Stopped when these are two logs.

    After a restoration it finds out how far the log was cosigned. Raises HubUnreachable.
    """
    follower.require_running()
    told = list(follower.fellow_notes())
    shown = cosigned.signed_by_the_hub(follower.key_set, told)
    fellows = [each for note in shown for each in cosigned.cosigned_by(follower.key_set, note)]
    cosigned.keep_fellows(follower.ledger, [each for each in fellows if each.custodian != follower.index])
    own = cosigned.find(follower.ledger, follower.index)
    every = [*shown, *([own.note] if own else [])]
    try:
        furthest = _require_all_one(follower, every)
        _say_once(follower, "log_uncompared", None, "")
    except HubRefused as refusal:
        what = f"the hub does not prove that all custodians have cosigned one log: {refusal}"
        _say_once(follower, "log_uncompared", what, "".join(note.text() for note in every))
        return
    needed = min(follower.key_set.threshold, follower.key_set.count - 1)
    if follower.ledger.fact("log_recall") and len(told) >= needed:
        follower.ledger.set_fact("log_floor", furthest.text() if furthest else None)
        follower.ledger.set_fact("log_recall", None)


def _require_all_one(follower: Follower, notes: Sequence[Note]) -> Note | None:
    """Return the furthest of these notes of the hub's; raises Stopped, HubUnreachable, HubRefused."""
    if not notes:
        return None
    furthest = max(notes, key=lambda note: note.checkpoint.size)
    for note in notes:
        _require_one_log(follower, (_who(follower, note), note), (_who(follower, furthest), furthest))
    return furthest


def _furthest(follower: Follower) -> Note | None:
    """Return the newest checkpoint that is known to be the log's: cosigned here, or before a restoration."""
    own, floor = cosigned.find(follower.ledger, follower.index), follower.ledger.fact("log_floor")
    known = [*([own.note] if own else []), *([read_note(floor)] if floor else [])]
    return max(known, key=lambda note: note.checkpoint.size, default=None)


def _read(follower: Follower, text: str) -> Note:
    """Return the hub's newest checkpoint under its own signature alone; raises HubRefused."""
    try:
        note = read_note(text)
        checkpoint.verify_checkpoint(note, follower.key_set)
    except PrivacyError as error:
        raise HubRefused("form", f"what the hub shows is not its signed checkpoint ({error})") from error
    own = [line for line in note.lines if line.name == note.checkpoint.origin]
    return Note(note.checkpoint, tuple(own))


def _require_grown(follower: Follower, note: Note, furthest: Note | None) -> None:
    """Stop unless the log begins with the furthest that is known of it; raises Stopped, HubRefused."""
    if furthest is None:
        return
    if note.checkpoint.size < furthest.checkpoint.size:
        _stop(follower, "the log has become smaller", ("the hub", note), ("cosigned before", furthest))
    _require_one_log(follower, ("the hub", note), ("cosigned before", furthest))


_Named = tuple[str, Note]
"""A note, and who shows or cosigned it."""


def _require_one_log(follower: Follower, one: _Named, other: _Named) -> None:
    """Stop unless the hub proves that one of the two trees begins with the other.

    Raises Stopped, HubUnreachable, HubRefused.
    """
    old, new = sorted((one[1].checkpoint, other[1].checkpoint), key=lambda each: each.size)
    # From an empty log and to the same size there is nothing to prove but what the roots say.
    path = follower.hub.consistency(old.size, new.size) if 0 < old.size < new.size else []
    try:
        merkle.verify_consistency(old.size, new.size, old.root, new.root, path)
    except VerifyError:
        _stop(follower, "these are two logs", one, other, path)


def _stop(follower: Follower, what: str, one: _Named, other: _Named, path: Sequence[bytes] = ()) -> None:
    """Stop with both notes as evidence, and the hub's proof that proves nothing."""
    evidence = {"notes": [one[1].text(), other[1].text()], "path": [b64(node) for node in path]}
    heads = "; ".join(f"{who}: {_shown(note.checkpoint)}" for who, note in (one, other))
    follower.stop("log-fork", f"{what}: {heads}", msgspec.json.encode(evidence))


def _shown(head: Checkpoint) -> str:
    return f"size {head.size}, root {base64.b64encode(head.root).decode()}"


def _who(follower: Follower, note: Note) -> str:
    """Return who has cosigned a note, as a person names them."""
    indices = [str(each.custodian) for each in cosigned.cosigned_by(follower.key_set, note)]
    return f"cosigned by custodian {' and '.join(indices)}" if indices else "shown by a fellow"


def _cosign(follower: Follower, note: Note, last: Cosigned | None) -> None:
    """Cosign a checkpoint that was checked against `last`: it is on disk before it is sent."""
    now, name = (
        follower.clock().replace(microsecond=0),
        custodian_name(note.checkpoint.origin, follower.index),
    )
    line = checkpoint.cosign(follower.key, name, note.checkpoint, at=now)
    each = Cosigned(follower.index, checkpoint.with_lines(note, [line]), now, sent=False)
    if cosigned.keep_own(follower.ledger, each, last=last):
        faults.reached("checkpoint.cosigned")
        _send(follower)


def _send(follower: Follower) -> None:
    """Send what was cosigned last, unless the hub has it; one that will not have it raises an alarm, once."""
    each = cosigned.find(follower.ledger, follower.index)
    if each is None or each.sent:
        return
    line = each.note.lines[-1].text()
    try:
        follower.hub.cosign(follower.key_set, each.size, line)
    except HubRefused as refusal:
        what = f"the hub refuses this custodian's cosignature of size {each.size} ({refusal.slug})"
        _say_once(follower, "cosignature_refused", what, each.note.text())
        return
    cosigned.note_sent(follower.ledger, each)
    _say_once(follower, "cosignature_refused", None, "")


def _say_once(follower: Follower, fact: str, detail: str | None, evidence: str) -> None:
    """Remember a complaint about the log that proves nothing, as an alarm when it is new; None ends it."""
    if follower.ledger.note(fact, detail) and detail is not None:
        follower.ledger.raise_alarm("log", detail, evidence.encode(), now=follower.clock())

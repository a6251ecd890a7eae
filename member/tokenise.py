"""From OPRF inputs to their outputs: out of the vault, and from the custodians what the vault lacks.

A batch is in the vault before it is sent, and its outputs are before the next is awaited. A run that was
killed between asks the same batch again, which costs nothing: nobody pays twice for an identifier.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import NewType

from member import faults
from member.accusing import accuse
from member.custodians import Custodians, Falsehood, Gathered
from member.errors import Declined, MemberError, NotYet
from member.member import Member
from member.report import Advance
from member.vault import tokens
from member.vault.tokens import Batch
from privacy.evaluating import MAX_BATCH

Pseudonym = NewType("Pseudonym", bytes)
StandingSeed = NewType("StandingSeed", bytes)

_AHEAD = 2
"""Batches under way at a time: one is verified here while the custodians work at the next."""

_UNKNOWN_HERE = frozenset({"not-active", "signature"})
"""How a custodian refuses a member that its copy of the feed does not show yet."""


def tokenise(member: Member, inputs: Iterable[bytes], *, title: str = "Tokenising") -> dict[bytes, bytes]:
    """Return the 64-byte OPRF output of each distinct input.

    Raises QuotaExceeded, Unavailable, NotYet, Declined or Untrusted when too few custodians answer well;
    what was finished until then is in the vault.
    """
    wanted = list(dict.fromkeys(inputs))
    known = tokens.find(member.vault, member.epoch, wanted)
    lacking = [data for data in wanted if data not in known]
    found = known | (_ask(member, lacking, title) if lacking else {})
    # What an interrupted run had left behind was finished too, and is not ours to hand out.
    return {data: found[data] for data in wanted}


def pseudonym_of(output: bytes) -> Pseudonym:
    """Return bytes 0..31 of the output of an identity's input (protocol section 2)."""
    return Pseudonym(output[:32])


def standing_seed_of(output: bytes) -> StandingSeed:
    """Return bytes 32..63 of the output of an identity's input: the seed of the subject's standing key."""
    return StandingSeed(output[32:])


def subject_key_of(output: bytes) -> bytes:
    """Return bytes 0..31 of the output of a subject key's input."""
    return output[:32]


def _ask(member: Member, lacking: Sequence[bytes], title: str) -> dict[bytes, bytes]:
    left = tokens.unanswered(member.vault, member.epoch)
    answered: dict[bytes, bytes] = {}
    try:
        with (
            Custodians(member.custodians(), member.key_set) as custodians,
            member.report.step(title, len(lacking)) as advance,
        ):
            for outputs in _pipeline(
                member, custodians, _batches(member, custodians, left, lacking), advance
            ):
                answered |= outputs
    except Declined as error:
        if error.rule in _UNKNOWN_HERE and member.account().state == "active":
            raise NotYet(f"the custodians have yet to hear that this member is active. {error}") from error
        raise
    return answered


def _batches(
    member: Member, custodians: Custodians, left: Sequence[Batch], lacking: Sequence[bytes]
) -> Iterator[Batch]:
    """Yield what an interrupted run left behind, then new batches, each kept before it is given out."""
    yield from left
    asked = {data for batch in left for data in batch.inputs}
    new = [data for data in lacking if data not in asked]
    for start in range(0, len(new), MAX_BATCH):
        inputs = new[start : start + MAX_BATCH]
        blinded = custodians.blind(inputs)
        batch = Batch(
            request_id=secrets.token_urlsafe(24),
            inputs=inputs,
            blinds=[each.blind for each in blinded],
            elements=[each.element for each in blinded],
        )
        tokens.remember(member.vault, member.epoch, batch)
        yield batch


def _pipeline(
    member: Member, custodians: Custodians, batches: Iterable[Batch], advance: Advance
) -> Iterator[dict[bytes, bytes]]:
    running: deque[tuple[Batch, Future[Gathered]]] = deque()
    for batch in batches:
        running.append((batch, custodians.start(batch)))
        if len(running) == _AHEAD:
            yield _finish(member, custodians, *running.popleft(), advance)
    while running:
        yield _finish(member, custodians, *running.popleft(), advance)


def _finish(
    member: Member, custodians: Custodians, batch: Batch, answer: Future[Gathered], advance: Advance
) -> dict[bytes, bytes]:
    gathered = answer.result()
    # Before too few good answers end the run: who lied is kept all the same.
    unsaid = [error for error in gathered.failures.values() if not _is_accused(member, error)]
    outputs = custodians.finish(batch, gathered)
    for error in unsaid:
        member.report.warn(str(error))
    tokens.store(member.vault, member.epoch, batch, outputs)
    faults.reached("submit.tokenised")
    advance(len(outputs))
    return outputs


def _is_accused(member: Member, error: MemberError) -> bool:
    """Accuse the custodian, aloud, if it signed a falsehood; say whether that is so."""
    return isinstance(error, Falsehood) and accuse(member, error.shown) is not None

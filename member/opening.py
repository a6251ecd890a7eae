"""From the custodians' openings to totals: only what `threshold` of them say alike is combined.

Each opening was sealed to this member and signed by its custodian. They must name the same verdicts and the
same packed ciphertexts: a custodian that followed another feed, or lies, stands alone and is outvoted. Until
partial decryptions carry their proofs, a single false partial is found only where the total makes no sense.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from privacy import exposure, matching, threshold_paillier
from privacy.encoding import unb64
from privacy.errors import CannotOpen, DeserializeError, PrivacyError, VerifyError
from privacy.exposure import Exposure
from privacy.keyset import KeySet
from privacy.matching import Manifest, Opening, SealedOpening, Status, Verdict
from privacy.messages import Message
from privacy.sealing import SealingKey

AskFurther = Callable[[int], SealedOpening | None]
"""Asks the hub for the opening of one more custodian; None when it does not come."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the custodians say about one subject; an open total that makes no sense is None."""

    verdict: Verdict
    period: str
    cut_at: str
    total: Exposure | None


class _Said(Message, frozen=True):
    """The part of an opening that every honest custodian gives alike."""

    position: int
    period: str
    cut_at: str
    verdicts: tuple[Verdict, ...]
    ciphertexts: tuple[str, ...]


class Disagreement(CannotOpen):
    """Fewer than `threshold` custodians gave the same, well-formed opening."""


def open_manifest(
    manifest: Manifest,
    sealed: Sequence[SealedOpening],
    *,
    key: SealingKey,
    key_set: KeySet,
    ask_further: AskFurther,
    warn: Callable[[str], None],
) -> list[Judged]:
    """Return what the custodians say about each subject of `manifest`, in order.

    A further custodian is asked when openings differ, do not hold, or their total makes no sense. Raises
    Disagreement when too few are alike after all were asked.
    """
    opened: dict[int, Opening] = {}
    best: list[Judged] | None = None
    for each in _one_by_one(sealed, key_set.count, ask_further):
        if each.custodian in opened:
            continue
        try:
            opened[each.custodian] = _open(manifest, each, key, key_set)
        except PrivacyError as error:
            warn(f"the opening of custodian {each.custodian} was not used: {error}")
            continue
        for group in _alike(opened, key_set.threshold):
            best = _combine(group, key_set)
            _tell_apart(opened, group, warn)
            if all(judged.total for judged in best if judged.verdict.status is Status.OPEN):
                return best
    if best is None:
        raise Disagreement(
            f"fewer than {key_set.threshold} custodians gave the same opening: try again later, and tell the "
            "secretariat if it stays so"
        )
    return best


def _tell_apart(
    opened: Mapping[int, Opening], group: Mapping[int, Opening], warn: Callable[[str], None]
) -> None:
    common = _said(next(iter(group.values())))
    for index, opening in opened.items():
        if _said(opening) != common:
            warn(f"custodian {index} signed another judgement than custodians {', '.join(map(str, group))}")


def _one_by_one(
    sealed: Sequence[SealedOpening], count: int, ask_further: AskFurther
) -> Iterator[SealedOpening]:
    """Yield the openings that came, then those of further custodians, asked for only when needed."""
    yield from sealed
    for index in sorted(set(range(1, count + 1)) - {each.custodian for each in sealed}):
        further = ask_further(index)
        if further is not None:
            yield further


def _open(manifest: Manifest, sealed: SealedOpening, key: SealingKey, key_set: KeySet) -> Opening:
    if not 1 <= sealed.custodian <= key_set.count:
        raise VerifyError("the key set has no such custodian")
    opening = matching.open_opening(
        key, sealed, manifest_digest=manifest.sha256(), witness=key_set.witness(sealed.custodian)
    )
    _require_fitting(manifest, opening, key_set)
    return opening


def _require_fitting(manifest: Manifest, opening: Opening, key_set: KeySet) -> None:
    """Check that an opening fits its question; raises VerifyError."""
    open_count = sum(verdict.status is Status.OPEN for verdict in opening.verdicts)
    needed = -(-open_count // exposure.positions_per_ciphertext(key_set.public_key.bits))
    if opening.period != manifest.period:
        raise VerifyError("it is of another period")
    if len(opening.verdicts) != len(manifest.subjects):
        raise VerifyError("it does not judge every subject")
    if not len(opening.ciphertexts) == len(opening.partials) == needed:
        raise VerifyError("its ciphertexts do not fit its verdicts")
    if any(
        (verdict.status is Status.WITHHELD) != (verdict.reason is not None) for verdict in opening.verdicts
    ):
        raise VerifyError("a reason stands where none belongs, or is missing")


def _alike(opened: Mapping[int, Opening], threshold: int) -> Iterator[dict[int, Opening]]:
    """Yield every group of `threshold` custodians, the newest among them, that say the same."""
    *earlier, newest = opened
    same = [index for index in earlier if _said(opened[index]) == _said(opened[newest])]
    for others in itertools.combinations(same, threshold - 1):
        yield {index: opened[index] for index in (*others, newest)}


def _said(opening: Opening) -> _Said:
    return _Said(opening.position, opening.period, opening.cut_at, opening.verdicts, opening.ciphertexts)


def _combine(group: Mapping[int, Opening], key_set: KeySet) -> list[Judged]:
    """Return the judgement of every subject, with the totals of those that are open."""
    first = next(iter(group.values()))
    open_count = sum(verdict.status is Status.OPEN for verdict in first.verdicts)
    totals = _totals(group, key_set, open_count)
    return [
        Judged(verdict, first.period, first.cut_at, next(totals) if verdict.status is Status.OPEN else None)
        for verdict in first.verdicts
    ]


def _totals(group: Mapping[int, Opening], key_set: KeySet, count: int) -> Iterator[Exposure | None]:
    """Yield the total of each open subject, None for all in a ciphertext of which one makes no sense.

    All of it, because a slot that overflowed has spilled into the next subject's.
    """
    width = exposure.positions_per_ciphertext(key_set.public_key.bits)
    for number, start in enumerate(range(0, count, width)):
        size = min(width, count - start)
        try:
            partials = {index: _integer(opening.partials[number]) for index, opening in group.items()}
            packed = threshold_paillier.combine(key_set.public_key, key_set.count, partials)
            totals = exposure.split(packed, size)
        except (CannotOpen, DeserializeError):
            totals = []
        yield from totals if totals and all(map(exposure.is_sane, totals)) else [None] * size


def _integer(text: str) -> int:
    return int.from_bytes(unb64(text), "big")

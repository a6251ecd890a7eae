"""From the custodians' openings to totals: only what `threshold` of them say alike, and prove, is combined.

Each opening was sealed to this member and signed by its custodian, and it proves that its partials are what
that custodian's share makes of its ciphertexts. Three faults are told apart. What does not open, or bears no
signature of its custodian, did not arrive well: the hub alone can bring that about, and nobody is blamed.
What is signed and does not hold is a falsehood that anybody can check: its custodian is accused. What holds
and differs stands alone: somebody was shown another feed, or lies, and the opening cannot tell who.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from privacy import matching, totals
from privacy.accusations import Accusation, FalsePartial, UnsoundTotal
from privacy.errors import CannotOpen, PrivacyError, VerifyError
from privacy.exposure import Exposure
from privacy.keyset import KeySet
from privacy.matching import Manifest, Opening, SealedOpening, SignedOpening, Status, Verdict
from privacy.messages import Message
from privacy.sealing import SealingKey

AskFurther = Callable[[int], SealedOpening | None]
"""Asks the hub for the opening of one more custodian; None when it does not come."""

Accuse = Callable[[Accusation], bool]
"""Keeps an accusation and says it aloud; False, and nothing of that, for one that others could not check."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the custodians say about one subject; an open total that makes no sense is None."""

    verdict: Verdict
    period: str
    cut_at: str
    total: Exposure | None

    @property
    def is_unsound(self) -> bool:
        """Say whether the total was opened and makes no sense."""
        return self.verdict.status is Status.OPEN and self.total is None


class _Said(Message, frozen=True):
    """The part of an opening that every honest custodian gives alike."""

    position: int
    period: str
    cut_at: str
    verdicts: tuple[Verdict, ...]
    ciphertexts: tuple[str, ...]


class Disagreement(CannotOpen):
    """Fewer than `threshold` custodians gave the same opening, and proved it."""


def open_manifest(
    manifest: Manifest,
    sealed: Sequence[SealedOpening],
    *,
    key: SealingKey,
    key_set: KeySet,
    ask_further: AskFurther,
    accuse: Accuse,
    warn: Callable[[str], None],
) -> list[Judged]:
    """Return what the custodians say about each subject of `manifest`, in order.

    A further custodian is asked when openings differ or do not hold. Raises Disagreement when too few are
    alike after all were asked.
    """
    held: dict[int, SignedOpening] = {}
    for each in _one_by_one(sealed, key_set.count, ask_further):
        signed = None if each.custodian in held else _read(manifest, each, key, key_set, accuse, warn)
        if signed is None:
            continue
        held[each.custodian] = signed
        alike = {index: other for index, other in held.items() if _said(other) == _said(signed)}
        if len(alike) == key_set.threshold:
            _tell_apart(held, alike, warn)
            return _combine(manifest, alike, key_set, accuse)
    raise Disagreement(
        f"fewer than {key_set.threshold} custodians gave the same opening: try again later, and tell the "
        "secretariat if it stays so"
    )


def _one_by_one(
    sealed: Sequence[SealedOpening], count: int, ask_further: AskFurther
) -> Iterator[SealedOpening]:
    """Yield the openings that came, then those of further custodians, asked for only when needed."""
    yield from sealed
    for index in sorted(set(range(1, count + 1)) - {each.custodian for each in sealed}):
        further = ask_further(index)
        if further is not None:
            yield further


def _read(
    manifest: Manifest,
    sealed: SealedOpening,
    key: SealingKey,
    key_set: KeySet,
    accuse: Accuse,
    warn: Callable[[str], None],
) -> SignedOpening | None:
    """Return an opening that is signed, fits its question and is proved; else say why there is none."""
    who = f"the opening of custodian {sealed.custodian}"
    try:
        signed = _unseal(manifest, sealed, key, key_set)
    except PrivacyError as error:
        warn(f"{who} did not arrive well and was not used, nobody is blamed: {error}")
        return None
    try:
        totals.verify_opening(manifest, signed.opening, key_set)
        _require_fitting(manifest, signed.opening)
    except PrivacyError as error:
        if not accuse(FalsePartial(manifest=manifest, opening=signed)):
            warn(f"{who} was not used: {error}")
        return None
    return signed


def _unseal(manifest: Manifest, sealed: SealedOpening, key: SealingKey, key_set: KeySet) -> SignedOpening:
    witness = key_set.witness(sealed.custodian)
    return matching.open_opening(key, sealed, manifest_digest=manifest.sha256(), witness=witness)


def _require_fitting(manifest: Manifest, opening: Opening) -> None:
    """Check what `totals.verify_opening` does not; raises VerifyError."""
    if opening.period != manifest.period:
        raise VerifyError("it is of another period")
    if any(
        (verdict.status is Status.WITHHELD) != (verdict.reason is not None) for verdict in opening.verdicts
    ):
        raise VerifyError("a reason stands where none belongs, or is missing")


def _tell_apart(
    held: Mapping[int, SignedOpening], alike: Mapping[int, SignedOpening], warn: Callable[[str], None]
) -> None:
    for index in sorted(held.keys() - alike.keys()):
        warn(f"custodian {index} signed another judgement than custodians {', '.join(map(str, alike))}")


def _said(signed: SignedOpening) -> _Said:
    said = signed.opening
    return _Said(said.position, said.period, said.cut_at, said.verdicts, said.ciphertexts)


def _combine(
    manifest: Manifest, alike: Mapping[int, SignedOpening], key_set: KeySet, accuse: Accuse
) -> list[Judged]:
    """Return the judgement of every subject, with the totals of those that are open.

    A total that makes no sense although it stands in a ciphertext of its own accuses who contributed.
    """
    openings = {index: signed.opening for index, signed in alike.items()}
    first = next(iter(openings.values()))
    found = _totals(manifest, openings, key_set)
    judged = [
        Judged(verdict, first.period, first.cut_at, found.get(position))
        for position, verdict in enumerate(first.verdicts)
    ]
    if manifest.unpacked:
        shown = tuple(alike.values())
        for position in (at for at, each in enumerate(judged) if each.is_unsound):
            accuse(UnsoundTotal(manifest=manifest, openings=shown, subject=position))
    return judged


def _totals(manifest: Manifest, openings: Mapping[int, Opening], key_set: KeySet) -> dict[int, Exposure]:
    """Return the totals that make sense, by their subject's position."""
    positions = totals.open_subjects(next(iter(openings.values())))
    width = totals.subjects_per_ciphertext(manifest, key_set)
    found: dict[int, Exposure] = {}
    for number, opened in enumerate(totals.combine(manifest, openings, key_set)):
        found.update(zip(positions[number * width :], opened or (), strict=False))
    return found

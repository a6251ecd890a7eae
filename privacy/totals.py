"""What anybody who holds openings checks before it combines them, and what comes out.

A lying custodian would leave its proof away, or prove other numbers than it hands out; a lying member would
seal what no honest tool seals. An opening counts when its lists fit its verdicts and its proof holds
(protocol, section 5 and appendix A); a total that makes no sense is told apart, with all in its ciphertext.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from privacy import decryption, exposure, threshold_paillier
from privacy.encoding import decode_integer, unb64
from privacy.errors import DeserializeError, VerifyError
from privacy.exposure import Exposure
from privacy.keyset import KeySet
from privacy.matching import Manifest, Opening, Status


def subjects_per_ciphertext(manifest: Manifest, key_set: KeySet) -> int:
    """Return how many open subjects share one packed ciphertext of this manifest's openings."""
    return 1 if manifest.unpacked else exposure.positions_per_ciphertext(key_set.public_key.bits)


def open_subjects(opening: Opening) -> list[int]:
    """Return the positions of the subjects that an opening opens, in order."""
    return [at for at, verdict in enumerate(opening.verdicts) if verdict.status is Status.OPEN]


def verify_opening(manifest: Manifest, opening: Opening, key_set: KeySet) -> None:
    """Check that a custodian's lists fit its verdicts, and its proof; raises VerifyError.

    No honest custodian signs an opening that fails here. Its signature is another matter
    (`matching.open_opening`), and whether it judged rightly a third: compare it with another custodian's.
    """
    if len(opening.verdicts) != len(manifest.subjects):
        raise VerifyError("it does not judge every subject")
    needed = -(-len(open_subjects(opening)) // subjects_per_ciphertext(manifest, key_set))
    if not len(opening.ciphertexts) == len(opening.partials) == needed:
        raise VerifyError("its ciphertexts do not fit its verdicts")
    if needed:
        _verify_proof(opening, key_set)


def _verify_proof(opening: Opening, key_set: KeySet) -> None:
    if opening.proof is None:
        raise VerifyError("it opens something and proves nothing")
    try:
        ciphertexts = _residues(opening.ciphertexts, key_set)
        partials = _residues(opening.partials, key_set)
    except DeserializeError as error:
        raise VerifyError("its numbers are not as long as the key set's") from error
    decryption.verify(
        key_set.public_key,
        count=key_set.count,
        custodian=opening.custodian,
        v_i=key_set.verification_key(opening.custodian),
        manifest=unb64(opening.manifest),
        ciphertexts=ciphertexts,
        partials=partials,
        proof=opening.proof,
    )


def combine(
    manifest: Manifest, openings: Mapping[int, Opening], key_set: KeySet
) -> Iterator[list[Exposure] | None]:
    """Yield, for each packed ciphertext, the totals of its subjects, or None where they make no sense.

    `openings` are those of `threshold` custodians, by index: alike, and each has passed `verify_opening`.
    Raises CannotOpen otherwise.
    """
    first = next(iter(openings.values()))
    width, count = subjects_per_ciphertext(manifest, key_set), len(open_subjects(first))
    for number in range(len(first.ciphertexts)):
        yield open_ciphertext(openings, key_set, number, size=min(width, count - number * width))


def open_ciphertext(
    openings: Mapping[int, Opening], key_set: KeySet, number: int, *, size: int
) -> list[Exposure] | None:
    """Return the totals of the `size` subjects in ciphertext `number`, None where they make no sense.

    None for all of them, because what overflowed has spilled into the next subject's. As `combine`.
    """
    octets = key_set.public_key.bits // 4
    partials = {index: decode_integer(each.partials[number], octets) for index, each in openings.items()}
    packed = threshold_paillier.combine(key_set.public_key, key_set.count, partials)
    try:
        totals = exposure.split(packed, size)
    except DeserializeError:
        return None
    return totals if all(map(exposure.is_sane, totals)) else None


def _residues(texts: tuple[str, ...], key_set: KeySet) -> list[int]:
    return [decode_integer(text, key_set.public_key.bits // 4) for text in texts]

"""What every custodian checks of a key set before it signs: its form, and that all subsets give one key.

An adversary at the ceremony would give one custodian a share that fits no other, so that openings with it
fail or blame it, or publish a base that it chose itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from privacy import group, oprf, threshold_paillier
from privacy.encoding import unb64
from privacy.errors import PrivacyError, VerifyError
from privacy.keyset import KeySet, PaillierKeys, slots
from privacy.messages import parse
from privacy.periods import Period


def verify_consistent(key_set: KeySet) -> None:
    """Check what every custodian checks before it signs; raises VerifyError naming what does not fit.

    Every `threshold`-subset gives the same OPRF key and the same W = 1 mod N, and fewer give neither; the
    base is derived from N and the epoch; layout and suite are this version's.
    """
    try:
        parse(KeySet, key_set.document())  # one made in this process has passed no bounds yet
        _check_shape(key_set)
        _check_subsets(key_set)
    except VerifyError:
        raise
    except PrivacyError as error:
        raise VerifyError("the key set holds a value that is no key") from error


def _check_shape(key_set: KeySet) -> None:
    n, t = key_set.count, key_set.threshold
    public = key_set.public_key
    checks = {
        "2t > n and t <= n": t <= n < 2 * t,
        "one public share per custodian": len(key_set.oprf.publics) == len(key_set.paillier.vs) == n,
        "distinct signing keys": len({*key_set.witnesses, *_association(key_set)}) == n + 2,
        "distinct sealing keys": len(key_set.sealing) == len(set(key_set.sealing)) == n,
        "the suite": (key_set.oprf.suite, key_set.oprf.mode) == (oprf.SUITE, "VOPRF"),
        "the slots": key_set.slots == slots(),
        "the modulus' size": public.bits == key_set.paillier.bits,
        "the length of a number": _fixed_lengths(key_set.paillier),
        "the base v": _integer(key_set.paillier.v) == public.v,
        "3072 bits for real data": key_set.policy.synthetic or public.bits >= 3072,
        "min_contributors": key_set.policy.synthetic or key_set.policy.min_contributors >= 3,
        "the predecessor": key_set.predecessor is None or key_set.predecessor.epoch < key_set.epoch,
        "the period": key_set.policy.synthetic or key_set.policy.period is not Period.MINUTE,
    }
    for what, holds in checks.items():
        if not holds:
            raise VerifyError(f"the key set is refused: {what} does not fit")


def _check_subsets(key_set: KeySet) -> None:
    public, w = key_set.public_key, _integer(key_set.paillier.w)
    vs = {index: key_set.verification_key(index) for index in range(1, key_set.count + 1)}
    joint = group.decode_element(unb64(key_set.oprf.public))
    if w == 1 or w % public.n != 1:
        raise VerifyError("the key set is refused: W is not a non-trivial 1 modulo N")

    def together(subset: Sequence[int]) -> tuple[bytes, int]:
        elements = [(index, key_set.oprf_public(index)) for index in subset]
        these = {index: vs[index] for index in subset}
        return oprf.combine(elements), threshold_paillier.verification_w(public, key_set.count, these)

    for subset in itertools.combinations(vs, key_set.threshold):
        given, given_w = together(subset)
        if given != joint:
            raise VerifyError(f"the key set is refused: custodians {subset} give another OPRF key")
        if given_w != w:
            raise VerifyError(f"the key set is refused: custodians {subset} give another W")
    given, given_w = together(range(1, key_set.threshold))
    if given == joint or given_w == w:
        raise VerifyError("the key set is refused: fewer custodians than the threshold give its keys")


def _integer(text: str) -> int:
    return int.from_bytes(unb64(text), "big")


def _association(key_set: KeySet) -> tuple[str, str]:
    return key_set.association.hub, key_set.association.secretariat


def _fixed_lengths(keys: PaillierKeys) -> bool:
    """Say whether N has |N|/8 bytes and every residue twice that: with zeros before it, one has two texts."""
    octets = keys.bits // 8
    residues = (keys.v, keys.w, *keys.vs)
    return len(unb64(keys.n)) == octets and all(len(unb64(residue)) == 2 * octets for residue in residues)

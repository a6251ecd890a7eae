"""Many different ciphertexts whose openings are known, cheaply: the powers of one."""

from __future__ import annotations

import secrets

from privacy import exposure, paillier
from privacy.paillier import PublicKey


def powers(public: PublicKey, count: int) -> tuple[list[int], list[tuple[int, int]]]:
    """Return `count` ciphertexts, and the plaintext and randomness of each.

    The j-th power seals j times both, which stay as long as a contribution's.
    """
    spare = count.bit_length()
    m = secrets.randbits(exposure.SLOTS_BITS - spare)
    r = secrets.randbits(public.bits // 2 - spare) | 1
    first = paillier.encrypt(public, m, r)
    ciphertexts = [first]
    while len(ciphertexts) < count:
        ciphertexts.append(ciphertexts[-1] * first % public.n_squared)
    return ciphertexts, [(j * m, j * r) for j in range(1, count + 1)]

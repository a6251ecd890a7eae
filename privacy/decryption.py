"""One proof for all partial decryptions of an opening (protocol, appendix A).

A lying custodian multiplies its partial by `1 + k*N`, and another total opens, without a trace; or it answers
with a share that is not its own. This proof shows that one exponent `d_i` carries `v` to the published `v_i`
and every ciphertext to its partial: a Chaum-Pedersen proof over a product of all, with weights drawn by hash
and responses over the integers, because nobody knows the order of the group (Shoup, "Practical threshold
signatures", 2000). It speaks of squares: N's primes are safe, so among those none but 1 has a small
order. A partial with its sign flipped passes if the proof was made for it, and changes nothing, since
`combine` squares too; where neither squared, it would pass half of the time and spoil the total.

Constant time, up to the length of the exponent: both powers by `rho` (`powmod_sec`, which does not let go of
the interpreter's lock). Not constant time: `rho + e*d_i`, one product of integers of fixed length. What is
weighed and hashed is known to whoever receives the answer.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Sequence
from typing import Final

import gmpy2

from privacy import paillier
from privacy.encoding import decode_integer, encode_integer, frame, label
from privacy.errors import DeserializeError, InvalidInputError, VerifyError
from privacy.matching import MAX_CIPHERTEXTS, DecryptionProof
from privacy.multiexp import product_of_powers
from privacy.paillier import PublicKey

_WEIGHT_BYTES: Final = 16
_CHALLENGE_BYTES: Final = 16

_HIDING_BITS: Final = 256
"""`rho` has so many bits more than N^2: 128 more than `e*d_i`, which it hides."""


def prove(
    public: PublicKey,
    *,
    count: int,
    custodian: int,
    share: int,
    v_i: int,
    manifest: bytes,
    ciphertexts: Sequence[int],
    partials: Sequence[int],
    nonce: int | None = None,
) -> DecryptionProof:
    """Return custodian `custodian`'s proof that `partials` are `threshold_paillier.partial` of `ciphertexts`.

    `count` custodians, `manifest` the manifest's digest, 1 to 256 ciphertexts. A quarter of a second at 3072
    bits, all of it under the interpreter's lock: one call, to be handed to another process. Partials that are
    false give a proof that does not hold. `nonce` is `rho` and is only ever given by test vectors. Raises
    InvalidInputError.
    """
    if not 1 <= len(ciphertexts) == len(partials) <= MAX_CIPHERTEXTS:
        raise InvalidInputError(
            f"1 to {MAX_CIPHERTEXTS} ciphertexts, each with its partial", field="partials"
        )
    paillier.require_ciphertexts(public, [*ciphertexts, *partials, v_i])
    if not 0 < share < public.n_squared:
        raise InvalidInputError("the share does not belong to this key", field="share")
    seed = _seed(public, custodian, v_i, manifest, ciphertexts, partials)
    a, b = _weighed(public, count, seed, ciphertexts, partials)
    rho = secrets.randbits(2 * public.bits + _HIDING_BITS) if nonce is None else nonce
    big_a = int(gmpy2.powmod_sec(a, rho, public.n_squared))
    big_v = int(gmpy2.powmod_sec(public.v, rho, public.n_squared))
    e = _challenge(public, seed, a, b, big_a, big_v)
    return DecryptionProof(
        e=encode_integer(e, _CHALLENGE_BYTES), z=encode_integer(rho + e * share, _z_octets(public))
    )


def verify(
    public: PublicKey,
    *,
    count: int,
    custodian: int,
    v_i: int,
    manifest: bytes,
    ciphertexts: Sequence[int],
    partials: Sequence[int],
    proof: DecryptionProof,
) -> None:
    """Check a proof of partial decryption against the published `v_i`; raises VerifyError."""
    if not 1 <= len(ciphertexts) == len(partials) <= MAX_CIPHERTEXTS:
        raise VerifyError(f"a proof of partial decryption covers 1 to {MAX_CIPHERTEXTS} ciphertexts")
    if paillier.find_bad_ciphertexts(public, [*ciphertexts, *partials, v_i]):
        raise VerifyError("a proof of partial decryption covers a number that is no residue")
    e, z = _read(public, proof)
    seed = _seed(public, custodian, v_i, manifest, ciphertexts, partials)
    a, b = _weighed(public, count, seed, ciphertexts, partials)
    big_a = _unmasked(public, a, z, b, e)
    big_v = _unmasked(public, public.v, z, v_i, e)
    if _challenge(public, seed, a, b, big_a, big_v) != e:
        raise VerifyError("the proof of partial decryption does not hold")


def _read(public: PublicKey, proof: DecryptionProof) -> tuple[int, int]:
    """Return `(e, z)` of exact lengths, the response within its bound; raises VerifyError."""
    try:
        e = decode_integer(proof.e, _CHALLENGE_BYTES)
        z = decode_integer(proof.z, _z_octets(public))
    except DeserializeError as error:
        raise VerifyError("the proof of partial decryption is not well formed") from error
    if z.bit_length() > 2 * public.bits + _HIDING_BITS + 1:
        raise VerifyError("the proof of partial decryption is out of range")
    return e, z


def _seed(
    public: PublicKey,
    custodian: int,
    v_i: int,
    manifest: bytes,
    ciphertexts: Sequence[int],
    partials: Sequence[int],
) -> bytes:
    octets = public.bits // 4
    framed = frame(
        label("decrypt"),
        manifest,
        public.epoch.to_bytes(4, "big"),
        custodian.to_bytes(4, "big"),
        public.n.to_bytes(public.bits // 8, "big"),
        public.v.to_bytes(octets, "big"),
        v_i.to_bytes(octets, "big"),
        len(ciphertexts).to_bytes(4, "big"),
        *(residue.to_bytes(octets, "big") for residue in (*ciphertexts, *partials)),
    )
    return hashlib.sha512(framed).digest()


def _weighed(
    public: PublicKey, count: int, seed: bytes, ciphertexts: Sequence[int], partials: Sequence[int]
) -> tuple[int, int]:
    """Return `a = (prod c_j^w_j)^(4*D)` and `b = (prod p_j^w_j)^2`: `b = a^d_i` where all is well.

    Squared here, by whoever checks: of what is left, -1 is no part, and no challenge can hide it.
    """
    digests = (hashlib.sha256(seed + j.to_bytes(4, "big")).digest() for j in range(1, len(partials) + 1))
    weights = [int.from_bytes(digest[:_WEIGHT_BYTES], "big") for digest in digests]
    a = product_of_powers(public.n, ciphertexts, weights)
    b = product_of_powers(public.n, partials, weights)
    return pow(a, 4 * math.factorial(count), public.n_squared), pow(b, 2, public.n_squared)


def _unmasked(public: PublicKey, base: int, z: int, power: int, e: int) -> int:
    """Return `base^z * power^-e mod N^2`."""
    n_squared = public.n_squared
    return int(gmpy2.powmod(base, z, n_squared) * gmpy2.powmod(power, -e, n_squared) % n_squared)


def _challenge(public: PublicKey, seed: bytes, *residues: int) -> int:
    octets = public.bits // 4
    framed = frame(
        label("decrypt/challenge"), seed, *(residue.to_bytes(octets, "big") for residue in residues)
    )
    return int.from_bytes(hashlib.sha512(framed).digest()[:_CHALLENGE_BYTES], "big")


def _z_octets(public: PublicKey) -> int:
    return -(-(2 * public.bits + _HIDING_BITS + 1) // 8)

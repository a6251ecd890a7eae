"""One proof for a whole chunk that its member knows every plaintext in it (protocol, appendix B).

The hub lends a member's ciphertext to a colluding one, who shifts or scales it and signs it as its own; the
count of contributors is met and the ciphertext is read. Whoever does not know plaintext and randomness cannot
make this proof, and the challenge binds it to one member, epoch, key set and chunk, so none can be moved: a
Schnorr proof for `(1 + M*N) * hs^R` over a product of all ciphertexts, with weights of 128 bits drawn by hash
(Bellare, Garay and Rabin, "Fast batch verification for modular exponentiation", 1998). Ciphertexts enter it
squared: what is left has no part of small order that a challenge could hide.

Constant time, up to the length of the exponent: the powers of `hs` by secret exponents (`powmod_sec`). Not
constant time: sums of products and reductions mod N on plaintexts, randomness, `mu` and `rho`, in integers
whose lengths say nothing but the size of the chunk. A member proves on its own machine, at its own pace.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import gmpy2

from privacy import paillier
from privacy.encoding import decode_integer, encode_integer, frame, label
from privacy.errors import DeserializeError, InvalidInputError, VerifyError
from privacy.multiexp import product_of_powers
from privacy.paillier import PublicKey
from privacy.statements import MAX_CHUNK, KnowledgeProof

_WEIGHT_BYTES: Final = 16
_CHALLENGE_BYTES: Final = 16

_HIDING_BITS: Final = 397
"""`rho` is so many bits longer than `r`: 128 more than `e*R`, which it hides (1 + 128 + 12 + 128 + 128)."""


@dataclass(frozen=True, slots=True)
class ChunkContext:
    """What a proof is bound to besides the epoch and the ciphertexts: none can be moved elsewhere."""

    member: str
    key_set: bytes
    root: bytes


def prove(
    public: PublicKey,
    context: ChunkContext,
    ciphertexts: Sequence[int],
    openings: Sequence[tuple[int, int]],
    *,
    nonce: tuple[int, int] | None = None,
) -> KnowledgeProof:
    """Return the proof for `c_j = (1 + M_j*N) * hs^r_j`, `openings[j] = (M_j, r_j)`, 1 to 4,096 of them.

    What does not fit its ciphertext gives a proof that does not hold. `nonce` is `(mu, rho)` and is only ever
    given by test vectors. Raises InvalidInputError.
    """
    _require_provable(public, ciphertexts, openings)
    seed = _seed(public, context, ciphertexts)
    weights = _weights(seed, len(ciphertexts))
    m = 2 * sum(w * m_j for w, (m_j, _) in zip(weights, openings, strict=True)) % public.n
    r = 2 * sum(w * r_j for w, (_, r_j) in zip(weights, openings, strict=True))
    mu, rho = nonce or (secrets.randbelow(public.n), secrets.randbits(public.bits // 2 + _HIDING_BITS))
    a = _sealed(public, mu, rho)
    e = _challenge(public, seed, _sealed(public, m, r), a)
    return KnowledgeProof(
        a=encode_integer(a, public.bits // 4),
        z_m=encode_integer((mu + e * m) % public.n, public.bits // 8),
        z_r=encode_integer(rho + e * r, _z_r_octets(public)),
    )


def verify(
    public: PublicKey, context: ChunkContext, ciphertexts: Sequence[int], proof: KnowledgeProof
) -> None:
    """Check a chunk's proof over the ciphertexts of all of its records, in order; raises VerifyError.

    Ciphertexts need not have been looked at before: one that is none is refused here.
    """
    if not 1 <= len(ciphertexts) <= MAX_CHUNK:
        raise VerifyError(f"a proof of plaintext knowledge covers 1 to {MAX_CHUNK} ciphertexts")
    a, z_m, z_r = _read(public, proof)
    if paillier.find_bad_ciphertexts(public, [*ciphertexts, a]):
        raise VerifyError("a proof of plaintext knowledge covers a number that is no ciphertext")
    seed = _seed(public, context, ciphertexts)
    c = pow(product_of_powers(public.n, ciphertexts, _weights(seed, len(ciphertexts))), 2, public.n_squared)
    e = _challenge(public, seed, c, a)
    claimed = (1 + z_m * public.n) * gmpy2.powmod(public.hs, z_r, public.n_squared) % public.n_squared
    if claimed != a * gmpy2.powmod(c, e, public.n_squared) % public.n_squared:
        raise VerifyError("the proof of plaintext knowledge does not hold")


def _require_provable(
    public: PublicKey, ciphertexts: Sequence[int], openings: Sequence[tuple[int, int]]
) -> None:
    if len(ciphertexts) > MAX_CHUNK:
        raise InvalidInputError(f"a chunk has at most {MAX_CHUNK} ciphertexts", field="ciphertexts")
    if len(openings) != len(ciphertexts):
        raise InvalidInputError("one opening per ciphertext is needed", field="openings")
    paillier.require_ciphertexts(public, ciphertexts)
    for m, r in openings:
        paillier.require_sealable(public, m, r)


def _read(public: PublicKey, proof: KnowledgeProof) -> tuple[int, int, int]:
    """Return `(a, z_m, z_r)` of exact lengths, the responses within their bounds; raises VerifyError."""
    try:
        a = decode_integer(proof.a, public.bits // 4)
        z_m = decode_integer(proof.z_m, public.bits // 8)
        z_r = decode_integer(proof.z_r, _z_r_octets(public))
    except DeserializeError as error:
        raise VerifyError("the proof of plaintext knowledge is not well formed") from error
    if z_m >= public.n or z_r.bit_length() > public.bits // 2 + _HIDING_BITS + 1:
        raise VerifyError("the proof of plaintext knowledge is out of range")
    return a, z_m, z_r


def _sealed(public: PublicKey, m: int, r: int) -> int:
    """Return `(1 + m*N) * hs^r mod N^2`, `r` secret and of any length."""
    return int((1 + m * public.n) * gmpy2.powmod_sec(public.hs, r, public.n_squared) % public.n_squared)


def _seed(public: PublicKey, context: ChunkContext, ciphertexts: Sequence[int]) -> bytes:
    octets = public.bits // 4
    framed = frame(
        label("knowledge"),
        context.member.encode(),
        public.epoch.to_bytes(4, "big"),
        context.key_set,
        context.root,
        len(ciphertexts).to_bytes(4, "big"),
        *(c.to_bytes(octets, "big") for c in ciphertexts),
    )
    return hashlib.sha512(framed).digest()


def _weights(seed: bytes, count: int) -> list[int]:
    """Return the weight of each ciphertext: 128 bits that nobody can know before all are fixed."""
    digests = (hashlib.sha256(seed + j.to_bytes(4, "big")).digest() for j in range(1, count + 1))
    return [int.from_bytes(digest[:_WEIGHT_BYTES], "big") for digest in digests]


def _challenge(public: PublicKey, seed: bytes, c: int, a: int) -> int:
    octets = public.bits // 4
    framed = frame(label("knowledge/challenge"), seed, c.to_bytes(octets, "big"), a.to_bytes(octets, "big"))
    return int.from_bytes(hashlib.sha512(framed).digest()[:_CHALLENGE_BYTES], "big")


def _z_r_octets(public: PublicKey) -> int:
    return -(-(public.bits // 2 + _HIDING_BITS + 1) // 8)

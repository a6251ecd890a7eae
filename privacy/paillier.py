"""Paillier encryption, made fast: anybody seals, anybody adds what was sealed.

A ciphertext is `(1 + M*N) * hs^r mod N^2` (Damgard, Jurik and Nielsen, "A generalization of Paillier's
public-key system with applications to electronic voting", 2010); `phe.PaillierPublicKey(N)` is the same
public key. Every form used here is given in `docs/protocol.md`, section 5 and appendices A and B; who
opens a sum stands in `threshold_paillier.py`.

An adversary would send 0, a multiple of p or a number beyond N^2: one such poisons a product.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import gmpy2

from privacy.encoding import frame, label
from privacy.errors import InvalidInputError
from privacy.residues import Digits, Residues

SMALLEST_BITS = 1024
"""Refused below. Real key sets have 3072 bits; 1024 is for tests."""


@dataclass(frozen=True)
class PublicKey:
    """The modulus of an epoch and what follows from it. No slots: the derived values are cached."""

    n: int
    epoch: int

    def __post_init__(self) -> None:
        if self.n < 0 or self.n % 2 == 0 or self.bits % 16 or self.bits < SMALLEST_BITS:
            raise InvalidInputError("N is odd and has a multiple of 16 bits, at least 1024", field="n")
        if not 0 <= self.epoch < 1 << 32:
            raise InvalidInputError("an epoch has four bytes", field="epoch")

    @cached_property
    def bits(self) -> int:
        """|N|, the length of the modulus in bits."""
        return self.n.bit_length()

    @cached_property
    def n_squared(self) -> int:
        """The modulus of ciphertexts."""
        return self.n * self.n

    @cached_property
    def hs(self) -> int:
        """The base of the randomness, `(-x^2)^N mod N^2` with `x` from the epoch's label (appendix B)."""
        x = self._derive("paillier-base", self.bits + 128) % self.n
        return int(gmpy2.powmod(-x * x % self.n, self.n, self.n_squared))

    @cached_property
    def v(self) -> int:
        """The base of the verification keys, a square that nobody chose (appendix A)."""
        return self._derive("decrypt-base", 2 * self.bits + 128) ** 2 % self.n_squared

    def _derive(self, name: str, bits: int) -> int:
        """Return `bits` bits of SHAKE256 over the framed label, `N` and the epoch."""
        seed = frame(label(name), self.n.to_bytes(self.bits // 8, "big"), self.epoch.to_bytes(4, "big"))
        return int.from_bytes(hashlib.shake_256(seed).digest(bits // 8), "big")


# Sealing


def encrypt(public: PublicKey, m: int, r: int) -> int:
    """Return `(1 + m*N) * hs^r mod N^2`, `0 <= m < N`, `r` secret and of at most |N|/2 bits.

    For a few values; `Sealer` does the same many times faster. Raises InvalidInputError.
    """
    require_sealable(public, m, r)
    return int((1 + m * public.n) * gmpy2.powmod_sec(public.hs, r, public.n_squared) % public.n_squared)


class Sealer:
    """Seals many values under one key, from a table of powers of `hs` (3072 bits: half a second, 45 MB).

    One row for each byte of `r`, holding that byte's 256 powers: a seal is |N|/16 products and no
    squaring. Nine bits a row would double the table and save a tenth of the time.

    Not constant time: which entries are read depends on `r`, so a process that shares the machine's
    caches could learn of it. A member seals its own records on its own machine, where whoever could
    watch the caches can read the records themselves.
    """

    def __init__(self, public: PublicKey) -> None:
        self.public = public
        self._residues = Residues(public.n)
        self._rows: list[list[Digits]] = []
        base = self._residues.split(public.hs)
        for _ in range(public.bits // 16):
            row = self._powers(base)
            base = self._residues.times(row[-1], base)
            self._rows.append(row)

    def seal(self, m: int, r: int) -> int:
        """Return `encrypt(public, m, r)`; raises InvalidInputError."""
        require_sealable(self.public, m, r)
        times, sealed = self._residues.times, self._residues.split(1 + m * self.public.n)
        for row, byte in zip(self._rows, r.to_bytes(len(self._rows), "little"), strict=True):
            sealed = times(sealed, row[byte])
        return self._residues.join(sealed)

    def seal_many(self, pairs: Iterable[tuple[int, int]]) -> list[int]:
        """Return `seal(m, r)` of each pair, in order."""
        return [self.seal(m, r) for m, r in pairs]

    def _powers(self, base: Digits) -> list[Digits]:
        """Return the 0th to 255th power."""
        row = [self._residues.one]
        for _ in range(255):
            row.append(self._residues.times(row[-1], base))
        return row


def require_sealable(public: PublicKey, m: int, r: int) -> None:
    """Raise InvalidInputError unless `m` may be sealed with the randomness `r`."""
    if not 0 <= m < public.n:
        raise InvalidInputError("a plaintext lies in [0, N)", field="m")
    if not 0 < r < 1 << public.bits // 2:  # r = 0 would leave the plaintext readable
        raise InvalidInputError("the randomness has at most half the bits of N and is not 0", field="r")


# Working on ciphertexts


def is_ciphertext(public: PublicKey, c: int) -> bool:
    """Say whether `c` lies in `(0, N^2)` and is coprime to `N`."""
    return 0 < c < public.n_squared and _coprime(public, [c])


def find_bad_ciphertexts(public: PublicKey, ciphertexts: Sequence[int]) -> list[int]:
    """Return the positions of those that are no ciphertexts; empty when all are good.

    One gcd over the product mod N serves a whole chunk: it is 1 only if each single one is.
    """
    if all(0 < c < public.n_squared for c in ciphertexts) and _coprime(public, ciphertexts):
        return []
    return [position for position, c in enumerate(ciphertexts) if not is_ciphertext(public, c)]


def product(public: PublicKey, ciphertexts: Sequence[int]) -> int:
    """Return the ciphertext of the sum of one or more plaintexts; raises InvalidInputError."""
    require_ciphertexts(public, ciphertexts)
    return _multiply(ciphertexts, public.n_squared)


def pack(public: PublicKey, ciphertexts: Sequence[int], slot_bits: int) -> int:
    """Return one ciphertext of `sum M_j * 2^(slot_bits*j)`, the first in the lowest position (Horner).

    Every `M_j` must be below `2^slot_bits`. Raises InvalidInputError when so many do not fit below N.
    """
    require_ciphertexts(public, ciphertexts)
    if slot_bits < 1 or slot_bits * len(ciphertexts) >= public.bits:
        raise InvalidInputError("so many positions do not fit into one plaintext", field="ciphertexts")
    packed = gmpy2.mpz(1)
    for c in reversed(ciphertexts):
        packed = gmpy2.powmod(packed, 1 << slot_bits, public.n_squared) * c % public.n_squared
    return int(packed)


def _multiply(factors: Iterable[int], modulus: int) -> int:
    result, modulus = gmpy2.mpz(1), gmpy2.mpz(modulus)
    for factor in factors:
        result = result * factor % modulus
    return int(result)


def _coprime(public: PublicKey, numbers: Iterable[int]) -> bool:
    return bool(gmpy2.gcd(_multiply((number % public.n for number in numbers), public.n), public.n) == 1)


def require_ciphertexts(public: PublicKey, ciphertexts: Sequence[int]) -> None:
    """Raise InvalidInputError unless there is at least one, and all are ciphertexts under this key."""
    if not ciphertexts:
        raise InvalidInputError("at least one ciphertext is needed", field="ciphertexts")
    if find_bad_ciphertexts(public, ciphertexts):
        raise InvalidInputError("a ciphertext lies in (0, N^2) and is coprime to N", field="ciphertexts")

"""The custodians' shares of the Paillier key: dealing, partial openings, and what `t` of them give together.

Shares as in Shoup's "Practical threshold signatures" (2000); every form is given in `docs/protocol.md`,
section 5 and appendix A. An adversary would send a share outside 1..n, a partial under another key or of
another ciphertext, or a partial times `1 + k*N`, which shifts the opened number without a trace: only the
proof of partial decryption (`privacy/decryption.py`) sees that one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import repeat

import gmpy2

from privacy import shamir
from privacy.errors import CannotOpen, InvalidInputError, VerifyError
from privacy.paillier import PublicKey, product, require_ciphertexts
from privacy.primes import are_far_apart, is_safe_prime


@dataclass(frozen=True, slots=True)
class ThresholdKey:
    """What the dealer of a ceremony makes; each share goes to its custodian and is then forgotten."""

    public: PublicKey
    threshold: int
    count: int
    shares: Mapping[int, int] = field(repr=False)
    vs: Mapping[int, int]

    @property
    def v(self) -> int:
        """The base of `vs`: `v_i = v^d_i mod N^2`."""
        return self.public.v


def deal(p: int, q: int, *, epoch: int, threshold: int, count: int) -> ThresholdKey:
    """Share the key of `N = p*q` among `count` custodians, `threshold` of whom open (2*threshold > count).

    `d = 0 mod m`, `d = 1 mod N`, shares over `N*m` with `m = p'q'`. A trusted dealer's function: whoever
    runs it could open everything. Raises InvalidInputError.
    """
    if not count < 2 * threshold <= 2 * count:
        raise InvalidInputError("threshold <= count < 2 * threshold is needed", field="threshold")
    if p.bit_length() != q.bit_length() or not are_far_apart(p, q):
        raise InvalidInputError("two primes of one length, far apart, are needed", field="primes")
    if not (is_safe_prime(p) and is_safe_prime(q)):
        raise InvalidInputError("two safe primes are needed", field="primes")
    public = PublicKey(p * q, epoch)
    m = (p >> 1) * (q >> 1)
    d = m * pow(m, -1, public.n)
    shares = shamir.split(d, threshold=threshold, count=count, modulus=public.n * m)
    vs = {i: int(gmpy2.powmod_sec(public.v, share, public.n_squared)) for i, share in shares.items()}
    return ThresholdKey(public, threshold, count, shares, vs)


def lagrange_integer(indices: Iterable[int], i: int, count: int) -> int:
    """Return `lambda_i = count! * prod_{j != i} j/(j-i)` over `indices`, always an integer.

    In integers, because nobody who combines knows the order of the group, so nobody could divide.
    Raises InvalidInputError for indices outside 1..count, named twice, or without `i`.
    """
    points = list(indices)
    if i not in points or len(set(points)) != len(points) or not all(1 <= j <= count for j in points):
        raise InvalidInputError("indices must be distinct and lie in 1..count", field="index")
    others = [j for j in points if j != i]
    return math.factorial(count) * math.prod(others) // math.prod(j - i for j in others)


def partial(public: PublicKey, count: int, share: int, c: int) -> int:
    """Return the partial opening `c^(2*D*d_i) mod N^2`, `D = count!`; raises InvalidInputError.

    About 0.1 s at 3072 bits. Constant time in the share, which is why it does not let go of the
    interpreter's lock: for many use `partials`.
    """
    require_ciphertexts(public, [c])
    if not 0 < share < public.n_squared:
        raise InvalidInputError("the share does not belong to this key", field="share")
    return int(gmpy2.powmod_sec(c, 2 * math.factorial(count) * share, public.n_squared))


def partials(
    executor: Executor, public: PublicKey, count: int, share: int, ciphertexts: Sequence[int]
) -> list[int]:
    """Return `partial` of each ciphertext, in order, one task each in the caller's pool of processes."""
    return list(executor.map(partial, repeat(public), repeat(count), repeat(share), ciphertexts))


def combine(public: PublicKey, count: int, partials: Mapping[int, int]) -> int:
    """Return the plaintext in `[0, N)` from partials of at least `threshold` custodians, by index.

    `prod p_i^(2*lambda_i) = 1 + 4*D^2*M*N mod N^2`. Raises CannotOpen for anything else: too few, of
    another ciphertext or key, out of range. A partial shifted by `1 + k*N` is only seen by its proof.
    """
    try:
        opened = _interpolate(public, count, partials, scale=2)
    except InvalidInputError as error:
        raise CannotOpen("these are no partial openings under this key") from error
    scaled, rest = divmod(opened - 1, public.n)
    if rest:
        raise CannotOpen("the partial openings do not fit together")
    return scaled * pow(4 * math.factorial(count) ** 2, -1, public.n) % public.n


def verification_w(public: PublicKey, count: int, vs: Mapping[int, int]) -> int:
    """Return `W = prod v_i^lambda_i mod N^2` over the custodians in `vs`; raises InvalidInputError.

    Every subset of `threshold` must give the same `W`, and `W = 1 mod N` (protocol section 3).
    """
    return _interpolate(public, count, vs, scale=1)


def verify_share(public: PublicKey, share: int, v_i: int) -> None:
    """Check a custodian's own share against its published `v_i`; raises VerifyError."""
    if not 0 < share < public.n_squared or gmpy2.powmod_sec(public.v, share, public.n_squared) != v_i:
        raise VerifyError("the share does not belong to the published verification key")


def _interpolate(public: PublicKey, count: int, values: Mapping[int, int], *, scale: int) -> int:
    """Return `prod values_i^(scale*lambda_i) mod N^2`; a negative exponent inverts."""
    require_ciphertexts(public, list(values.values()))
    exponents = {i: scale * lagrange_integer(values, i, count) for i in values}
    return product(public, [int(gmpy2.powmod(v, exponents[i], public.n_squared)) for i, v in values.items()])

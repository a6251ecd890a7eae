"""Safe primes `p = 2p' + 1` for the Paillier modulus, found by a joint sieve in a few seconds.

An adversary would hope for a weak generator, for two primes close together (Fermat's factorisation),
for a composite that passes few tests, or for a `p'` that is no prime: the proof of partial decryption
is only sound over safe primes. So randomness comes from `secrets`, survivors of a window are tried in
random order, one window gives one prime at most, the two primes differ within their upper 100 bits
(FIPS 186-5 appendix A.1.3), and `p` and `p'` pass many more tests than that standard asks. What remains
is the slight bias of every sieve: a prime in a window that holds few others is a little likelier.
"""

from __future__ import annotations

import os
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice

import gmpy2

from privacy.errors import InvalidInputError

Progress = Callable[[int], None]
"""Told how many candidates were tested so far; some 3,700 stand before two primes of 1,536 bits."""

SMALLEST_BITS = 64
"""Below this a prime could be one of the sieve's own, and a window would not fit."""

_SIEVED_BELOW = 1 << 20  # doubling it saves one test in ten, but costs as much in sieving
_SPAN = 1 << 18  # candidates of one window: about 3,500 survive, of which two are safe primes
_BATCH = 32  # candidates tested between two reports: about 50 ms at 1,536 bits
_AHEAD = 8  # batches waiting for each process, so that it works on while the next window is sieved


def safe_prime(bits: int, *, progress: Progress | None = None) -> int:
    """Return a random safe prime of exactly `bits` bits, its top two set, tested in this process.

    Raises InvalidInputError below 64 bits.
    """
    return _first(map(first_safe_prime, JointSieve().batches(bits)), progress or _silent, 0)[0]


def safe_prime_pair(
    bits: int, *, workers: int | None = None, progress: Progress | None = None
) -> tuple[int, int]:
    """Return two safe primes of `bits` bits each, whose product has exactly `2 * bits` bits.

    `workers` processes test, by default one for each core; they are spawned, so a program must guard its
    main module as `multiprocessing` asks. Raises InvalidInputError below 64 bits.
    """
    # Here and not above: only a ceremony looks for primes; all others import this for a test of theirs.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    report = progress or _silent
    sieve = JointSieve()
    workers = workers or os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        depth = workers * _AHEAD
        p, tested = _first(_spread(pool, sieve.batches(bits), depth), report, 0)
        q = p
        while not are_far_apart(p, q):
            q, tested = _first(_spread(pool, sieve.batches(bits), depth), report, tested)
        pool.shutdown(cancel_futures=True)
    return p, q


def is_safe_prime(p: int) -> bool:
    """Say whether `p` and `(p-1)/2` are prime.

    The strong Baillie-PSW test, which no known composite passes, and GMP's own with 64 repetitions: for
    24 of them it does Baillie-PSW, the other 40 are Miller-Rabin to random bases.
    """
    return p % 2 == 1 and all(gmpy2.is_strong_bpsw_prp(n) and gmpy2.is_prime(n, 64) for n in (p >> 1, p))


def are_far_apart(p: int, q: int) -> bool:
    """Say whether `|p - q| > 2^(bits - 100)` for primes of `bits` bits (FIPS 186-5 appendix A.1.3)."""
    return abs(p - q) > 1 << max(p.bit_length() - 100, 0)


def first_safe_prime(halves: list[int]) -> tuple[int | None, int]:
    """Return the first safe prime `2p' + 1` over candidates `p'`, if any, and how many that took.

    One strong test to base 2 turns away nearly all; the many tests are for the one that is left.
    """
    for tested, half in enumerate(halves, start=1):
        p = 2 * half + 1
        if gmpy2.is_strong_prp(half, 2) and gmpy2.is_strong_prp(p, 2) and is_safe_prime(p):
            return p, tested
    return None, len(halves)


class JointSieve:
    """Finds `p'` such that neither `p'` nor `2p' + 1` has a small factor, window by window."""

    def __init__(self, *, below: int = _SIEVED_BELOW, span: int = _SPAN) -> None:
        self._span = span
        self._table = [_sieving_numbers(prime) for prime in primes_below(below) if prime > 3]

    def batches(self, bits: int) -> Iterator[list[int]]:
        """Yield survivors `p'` of random windows for ever, in random order, a few at a time."""
        if bits < SMALLEST_BITS:
            raise InvalidInputError(f"a safe prime has at least {SMALLEST_BITS} bits here", field="bits")
        while True:
            window = iter(self._window(bits))
            while batch := list(islice(window, _BATCH)):
                yield batch

    def _window(self, bits: int) -> list[int]:
        quarter = 1 << (bits - 3)  # p' has bits - 1 bits; the top two are set from 3 * quarter on
        start = 3 * quarter + secrets.randbelow(quarter - 6 * self._span)
        survivors = self.survivors(start)
        secrets.SystemRandom().shuffle(survivors)
        return survivors

    def survivors(self, start: int) -> list[int]:
        """Return the `p'` among the window's candidates from `start` on that may make a safe prime.

        Candidates are 5 modulo 6: with any other remainder 2 or 3 divides `p'` or `2p' + 1`.
        """
        first = gmpy2.mpz(start + (5 - start) % 6)
        alive = bytearray(b"\1") * self._span
        for prime, sixth, step in self._table:
            position = -(first % prime) * sixth % prime
            _strike(alive, position, prime)
            _strike(alive, (position - step) % prime, prime)
        return [int(first) + 6 * position for position, lives in enumerate(alive) if lives]


def primes_below(limit: int) -> list[int]:
    """Return the primes below `limit` by the sieve of Eratosthenes."""
    alive = bytearray(b"\0\0") + bytearray(b"\1") * (limit - 2)
    for number in range(2, int(limit**0.5) + 1):
        if alive[number]:
            _strike(alive, number * number, number)
    return [number for number, lives in enumerate(alive) if lives]


def _sieving_numbers(prime: int) -> tuple[int, int, int]:
    """`prime`, `1/6`, and `1/12`: position k is struck where `first + 6k` is 0, and where it is -1/2."""
    sixth = pow(6, -1, prime)
    return prime, sixth, pow(12, -1, prime)


def _strike(alive: bytearray, position: int, prime: int) -> None:
    if position < len(alive):
        alive[position::prime] = bytes((len(alive) - 1 - position) // prime + 1)


def _spread(pool: Executor, batches: Iterator[list[int]], depth: int) -> Iterator[tuple[int | None, int]]:
    """Test batches in `pool`, `depth` of them under way, and yield results in order."""
    waiting: deque[Future[tuple[int | None, int]]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(first_safe_prime, batch))
            if len(waiting) == depth:
                yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _first(results: Iterator[tuple[int | None, int]], report: Progress, tested: int) -> tuple[int, int]:
    """Return the first prime among `results` and how many candidates were tested, `tested` before."""
    for found, more in results:
        tested += more
        report(tested)
        if found is not None:
            return found, tested
    raise AssertionError("a sieve never ends")


def _silent(tested: int) -> None:
    """Report to nobody."""

"""Opening a debtor's total: alone and packed six to a ciphertext, and partials in one process and in two."""

from __future__ import annotations

import multiprocessing
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Final

from bench.measuring import cpu, interleave, wall
from bench.report import Comparison, Row, Sense
from privacy import exposure, paillier, threshold_paillier
from privacy.exposure import Exposure
from privacy.paillier import Sealer
from privacy.threshold_paillier import ThresholdKey
from tests.privacy.paillier_keys import LARGE

TITLE: Final = "Opening: alone and packed, one process and two"
ROUNDS: Final = 7
CONTRIBUTIONS: Final = 5
"""Contracts of one debtor."""

_CIPHERTEXTS: Final = 8
"""Partials in one turn of the pools."""


def measure(tick: Callable[[], None]) -> list[Row]:
    """Open six debtors both ways, and make partials with both pools; returns two rows."""
    key = threshold_paillier.deal(*LARGE, epoch=1, threshold=2, count=3)
    debtors, totals = _debtors(key, exposure.positions_per_ciphertext(key.public.bits))
    if [_open(key, [each])[0] for each in debtors] != totals or _open(key, debtors) != totals:
        raise AssertionError("an opening is not the sum of what was sealed")
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as one,
        ProcessPoolExecutor(2, mp_context=context) as two,
    ):
        costs = interleave(
            {
                "alone": lambda: cpu(lambda: [_open(key, [each]) for each in debtors], len(debtors)),
                "packed": lambda: cpu(lambda: _open(key, debtors), len(debtors)),
                "one": lambda: wall(lambda: _partials(one, key, debtors), _CIPHERTEXTS),
                "two": lambda: wall(lambda: _partials(two, key, debtors), _CIPHERTEXTS),
            },
            ROUNDS,
            tick=tick,
        )
    return _rows(costs, len(debtors))


def _debtors(key: ThresholdKey, count: int) -> tuple[list[list[int]], list[Exposure]]:
    """Return `count` debtors' ciphertexts, `CONTRIBUTIONS` each, and the totals that must come out."""
    sealer = Sealer(key.public)
    debtors, totals = [], []
    for _ in range(count):
        amounts = [secrets.randbelow(exposure.AMOUNT_LIMIT) for _ in range(CONTRIBUTIONS)]
        plain = [Exposure(1, amount, amount // 2, 1, 0, 0, 0, 0, 0, 0) for amount in amounts]
        debtors.append(
            [sealer.seal(each.pack(), secrets.randbits(key.public.bits // 2) | 1) for each in plain]
        )
        sums = (sum(values) for values in zip(*(each.as_dict().values() for each in plain), strict=True))
        totals.append(Exposure(*sums))
    return debtors, totals


def _open(key: ThresholdKey, debtors: Sequence[list[int]]) -> list[Exposure]:
    """Do all parties' work: two custodians multiply, pack and make a partial each, the member combines."""
    partials = {}
    for index in (1, 2):
        products = [paillier.product(key.public, contributions) for contributions in debtors]
        packed = paillier.pack(key.public, products, exposure.SLOTS_BITS)
        partials[index] = threshold_paillier.partial(key.public, key.count, key.shares[index], packed)
    return exposure.split(threshold_paillier.combine(key.public, key.count, partials), len(debtors))


def _partials(pool: Executor, key: ThresholdKey, debtors: Sequence[list[int]]) -> list[int]:
    ciphertexts = [each for contributions in debtors for each in contributions][:_CIPHERTEXTS]
    return threshold_paillier.partials(pool, key.public, key.count, key.shares[1], ciphertexts)


def _rows(costs: dict[str, list[float]], count: int) -> list[Row]:
    return [
        Comparison(
            key="opening",
            what=f"open a subject, packed by {count}",
            unit="subject",
            peer="alone",
            ours=costs["packed"],
            peers=costs["alone"],
            sense=Sense.SPEED,
            note=f"CPU of all parties per subject of {CONTRIBUTIONS} contributions at 3072 bits: two "
            "custodians each multiply, pack and make a partial, the member combines. What is packed shares "
            "a partial.",
        ),
        Comparison(
            key="partials",
            what="partials in two processes",
            unit="partial",
            peer="one process",
            ours=costs["two"],
            peers=costs["one"],
            sense=Sense.SPEED,
            note=f"Time that passes per partial, {_CIPHERTEXTS} at once. 2 would be perfect with two free "
            "cores; whatever else runs takes from it.",
        ),
    ]

"""Proofs at 3072 bits: of plaintext knowledge for a whole chunk, of partial decryption for an opening."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import gmpy2

from bench import ciphertexts
from bench.measuring import Contestant, cpu, interleave, wall
from bench.report import Comparison, Figure, Row, Sense
from privacy import decryption, knowledge, threshold_paillier
from privacy.knowledge import ChunkContext
from privacy.matching import DecryptionProof
from privacy.paillier import PublicKey
from privacy.statements import MAX_CHUNK
from privacy.threshold_paillier import ThresholdKey
from tests.privacy.paillier_keys import LARGE

TITLE: Final = "Proofs: of a chunk's plaintexts, of an opening's partials"
ROUNDS: Final = 5

MAKE_BAR: Final = 0.5e-3
CHECK_BAR: Final = 0.45e-3
"""Seconds a record, on two cores such as a small server has."""

NAIVE_BAR: Final = 4.0
OVERHEAD_BAR: Final = 0.25
SIZES: Final = (16, 24)
"""Packed ciphertexts in one opening."""

_NAIVE: Final = 64
_PARTIALS: Final = 4
"""So many stand for all: each costs the same as the next."""

_AT_ONCE: Final = 2
"""Openings that the pools work on together, each of `_PARTIALS` ciphertexts."""

CONTEXT: Final = ChunkContext("Bench Finance", bytes(32), bytes(32))


def measure(tick: Callable[[], None]) -> list[Row]:
    """Make and check both proofs in turns, and openings in both pools; returns seven rows."""
    key = threshold_paillier.deal(*LARGE, epoch=1, threshold=2, count=3)
    costs = _knowledge(key.public, tick)
    costs |= _decryption(key, tick)
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as one,
        ProcessPoolExecutor(2, mp_context=context) as two,
    ):
        openings = [_Opening.of(key, _PARTIALS) for _ in range(_AT_ONCE)]
        costs |= interleave(
            {
                "one": lambda: wall(lambda: _open_all(one, openings), _AT_ONCE),
                "two": lambda: wall(lambda: _open_all(two, openings), _AT_ONCE),
            },
            ROUNDS,
            tick=tick,
        )
    return [*_knowledge_rows(costs), *_decryption_rows(costs)]


def _knowledge(public: PublicKey, tick: Callable[[], None]) -> dict[str, list[float]]:
    chunk, openings = ciphertexts.powers(public, MAX_CHUNK)
    proof = knowledge.prove(public, CONTEXT, chunk, openings)
    weight = (1 << 128) - 159
    return interleave(
        {
            "make": lambda: cpu(lambda: knowledge.prove(public, CONTEXT, chunk, openings), MAX_CHUNK),
            "check": lambda: cpu(lambda: knowledge.verify(public, CONTEXT, chunk, proof), MAX_CHUNK),
            "naive": lambda: cpu(
                lambda: [gmpy2.powmod(c, weight, public.n_squared) for c in chunk[:_NAIVE]], _NAIVE
            ),
        },
        ROUNDS,
        tick=tick,
    )


@dataclass(frozen=True, slots=True)
class _Opening:
    """One opening as custodian 1 makes it."""

    key: ThresholdKey
    said: dict[str, Any]

    @classmethod
    def of(cls, key: ThresholdKey, count: int) -> _Opening:
        """Return an opening of `count` packed ciphertexts, its partials made."""
        packed, _ = ciphertexts.powers(key.public, count)
        said = {
            "count": key.count,
            "custodian": 1,
            "v_i": key.vs[1],
            "manifest": bytes(32),
            "ciphertexts": packed,
            "partials": [threshold_paillier.partial(key.public, key.count, key.shares[1], c) for c in packed],
        }
        return cls(key, said)

    def partials(self) -> Sequence[int]:
        """Make the first few partials again."""
        make = partial(threshold_paillier.partial, self.key.public, self.key.count, self.key.shares[1])
        return [make(c) for c in self.said["ciphertexts"][:_PARTIALS]]

    def prove(self) -> DecryptionProof:
        """Make the proof."""
        return decryption.prove(self.key.public, share=self.key.shares[1], **self.said)


def _decryption(key: ThresholdKey, tick: Callable[[], None]) -> dict[str, list[float]]:
    openings = {size: _Opening.of(key, size) for size in SIZES}
    largest = openings[SIZES[-1]]
    proof = largest.prove()
    contestants: dict[str, Contestant] = {
        f"prove {size}": partial(cpu, opening.prove, size) for size, opening in openings.items()
    }
    contestants["partial"] = partial(cpu, largest.partials, _PARTIALS)
    contestants["check proof"] = lambda: cpu(
        lambda: decryption.verify(key.public, **largest.said, proof=proof), 1
    )
    return interleave(contestants, ROUNDS, tick=tick)


def _open_all(pool: Executor, openings: Sequence[_Opening]) -> None:
    """Make partials and proof of all openings at once, as a busy custodian does."""
    made: list[Future[Any]] = [
        pool.submit(threshold_paillier.partial, each.key.public, each.key.count, each.key.shares[1], c)
        for each in openings
        for c in each.said["ciphertexts"]
    ]
    made += [pool.submit(each.prove) for each in openings]
    for each in made:
        each.result()


def _knowledge_rows(costs: dict[str, list[float]]) -> list[Row]:
    seconds = {name: [MAX_CHUNK * each for each in costs[name]] for name in ("make", "check")}
    return [
        Comparison(
            key="knowledge",
            what="check a chunk's proof, all records at once",
            unit="record",
            peer="one by one",
            ours=costs["check"],
            peers=costs["naive"],
            sense=Sense.SPEED,
            bar=NAIVE_BAR,
            note=f"CPU per record of a chunk of {MAX_CHUNK:,} at 3072 bits. Ours: all that is checked "
            "of the proof, the ciphertexts' ranges included, the product of powers by Pippenger's buckets. "
            f"Peer: only the power of each ciphertext by its weight ({_NAIVE} of them), gmpy2.",
        ),
        Figure(
            key="knowledge-make",
            what="make a chunk's proof",
            unit="records",
            units=MAX_CHUNK,
            seconds=seconds["make"],
            bar=MAKE_BAR,
            note="CPU of the member at 3072 bits, once a chunk; the ciphertexts were there before.",
        ),
        Figure(
            key="knowledge-check",
            what="check a chunk's proof",
            unit="records",
            units=MAX_CHUNK,
            seconds=seconds["check"],
            bar=CHECK_BAR,
            note="CPU of each custodian, and of the hub, once a chunk: the left side of the first of these.",
        ),
    ]


def _decryption_rows(costs: dict[str, list[float]]) -> list[Row]:
    overheads = [
        Comparison(
            key=f"decryption-{size}",
            what=f"prove an opening of {size}",
            unit="ciphertext",
            peer="its partials",
            ours=costs[f"prove {size}"],
            peers=costs["partial"],
            sense=Sense.COST,
            bar=OVERHEAD_BAR,
            note=f"CPU of a custodian per packed ciphertext at 3072 bits: what one proof for {size} of them "
            "adds to the partials that they need anyway.",
        )
        for size in SIZES
    ]
    return [
        *overheads,
        Comparison(
            key="openings",
            what="partials and proofs in two processes",
            unit="opening",
            peer="one process",
            ours=costs["two"],
            peers=costs["one"],
            sense=Sense.SPEED,
            note=f"Time that passes per opening of {_PARTIALS} ciphertexts and its proof, {_AT_ONCE} at once."
            " 2 would be perfect with two free cores; whatever else runs takes from it.",
        ),
        Figure(
            key="decryption-check",
            what=f"check the proof of an opening of {SIZES[-1]}",
            unit="proof",
            units=1,
            seconds=costs["check proof"],
            note="CPU of the member at 3072 bits, once for each custodian's opening.",
        ),
    ]

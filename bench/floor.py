"""What libsodium alone costs for one identifier: the operations that the protocol needs, each called bare."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import rbcl

from bench.measuring import cpu


@dataclass(frozen=True, slots=True)
class Operation:
    """A function of `rbcl`, how often an identifier needs it, and what for."""

    name: str
    count: float
    purpose: str


OPERATIONS: Final = (
    Operation("crypto_scalarmult_ristretto255", 11, "blind 1; evaluate 2; prove 2; verify 4; unblind 2"),
    Operation("crypto_core_ristretto255_add", 7, "sum what is proved 2 and verified 4; combine 1"),
    Operation("crypto_core_ristretto255_from_hash", 1, "hash the identifier to the group"),
    Operation("crypto_core_ristretto255_scalar_random", 2, "the blind; what masks it while it is inverted"),
    Operation("crypto_core_ristretto255_scalar_reduce", 4, "coefficients that are proved 2 and verified 2"),
    Operation("crypto_core_ristretto255_scalar_mul", 4, "mask, unmask; two Lagrange coefficients"),
)
"""For 2 of 3 custodians. Left out: what is done once a batch, SHA-512, and checking that an element is one,
which the multiplication does anyway. A test counts what our code really calls."""


def libsodium(repeats: int) -> float:
    """Return the CPU seconds of the bare operations of one identifier, from `repeats` calls of each."""
    return sum(
        operation.count * cpu(partial(_repeat, call, repeats), repeats) for operation, call in _calls()
    )


def _repeat(call: Callable[[], object], times: int) -> None:
    for _ in range(times):
        call()


def _calls() -> list[tuple[Operation, Callable[[], object]]]:
    scalar = rbcl.crypto_core_ristretto255_scalar_random()
    wide = os.urandom(64)
    element = rbcl.crypto_core_ristretto255_from_hash(wide)
    product = rbcl.crypto_scalarmult_ristretto255(scalar, element)
    arguments: dict[str, tuple[bytes, ...]] = {
        "crypto_scalarmult_ristretto255": (scalar, element),
        "crypto_core_ristretto255_add": (element, product),
        "crypto_core_ristretto255_from_hash": (wide,),
        "crypto_core_ristretto255_scalar_random": (),
        "crypto_core_ristretto255_scalar_reduce": (wide,),
        "crypto_core_ristretto255_scalar_mul": (scalar, scalar),
    }
    return [(each, partial(getattr(rbcl, each.name), *arguments[each.name])) for each in OPERATIONS]

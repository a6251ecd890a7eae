"""Sealing a contribution at 3072 bits, beside `phe` with gmpy2: what a member does once for each contract."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

import phe

from bench.measuring import cpu, interleave
from bench.report import Comparison, Row, Sense
from privacy import exposure
from privacy.paillier import PublicKey, Sealer
from tests.privacy.paillier_keys import LARGE

TITLE: Final = "Sealing: our table, beside phe with gmpy2"
ROUNDS: Final = 15
BAR: Final = 14.0
_OURS: Final = 30
_PEERS: Final = 2
"""Seals in one turn: about as long for either."""


def measure(tick: Callable[[], None]) -> list[Row]:
    """Seal random contributions in turns; returns one row."""
    if not phe.util.HAVE_GMP:
        raise RuntimeError("phe runs without gmpy2 here: that would not be the peer's best")
    p, q = LARGE
    public, peer = PublicKey(p * q, epoch=1), phe.PaillierPublicKey(p * q)
    sealer = Sealer(public)
    pairs = [_pair(public) for _ in range(_OURS)]
    costs = interleave(
        {
            "ours": lambda: cpu(lambda: sealer.seal_many(pairs), _OURS),
            "phe": lambda: cpu(lambda: [peer.encrypt(m) for m, _ in pairs[:_PEERS]], _PEERS),
        },
        ROUNDS,
        tick=tick,
    )
    return [
        Comparison(
            key="sealing",
            what="seal a contribution",
            unit="contribution",
            peer="phe + gmpy2",
            ours=costs["ours"],
            peers=costs["phe"],
            sense=Sense.SPEED,
            bar=BAR,
            note="CPU per contribution at 3072 bits. Ours: Sealer.seal_many, whose table of powers was made "
            "before (half a second, 45 MB, once a run). Peer: PaillierPublicKey.encrypt, same N and numbers.",
        )
    ]


def _pair(public: PublicKey) -> tuple[int, int]:
    m = secrets.randbits(exposure.SLOTS_BITS)
    return m, secrets.randbits(public.bits // 2) | 1

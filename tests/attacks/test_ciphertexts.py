"""A ciphertext is public and can be multiplied: whoever may pass another's off as its own can read it."""

from __future__ import annotations

from typing import Any

import pytest

from privacy import exposure, paillier
from privacy.encoding import encode_integer, unb64
from privacy.exposure import Exposure
from privacy.records import Record
from privacy.statements import Chunk
from tests.attacks.alliance import OWES, THREE_NEEDED, Lenders, lenders, reason
from tests.attacks.attack import Scene, attack
from tests.feeds import LI, secret

SHIFT = 1_000_00


def lent(town: Lenders, trick: str, record: Record) -> str:
    """Return a contribution that South makes of another's without knowing what it holds."""
    public = town.alliance.key_set.public_key
    c = int.from_bytes(unb64(record.contribution), "big")
    moved = {
        "copied": c,
        "shifted": c * paillier.encrypt(public, Exposure(0, SHIFT, *[0] * 8).pack(), 7) % public.n_squared,
        "scaled": pow(c, 3, public.n_squared),
    }[trick]
    return encode_integer(moved, 2 * public.bits // 8)


def read(trick: str, difference: int) -> int:
    """Return West's amount from what South's contribution has moved the total by."""
    return {"copied": difference, "shifted": difference - SHIFT, "scaled": difference // 3}[trick]


@attack(
    "ciphertext {trick}",
    by="hub and member South, for member North",
    goal="West's amount is read from how the total moves",
    stopped="void: proof",
    off="privacy.knowledge.verify",
)
@pytest.mark.parametrize("trick", ["copied", "shifted", "scaled"])
def test_the_hub_lends_a_ciphertext(scene: Scene, trick: str) -> None:
    """Three contributors are needed and three there are, so that South alone should learn no other's amount.

    The hub shows South what West has sealed. South signs it as its own, with the best proof that it can have:
    West's own, or one of a plaintext that it makes up.
    """
    town = lenders(THREE_NEEDED)
    before = town.hear()
    town.alliance.passes(days=1)
    west = town.alliance.entries[town.chunk_of(town.west) - 1]
    assert isinstance(west.statement.statement.body, Chunk)
    assert west.records
    mine = town.south.record(LI, "1", contribution=lent(town, trick, west.records[0]))
    proof: dict[str, Any] = {"proof": west.statement.statement.body.proof} if trick == "copied" else {}
    town.south.says(town.south.chunk([mine], **proof), [mine])
    said = reason(town.watch)
    town.watch.opens_period()

    after = town.hear()

    assert before.total
    assert after.total
    others = before.total - OWES[town.south.name]  # South and North know South's own part
    scene.ends(reached=read(trick, after.total - others) == OWES["西河"], seen=said)


_randomness = exposure.randomness


def blind_to_the_amount(*words: Any, plaintext: int, **rest: Any) -> int:
    """Derive the randomness of a contribution from its contract and date alone."""
    return _randomness(*words, plaintext=0, **rest)


@attack(
    "correction of an amount",
    by="hub",
    goal="the quotient of two ciphertexts shows by how much West corrected its amount",
    stopped="the quotient shows nothing",
    off={"privacy.exposure.randomness": blind_to_the_amount},
)
def test_a_correction_sealed_with_the_same_randomness(scene: Scene) -> None:
    """West sends a contract again for the same day: 20 yuan, no, 23. Hub and custodians keep both."""
    town = lenders()
    public = town.alliance.key_set.public_key

    def sealed(amount: int) -> int:
        plaintext = Exposure(1, amount, *[0] * 8).pack()
        r = exposure.randomness(
            secret("西河", "contributions"),
            epoch=1,
            contract_ref=town.west.ref("1"),
            as_of="2026-11-01",
            plaintext=plaintext,
            bits=public.bits,
        )
        return paillier.encrypt(public, plaintext, r)

    quotient = sealed(23_00) * pow(sealed(20_00), -1, public.n_squared) % public.n_squared

    multiple, rest = divmod(quotient - 1, public.n)
    shown = rest == 0 and Exposure.unpack(multiple).outstanding == 3_00
    scene.ends(
        reached=shown, seen="the quotient shows nothing" if rest else "the quotient shows the difference"
    )

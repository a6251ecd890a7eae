"""Both proofs once more, from the protocol's appendices alone: whole numbers, `pow`, hashlib; no `privacy`.

The stored vectors were made by `python -m tests.privacy.independent_proofs`, once. The randomness in them is
fixed and public: it protects nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.privacy.independent import VECTORS, encoded, framed, label
from tests.privacy.paillier_keys import SMALL

FOLDER = Path(__file__).parents[1] / "vectors"

P, Q = SMALL
ORDER = (P // 2) * (Q // 2)
"""m = p'q'."""


def fixed(name: str, below: int) -> int:
    """A number below `below` that only depends on its name."""
    return int.from_bytes(hashlib.shake_256(b"vector " + name.encode()).digest(1024), "big") % below


def octets(value: int, length: int) -> bytes:
    """I2OSP."""
    return value.to_bytes(length, "big")


def weights(seed: bytes, count: int) -> list[int]:
    """The first 16 bytes of SHA-256(seed || I2OSP(j, 4)) for j = 1..count."""
    return [
        int.from_bytes(hashlib.sha256(seed + octets(j, 4)).digest()[:16], "big") for j in range(1, count + 1)
    ]


@dataclass(frozen=True)
class Key:
    """A modulus and an epoch, and what the appendices derive from them."""

    n: int
    epoch: int

    @property
    def bits(self) -> int:
        """|N|."""
        return self.n.bit_length()

    @property
    def n2(self) -> int:
        """N^2."""
        return self.n**2

    def derived(self, name: str, bits: int) -> int:
        """SHAKE256 over label, N and epoch."""
        seed = framed(label(name), octets(self.n, self.bits // 8), octets(self.epoch, 4))
        return int.from_bytes(hashlib.shake_256(seed).digest(bits // 8), "big")

    @property
    def hs(self) -> int:
        """The base of the randomness."""
        x = self.derived("paillier-base", self.bits + 128) % self.n
        return pow(-(x**2), self.n, self.n2)

    @property
    def v(self) -> int:
        """The base of the verification keys."""
        return pow(self.derived("decrypt-base", 2 * self.bits + 128), 2, self.n2)

    def residue(self, value: int) -> bytes:
        """A residue mod N^2 as it is hashed and sent."""
        return octets(value, self.bits // 4)

    def sealed(self, m: int, r: int) -> int:
        """A ciphertext."""
        return (1 + m * self.n) * pow(self.hs, r, self.n2) % self.n2


KEY = Key(P * Q, 7)


# Appendix B


@dataclass(frozen=True)
class Knowledge:
    """The public side of a proof of plaintext knowledge."""

    key: Key
    member: str
    key_set: bytes
    root: bytes
    ciphertexts: list[int]

    @property
    def seed(self) -> bytes:
        """What the weights are drawn from."""
        fields = [octets(self.key.epoch, 4), self.key_set, self.root, octets(len(self.ciphertexts), 4)]
        ciphertexts = [self.key.residue(c) for c in self.ciphertexts]
        return hashlib.sha512(
            framed(label("knowledge"), self.member.encode(), *fields, *ciphertexts)
        ).digest()

    @property
    def product(self) -> int:
        """C, one power after the other."""
        result = 1
        for c, w in zip(self.ciphertexts, weights(self.seed, len(self.ciphertexts)), strict=True):
            result = result * pow(c, 2 * w, self.key.n2) % self.key.n2
        return result

    def challenge(self, a: int) -> int:
        """e."""
        parts = framed(
            label("knowledge/challenge"), self.seed, self.key.residue(self.product), self.key.residue(a)
        )
        return int.from_bytes(hashlib.sha512(parts).digest()[:16], "big")

    def holds(self, a: int, z_m: int, z_r: int) -> bool:
        """The equation that the verifier checks."""
        right = a * pow(self.product, self.challenge(a), self.key.n2) % self.key.n2
        return self.key.sealed(z_m, z_r) == right


def knowledge_vector() -> dict[str, Any]:
    """Three contributions of one member, proved with fixed randomness."""
    openings = [(fixed(f"m/{j}", 2**480), fixed(f"r/{j}", 2**512)) for j in (1, 2, 3)]
    public = Knowledge(
        KEY,
        "南方小贷",
        hashlib.sha256(b"a key set").digest(),
        hashlib.sha256(b"a chunk's root").digest(),
        [KEY.sealed(m, r) for m, r in openings],
    )
    drawn = weights(public.seed, 3)
    m = 2 * sum(w * opening[0] for w, opening in zip(drawn, openings, strict=True)) % KEY.n
    r = 2 * sum(w * opening[1] for w, opening in zip(drawn, openings, strict=True))
    mu, rho = fixed("mu", KEY.n), fixed("rho", 2 ** (512 + 397))
    a = KEY.sealed(mu, rho)
    e = public.challenge(a)
    z_m, z_r = (mu + e * m) % KEY.n, rho + e * r
    return {
        "about": "Proof of plaintext knowledge, protocol appendix B. Ours, not a standard's; see SOURCES.md.",
        "n": hex(KEY.n),
        "epoch": KEY.epoch,
        "hs": hex(KEY.hs),
        "member": public.member,
        "key_set": public.key_set.hex(),
        "root": public.root.hex(),
        "openings": [{"m": hex(m_j), "r": hex(r_j)} for m_j, r_j in openings],
        "ciphertexts": [hex(c) for c in public.ciphertexts],
        "seed": public.seed.hex(),
        "weights": [hex(w) for w in drawn],
        "c": hex(public.product),
        "nonce": {"mu": hex(mu), "rho": hex(rho)},
        "e": hex(e),
        "proof": {
            "a": encoded(octets(a, 256)),
            "z_m": encoded(octets(z_m, 128)),
            "z_r": encoded(octets(z_r, 114)),  # 512 + 398 bits
        },
    }


# Appendix A


@dataclass(frozen=True)
class Decryption:
    """The public side of a proof of partial decryption."""

    key: Key
    count: int
    custodian: int
    v_i: int
    manifest: bytes
    ciphertexts: list[int]
    partials: list[int]

    @property
    def seed(self) -> bytes:
        """What the weights are drawn from."""
        fields = [
            self.manifest,
            octets(self.key.epoch, 4),
            octets(self.custodian, 4),
            octets(self.key.n, self.key.bits // 8),
            self.key.residue(self.key.v),
            self.key.residue(self.v_i),
            octets(len(self.ciphertexts), 4),
            *map(self.key.residue, self.ciphertexts),
            *map(self.key.residue, self.partials),
        ]
        return hashlib.sha512(framed(label("decrypt"), *fields)).digest()

    def weighed(self, values: list[int]) -> int:
        """The product of the values' powers by their weights, one after the other."""
        result = 1
        for value, w in zip(values, weights(self.seed, len(values)), strict=True):
            result = result * pow(value, w, self.key.n2) % self.key.n2
        return result

    @property
    def a(self) -> int:
        """The product of the ciphertexts' powers, to the power of 4*D."""
        return pow(self.weighed(self.ciphertexts), 4 * math.factorial(self.count), self.key.n2)

    @property
    def b(self) -> int:
        """The product of the partials' powers, squared."""
        return pow(self.weighed(self.partials), 2, self.key.n2)

    def challenge(self, big_a: int, big_v: int) -> int:
        """e."""
        residues = [self.key.residue(value) for value in (self.a, self.b, big_a, big_v)]
        parts = framed(label("decrypt/challenge"), self.seed, *residues)
        return int.from_bytes(hashlib.sha512(parts).digest()[:16], "big")

    def holds(self, e: int, z: int) -> bool:
        """What the verifier checks."""
        n2 = self.key.n2
        big_a = pow(self.a, z, n2) * pow(self.b, -e, n2) % n2
        big_v = pow(self.key.v, z, n2) * pow(self.v_i, -e, n2) % n2
        return self.challenge(big_a, big_v) == e


def decryption_vector() -> dict[str, Any]:
    """Two ciphertexts opened by custodian 2 of three, proved with fixed randomness."""
    n, n2, count, custodian = KEY.n, KEY.n2, 3, 2
    d = ORDER * pow(ORDER, -1, n)
    share = (d + custodian * fixed("slope", n * ORDER)) % (n * ORDER)
    ciphertexts = [KEY.sealed(fixed(f"total/{j}", 2**960), fixed(f"r/{j}", 2**512)) for j in (1, 2)]
    public = Decryption(
        KEY,
        count,
        custodian,
        pow(KEY.v, share, n2),
        bytes.fromhex(VECTORS["manifest"]["digest"]),
        ciphertexts,
        [pow(c, 2 * 6 * share, n2) for c in ciphertexts],
    )
    rho = fixed("decryption rho", 2 ** (2 * 1024 + 256))
    big_a, big_v = pow(public.a, rho, n2), pow(KEY.v, rho, n2)
    e = public.challenge(big_a, big_v)
    return {
        "about": "Proof of partial decryption, protocol appendix A. Ours, not a standard's; see SOURCES.md.",
        "n": hex(n),
        "epoch": KEY.epoch,
        "v": hex(KEY.v),
        "count": count,
        "custodian": custodian,
        "share": hex(share),
        "v_i": hex(public.v_i),
        "manifest": public.manifest.hex(),
        "ciphertexts": [hex(c) for c in ciphertexts],
        "partials": [hex(p) for p in public.partials],
        "seed": public.seed.hex(),
        "weights": [hex(w) for w in weights(public.seed, 2)],
        "a": hex(public.a),
        "b": hex(public.b),
        "nonce": hex(rho),
        "big_a": hex(big_a),
        "big_v": hex(big_v),
        "e": hex(e),
        "proof": {
            "e": encoded(octets(e, 16)),
            "z": encoded(octets(rho + e * share, 289)),  # 2 * 1024 + 257 bits
        },
    }


def stored(name: str) -> dict[str, Any]:
    """The vector of this name as it stands in its file."""
    vector: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return vector


if __name__ == "__main__":
    for name, vector in (("knowledge", knowledge_vector()), ("decryption", decryption_vector())):
        text = json.dumps(vector, indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n")

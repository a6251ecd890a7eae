"""From identifiers to pseudonyms, 2 of 3 custodians, every proof verified, beside private set intersection.

`openmined-psi` answers the nearest question that a library answers: which of my identifiers does the
other side hold too? Both blind with elliptic curves; it trusts one server and proves nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import private_set_intersection.python as psi

from bench import alliance, custodians, floor
from bench.measuring import cpu, interleave, measured
from bench.report import Comparison, Row, Sense
from member.custodians import Custodians
from member.vault.tokens import Batch
from privacy import group, oprf, shamir
from privacy.identifiers import Kind
from tests.privacy.paillier_keys import LARGE

TITLE: Final = "Pseudonyms: two custodians with proofs, beside openmined-psi and bare libsodium"
BATCH: Final = 1_000
ROUNDS: Final = 11
BAR: Final = 3.2
_REPEATS: Final = 2_000
"""Calls of each bare operation in a turn."""

FALSE_POSITIVES: Final = 1e-9
"""The chance that anything is found that is not there; what is asked for hardly costs time."""


def measure(tick: Callable[[], None]) -> list[Row]:
    """Run all contestants in turns; returns a row in memory, one with HTTP, one beside libsodium."""
    inputs, theirs = _identifiers(), _other_side()
    in_memory = InMemory()
    in_memory.check(inputs[0])
    with _over_http() as over_http:
        # In this order each stands beside what it is compared with.
        costs = interleave(
            {
                "http": lambda: over_http(inputs),
                "psi": lambda: cpu(lambda: intersect(inputs, theirs), BATCH),
                "memory": lambda: cpu(lambda: in_memory.run(inputs), BATCH),
                "floor": lambda: floor.libsodium(_REPEATS),
            },
            ROUNDS,
            tick=tick,
        )
    return _rows(costs)


class InMemory:
    """Member and two custodians in one process: no HTTP, no files, no threads."""

    def __init__(self) -> None:
        self._joint = secrets.randbelow(group.ORDER - 1) + 1
        shares = shamir.split(self._joint, threshold=2, count=3, modulus=group.ORDER)
        self._shares = {index: group.scalar_from_int(shares[index]) for index in (1, 3)}
        self._publics = {index: group.multiply_base(share) for index, share in self._shares.items()}

    def run(self, inputs: list[bytes]) -> list[bytes]:
        """Return the outputs: blind, evaluate and prove twice, verify twice, combine and unblind."""
        blinded = [oprf.blind(data) for data in inputs]
        elements = [each.element for each in blinded]
        evaluations = {index: oprf.evaluate(share, elements) for index, share in self._shares.items()}
        for index, evaluation in evaluations.items():
            oprf.verify(self._publics[index], elements, evaluation)
        answers = [
            [(index, evaluation.elements[row]) for index, evaluation in evaluations.items()]
            for row in range(len(inputs))
        ]
        return [
            oprf.combine_and_finalize(data, each.blind, answer)
            for data, each, answer in zip(inputs, blinded, answers, strict=True)
        ]

    def check(self, data: bytes) -> None:
        """Stop a run whose outputs are not those of the undivided key."""
        blinded = oprf.blind(data)
        alone = oprf.evaluate(group.scalar_from_int(self._joint), [blinded.element])
        if self.run([data]) != [oprf.finalize(data, blinded.blind, alone.elements[0])]:
            raise AssertionError("the two shares do not give what the whole key gives")


def intersect(mine: list[bytes], theirs: list[bytes]) -> int:
    """Run openmined-psi's whole protocol, client and server, and return how many both hold.

    Fresh keys, the package's default data structure (Golomb compressed sets), the members revealed;
    messages are handed over as objects, so that it pays for no transport.
    """
    client = psi.client.CreateWithNewKey(True)
    server = psi.server.CreateWithNewKey(True)
    setup = server.CreateSetupMessage(
        FALSE_POSITIVES, len(mine), [each.decode() for each in theirs], psi.DataStructure.GCS
    )
    response = server.ProcessRequest(client.CreateRequest([each.decode() for each in mine]))
    found = len(client.GetIntersection(setup, response))
    if found != len(set(mine) & set(theirs)):
        raise AssertionError("openmined-psi found another intersection")
    return found


@contextmanager
def _over_http() -> Iterator[Callable[[list[bytes]], float]]:
    """Start two custodians as processes; gives what asks them as a member does and returns all CPU."""
    with TemporaryDirectory() as folder:
        founded = alliance.found(Path(folder), LARGE)
        with (
            custodians.serving(founded, (1, 2)) as serving,
            Custodians(serving.lines, founded.key_set) as asked,
        ):
            yield lambda inputs: measured(serving.cpu_seconds, lambda: _ask(asked, inputs), BATCH)


def _ask(asked: Custodians, inputs: list[bytes]) -> dict[bytes, bytes]:
    """Tokenise one batch the member's way; its vault is left out."""
    blinded = asked.blind(inputs)
    batch = Batch(
        request_id=secrets.token_urlsafe(24),
        inputs=inputs,
        blinds=[each.blind for each in blinded],
        elements=[each.element for each in blinded],
    )
    return asked.finish(batch, asked.start(batch).result())


def _identifiers() -> list[bytes]:
    return [f"v1|{Kind.RESIDENT_ID}|{number:018d}".encode() for number in range(BATCH)]


def _other_side() -> list[bytes]:
    """As many again, half of them the same: the other side's debtors."""
    return [f"v1|{Kind.RESIDENT_ID}|{number:018d}".encode() for number in range(BATCH // 2, BATCH * 3 // 2)]


def _rows(costs: dict[str, list[float]]) -> list[Row]:
    return [
        Comparison(
            key="pseudonyms-memory",
            what="pseudonym, in memory",
            unit="identifier",
            peer="openmined-psi",
            ours=costs["memory"],
            peers=costs["psi"],
            sense=Sense.COST,
            note=f"CPU of all parties per identifier, {BATCH:,} at once. Ours: blinded, evaluated and proved "
            "by 2 of 3 custodians, both proofs verified, combined, unblinded. Peer: intersected with a set "
            "as large, its setup included.",
        ),
        Comparison(
            key="pseudonyms-http",
            what="pseudonym, with HTTP",
            unit="identifier",
            peer="openmined-psi",
            ours=costs["http"],
            peers=costs["psi"],
            sense=Sense.COST,
            bar=BAR,
            note="The same by the member's own code and two real custodians as processes: signed requests "
            "and answers, JSON, quotas on disk, every process's CPU. The peer pays for no transport.",
        ),
        Comparison(
            key="pseudonyms-libsodium",
            what="pseudonym, its arithmetic",
            unit="identifier",
            peer="bare libsodium",
            ours=costs["memory"],
            peers=costs["floor"],
            sense=Sense.COST,
            note="Row 1 beside the sum of the libsodium operations that it is made of, each called bare. "
            "What is above 1 is our own: SHA-512, bytes and lists, Python.",
        ),
    ]

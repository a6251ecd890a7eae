"""An identifier becomes a pseudonym only through custodians that count, and take nothing but elements."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custodian import evaluations
from custodian.errors import QuotaExhausted
from custodian.ledger import Ledger
from custodian.state import MemberState, MemberView
from member.custodians import Custodians, Falsehood, Gathered
from member.vault.tokens import Batch
from privacy import group, oprf, shamir
from privacy.accusations import verify_accusation
from privacy.encoding import b64, unb64
from privacy.errors import PrivacyError
from privacy.evaluating import EvaluationRequest, sign_evaluation
from privacy.keyset import Policy
from privacy.messages import parse_json
from privacy.signing import SigningKey
from tests.attacks.attack import Scene, attack
from tests.feeds import made, secret

SIGNED, SHARES = made(Policy.for_synthetic_data(), 3, 2)
KEY_SET = SIGNED.key_set
NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def pseudonym(data: bytes) -> bytes:
    """Return what the alliance calls this identifier: one server's output under the joint key."""
    shares = {index: int.from_bytes(unb64(SHARES[index].oprf), "little") for index in (1, 2)}
    blinded = oprf.blind(data)
    (element,) = oprf.evaluate(
        group.scalar_from_int(shamir.restore(shares, group.ORDER)), [blinded.element]
    ).elements
    return oprf.finalize(data, blinded.blind, element)[:32]


# Counting


class Enumerator:
    """A member that has every custodian evaluate as much as it will, in turn for each pair of them."""

    def __init__(self, folder: Path) -> None:
        self.ledgers = {index: Ledger(folder / f"ledger-{index}.db") for index in SHARES}
        key = SigningKey(secret("北辰", "signing")).public
        self.view = MemberView(
            name="北辰",
            state=MemberState.ACTIVE,
            acceptances=(1, 2),
            id=1,
            signing=key,
            recovery=key,
            sealing=key,
            control_group="北辰",
            declared_portfolio=1,
            enrolment=bytes(32),
            next_sequence=1,
            previous=bytes(32),
        )
        self.found: set[bytes] = set()

    def ask(self, pair: tuple[int, int], data: bytes, pool: ThreadPoolExecutor) -> None:
        """Ask two custodians about one identifier; raises QuotaExhausted."""
        blinded = oprf.blind(data)
        elements = [(index, self._evaluate(index, blinded.element, pool)) for index in pair]
        self.found.add(oprf.combine_and_finalize(data, blinded.blind, elements)[:32])

    def _evaluate(self, index: int, element: bytes, pool: ThreadPoolExecutor) -> bytes:
        request = EvaluationRequest(
            recipient=f"custodian/{index}",
            epoch=1,
            key_set=b64(KEY_SET.digest),
            request_id=hashlib.sha256(element).hexdigest(),
            elements=(b64(element),),
        )
        answer = evaluations.evaluate(
            request,
            self.view,
            index=index,
            key_set=KEY_SET,
            share=unb64(SHARES[index].oprf),
            key=SigningKey(secret(f"custodian/{index}", "signing")),
            ledger=self.ledgers[index],
            executor=pool,
            now=NOW,
        )
        return unb64(answer.elements[0])


@attack(
    "quota pooling",
    by="member North, spreading its questions over all pairs of custodians",
    goal="North enumerates identifiers without end",
    stopped="3 of 12 identifiers: a day's quota of 2, times n/t",
    off="custodian.ledger.Ledger.charge_evaluation",
)
def test_quotas_of_three_custodians_are_pooled(scene: Scene, tmp_path: Path) -> None:
    """A portfolio of 1 gives 2 evaluations a day at each custodian; two of them make a pseudonym."""
    north = Enumerator(tmp_path)
    identifiers = [f"v1|RESIDENT_ID|{number:018d}".encode() for number in range(12)]
    with ThreadPoolExecutor(1) as pool:
        for number, data in enumerate(identifiers):
            with contextlib.suppress(QuotaExhausted):
                north.ask([(1, 2), (2, 3), (3, 1)][number % 3], data, pool)

    assert north.found <= set(map(pseudonym, identifiers))
    scene.ends(
        reached=len(north.found) == len(identifiers),
        seen=f"{len(north.found)} of 12 identifiers: a day's quota of 2, times n/t",
    )


# Evaluating


LIAR = 2
"""The custodian that is asked first about this batch."""

DATA = b"v1|RESIDENT_ID|000000195001010006"


@dataclass
class PaperLine:
    """A member's line to a custodian; `share` is what it evaluates with, `key` what signs its answers."""

    index: int
    share: bytes
    key: SigningKey

    @property
    def name(self) -> str:
        return f"custodian {self.index}"

    def post(self, path: str, body: bytes) -> bytes:
        """Evaluate, prove and sign as a custodian does."""
        assert path == "/v1/evaluations"
        asked = parse_json(EvaluationRequest, body)
        evaluation = oprf.evaluate(self.share, [unb64(element) for element in asked.elements])
        return sign_evaluation(self.key, asked, evaluation, custodian=self.index).canonical()


def asked(**of_the_liar: Any) -> tuple[bytes, Gathered]:
    """Have North ask about an identifier; return what it takes for its pseudonym, and what it gathered."""
    lines = {
        index: PaperLine(
            index, unb64(SHARES[index].oprf), SigningKey(secret(f"custodian/{index}", "signing"))
        )
        for index in SHARES
    }
    lines[LIAR] = dataclasses.replace(lines[LIAR], **of_the_liar)
    blinded = oprf.blind(DATA)
    batch = Batch("aaaaaaac", [DATA], [blinded.blind], [blinded.element])
    with Custodians(lines, KEY_SET) as custodians:  # type: ignore[arg-type]
        gathered = custodians.start(batch).result()
        return custodians.finish(batch, gathered)[DATA][:32], gathered


ACCUSED = "the third custodian is asked, the pseudonym is right, custodian 2 is accused by its own signature"
NOBODY = "the third custodian is asked, the pseudonym is right, and nobody is blamed"


def ends(found: bytes, gathered: Gathered) -> str:
    """Return how it ended for North: what is right, and whom it can accuse before others."""
    error = gathered.failures.get(LIAR)
    if found != pseudonym(DATA) or error is None:
        return "the pseudonym is wrong"
    if not isinstance(error, Falsehood):
        return NOBODY
    said = verify_accusation(error.shown, KEY_SET)
    return ACCUSED if said.startswith("custodian 2 signed a false answer") else said


@attack(
    "wrong evaluation",
    by="custodian 2",
    goal="one debtor's pseudonym is another than everybody else's",
    stopped=ACCUSED,
    off="privacy.oprf.verify",
)
def test_a_custodian_evaluates_with_another_key(scene: Scene) -> None:
    """With another key for one element a custodian would tag that debtor, or hide it from the others."""
    found, gathered = asked(share=group.random_scalar())

    scene.ends(reached=found != pseudonym(DATA), seen=ends(found, gathered))


@attack(
    "custodian framed by its line",
    by="whoever stands between member and custodian 2",
    goal="custodian 2 is accused of an evaluation that it never signed",
    stopped=NOBODY,
    off="privacy.signing.verify_document",
)
def test_an_evaluation_that_another_signed(scene: Scene) -> None:
    """A false evaluation under the custodian's name, signed with another key."""
    found, gathered = asked(share=group.random_scalar(), key=SigningKey(secret("somebody")))

    said = ends(found, gathered)

    scene.ends(reached=said == ACCUSED, seen=said)


# Elements


def any_32_bytes(data: bytes) -> bytes:
    """Take bytes from outside for an element."""
    return data


_multiply = group.multiply


def whatever_comes(scalar: bytes, element: bytes) -> bytes:
    """Multiply, and go on with what cannot be multiplied."""
    try:
        return _multiply(scalar, element)
    except PrivacyError:
        return element


NO_ELEMENT = b"\xff" * 32


@attack(
    "invalid group point",
    by="custodian 2, and whoever knows this trick",
    goal="pseudonyms are a plain hash that anybody can compute",
    stopped="refused: not an element of ristretto255",
    off={"privacy.group.decode_element": any_32_bytes, "privacy.group.multiply": whatever_comes},
)
def test_bytes_that_are_no_element(scene: Scene) -> None:
    """libsodium's `add` answers zero bytes for an invalid point, without an error: the key is gone."""
    data, blinded = DATA, oprf.blind(DATA)
    (mine,) = oprf.evaluate(unb64(SHARES[1].oprf), [blinded.element]).elements
    guess = hashlib.sha512(
        len(data).to_bytes(2, "big") + data + b"\x00\x20" + bytes(32) + b"Finalize"
    ).digest()

    try:
        element = oprf.combine([(1, mine), (2, NO_ELEMENT)])
        reached, said = oprf._output(data, group.multiply(blinded.blind, element)) == guess, "taken"
    except PrivacyError as error:
        reached, said = False, f"refused: {error}"

    scene.ends(reached=reached, seen=said)

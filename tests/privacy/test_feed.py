"""What a member hands to a custodian directly. The feed's other forms stand in test_statements."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from privacy.errors import InvalidInputError, VerifyError
from privacy.feed import HandIn
from privacy.messages import parse, parse_json
from privacy.statements import KnowledgeProof, verify_statement
from tests.privacy.samples import BODIES, EPOCH, PROOF, key, signed, text

HAND_IN = HandIn(
    recipient="custodian/2", epoch=EPOCH, key_set=text("key-set"), statement=signed("settlement")
)


@pytest.mark.parametrize("name", BODIES)
def test_every_statement_can_be_handed_in_as_it_stands_on_the_feed(name: str) -> None:
    handed = msgspec.structs.replace(HAND_IN, statement=signed(name))
    again = parse_json(HandIn, handed.canonical())
    assert again.statement.digest() == signed(name).digest()
    verify_statement(again.statement, key(BODIES[name][1]).public)


def test_a_statement_that_was_changed_is_not_its_authors() -> None:
    statement = msgspec.structs.replace(HAND_IN.statement.statement, sequence=9)
    changed = msgspec.structs.replace(HAND_IN.statement, statement=statement)
    with pytest.raises(VerifyError):
        verify_statement(changed, key("south/signing").public)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"records": []}, "", id="with-records"),
        pytest.param({"statement": None}, "statement", id="of-nothing"),
        pytest.param({"key_set": "short"}, "key_set", id="no-key-set"),
    ],
)
def test_a_hand_in_of_another_form_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse(HandIn, HAND_IN.document() | changes)
    assert refusal.value.field == field


@pytest.mark.parametrize("part", ["a", "z_m", "z_r"])
def test_a_chunks_proof_is_part_of_what_is_signed(part: str) -> None:
    chunk = signed("chunk")
    for proof in (None, msgspec.structs.replace(PROOF, **{part: text("another")})):
        body = msgspec.structs.replace(chunk.statement.body, proof=proof)
        statement = msgspec.structs.replace(chunk.statement, body=body)
        with pytest.raises(VerifyError):
            verify_statement(msgspec.structs.replace(chunk, statement=statement), key("south/signing").public)


@pytest.mark.parametrize("part", ["a", "z_m", "z_r"])
def test_a_proof_without_one_of_its_parts_is_no_proof(part: str) -> None:
    for wrong in ({part: ""}, {part: None}, {part: "+"}):
        with pytest.raises(InvalidInputError) as refusal:
            parse(KnowledgeProof, PROOF.document() | wrong)
        assert refusal.value.field == part

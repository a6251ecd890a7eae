"""What anybody may check at the keyboard: a proven falsehood, and what a contributor says it sealed."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from privacy import contributions, oprf
from privacy.accusations import FalseEvaluation
from privacy.encoding import b64, unb64
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, sign_evaluation
from privacy.records import Record
from privacy.signing import SigningKey
from tests.custodian.cli.conftest import Station
from tests.feeds import LI, WANG, Member


def answered(station: Station, share_of: int) -> tuple[EvaluationRequest, EvaluationAnswer]:
    """Have custodian 1 sign an evaluation that was made with a custodian's share."""
    element = oprf.blind(b"v1|RESIDENT_ID|somebody").element
    request = EvaluationRequest(
        recipient="custodian/1",
        epoch=1,
        key_set=b64(station.alliance.key_set.digest),
        request_id="request-0001",
        elements=(b64(element),),
    )
    evaluation = oprf.evaluate(unb64(station.alliance.shares[share_of].oprf), [element])
    key = station.alliance.custodians[1].key
    return request, sign_evaluation(key, request, evaluation, custodian=1)


def check(station: Station, accusation: FalseEvaluation, *, code: int = 0) -> str:
    Path("accusation.json").write_bytes(accusation.canonical())
    Path("key-set.json").write_bytes(station.alliance.signed_key_set.canonical())
    return station.command("check-accusation", "accusation.json", "--key-set", "key-set.json", code=code)


def test_a_signed_false_evaluation_names_its_custodian(station: Station) -> None:
    said = check(station, FalseEvaluation(*answered(station, share_of=2)))
    assert "proven: custodian 1 signed a false answer" in said


def test_a_true_answer_and_an_unsigned_one_accuse_nobody(station: Station) -> None:
    request, answer = answered(station, share_of=1)
    assert "accuses nobody" in check(station, FalseEvaluation(request, answer), code=4)
    request, answer = answered(station, share_of=2)
    unsigned = msgspec.structs.replace(answer, signature=b64(bytes(64)))
    assert "refused" in check(station, FalseEvaluation(request, unsigned), code=4)
    Path("accusation.json").write_text(json.dumps({"kind": "rumour"}))
    said = station.command("check-accusation", "accusation.json", "--key-set", "key-set.json", code=4)
    assert "accusation.json is not an accusation of this program" in said


@pytest.fixture
def north(station: Station) -> Member:
    """A member with one contract on the feed that custodian 1 has followed."""
    north = station.alliance.enrols("北辰")
    north.submits(north.record(LI, "N-1", outstanding=70_00))
    station.follow(1)
    return north


def opened(station: Station, member: Member, record: Record, *, key: SigningKey | None = None) -> None:
    plaintext, randomness = member.openings[record.contribution]
    opening = contributions.open_contribution(
        record, plaintext=plaintext, randomness=randomness, key_set=station.alliance.key_set
    )
    signed = contributions.sign_contribution(key or member.key, opening)
    Path("opening.json").write_bytes(signed.canonical())


def on_feed(station: Station) -> Record:
    records = station.alliance.entries[-1].records
    assert records is not None
    return records[0]


def test_a_contribution_that_was_opened_truthfully_holds(station: Station, north: Member) -> None:
    opened(station, north, on_feed(station))
    said = station.run(1, "check-contribution", "opening.json")
    assert said.count("holds:") == 4
    assert "of 北辰" in said
    assert "7000" not in said


def test_it_holds_after_a_rotation_too(station: Station, north: Member) -> None:
    record, old = on_feed(station), north.key
    north.rotates("new")
    station.follow(1)
    for key in (old, north.key):
        opened(station, north, record, key=key)
        assert "sound contribution" in station.run(1, "check-contribution", "opening.json")


def test_what_is_not_so_is_said(station: Station, north: Member) -> None:
    record = on_feed(station)
    opened(station, north, record, key=SigningKey(bytes(32)))
    said = station.run(1, "check-contribution", "opening.json", code=4)
    assert "not signed by a key that 北辰 has had" in said
    opened(station, north, north.record(WANG, "N-2"))
    said = station.run(1, "check-contribution", "opening.json", code=4)
    assert "does not stand on the feed" in said
    plaintext, randomness = north.openings[record.contribution]
    north.openings[record.contribution] = plaintext + (1 << 48), randomness
    opened(station, north, record)
    said = station.run(1, "check-contribution", "opening.json", code=4)
    assert "do not give the record's contribution" in said


def test_an_audit_needs_openings_or_the_accusation_of_a_total(station: Station, north: Member) -> None:
    assert "give openings to check, or an accusation" in station.run(1, "check-contribution", code=4)
    false = FalseEvaluation(*answered(station, share_of=2))
    Path("accusation.json").write_bytes(false.canonical())
    said = station.run(1, "check-contribution", "--accusation", "accusation.json", code=4)
    assert "accuses a custodian and no contributors" in said


def test_a_file_that_is_no_key_set_is_named(station: Station) -> None:
    Path("notes.json").write_text("{}")
    said = station.command("check-accusation", "notes.json", "--key-set", "notes.json", code=4)
    assert "notes.json is not an accusation" in said
    false = FalseEvaluation(*answered(station, share_of=2))
    Path("accusation.json").write_bytes(false.canonical())
    said = station.command("check-accusation", "accusation.json", "--key-set", "notes.json", code=4)
    assert "notes.json is not a signed key set of this program" in said

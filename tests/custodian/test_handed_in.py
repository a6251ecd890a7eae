"""What a member hands in because the hub may be hiding it: no cut without it, and no more power than that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from custodian import handed_in
from custodian.handed_in import LIFE, MAX_WAITING, PATIENCE
from privacy import statements
from privacy.encoding import b64
from privacy.feed import HandIn
from privacy.statements import CutSignature, SignedStatement, Suspension
from tests.custodian.conftest import INDEX, Office
from tests.custodian.test_evaluations import slug
from tests.feeds import LI, Member, secret

PATH = "/v1/statements"


@pytest.fixture
def north(office: Office) -> Member:
    member = office.alliance.enrols("北辰")
    member.submits(member.record(LI, "N-1"), member.record(LI, "N-2"))
    office.custodian.follow()
    return member


def hands_in(office: Office, member: Member, signed: SignedStatement, **changes: Any) -> TestResponse:
    usual: dict[str, Any] = {
        "recipient": f"custodian/{INDEX}",
        "epoch": 1,
        "key_set": b64(office.alliance.key_set.digest),
        "statement": signed,
    }
    return office.ask("POST", PATH, member.key, HandIn(**usual | changes))


def settlement(member: Member, number: str = "N-1", **changes: Any) -> SignedStatement:
    return member.signs(statements.Settlement(contract_ref=member.ref(number)), **changes)


def cuts_signed(office: Office) -> int:
    return sum(isinstance(each.statement.body, CutSignature) for each in office.hub.published)


def test_a_statement_that_the_feed_has_answers_its_position(office: Office, north: Member) -> None:
    entry = north.settles("N-1")
    office.custodian.follow()
    response = hands_in(office, north, entry.statement)
    assert response.json == {"position": entry.position, "waiting": False}
    assert handed_in.waiting(office.custodian.ledger) == []


def test_no_cut_is_signed_while_the_feed_lacks_it(office: Office, north: Member) -> None:
    swallowed = north.said(settlement(north))
    assert hands_in(office, north, swallowed).json == {"position": None, "waiting": True}
    office.alliance.cuts()
    for _ in range(3):
        office.custodian.follow()
    assert cuts_signed(office) == 0
    (alarm,) = office.custodian.ledger.alarms()
    assert (alarm.kind, "北辰" in alarm.detail) == ("hand-in", True)
    assert "北辰" in (office.custodian.ledger.fact("unsigned") or "")
    office.alliance.appends(swallowed)
    office.alliance.passes(days=1)
    office.begins_period()
    assert cuts_signed(office) == 1
    assert handed_in.waiting(office.custodian.ledger) == []
    assert office.custodian.ledger.fact("unsigned") is None


def test_it_is_said_which_member_is_waited_for_also_when_no_cut_waits(office: Office, north: Member) -> None:
    hands_in(office, north, settlement(north))
    office.custodian.follow()
    assert office.alarms() == []
    office.alliance.now += PATIENCE
    office.custodian.follow()
    assert office.alarms() == ["hand-in"]


def test_it_lapses_after_a_day_and_the_alarm_stays(office: Office, north: Member) -> None:
    hands_in(office, north, settlement(north))
    office.alliance.now += LIFE
    office.alliance.cuts()
    office.custodian.follow()
    assert cuts_signed(office) == 1
    assert handed_in.waiting(office.custodian.ledger) == []
    assert office.alarms() == ["hand-in"]


def test_nobody_waits_for_a_member_that_is_suspended(office: Office, north: Member) -> None:
    hands_in(office, north, settlement(north))
    office.alliance.suspends(north)
    office.alliance.cuts()
    office.custodian.follow()
    assert cuts_signed(office) == 1


def test_it_survives_the_process_and_is_kept_once(office: Office, north: Member) -> None:
    for _ in range(3):
        assert hands_in(office, north, settlement(north)).json == {"position": None, "waiting": True}
    (kept,) = handed_in.waiting(office.custodian.ledger)
    assert (kept.member, kept.sequence) == ("北辰", north.sequence)


def test_a_member_that_signed_two_is_named_when_the_feed_has_the_other(office: Office, north: Member) -> None:
    hands_in(office, north, settlement(north))
    north.settles("N-2")
    office.custodian.follow()
    assert office.alarms() == ["hand-in"]
    assert handed_in.waiting(office.custodian.ledger) == []
    response = hands_in(office, north, settlement(north, sequence=north.sequence - 1))
    assert (response.status_code, slug(response)) == (409, "conflict")


def test_what_stands_before_the_checkpoint_of_its_start_a_custodian_cannot_say(
    office: Office, north: Member
) -> None:
    entry = north.settles("N-1")
    office.custodian.follow()
    with office.custodian.feed() as db, db:
        db.execute("DELETE FROM entries")
    assert hands_in(office, north, entry.statement).json == {"position": None, "waiting": False}


def test_two_statements_in_one_place_are_refused(office: Office, north: Member) -> None:
    hands_in(office, north, settlement(north))
    response = hands_in(office, north, settlement(north, "N-2"))
    assert (response.status_code, slug(response)) == (409, "conflict")


def test_a_rotation_may_bear_the_recovery_key(office: Office, north: Member) -> None:
    signed = north.signs(north.rotation("new", recovery=True), key=north.recovery)
    assert hands_in(office, north, signed).json == {"position": None, "waiting": True}
    signed = settlement(north, key=north.recovery)
    assert slug(hands_in(office, north, signed)) == "statement"


def test_a_member_is_waited_for_sixteen_times_and_no_more(office: Office, north: Member) -> None:
    first = settlement(north)
    assert hands_in(office, north, first).status_code == 200
    for place in range(1, MAX_WAITING):
        signed = settlement(north, sequence=north.sequence + place, previous=secret(str(place)))
        assert hands_in(office, north, signed).status_code == 200
    signed = settlement(north, sequence=north.sequence + MAX_WAITING, previous=secret("one more"))
    response = hands_in(office, north, signed)
    assert (response.status_code, slug(response)) == (429, "too-many")
    assert hands_in(office, north, first).status_code == 200
    assert len(handed_in.waiting(office.custodian.ledger)) == MAX_WAITING


def _another_members(office: Office, north: Member) -> SignedStatement:
    return office.alliance.enrols("南山").signs(statements.Settlement(contract_ref=north.ref("N-1")))


def _large(office: Office, north: Member) -> SignedStatement:
    chunk = north.chunk([north.record(LI, "N-3")])
    assert chunk.proof is not None
    proof = msgspec.structs.replace(chunk.proof, a=b64(bytes(handed_in.MAX_BYTES)))
    return north.signs(msgspec.structs.replace(chunk, proof=proof))


@pytest.mark.parametrize(
    ("statement", "status", "reason"),
    [
        (_another_members, 403, "misdirected"),
        (lambda office, north: settlement(north, alliance="别的联盟"), 403, "misdirected"),
        (lambda office, north: settlement(north, epoch=2), 403, "misdirected"),
        (lambda office, north: settlement(north, key=office.alliance.hub.key), 403, "statement"),
        (lambda office, north: north.signs(Suspension(member="南山")), 403, "statement"),
        (
            lambda office, north: statements.countersign(settlement(north), office.alliance.secretariat.key),
            403,
            "statement",
        ),
        (lambda office, north: settlement(north, signed_at=office.alliance.now - LIFE), 403, "expired"),
        (
            lambda office, north: settlement(north, signed_at=office.alliance.now + timedelta(minutes=6)),
            403,
            "expired",
        ),
        (lambda office, north: settlement(north, sequence=0), 409, "conflict"),
        (lambda office, north: settlement(north, previous=bytes(32)), 409, "conflict"),
        (lambda office, north: settlement(north, sequence=10_000), 429, "too-many"),
        (_large, 413, "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_taken(office: Office, north: Member, statement: Any, status: int, reason: str) -> None:
    response = hands_in(office, north, statement(office, north))
    assert (response.status_code, slug(response)) == (status, reason)
    assert handed_in.waiting(office.custodian.ledger) == []


@pytest.mark.parametrize("changes", [{"recipient": "custodian/2"}, {"epoch": 2}, {"key_set": b64(bytes(32))}])
def test_a_hand_in_for_others_is_refused(office: Office, north: Member, changes: dict[str, Any]) -> None:
    response = hands_in(office, north, settlement(north), **changes)
    assert (response.status_code, slug(response)) == (403, "misdirected")


def test_a_stranger_hands_nothing_in(office: Office, north: Member) -> None:
    response = office.ask("POST", PATH, office.alliance.hub.key, b"{}")
    assert (response.status_code, slug(response)) == (401, "signature")

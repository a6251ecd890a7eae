"""Who may be heard: each check of the envelope, and whether the author's sequence advances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from custodian import state
from custodian.state import VoidReason
from privacy import statements
from privacy.encoding import b64
from privacy.signing import SigningKey
from privacy.statements import Cut, Settlement, SignedStatement
from tests.custodian.state.watch import Watch
from tests.feeds import Alliance, Member, secret

STRANGER = SigningKey(secret("stranger"))


def settlement(north: Member) -> Settlement:
    return Settlement(contract_ref=north.ref("1"))


def countersigned(north: Member) -> SignedStatement:
    return statements.countersign(north.signs(settlement(north)), north.alliance.secretariat.key)


def tampered(north: Member) -> SignedStatement:
    signed = north.signs(settlement(north))
    statement = msgspec.structs.replace(signed.statement, body=Settlement(contract_ref=north.ref("2")))
    return msgspec.structs.replace(signed, statement=statement)


UNHEARD: dict[str, tuple[Callable[[Member], SignedStatement], VoidReason]] = {
    "another alliance": (lambda m: m.signs(settlement(m), alliance="别的联盟"), VoidReason.FOREIGN),
    "another epoch": (lambda m: m.signs(settlement(m), epoch=2), VoidReason.FOREIGN),
    "nobody's name": (lambda m: m.signs(settlement(m), author="member/无名"), VoidReason.UNKNOWN_AUTHOR),
    "no kind of author": (lambda m: m.signs(settlement(m), author="北辰"), VoidReason.UNKNOWN_AUTHOR),
    "custodian 0": (lambda m: m.signs(settlement(m), author="custodian/0"), VoidReason.UNKNOWN_AUTHOR),
    "custodian n + 1": (lambda m: m.signs(settlement(m), author="custodian/4"), VoidReason.UNKNOWN_AUTHOR),
    "custodian 01": (lambda m: m.signs(settlement(m), author="custodian/01"), VoidReason.UNKNOWN_AUTHOR),
    "a stranger's key": (lambda m: m.signs(settlement(m), key=STRANGER), VoidReason.SIGNATURE),
    "the recovery key": (lambda m: m.signs(settlement(m), key=m.recovery), VoidReason.SIGNATURE),
    "the hub in the member's name": (
        lambda m: m.signs(settlement(m), key=m.alliance.hub.key),
        VoidReason.SIGNATURE,
    ),
    "another body under the signature": (tampered, VoidReason.SIGNATURE),
    "a countersignature where none belongs": (countersigned, VoidReason.SIGNATURE),
    "a number left out": (lambda m: m.signs(settlement(m), sequence=m.sequence + 1), VoidReason.SEQUENCE),
    "a number again": (lambda m: m.signs(settlement(m), sequence=m.sequence - 1), VoidReason.SEQUENCE),
    "behind another statement": (lambda m: m.signs(settlement(m), previous=bytes(32)), VoidReason.PREVIOUS),
    "behind none": (lambda m: m.signs(settlement(m), previous=None), VoidReason.PREVIOUS),
}


@pytest.mark.parametrize(("make", "reason"), UNHEARD.values(), ids=UNHEARD)
def test_who_is_not_heard_keeps_its_sequence(
    make: Callable[[Member], SignedStatement], reason: VoidReason
) -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    alliance.appends(make(north))

    assert watch.verdict() is reason

    assert state.author_state(watch.db, north.author) == state.AuthorState(north.sequence, north.previous)
    north.holds("1")  # refused for its content, so it was heard
    assert watch.verdict() is VoidReason.UNKNOWN_CONTRACT


HEARD: dict[str, tuple[Callable[[Member], SignedStatement], VoidReason]] = {
    "signed a day and a second ago": (
        lambda m: m.signs(settlement(m), signed_at=m.alliance.now - timedelta(days=1, seconds=1)),
        VoidReason.SIGNED_AT,
    ),
    "signed a day and a second from now": (
        lambda m: m.signs(settlement(m), signed_at=m.alliance.now + timedelta(days=1, seconds=1)),
        VoidReason.SIGNED_AT,
    ),
    "signed before the one before": (
        lambda m: m.signs(settlement(m), signed_at=m.alliance.now - timedelta(seconds=1)),
        VoidReason.SIGNED_AT,
    ),
    "a member that cuts": (lambda m: m.signs(Cut(period=m.alliance.period)), VoidReason.TYPE),
    "a member that suspends": (lambda m: m.signs(statements.Suspension(member="南山")), VoidReason.TYPE),
    "a member that accepts": (
        lambda m: m.signs(statements.Acceptance(enrolment=b64(m.enrolment))),
        VoidReason.TYPE,
    ),
    "a contract that nobody knows": (lambda m: m.signs(settlement(m)), VoidReason.UNKNOWN_CONTRACT),
}


@pytest.mark.parametrize(("make", "reason"), HEARD.values(), ids=HEARD)
def test_who_is_heard_advances_even_when_void(
    make: Callable[[Member], SignedStatement], reason: VoidReason
) -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    signed = make(north)
    alliance.appends(signed)

    assert watch.verdict() is reason

    advanced = state.AuthorState(signed.statement.sequence + 1, signed.digest())
    assert state.author_state(watch.db, north.author) == advanced


def test_the_hub_the_secretariat_and_custodians_keep_to_their_own() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    suspension = statements.Suspension(member=north.name)
    for party, body in (
        (alliance.hub, suspension),
        (alliance.hub, statements.Acceptance(enrolment=b64(north.enrolment))),
        (alliance.hub, settlement(north)),
        (alliance.custodians[1], suspension),
        (alliance.secretariat, Cut(period=alliance.period)),
    ):
        party.says(body)
        assert watch.verdict() is VoidReason.TYPE


def test_the_hub_cannot_enrol_itself() -> None:
    alliance = Alliance()
    body = Member(alliance, "假名", "假名", 1).enrolment_body()
    alliance.appends(statements.countersign(alliance.hub.signs(body), alliance.secretariat.key))
    assert Watch(alliance).verdict() is VoidReason.TYPE


def test_a_statement_within_a_day_of_its_stamp_is_timely_both_ways() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    early, late = alliance.now - timedelta(days=1), alliance.now + timedelta(days=1)
    for signed_at in (early, late):
        signed = alliance.hub.said(alliance.hub.signs(Cut(period="2000-01-01"), signed_at=signed_at))
        alliance.appends(signed)
        assert watch.verdict() is VoidReason.PERIOD


def test_a_wrong_clock_does_not_silence_its_author() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    ahead = north.said(north.signs(settlement(north), signed_at=alliance.now + timedelta(days=300)))
    alliance.appends(ahead)
    assert watch.verdict() is VoidReason.SIGNED_AT

    north.settles("1")
    assert watch.verdict() is VoidReason.UNKNOWN_CONTRACT


def test_an_instant_that_is_none_is_not_timely() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    signed = north.signs(settlement(north))
    statement = msgspec.structs.replace(signed.statement, signed_at="2026-02-30T00:00:00Z")
    signature = north.key.sign_document("statement", statement.document())
    alliance.appends(msgspec.structs.replace(signed, statement=statement, signature=signature))
    assert watch.verdict() is VoidReason.SIGNED_AT


def test_nobody_has_spoken_at_first() -> None:
    watch = Watch(Alliance())
    assert state.author_state(watch.db, "hub") == state.AuthorState(0, None)

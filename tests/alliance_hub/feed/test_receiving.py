"""Statements of members and custodians: whose, signed by which key, and what they bring about."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.membership.rules import MemberState
from alliance_hub.permissions import Sender
from privacy.encoding import b64
from privacy.signing import SigningKey, key_id
from privacy.statements import (
    Acceptance,
    Hold,
    Release,
    Rotation,
    Settlement,
    SignedStatement,
    Suspension,
    Withdrawal,
)
from tests.alliance_hub.builders import Clock, Platform, Speaker, seed
from tests.alliance_hub.conftest import Join


def sent_by(member: Platform, state: MemberState = MemberState.ACTIVE) -> Sender:
    return Sender.for_member(member.name, state)


def rotation(member: Platform, *, recovery: bytes | None = None) -> Rotation:
    return Rotation(
        signing=b64(SigningKey(seed("new", member.name)).public),
        recovery=b64(recovery or member.recovery.public),
        sealing=b64(member.sealing.public),
    )


def test_the_same_statement_again_is_answered_with_its_first_row(
    session: Session, hub: Hub, clock: Clock, join: Join
) -> None:
    north = join()
    signed = north.say(rotation(north))
    row = feed.receive(session, hub, signed, sender=sent_by(north), now=clock())
    position = feed.head(session).position

    again = feed.receive(session, hub, signed, sender=sent_by(north), now=clock.move(days=3))

    assert again is row
    assert feed.head(session).position == position


def test_nobody_hands_in_anothers_statement(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    north, south = join(), join("South Credit")
    signed = north.say(rotation(north))
    feed.receive(session, hub, signed, sender=sent_by(north), now=clock())

    with pytest.raises(Forbidden, match="by its author"):
        feed.receive(session, hub, signed, sender=sent_by(south), now=clock())


def test_another_members_signature_is_refused(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    north, south = join(), join("South Credit")

    with pytest.raises(Invalid) as refused:
        feed.receive(
            session, hub, north.say(rotation(north), key=south.key), sender=sent_by(north), now=clock()
        )

    assert refused.value.field == "signature"


def test_a_tampered_statement_is_refused(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    north = join()
    signed = north.say(rotation(north))
    other = msgspec.structs.replace(signed.statement, body=rotation(north, recovery=seed("mallory")))

    with pytest.raises(Invalid):
        feed.receive(
            session, hub, msgspec.structs.replace(signed, statement=other), sender=sent_by(north), now=clock()
        )


def test_a_stray_countersignature_is_refused(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    north = join()
    signed = north.say(rotation(north))
    adorned = SignedStatement(signed.statement, signed.signature, countersignature=signed.signature)

    with pytest.raises(Invalid) as refused:
        feed.receive(session, hub, adorned, sender=sent_by(north), now=clock())

    assert refused.value.field == "countersignature"


def test_a_member_does_not_speak_as_the_secretariat(
    session: Session, hub: Hub, clock: Clock, join: Join
) -> None:
    north = join()

    with pytest.raises(Forbidden):
        feed.receive(session, hub, north.say(Suspension(member="B")), sender=sent_by(north), now=clock())


def test_a_mere_applicant_states_nothing(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    north = join()

    with pytest.raises(Forbidden):
        feed.receive(
            session,
            hub,
            north.say(rotation(north)),
            sender=sent_by(north, MemberState.APPLIED),
            now=clock(),
        )


def test_a_custodian_is_known_by_its_own_witness_key(
    session: Session, hub: Hub, clock: Clock, join: Join, custodians: list[Speaker]
) -> None:
    join(acceptances=0)
    member = membership.get(session, "North Bank")
    assert member.enrolment_digest is not None
    body = Acceptance(enrolment=b64(member.enrolment_digest))
    first, second = custodians[:2]

    with pytest.raises(Invalid):
        feed.receive(
            session, hub, first.say(body, key=second.key), sender=Sender.for_custodian(1), now=clock()
        )


def test_the_signing_key_replaces_itself(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    north = join()
    fresh = SigningKey(seed("new", north.name))
    signed = north.said(north.say(rotation(north)))
    feed.receive(session, hub, signed, sender=sent_by(north), now=clock())

    member = membership.find_by_key_id(session, key_id(fresh.public))

    assert member is not None
    assert member.name == "North Bank"
    assert membership.find_by_key_id(session, key_id(north.key.public)) is None
    with pytest.raises(Invalid):
        feed.receive(session, hub, north.say(rotation(north)), sender=sent_by(north), now=clock())
    feed.receive(session, hub, north.say(rotation(north), key=fresh), sender=sent_by(north), now=clock())


def test_only_the_recovery_key_replaces_the_recovery_key(
    session: Session, hub: Hub, clock: Clock, join: Join
) -> None:
    north = join()
    body = rotation(north, recovery=SigningKey(seed("new recovery")).public)

    with pytest.raises(Invalid):
        feed.receive(session, hub, north.say(body), sender=sent_by(north), now=clock())

    feed.receive(session, hub, north.say(body, key=north.recovery), sender=sent_by(north), now=clock())
    member = membership.get(session, "North Bank")
    assert member.recovery == SigningKey(seed("new recovery")).public


def test_nobody_rotates_to_anothers_key(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    north, south = join(), join("South Credit")
    body = Rotation(
        signing=b64(south.key.public),
        recovery=b64(north.recovery.public),
        sealing=b64(north.sealing.public),
    )

    with pytest.raises(Conflict) as refused:
        feed.receive(session, hub, north.say(body), sender=sent_by(north), now=clock())

    assert refused.value.slug == "key-taken"


@pytest.mark.parametrize("ending", [Settlement, Withdrawal])
def test_an_unknown_contract_does_not_end(
    session: Session, hub: Hub, clock: Clock, join: Join, ending: type[Settlement | Withdrawal]
) -> None:
    north = join()

    with pytest.raises(NotFound) as refused:
        feed.receive(
            session,
            hub,
            north.say(ending(contract_ref=b64(seed("nothing")))),
            sender=sent_by(north),
            now=clock(),
        )

    assert refused.value.slug == "unknown-contract"


@pytest.mark.parametrize("change", [Hold, Release])
def test_a_member_holds_and_releases_its_own_contracts_only(
    session: Session, hub: Hub, clock: Clock, join: Join, change: type[Hold | Release]
) -> None:
    north = join()
    body = change(member="South Credit", contract_ref=b64(seed("contract")))

    with pytest.raises(Forbidden, match="another member's contract"):
        feed.receive(session, hub, north.say(body), sender=sent_by(north), now=clock())

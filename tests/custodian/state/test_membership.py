"""Enrolment, acceptance, rotation, suspension: every rule, void and not."""

from __future__ import annotations

import pytest

from custodian import state
from custodian.errors import Refused
from custodian.state import MemberState, MemberView, VoidReason
from privacy import signing, statements
from privacy.encoding import b64
from privacy.sealing import SealingKey
from privacy.signing import SigningKey
from tests.custodian.state.watch import Watch
from tests.feeds import LI, Alliance, Member, secret


def seen(watch: Watch, member: Member) -> MemberView:
    watch.follows()
    return state.get_member(watch.db, member.name)


# Enrolment


def test_a_member_is_enrolled_with_its_keys_and_waits_for_acceptance() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰", control_group="北方集团", portfolio=250, accepted_by=[])
    view = seen(Watch(alliance), north)

    assert (view.name, view.state, view.active) == ("北辰", MemberState.ADMITTED, False)
    assert (view.signing, view.recovery) == (north.key.public, north.recovery.public)
    assert view.sealing == north.sealing.public
    assert (view.control_group, view.declared_portfolio) == ("北方集团", 250)
    assert (view.enrolment, view.acceptances) == (north.enrolment, ())
    assert (view.next_sequence, view.previous) == (1, north.enrolment)


def test_an_enrolment_needs_the_secretariat() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    north = Member(alliance, "北辰", "北辰", 100)
    signed = north.signs(north.enrolment_body())
    for bad in (signed, statements.countersign(signed, alliance.hub.key)):
        alliance.appends(bad)
        assert watch.verdict() is VoidReason.SIGNATURE


def test_an_enrolment_is_signed_with_the_key_that_it_introduces() -> None:
    alliance = Alliance()
    north = Member(alliance, "北辰", "北辰", 100)
    signed = north.signs(north.enrolment_body(), key=SigningKey(secret("another")))
    alliance.appends(statements.countersign(signed, alliance.secretariat.key))
    assert Watch(alliance).verdict() is VoidReason.SIGNATURE


def test_an_enrolment_names_its_author_and_leaves_it_unknown_otherwise() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    north = Member(alliance, "北辰", "北辰", 100)
    signed = north.said(north.signs(north.enrolment_body(member="南山")))
    alliance.appends(statements.countersign(signed, alliance.secretariat.key))
    assert watch.verdict() is VoidReason.OTHER_NAME
    assert state.members(watch.db) == []

    north.previous = statements.countersign(signed, alliance.secretariat.key).digest()
    north.enrols()  # its next statement, and this time right
    assert watch.verdict() is None


def test_a_member_enrols_once() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    before = seen(watch := Watch(alliance), north)
    body = north.enrolment_body(declared_portfolio=9_999)
    alliance.appends(statements.countersign(north.signs(body), alliance.secretariat.key))
    assert watch.verdict() is VoidReason.ENROLLED
    assert seen(watch, north).declared_portfolio == before.declared_portfolio


def test_an_enrolled_name_is_not_enrolled_anew_with_another_key() -> None:
    """The secretariat alone can neither replace a member's keys nor push its sequence on."""
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    thief = SigningKey(secret("thief"))
    body = north.enrolment_body(signing=b64(thief.public))
    alliance.appends(statements.countersign(north.signs(body, key=thief), alliance.secretariat.key))
    assert watch.verdict() is VoidReason.SIGNATURE
    assert seen(watch, north).next_sequence == north.sequence


# Acceptance


def test_a_member_works_from_the_t_th_acceptance_on() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰", accepted_by=[3])
    watch = Watch(alliance)
    assert not seen(watch, north).active

    alliance.accepts(1, north)

    assert watch.verdict() is None
    assert (seen(watch, north).state, seen(watch, north).acceptances) == (MemberState.ACTIVE, (1, 3))


def test_a_custodian_counts_once() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰", accepted_by=[1])
    watch = Watch(alliance)
    alliance.accepts(1, north)
    assert watch.verdict() is VoidReason.REPEATED
    assert not seen(watch, north).active


def test_an_acceptance_names_an_enrolment() -> None:
    alliance = Alliance()
    alliance.custodians[1].says(statements.Acceptance(enrolment=b64(bytes(32))))
    assert Watch(alliance).verdict() is VoidReason.UNKNOWN_ENROLMENT


def test_pending_acceptances_are_each_custodians_own() -> None:
    alliance = Alliance()
    alliance.enrols("北辰", accepted_by=[1, 2])
    alliance.enrols("南山", accepted_by=[1])
    watch = Watch(alliance)
    watch.follows()

    pending = {
        index: [view.name for view in state.pending_acceptances(watch.db, index)] for index in (1, 2, 3)
    }

    assert pending == {1: [], 2: ["南山"], 3: ["北辰", "南山"]}


# Rotation


def test_a_member_rotates_its_keys() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    old = north.key
    north.rotates("second")
    assert watch.verdict() is None

    view = seen(watch, north)
    assert (view.signing, view.sealing) == (north.key.public, north.sealing.public)
    assert view.signing != old.public
    assert state.find_member_by_key_id(watch.db, signing.key_id(old.public)) is None
    assert state.find_member_by_key_id(watch.db, signing.key_id(north.key.public)) == view


def test_after_a_rotation_only_the_new_key_speaks() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    old = north.key
    north.rotates("second")
    alliance.appends(north.signs(statements.Settlement(contract_ref=north.ref("1")), key=old))
    assert watch.verdict() is VoidReason.SIGNATURE
    north.settles("1")
    assert watch.verdict() is VoidReason.UNKNOWN_CONTRACT


def test_the_recovery_key_rotates_when_the_signing_key_is_lost() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    north.rotates("second", by=north.recovery)
    assert watch.verdict() is None
    assert seen(watch, north).signing == north.key.public


def test_only_the_recovery_key_replaces_the_recovery_key() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    signed = north.said(north.signs(north.rotation("stolen", recovery=True)))
    alliance.appends(signed)
    assert watch.verdict() is VoidReason.RECOVERY
    assert seen(watch, north).recovery == north.recovery.public

    north.rotates("third", by=north.recovery, recovery=True)
    assert watch.verdict() is None
    assert seen(watch, north).recovery == north.recovery.public


def test_the_hub_rotates_nobody() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    alliance.appends(north.signs(north.rotation("stolen"), key=alliance.hub.key))
    assert watch.verdict() is VoidReason.SIGNATURE


def test_a_copied_key_stays_with_whom_it_was_first() -> None:
    alliance = Alliance()
    north, south = alliance.enrols("北辰"), alliance.enrols("南山")
    watch = Watch(alliance)
    south.says(
        statements.Rotation(
            signing=b64(north.key.public),
            recovery=b64(south.recovery.public),
            sealing=b64(south.sealing.public),
        )
    )
    assert watch.verdict() is None

    north.sealing = SealingKey(secret("another box"))
    north.says(  # the signing key stays, and is still north's
        statements.Rotation(
            signing=b64(north.key.public),
            recovery=b64(north.recovery.public),
            sealing=b64(north.sealing.public),
        )
    )
    assert watch.verdict() is None

    found = state.find_member_by_key_id(watch.db, signing.key_id(north.key.public))

    assert found is not None
    assert (found.name, found.sealing) == ("北辰", north.sealing.public)


# Suspension


def test_suspension_and_resumption_may_be_said_twice() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    for say, expected in (
        (alliance.suspends, MemberState.SUSPENDED),
        (alliance.suspends, MemberState.SUSPENDED),
        (alliance.resumes, MemberState.ACTIVE),
        (alliance.resumes, MemberState.ACTIVE),
        (alliance.suspends, MemberState.SUSPENDED),
    ):
        say(north)
        assert watch.verdict() is None
        assert seen(watch, north).state is expected
    assert watch.db.execute("SELECT from_position FROM suspensions").fetchall() == [(4,), (8,)]


def test_nobody_unknown_is_suspended_or_resumed() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    for body in (statements.Suspension(member="无名"), statements.Resumption(member="无名")):
        alliance.secretariat.says(body)
        assert watch.verdict() is VoidReason.UNKNOWN_MEMBER


def test_a_suspended_member_still_settles() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    north.submits(north.record(LI, "1"))
    alliance.suspends(north)
    north.settles("1")
    assert watch.verdict() is None


# Lookups


def test_members_come_in_the_order_of_their_enrolment() -> None:
    alliance = Alliance()
    for name in ("西河", "北辰", "南山"):
        alliance.enrols(name)
    watch = Watch(alliance)
    watch.follows()
    assert [view.name for view in state.members(watch.db)] == ["西河", "北辰", "南山"]


def test_a_member_that_is_not_there() -> None:
    watch = Watch(Alliance())
    assert state.find_member(watch.db, "无名") is None
    assert state.find_member_by_key_id(watch.db, "nothing") is None
    with pytest.raises(Refused) as refusal:
        state.get_member(watch.db, "无名")
    assert refusal.value.slug == "unknown-member"

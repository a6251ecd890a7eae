"""How a member joins, is suspended and works again; and who may not join."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.membership.rules import MemberState, state_after
from alliance_hub.permissions import Sender
from alliance_hub.transparency.models import LogRow
from privacy.ceremony import MemberCard
from privacy.encoding import b64
from privacy.messages import parse
from privacy.signing import key_id
from privacy.statements import (
    Acceptance,
    SignedStatement,
    Suspension,
    verify_countersignature,
    verify_statement,
)
from tests.alliance_hub.builders import Clock, Platform, Speaker, platform, seed
from tests.alliance_hub.conftest import Join


@pytest.fixture
def north(clock: Clock) -> Platform:
    return platform("North Bank", clock)


def stated(session: Session) -> list[SignedStatement]:
    lines = feed.stream_after(session, 0, 100)
    return [parse(SignedStatement, json.loads(line)["entry"]["statement"]) for line in lines]


def test_an_applicant_is_kept_and_not_yet_stated(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    member = membership.apply(session, hub, north.say(north.enrolment()), clock())

    card = MemberCard(
        name="North Bank",
        signing=b64(north.key.public),
        recovery=b64(north.recovery.public),
        sealing=b64(north.sealing.public),
    )
    assert (member.state, member.accepted_by) == (MemberState.APPLIED, [])
    assert member.fingerprint == card.fingerprint
    assert feed.head(session).position == 0
    assert [row.kind for row in session.scalars(select(LogRow))] == ["application"]


def test_admission_states_the_countersigned_enrolment(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    membership.apply(session, hub, north.say(north.enrolment()), clock())
    member = membership.admit(session, hub, "North Bank", clock.move(hours=20))

    (signed,) = stated(session)
    verify_statement(signed, north.key.public)
    verify_countersignature(signed, hub.key_set.secretariat_key)
    assert signed.statement.body == north.enrolment()
    assert (member.state, member.enrolment_digest) == (MemberState.ADMITTED, signed.digest())
    assert feed.author_state(session, "member/North Bank").next_sequence == 1


def test_two_of_three_acceptances_make_a_member_active(
    session: Session, hub: Hub, clock: Clock, custodians: list[Speaker], join: Join
) -> None:
    join(acceptances=1)
    member = membership.get(session, "North Bank")
    assert (member.state, member.accepted_by) == (MemberState.ADMITTED, [1])
    with pytest.raises(Forbidden):
        membership.require_active(session, member)
    assert member.enrolment_digest is not None

    signed = custodians[2].say(Acceptance(enrolment=b64(member.enrolment_digest)))
    row = feed.receive(session, hub, signed, sender=Sender.for_custodian(3), now=clock())

    assert (member.state, member.accepted_by) == (MemberState.ACTIVE, [1, 3])
    assert member.acceptances[1].position == row.position
    membership.require_active(session, member)


def test_a_custodian_accepts_an_enrolment_once(
    session: Session, hub: Hub, clock: Clock, custodians: list[Speaker], join: Join
) -> None:
    join(acceptances=1)
    digest = membership.get(session, "North Bank").enrolment_digest
    assert digest is not None

    with pytest.raises(Conflict) as refused:
        feed.receive(
            session,
            hub,
            custodians[0].say(Acceptance(enrolment=b64(digest))),
            sender=Sender.for_custodian(1),
            now=clock(),
        )

    assert refused.value.slug == "already-accepted"


def test_an_acceptance_names_an_enrolment_in_the_feed(
    session: Session, hub: Hub, clock: Clock, custodians: list[Speaker]
) -> None:
    with pytest.raises(Invalid) as refused:
        feed.receive(
            session,
            hub,
            custodians[0].say(Acceptance(enrolment=b64(seed("nothing")))),
            sender=Sender.for_custodian(1),
            now=clock(),
        )

    assert refused.value.field == "statement.body.enrolment"


def test_suspension_and_resumption_are_stated(session: Session, hub: Hub, clock: Clock, join: Join) -> None:
    join()

    assert membership.suspend(session, hub, "North Bank", clock()).state is MemberState.SUSPENDED
    assert membership.resume(session, hub, "North Bank", clock()).state is MemberState.ACTIVE

    assert [signed.statement.document()["body"] for signed in stated(session)[-2:]] == [
        {"type": "suspension", "member": "North Bank"},
        {"type": "resumption", "member": "North Bank"},
    ]


def test_who_was_accepted_while_suspended_is_active_afterwards(
    session: Session, hub: Hub, clock: Clock, custodians: list[Speaker], join: Join
) -> None:
    join(acceptances=1)
    member = membership.suspend(session, hub, "North Bank", clock())
    assert member.enrolment_digest is not None
    signed = custodians[1].say(Acceptance(enrolment=b64(member.enrolment_digest)))
    feed.receive(session, hub, signed, sender=Sender.for_custodian(2), now=clock())

    assert member.state is MemberState.SUSPENDED
    assert membership.resume(session, hub, "North Bank", clock()).state is MemberState.ACTIVE


def test_the_same_application_again_changes_nothing(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    signed = north.say(north.enrolment())
    member = membership.apply(session, hub, signed, clock())
    before = member.enrolment

    assert membership.apply(session, hub, signed, clock.move(minutes=1)) is member
    assert member.enrolment == before
    membership.admit(session, hub, "North Bank", clock())
    assert membership.apply(session, hub, signed, clock()).state is MemberState.ADMITTED


def test_an_application_that_waited_too_long_is_signed_again(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    membership.apply(session, hub, north.say(north.enrolment()), clock())
    clock.move(hours=25)
    with pytest.raises(Conflict) as refused:
        membership.admit(session, hub, "North Bank", clock())
    assert refused.value.slug == "enrolment-too-old"

    membership.apply(session, hub, north.say(north.enrolment()), clock())

    assert membership.admit(session, hub, "North Bank", clock()).state is MemberState.ADMITTED


def test_a_known_name_is_not_taken_over(session: Session, hub: Hub, north: Platform, clock: Clock) -> None:
    membership.apply(session, hub, north.say(north.enrolment()), clock())
    north.portfolio = 1_000_000

    with pytest.raises(Conflict) as refused:
        membership.apply(session, hub, north.say(north.enrolment()), clock())

    assert refused.value.slug == "name-taken"
    assert membership.get(session, "North Bank").declared_portfolio == 100


def test_two_members_do_not_share_a_key(session: Session, hub: Hub, north: Platform, clock: Clock) -> None:
    membership.apply(session, hub, north.say(north.enrolment()), clock())
    thief = platform("South Credit", clock)
    thief.recovery = north.key

    with pytest.raises(Conflict) as refused:
        membership.apply(session, hub, thief.say(thief.enrolment()), clock())

    assert refused.value.slug == "key-taken"


@pytest.mark.parametrize(
    ("field", "spoil"),
    [
        ("statement.author", {"author": "member/South Credit"}),
        ("statement.sequence", {"sequence": 1}),
        ("statement.sequence", {"previous": b64(bytes(32))}),
        ("statement.alliance", {"alliance": "Another"}),
        ("statement.epoch", {"epoch": 9}),
        ("statement.signed_at", {"signed_at": "2026-11-03T18:00:00Z"}),
        ("statement.body.type", {"body": Suspension(member="North Bank")}),
        ("signature", {"signed_at": "2026-11-01T18:00:01Z"}),
    ],
)
def test_what_is_no_sound_application_is_refused(
    session: Session, hub: Hub, north: Platform, clock: Clock, field: str, spoil: dict[str, object]
) -> None:
    signed = north.say(north.enrolment())
    spoilt = msgspec.structs.replace(signed, statement=msgspec.structs.replace(signed.statement, **spoil))

    with pytest.raises(Invalid) as refused:
        membership.apply(session, hub, spoilt, clock())

    assert refused.value.field == field


def test_a_name_in_decomposed_letters_is_refused(session: Session, hub: Hub, clock: Clock) -> None:
    decomposed = platform("Cafe\u0301 Credit", clock)

    with pytest.raises(Invalid) as refused:
        membership.apply(session, hub, decomposed.say(decomposed.enrolment()), clock())

    assert refused.value.field == "statement.body.member"


def test_one_key_is_not_both_signing_and_recovery(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    north.recovery = north.key

    with pytest.raises(Invalid) as refused:
        membership.apply(session, hub, north.say(north.enrolment()), clock())

    assert refused.value.field == "statement.body.recovery"


def test_members_are_found_by_the_key_in_force(session: Session, join: Join) -> None:
    north = join("北辰小贷")

    for find, key in (
        (membership.find_by_key_id, north.key),
        (membership.find_by_recovery_key_id, north.recovery),
    ):
        found = find(session, key_id(key.public))
        assert found is not None
        assert found.name == "北辰小贷"
    assert membership.find_by_key_id(session, key_id(north.recovery.public)) is None


def test_a_refused_application_frees_its_name(
    session: Session, hub: Hub, north: Platform, clock: Clock
) -> None:
    squatter = platform("Squatter", clock)
    squatter.name, squatter.author = north.name, north.author
    membership.apply(session, hub, squatter.say(squatter.enrolment()), clock())

    membership.refuse(session, "North Bank", clock())

    membership.apply(session, hub, north.say(north.enrolment()), clock())
    member = membership.admit(session, hub, "North Bank", clock())
    assert member.signing == north.key.public
    kinds = session.scalars(select(LogRow.kind).order_by(LogRow.id)).all()
    assert kinds == ["application", "application_refused", "application", "statement"]


def test_an_enrolment_in_the_feed_is_not_forgotten(session: Session, clock: Clock, join: Join) -> None:
    join()

    with pytest.raises(Conflict, match="suspend it instead"):
        membership.refuse(session, "North Bank", clock())


Act = Callable[[Session, Hub, str, object], object]


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (membership.admit, MemberState.ACTIVE),
        (membership.resume, MemberState.ACTIVE),
        (membership.suspend, MemberState.APPLIED),
        (membership.suspend, MemberState.SUSPENDED),
        (membership.admit, MemberState.SUSPENDED),
    ],
)
def test_acts_that_do_not_fit_the_state_say_so(
    session: Session, hub: Hub, north: Platform, clock: Clock, join: Join, act: Act, state: MemberState
) -> None:
    if state is MemberState.APPLIED:
        membership.apply(session, hub, north.say(north.enrolment()), clock())
    else:
        join()
    if state is MemberState.SUSPENDED:
        membership.suspend(session, hub, "North Bank", clock())
    position = feed.head(session).position

    with pytest.raises(Conflict, match=f"the member is {state}"):
        act(session, hub, "North Bank", clock())

    assert feed.head(session).position == position


@pytest.mark.parametrize("act", [membership.admit, membership.suspend, membership.resume])
def test_nobody_acts_upon_a_stranger(session: Session, hub: Hub, clock: Clock, act: Act) -> None:
    with pytest.raises(NotFound):
        act(session, hub, "Nobody", clock())


def test_of_two_who_take_a_name_at_once_one_has_it(
    either_database: Database, hub_on: Callable[[Database], Hub], clock: Clock
) -> None:
    hub = hub_on(either_database)
    first, second = platform("North Bank", clock), platform("North Bank", clock)
    second.key, second.recovery = platform("Other", clock).key, platform("Other", clock).recovery

    def take(applicant: Platform) -> str:
        try:
            with hub.database.transaction() as session:
                membership.apply(session, hub, applicant.say(applicant.enrolment()), clock())
        except HubError as error:
            return error.slug
        return "kept"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(take, (first, second)))

    assert outcomes == ["kept", "name-taken"]


@pytest.mark.parametrize(
    ("acceptances", "suspended", "state"),
    [
        (0, False, MemberState.ADMITTED),
        (1, False, MemberState.ADMITTED),
        (2, False, MemberState.ACTIVE),
        (3, False, MemberState.ACTIVE),
        (3, True, MemberState.SUSPENDED),
        (0, True, MemberState.SUSPENDED),
    ],
)
def test_the_state_follows_from_who_accepted(acceptances: int, suspended: bool, state: MemberState) -> None:
    assert state_after(acceptances=acceptances, threshold=2, suspended=suspended) is state

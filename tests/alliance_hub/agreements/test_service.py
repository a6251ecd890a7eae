"""How an agreement is offered, signed and stated; and what is decided by it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.rules import AgreementState
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64
from privacy.messages import parse
from privacy.statements import Agreement, SignedStatement, verify_statement, verify_terms
from privacy.terms import Terms, sign_terms
from privacy.vocabulary import Category
from tests.alliance_hub.builders import Clock, Platform, offer, platform, terms_for
from tests.alliance_hub.conftest import Join


@pytest.fixture
def north(join: Join) -> Platform:
    return join()


def sign(session: Session, hub: Hub, clock: Clock, signer: Platform, terms: Terms) -> None:
    member = membership.get(session, terms.member)
    signature = sign_terms(signer.key, terms)
    agreements.sign(session, hub, member, terms.agreement, terms.version, signature, clock())


def states(session: Session, clock: Clock) -> list[tuple[int, AgreementState]]:
    member = membership.get(session, "North Bank")
    return [(view.terms.version, view.state) for view in agreements.list_for(session, member, at=clock())]


def test_an_agreement_is_offered_then_signed_then_stated(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    assert states(session, clock) == [(1, AgreementState.OFFERED)]

    sign(session, hub, clock, north, terms)

    assert states(session, clock) == [(1, AgreementState.ACTIVE)]
    *_, last = feed.stream_after(session, 0, 100)
    stated = parse(SignedStatement, json.loads(last)["entry"]["statement"])
    verify_statement(stated, hub.key_set.secretariat_key)
    assert isinstance(stated.statement.body, Agreement)
    assert stated.statement.body.terms == terms
    verify_terms(north.key.public, stated.statement.body)


def test_offer_and_signature_are_logged_by_digest(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    sign(session, hub, clock, north, terms)

    rows = session.scalars(select(LogRow).where(LogRow.kind.startswith("agreement_")).order_by(LogRow.id))
    entries = [json.loads(row.entry or b"") for row in rows]
    assert [entry["kind"] for entry in entries] == [
        "agreement_offered",
        "agreement_signed",
        "agreement_activated",
    ]
    assert {entry["terms"] for entry in entries} == {b64(terms.sha256())}


def test_the_same_signature_again_states_nothing_twice(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    sign(session, hub, clock, north, terms)
    position = feed.head(session).position

    sign(session, hub, clock, north, terms)

    assert feed.head(session).position == position


def test_another_members_signature_under_the_terms_is_refused(
    session: Session, hub: Hub, clock: Clock, north: Platform, join: Join
) -> None:
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())

    with pytest.raises(Invalid) as refused:
        sign(session, hub, clock, join("South Credit"), terms)

    assert refused.value.field == "signature"


def test_a_signature_under_other_terms_is_refused(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    offer(session, hub, terms_for("North Bank", clock(), min_contributors=5), clock())

    with pytest.raises(Invalid):
        sign(session, hub, clock, north, terms_for("North Bank", clock()))


def test_anothers_offer_is_not_there(
    session: Session, hub: Hub, clock: Clock, north: Platform, join: Join
) -> None:
    south = join("South Credit")
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    member = membership.get(session, "South Credit")

    with pytest.raises(NotFound):
        agreements.sign(session, hub, member, "data-0001", 1, sign_terms(south.key, terms), clock())
    with pytest.raises(NotFound):
        agreements.sign(session, hub, member, "data-0001", 7, sign_terms(south.key, terms), clock())


def test_an_applicant_is_offered_nothing_and_signs_nothing(session: Session, hub: Hub, clock: Clock) -> None:
    west = platform("West Credit", clock)
    membership.apply(session, hub, west.say(west.enrolment()), clock())
    terms = terms_for("West Credit", clock())

    with pytest.raises(Conflict, match="members admit"):
        offer(session, hub, terms, clock())
    with pytest.raises(Forbidden):
        sign(session, hub, clock, west, terms)


def test_a_signed_amendment_replaces_the_old_version(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    first, second = terms_for("North Bank", clock()), terms_for("North Bank", clock(), version=2)
    for terms in (first, second):
        offer(session, hub, terms, clock())
        sign(session, hub, clock, north, terms)

    assert states(session, clock) == [(1, AgreementState.ENDED), (2, AgreementState.ACTIVE)]


def test_an_old_offer_cannot_be_signed_after_its_successor(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    first, second = terms_for("North Bank", clock()), terms_for("North Bank", clock(), version=2)
    for terms in (first, second):
        offer(session, hub, terms, clock())
    sign(session, hub, clock, north, second)

    with pytest.raises(Conflict, match="new offer"):
        sign(session, hub, clock, north, first)


def test_an_expired_offer_cannot_be_signed(session: Session, hub: Hub, clock: Clock, north: Platform) -> None:
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    clock.move(days=366)

    with pytest.raises(Conflict):
        sign(session, hub, clock, north, terms)


def test_an_offer_may_not_lower_the_key_sets_policy_or_repeat_a_version(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())

    with pytest.raises(Invalid) as refused:
        offer(session, hub, terms, clock())

    assert refused.value.field == "terms.version"


def test_an_agreement_stays_with_its_member(
    session: Session, hub: Hub, clock: Clock, north: Platform, join: Join
) -> None:
    join("South Credit")
    offer(session, hub, terms_for("North Bank", clock()), clock())

    with pytest.raises(Conflict):
        offer(session, hub, terms_for("South Credit", clock(), version=2), clock())
    with pytest.raises(NotFound):
        offer(session, hub, terms_for("Nobody", clock(), agreement="data-0002"), clock())


def test_names_of_further_agreements_are_free(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    assert agreements.next_name(session) == "data-0001"
    offer(session, hub, terms_for("North Bank", clock(), agreement="data-0002"), clock())
    assert agreements.next_name(session) == "data-0003"


def test_decisions_follow_the_signed_terms(
    session: Session, hub: Hub, clock: Clock, north: Platform, join: Join
) -> None:
    join("South Credit")
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    member, other = membership.get(session, "North Bank"), membership.get(session, "South Credit")

    def clause(who: object, purpose: str = "post_loan_management") -> tuple[bool, str]:
        found = agreements.decide(
            session,
            hub,
            who,  # type: ignore[arg-type]
            agreement="data-0001",
            purpose=purpose,
            categories=(Category.EXPOSURE,),
            subjects=1,
            at=clock(),
        )[Category.EXPOSURE]
        return found.allowed, found.clause

    assert clause(member) == (False, "parties")
    sign(session, hub, clock, north, terms)
    assert clause(member) == (True, "purposes.post_loan_management")
    assert clause(member, "litigation") == (False, "purposes")
    assert clause(other) == (False, "parties")


def test_a_requirement_that_is_not_met_names_agreement_version_and_clause(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    sign(session, hub, clock, north, terms)
    member = membership.get(session, "North Bank")

    with pytest.raises(Forbidden) as refused:
        agreements.require(
            session,
            hub,
            member,
            agreement="data-0001",
            purpose="marketing",
            category=Category.EXPOSURE,
            at=clock(),
        )

    assert refused.value.extra == {"agreement": "data-0001", "version": 1, "clause": "refused_purposes"}


def test_who_has_no_agreement_in_force_hands_in_nothing(
    session: Session, hub: Hub, clock: Clock, north: Platform
) -> None:
    member = membership.get(session, "North Bank")
    terms = terms_for("North Bank", clock())
    offer(session, hub, terms, clock())
    with pytest.raises(Forbidden) as refused:
        agreements.require_in_force(session, member, at=clock())
    assert refused.value.slug == "no-agreement"

    sign(session, hub, clock, north, terms)
    agreements.require_in_force(session, member, at=clock())

    with pytest.raises(Forbidden):
        agreements.require_in_force(session, member, at=clock.move(days=366))

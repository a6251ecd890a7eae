"""An application from its first line to its decision, and who may do what with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExceeded
from alliance_hub.hub import Hub
from alliance_hub.membership import acts, applications, applying, files, reviewing, service
from alliance_hub.membership.applying import InvalidFacts, read_application
from alliance_hub.membership.checklist import Item
from alliance_hub.membership.models import Member
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ApplicationState
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import Organisation
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.transparency.models import LogRow
from privacy.periods import day_of
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.membership.conftest import Applicant, Apply, enter_officer
from tests.alliance_hub.membership.firms import card_text, facts, uscc

Reviewed = Callable[[Applicant], int]


def kinds(session: Session, object: str) -> list[str]:
    return list(session.scalars(select(LogRow.kind).where(LogRow.object == object).order_by(LogRow.id)))


def test_an_application_is_followed_by_its_link_alone(session: Session, applies: Apply) -> None:
    south = applies()

    assert applications.get_by_secret(session, south.secret) is south.application
    assert south.secret.encode() not in south.application.reference
    with pytest.raises(NotFound):
        applications.get_by_secret(session, south.secret[:-1])


def test_no_entry_names_people_or_codes(session: Session, applies: Apply, reviewed: Reviewed) -> None:
    id = reviewed(applies())

    entries = session.scalars(select(LogRow.entry)).all()
    told = b"".join(entry for entry in entries if entry is not None).decode()
    assert f"application/{id}" in told
    for secret in (uscc(1), "8613800000000", "zhang@example.com", "张伟"):
        assert secret not in told


def test_a_name_is_asked_for_once(session: Session, applies: Apply) -> None:
    applies()

    with pytest.raises(InvalidFacts) as refused:
        applies(number=2)
    assert refused.value.faults == {"card": applications.UNDER_WAY_ALREADY}


def test_a_members_name_is_taken(session: Session, hub: Hub, clock: Clock, applies: Apply) -> None:
    applications.withdraw(session, applies().application, clock())
    service.admit(session, hub, "南山", clock())

    with pytest.raises(InvalidFacts) as refused:
        applies(enrols=False)
    assert refused.value.faults == {"card": applications.TAKEN}


def test_two_officers_admit_what_is_ready(
    session: Session, hub: Hub, clock: Clock, applies: Apply, reviewed: Reviewed, wang: Actor, li: Actor
) -> None:
    south = applies()
    id = reviewed(south)

    proposal = acts.propose_admission(session, hub, wang, id, reason="complete", now=clock())
    with pytest.raises(Forbidden):
        approvals.approve(session, hub, wang, proposal.id, clock())
    approvals.approve(session, hub, li, proposal.id, clock())

    assert service.get(session, "南山").state is MemberState.ADMITTED
    assert south.application.state is ApplicationState.ADMITTED
    profile = files.require_file(session, "南山")
    assert (profile.application, profile.uscc, profile.declared_portfolio) == (id, uscc(1), 2_000)
    organisation = session.get_one(Organisation, "南山")
    assert (organisation.kind, organisation.uscc) == (OrganisationKind.MEMBER, uscc(1))
    assert "member_admitted" in kinds(session, "member/南山")


def test_nothing_is_admitted_with_an_open_item(
    session: Session, hub: Hub, clock: Clock, applies: Apply, wang: Actor
) -> None:
    id = applies().application.id
    reviewing.begin(session, wang, id, clock())

    with pytest.raises(Conflict) as refused:
        reviewing.finish(session, wang, id, clock())
    assert refused.value.slug == "checklist"


def test_an_enrolment_that_grew_old_is_signed_again(
    session: Session, hub: Hub, clock: Clock, applies: Apply, reviewed: Reviewed, wang: Actor, li: Actor
) -> None:
    south = applies()
    proposal = acts.propose_admission(session, hub, wang, reviewed(south), reason="complete", now=clock())
    clock.move(hours=25)

    with pytest.raises(Conflict, match="enrolment_fresh"), session.begin_nested():
        approvals.approve(session, hub, li, proposal.id, clock())
    service.apply(session, hub, south.firm.say(south.firm.enrolment()), clock())
    approvals.approve(session, hub, li, proposal.id, clock())

    assert service.get(session, "南山").state is MemberState.ADMITTED


def test_a_tick_that_is_taken_back_makes_it_unready(
    session: Session, clock: Clock, applies: Apply, reviewed: Reviewed, wang: Actor
) -> None:
    id = reviewed(applies())

    application = reviewing.untick(session, wang, id, str(Item.DOCUMENTS), clock())

    assert application.state is ApplicationState.IN_REVIEW
    assert str(Item.DOCUMENTS) not in {tick.item for tick in application.ticks}


def test_only_manual_items_are_ticked_and_only_in_review(
    session: Session, clock: Clock, applies: Apply, wang: Actor
) -> None:
    id = applies().application.id

    with pytest.raises(Conflict):
        reviewing.tick(session, wang, id, str(Item.DOCUMENTS), "", clock())
    reviewing.begin(session, wang, id, clock())
    with pytest.raises(Invalid):
        reviewing.tick(session, wang, id, str(Item.USCC_FREE), "", clock())


def test_what_is_returned_is_corrected_and_looked_at_anew(
    session: Session, clock: Clock, applies: Apply, reviewed: Reviewed, wang: Actor
) -> None:
    south = applies()
    reviewing.give_back(session, wang, reviewed(south), "the licence is illegible", clock())
    raw = {**facts(1, licence_number="京金融〔2025〕9号"), "card": card_text(south.firm)}

    applications.amend(session, south.application, *read_application(raw, day_of(clock())), clock())

    assert south.application.state is ApplicationState.RECEIVED
    assert south.application.licence_number == "京金融〔2025〕9号"
    assert south.application.ticks == []
    with pytest.raises(Conflict):
        applications.amend(session, south.application, *read_application(raw, day_of(clock())), clock())


def test_another_card_does_not_take_an_application_over(
    session: Session, clock: Clock, applies: Apply, reviewed: Reviewed, wang: Actor
) -> None:
    south, east = applies(), applies("东桥", 2)
    reviewing.give_back(session, wang, reviewed(south), "correct it", clock())
    raw = {**facts(1), "card": card_text(east.firm)}

    with pytest.raises(InvalidFacts) as refused:
        applications.amend(session, south.application, *read_application(raw, day_of(clock())), clock())
    assert refused.value.faults == {"card": applications.OTHER_NAME}


def test_a_refused_application_leaves_name_and_people_free(
    session: Session, clock: Clock, applies: Apply, wang: Actor
) -> None:
    south = applies()
    reviewing.refuse(session, wang, south.application.id, "no licence", clock())

    assert (south.application.state, south.application.contacts) == (ApplicationState.REFUSED, [])
    assert session.get(Member, "南山") is None
    assert applies(number=2).application.id != south.application.id


def test_a_withdrawn_application_forgets_its_people(session: Session, clock: Clock, applies: Apply) -> None:
    south = applies()
    applications.withdraw(session, south.application, clock())

    assert south.application.contacts == []
    with pytest.raises(Conflict):
        applications.withdraw(session, south.application, clock())


def test_whoever_reviews_nothing_else_reviews_no_application(
    session: Session, clock: Clock, applies: Apply
) -> None:
    reader = enter_officer(session, "A001", Role.AGREEMENT_OFFICER, now=clock())

    with pytest.raises(Forbidden):
        reviewing.begin(session, reader, applies().application.id, clock())


def test_a_network_applies_ten_times_an_hour(session: Session, hub: Hub, clock: Clock) -> None:
    for _ in range(10):
        applications.count_source(session, hub, "192.0.2.1", clock())

    with pytest.raises(QuotaExceeded) as refused:
        applications.count_source(session, hub, "192.0.2.1", clock())
    assert refused.value.retry_at == clock() + timedelta(hours=1)
    applications.count_source(session, hub, "192.0.2.2", clock())
    clock.move(hours=1)
    applications.count_source(session, hub, "192.0.2.1", clock())


def test_a_members_file_changes_what_the_register_says_and_not_the_feed(
    session: Session, hub: Hub, clock: Clock, applies: Apply, reviewed: Reviewed, wang: Actor, li: Actor
) -> None:
    id = reviewed(applies())
    proposal = acts.propose_admission(session, hub, wang, id, reason="complete", now=clock())
    approvals.approve(session, hub, li, proposal.id, clock())
    said = applying.read_firm(facts(1, declared_portfolio="9000"), None)

    files.change(session, wang, "南山", said, clock())

    assert files.require_file(session, "南山").declared_portfolio == 9_000
    assert service.get(session, "南山").declared_portfolio == 100
    entry = session.scalars(select(LogRow.entry).where(LogRow.kind == "member_file_changed")).one()
    assert json.loads(entry or b"")["fields"] == ["declared_portfolio"]

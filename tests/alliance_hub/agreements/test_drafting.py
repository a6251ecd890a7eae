"""From a draft to the feed and to its end: each side's part, and what each may not do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.agreements.service import AgreementQuery, AgreementState
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind
from alliance_hub.clocks import service as clocks
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.people.roles import Role
from alliance_hub.permissions import Sender
from alliance_hub.settings import load_settings
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, instant_text
from privacy.signing import SigningKey
from privacy.statements import Rotation
from privacy.vocabulary import Category
from tests.alliance_hub.agreements.conftest import FACTS, Desk
from tests.alliance_hub.builders import Clock, Platform, seed, terms_for
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.hiring import hire
from tests.terms import TEXT

S = AgreementState


def state(desk: Desk, row: AgreementRow) -> AgreementState:
    return agreements.get_version(desk.session, row.agreement, row.version, at=desk.clock()).state


def logged(session: Session) -> list[tuple[str, str | None]]:
    found = (
        select(LogRow.kind, LogRow.actor).where(LogRow.object == "agreement/data-0001").order_by(LogRow.id)
    )
    return [(kind, actor) for kind, actor in session.execute(found)]


def test_an_agreement_takes_effect_through_three_hands(desk: Desk, north: Platform) -> None:
    row = desk.drafts()
    assert (row.agreement, row.version, state(desk, row)) == ("data-0001", 1, S.DRAFT)
    desk.offers(row)
    assert state(desk, row) is S.OFFERED
    position = feed.head(desk.session).position
    desk.signs(north, row)
    assert state(desk, row) is S.SIGNED
    assert feed.head(desk.session).position == position

    desk.decides(Kind.ACTIVATION, row)

    assert state(desk, row) is S.ACTIVE
    assert row.position == feed.head(desk.session).position == position + 1
    assert [kind for kind, _ in logged(desk.session)] == [
        "agreement_drafted",
        "agreement_sent_to_review",
        "agreement_reviewed",
        "agreement_offered",
        "agreement_signed",
        "proposal_made",
        "proposal_approved",
        "agreement_activated",
    ]
    who = dict(logged(desk.session))
    assert who["agreement_signed"] == "member/North Bank"
    assert who["agreement_reviewed"] == who["agreement_activated"] == "association/0002"
    sides = agreements.signatures(desk.session, desk.hub, row)
    assert [each.side for each in sides] == ["member", "secretariat"]
    assert all(each.key_id for each in sides)


def test_the_text_is_made_from_the_terms_and_named_by_them(desk: Desk, north: Platform) -> None:
    row = desk.drafts(dispute_days=7)

    assert "7 日内核查处理" in row.text
    assert "测试小额贷款有限公司" in row.text
    assert "${" not in row.text
    assert row.terms.text == b64(hashlib.sha256(row.text.encode()).digest())


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        (
            "terms.member_party.uscc",
            {"member_party": {**FACTS["member_party"], "uscc": "91000000MA00000001"}},
        ),
        ("terms.member_party.licence", {"member_party": {**FACTS["member_party"], "licence": ""}}),
        ("terms.roles.matching", {"roles": {**FACTS["roles"], "matching": "owner"}}),
        ("terms.purposes[0]", {"purposes": ["marketing"]}),
        ("terms.receives", {"receives": ["reachability"]}),
        ("terms.exit_days", {"exit_days": 31}),
        ("terms.retention_days", {"retention_days": 1_826}),
        ("terms.dispute_days", {"dispute_days": 21}),
        ("terms.min_contributors", {"min_contributors": 1}),
        ("terms.version", {"version": 2}),
        ("terms.valid_until", {"valid_until": "2020-01-01T00:00:00Z"}),
        ("terms", {"categories": ["exposure"]}),
        ("wording", {"wording": "协议 ${price}"}),
        ("wording", {"wording": "协议 $"}),
        ("wording", {"wording": "  "}),
    ],
)
def test_what_is_wrong_in_a_draft_is_named_by_its_field(
    desk: Desk, north: Platform, field: str, changes: dict[str, Any]
) -> None:
    words = changes.pop("wording", None) if "wording" in changes else None
    with pytest.raises(Invalid) as refused:
        agreements.draft(desk.session, desk.hub, desk.anne, FACTS | changes, wording=words, now=desk.clock())
    assert refused.value.field == field


def test_what_is_left_out_is_missing(desk: Desk, north: Platform) -> None:
    facts = {name: value for name, value in FACTS.items() if name != "audit_right"}
    with pytest.raises(Invalid) as refused:
        agreements.draft(desk.session, desk.hub, desk.anne, facts, now=desk.clock())
    assert refused.value.field == "terms.audit_right"


def test_terms_come_in_as_json_too(desk: Desk, north: Platform) -> None:
    first = desk.drafts()
    pasted = json.loads(first.terms.canonical()) | {"agreement": "data-0009"}

    row = agreements.draft(
        desk.session, desk.hub, desk.anne, agreements.read_document(json.dumps(pasted)), now=desk.clock()
    )

    assert (row.terms.purposes, row.terms.valid_until) == (first.terms.purposes, first.terms.valid_until)
    for bad in ("{", "[]", '"text"'):
        with pytest.raises(Invalid):
            agreements.read_document(bad)


def test_the_author_reviews_nothing_and_without_review_nothing_is_offered(
    desk: Desk, north: Platform
) -> None:
    row = desk.drafts()
    name = (row.agreement, row.version)
    with pytest.raises(Conflict):
        agreements.offer(desk.session, desk.hub, desk.ben, *name, desk.clock())
    agreements.send_to_review(desk.session, desk.anne, *name, desk.clock())
    with pytest.raises(Forbidden):
        agreements.review(desk.session, desk.anne, *name, desk.clock())
    with pytest.raises(Conflict, match="another officer review"):
        agreements.offer(desk.session, desk.hub, desk.anne, *name, desk.clock())


def test_what_is_given_back_is_revised_and_reviewed_anew(desk: Desk, north: Platform) -> None:
    row = desk.drafts()
    name = (row.agreement, row.version)
    agreements.send_to_review(desk.session, desk.anne, *name, desk.clock())
    agreements.review(desk.session, desk.ben, *name, desk.clock())
    agreements.give_back(desk.session, desk.ben, *name, "the quota is too large", desk.clock())
    assert (row.given_back, row.reviewed_by) == ("the quota is too large", None)
    assert "quota" not in " ".join(str(each) for each in logged(desk.session))

    agreements.revise(desk.session, desk.hub, desk.ben, *name, {"subjects_per_day": 500}, now=desk.clock())

    assert (row.terms.subjects_per_day, row.author) == (500, "association/0002")
    assert "每日查询债务人不超过 500 名" in row.text
    agreements.send_to_review(desk.session, desk.ben, *name, desk.clock())
    with pytest.raises(Forbidden):  # Ben wrote it last
        agreements.review(desk.session, desk.ben, *name, desk.clock())


def test_a_draft_is_not_there_for_its_member(desk: Desk, north: Platform) -> None:
    row = desk.drafts()
    member = membership.get(desk.session, "North Bank")
    assert agreements.list_for(desk.session, member, at=desk.clock()) == []
    with pytest.raises(NotFound):
        agreements.get_own(desk.session, "North Bank", row.agreement, 1, at=desk.clock())
    with pytest.raises(NotFound):
        desk.signs(north, row)
    assert agreements.find_text(desk.session, "North Bank", row.terms.text) is None
    agreements.withdraw(desk.session, desk.anne, row.agreement, 1, desk.clock())
    assert agreements.list_for(desk.session, member, at=desk.clock()) == []


def test_an_offer_that_is_withdrawn_cannot_be_signed(desk: Desk, north: Platform) -> None:
    row = desk.offers(desk.drafts())
    assert agreements.find_text(desk.session, "North Bank", row.terms.text) == row.text
    agreements.withdraw(desk.session, desk.ben, row.agreement, 1, desk.clock())

    with pytest.raises(Conflict):
        desk.signs(north, row)


def test_one_version_is_under_way_at_a_time(desk: Desk, north: Platform) -> None:
    row = desk.drafts()
    with pytest.raises(Conflict, match="version 1 is under way"):
        desk.drafts(agreement=row.agreement)
    agreements.withdraw(desk.session, desk.anne, row.agreement, 1, desk.clock())
    assert desk.drafts(agreement=row.agreement).version == 2


def test_others_than_agreement_officers_write_nothing(desk: Desk, north: Platform, clock: Clock) -> None:
    stranger = hire(desk.session, clock, "0003", Role.MEMBERSHIP_OFFICER)
    with pytest.raises(Forbidden):
        agreements.draft(desk.session, desk.hub, stranger, FACTS, now=clock())
    row = desk.drafts()
    for act in (agreements.send_to_review, agreements.review, agreements.withdraw):
        with pytest.raises(Forbidden):
            act(desk.session, stranger, row.agreement, 1, clock())
    with pytest.raises(Forbidden):
        agreements.terminate(desk.session, stranger, row.agreement, clock())


def test_outside_the_synthetic_mode_nothing_takes_one_step(desk: Desk, hub: Hub, north: Platform) -> None:
    real = load_settings(hub.settings.home, regulatory_mode="post_loan_match", opinion_digest="00")
    elsewhere = replace(hub, settings=real)
    terms = terms_for("North Bank", desk.clock())

    with pytest.raises(Forbidden, match="needs two officers: use the console"):
        agreements.offer_made_up(desk.session, elsewhere, terms, TEXT, desk.clock())
    agreements.offer_made_up(desk.session, hub, terms, TEXT, desk.clock(), activates_itself=True)
    with pytest.raises(Forbidden, match="needs two officers"):
        Desk(desk.session, elsewhere, desk.clock, desk.anne, desk.ben).signs(
            north, agreements_row(desk, terms.agreement)
        )


# Activation


def test_nobody_activates_what_it_proposed(desk: Desk, north: Platform) -> None:
    row = desk.signs(north, desk.offers(desk.drafts()))
    proposal = desk.proposes(Kind.ACTIVATION, row)
    with pytest.raises(Forbidden):
        approvals.approve(desk.session, desk.hub, desk.anne, proposal, desk.clock())
    assert state(desk, row) is S.SIGNED


def test_what_is_not_signed_is_not_proposed(desk: Desk, north: Platform) -> None:
    with pytest.raises(Conflict):
        desk.proposes(Kind.ACTIVATION, desk.offers(desk.drafts()))


def test_a_signature_by_a_key_since_replaced_is_asked_for_again(
    desk: Desk, hub: Hub, north: Platform, clock: Clock
) -> None:
    row = desk.signs(north, desk.offers(desk.drafts()))
    proposal = desk.proposes(Kind.ACTIVATION, row)
    fresh = SigningKey(seed("fresh"))
    body = Rotation(
        signing=b64(fresh.public), recovery=b64(north.recovery.public), sealing=b64(north.sealing.public)
    )
    sender = feed_sender(desk, north)
    feed.receive(desk.session, hub, north.said(north.say(body)), sender=sender, now=clock())
    with pytest.raises(Conflict, match="let it sign again"), desk.session.begin_nested():
        approvals.approve(desk.session, hub, desk.ben, proposal, clock())

    north.key = fresh
    desk.signs(north, row)
    approvals.approve(desk.session, hub, desk.ben, proposal, clock())

    assert state(desk, row) is S.ACTIVE


def agreements_row(desk: Desk, agreement: str) -> AgreementRow:
    return desk.session.get_one(AgreementRow, (agreement, 1))


def feed_sender(desk: Desk, member: Platform) -> Any:
    return Sender.for_member(member.name, membership.get(desk.session, member.name).state)


# Out of effect


def allowed(desk: Desk, agreement: str = "data-0001") -> tuple[bool, str]:
    member = membership.get(desk.session, "North Bank")
    (found,) = agreements.decide(
        desk.session,
        desk.hub,
        member,
        agreement=agreement,
        purpose="post_loan_management",
        categories=(Category.EXPOSURE,),
        subjects=1,
        at=desk.clock(),
    ).values()
    return found.allowed, found.clause


def test_a_suspended_agreement_denies_until_it_is_resumed(desk: Desk, north: Platform) -> None:
    row = desk.activates(north)
    assert allowed(desk) == (True, "purposes.post_loan_management")
    desk.decides(Kind.AGREEMENT_SUSPENSION, row)
    member = membership.get(desk.session, "North Bank")
    assert (allowed(desk), state(desk, row)) == ((False, "state"), S.SUSPENDED)
    with pytest.raises(Forbidden):
        agreements.require_in_force(desk.session, member, at=desk.clock())

    desk.decides(Kind.AGREEMENT_RESUMPTION, row)

    assert (allowed(desk)[0], state(desk, row)) == (True, S.ACTIVE)
    agreements.require_in_force(desk.session, member, at=desk.clock())


def test_notice_runs_to_its_last_second(desk: Desk, north: Platform, clock: Clock) -> None:
    row = desk.activates(north)
    clock.move(days=10)
    (given,) = agreements.terminate(desk.session, desk.anne, row.agreement, clock())
    assert (given.terminated_by, given.ends_at) == ("association/0001", clock() + timedelta(days=30))
    assert (allowed(desk)[0], state(desk, row)) == (True, S.TERMINATING)
    with pytest.raises(Conflict, match="notice"):
        agreements.terminate(desk.session, desk.ben, row.agreement, clock())

    clock.move(days=30, seconds=-1)
    assert allowed(desk)[0]
    clock.move(seconds=1)
    assert (allowed(desk), state(desk, row)) == ((False, "state"), S.ENDED)


def test_a_member_gives_notice_of_its_own_agreement_alone(
    desk: Desk, north: Platform, join: Join, clock: Clock
) -> None:
    row = desk.activates(north)
    south = membership.get(desk.session, join("South Credit").name)
    with pytest.raises(NotFound):
        agreements.terminate_own(desk.session, south, row.agreement, clock())

    own = membership.get(desk.session, "North Bank")
    (given,) = agreements.terminate_own(desk.session, own, row.agreement, clock())

    assert given.terminated_by == "member/North Bank"
    assert logged(desk.session)[-1] == ("agreement_terminated", "member/North Bank")


def test_notice_takes_back_what_is_under_way(desk: Desk, north: Platform) -> None:
    row = desk.activates(north)
    second = desk.offers(
        agreements.amend(
            desk.session, desk.hub, desk.anne, row.agreement, {"dispute_days": 10}, now=desk.clock()
        )
    )
    agreements.terminate(desk.session, desk.anne, row.agreement, desk.clock())
    assert state(desk, second) is S.ENDED


def test_a_suspended_agreement_under_notice_stays_suspended(desk: Desk, north: Platform) -> None:
    row = desk.activates(north)
    desk.decides(Kind.AGREEMENT_SUSPENSION, row)
    agreements.terminate(desk.session, desk.anne, row.agreement, desk.clock())
    assert (state(desk, row), allowed(desk)) == (S.SUSPENDED, (False, "state"))
    desk.decides(Kind.AGREEMENT_RESUMPTION, row)
    assert (state(desk, row), allowed(desk)[0]) == (S.TERMINATING, True)


def test_a_members_agreements_end_when_it_leaves(desk: Desk, north: Platform) -> None:
    active, offered = desk.activates(north), desk.offers(desk.drafts())
    agreements.end_all(desk.session, desk.anne, "North Bank", desk.clock())
    assert (state(desk, active), state(desk, offered)) == (S.ENDED, S.ENDED)
    assert allowed(desk) == (False, "state")


# The register and the clocks


def test_the_register_finds_by_state_member_purpose_and_end(
    desk: Desk, north: Platform, join: Join, clock: Clock
) -> None:
    south = join("South Credit")
    first = desk.activates(north)
    second = desk.activates(
        south, purposes=["skip_trace"], valid_until=instant_text(clock() + timedelta(days=20))
    )
    third = desk.drafts()

    def found(**query: Any) -> list[str]:
        page = agreements.list_all(
            desk.session, AgreementQuery(sort="agreement", descending=False, **query), at=clock()
        )
        assert page.total == len(page.versions)
        return [view.terms.agreement for view in page.versions]

    names = [first.agreement, second.agreement, third.agreement]
    assert found() == names
    assert found(state=S.ACTIVE) == names[:2]
    assert found(state=S.DRAFT) == names[2:]
    assert found(member="South Credit") == names[1:2]
    assert found(purpose="skip_trace") == names[1:2]
    assert found(expiring_before=clock() + timedelta(days=30)) == names[1:2]
    assert (found(text="south"), found(text="%")) == (names[1:2], [])
    clock.move(days=20)
    assert found(state=S.ENDED) == names[1:2]
    counts = agreements.count_states(desk.session, at=clock())
    assert (counts[S.ACTIVE], counts[S.ENDED], counts[S.DRAFT]) == (1, 1, 1)


def test_a_page_of_the_register_knows_how_many_there_are(desk: Desk, north: Platform) -> None:
    for _ in range(3):
        desk.drafts()
    page = agreements.list_all(desk.session, AgreementQuery(limit=2, offset=2), at=desk.clock())
    assert (len(page.versions), page.total) == (1, 3)


def test_what_runs_out_is_among_the_clocks(desk: Desk, north: Platform, clock: Clock) -> None:
    row = desk.activates(north)
    clock.move(days=340)
    now, soon = clock(), clock() + timedelta(days=30)
    (expiring,) = clocks.list_clocks(desk.session, now=now, until=soon)
    assert (expiring.kind, expiring.object, expiring.due_at) == (
        "agreement_expires",
        "agreement/data-0001",
        row.ends_at,
    )
    agreements.terminate(desk.session, desk.anne, row.agreement, now)
    (terminating,) = clocks.list_clocks(desk.session, now=now, until=soon)
    assert terminating.kind == "agreement_terminates"
    assert clocks.list_clocks(desk.session, now=soon, until=clock.move(days=365)) == []


def test_an_agreement_that_goes_on_in_a_later_version_does_not_run_out(
    desk: Desk, north: Platform, clock: Clock
) -> None:
    row = desk.activates(north)
    longer = {"valid_until": instant_text(clock() + timedelta(days=800))}
    second = agreements.amend(desk.session, desk.hub, desk.anne, row.agreement, longer, now=clock())
    desk.signs(north, desk.offers(second))
    desk.decides(Kind.ACTIVATION, second)
    assert (state(desk, row), state(desk, second)) == (S.ENDED, S.ACTIVE)
    clock.move(days=360)
    assert clocks.list_clocks(desk.session, now=clock(), until=clock.move(days=10)) == []

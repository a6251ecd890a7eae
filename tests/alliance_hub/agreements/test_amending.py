"""Amendments: what changes is readable, many members get theirs, and one that fails stops no other."""

from __future__ import annotations

import pytest

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementState, LineKind, Step
from alliance_hub.approvals.models import Kind
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.people.roles import Role
from tests.alliance_hub.agreements.conftest import FACTS, Desk
from tests.alliance_hub.builders import Clock, Platform
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.hiring import hire

S = AgreementState


def test_an_amendment_is_the_next_version_and_says_what_changes(
    desk: Desk, north: Platform, clock: Clock
) -> None:
    first = desk.activates(north)
    clock.move(days=3)
    changes = {"dispute_days": 10, "purposes": ["post_loan_management", "litigation"]}

    second = agreements.amend(desk.session, desk.hub, desk.ben, first.agreement, changes, now=clock())

    assert (second.version, second.state, second.author) == (2, S.DRAFT, "association/0002")
    found = agreements.diff(desk.session, first.agreement, 1, 2)
    assert [(each.clause, each.before, each.after) for each in found.changes] == [
        ("purposes", ("post_loan_management",), ("post_loan_management", "litigation")),
        ("dispute_days", 20, 10),
        ("valid_from", "2026-11-01T18:00:00Z", "2026-11-04T18:00:00Z"),
    ]
    added = [line.words for line in found.lines if line.kind is LineKind.ADDED]
    assert any("10 日内核查处理" in line for line in added)
    assert any("贷后管理、诉讼" in line for line in added)
    assert agreements.diff(desk.session, first.agreement, 1, 1).lines == ()


def test_the_old_version_holds_until_the_new_one_begins_and_stays_readable(
    desk: Desk, north: Platform, clock: Clock
) -> None:
    first = desk.activates(north)
    second = agreements.amend(
        desk.session,
        desk.hub,
        desk.anne,
        first.agreement,
        {"valid_from": "2026-11-20T16:00:00Z"},
        now=clock(),
        wording=first.wording + "\n补充条款\n",
    )
    desk.signs(north, desk.offers(second))
    desk.decides(Kind.ACTIVATION, second)

    def states() -> list[AgreementState]:
        return [view.state for view in agreements.list_versions(desk.session, first.agreement, at=clock())]

    assert states() == [S.ACTIVE, S.ACTIVE]
    clock.at = first.ends_at
    assert states() == [S.ACTIVE, S.ENDED]
    old = agreements.get_version(desk.session, first.agreement, 1, at=clock())
    assert "补充条款" not in old.text
    assert old.signature


def test_an_amendment_that_changes_nothing_or_nothing_in_effect_is_refused(
    desk: Desk, north: Platform
) -> None:
    row = desk.activates(north)
    with pytest.raises(Invalid, match="nothing would change"), desk.session.begin_nested():
        agreements.amend(
            desk.session, desk.hub, desk.anne, row.agreement, {"dispute_days": 20}, now=desk.clock()
        )
    with pytest.raises(NotFound):
        agreements.amend(desk.session, desk.hub, desk.anne, "data-0099", {}, now=desk.clock())
    assert len(agreements.list_versions(desk.session, row.agreement, at=desk.clock())) == 1


def test_while_a_version_is_suspended_its_successor_waits(desk: Desk, north: Platform) -> None:
    row = desk.activates(north)
    second = agreements.amend(
        desk.session, desk.hub, desk.anne, row.agreement, {"dispute_days": 10}, now=desk.clock()
    )
    desk.signs(north, desk.offers(second))
    desk.decides(Kind.AGREEMENT_SUSPENSION, row)
    with pytest.raises(Conflict, match="an earlier version is suspended"):
        desk.proposes(Kind.ACTIVATION, second)


def test_one_amendment_goes_to_many_and_one_failure_stops_no_other(
    desk: Desk, north: Platform, join: Join, clock: Clock
) -> None:
    south, east, west = (join(name) for name in ("South Credit", "East Loans", "West Finance"))
    desk.activates(north)
    desk.activates(south)
    desk.activates(east, contributes=["exposure"])
    desk.drafts(member=west.name)
    changes = {"receives": ["exposure", "flags"]}

    campaign = agreements.amend_many(
        desk.session,
        desk.hub,
        desk.anne,
        ["North Bank", "South Credit", "East Loans", "West Finance", "North Bank"],
        changes,
        title="Flags for all",
        now=clock(),
    )

    outcomes = {each.member: each for each in campaign.outcomes}
    assert [(name, each.version, each.state) for name, each in outcomes.items()] == [
        ("East Loans", None, None),
        ("North Bank", 2, S.DRAFT),
        ("South Credit", 2, S.DRAFT),
        ("West Finance", None, None),
    ]
    assert "terms.receives: a member receives only" in (outcomes["East Loans"].problem or "")
    assert "0 agreements in effect" in (outcomes["West Finance"].problem or "")
    assert outcomes["North Bank"].problem is None

    def advance(actor: object, step: Step) -> dict[str, tuple[object, object]]:
        found = agreements.advance_many(desk.session, desk.hub, actor, campaign.id, step, clock())  # type: ignore[arg-type]
        return {each.member: (each.state, each.problem) for each in found.outcomes if each.version}

    # What one does alone goes ahead of the others, and is left as it is.
    agreements.send_to_review(desk.session, desk.anne, outcomes["North Bank"].agreement or "", 2, clock())
    assert {state for state, _ in advance(desk.anne, Step.SEND_TO_REVIEW).values()} == {S.REVIEW}
    by_author = advance(desk.anne, Step.REVIEW)
    assert all("another officer" in str(problem) for _, problem in by_author.values())
    assert {problem for _, problem in advance(desk.ben, Step.REVIEW).values()} == {None}
    assert {state for state, _ in advance(desk.anne, Step.OFFER).values()} == {S.OFFERED}
    with pytest.raises(Invalid):
        advance(desk.anne, Step.ACTIVATE)
    assert [each.title for each in agreements.list_campaigns(desk.session)] == ["Flags for all"]


def test_a_template_makes_new_agreements_for_many(
    desk: Desk, north: Platform, join: Join, clock: Clock
) -> None:
    join("South Credit")
    desk.drafts()

    campaign = agreements.amend_many(
        desk.session,
        desk.hub,
        desk.anne,
        ["North Bank", "South Credit"],
        {"dispute_days": 15},
        title="Skip trace",
        template="skip-trace",
        now=clock(),
    )

    done, failed = campaign.outcomes
    assert (done.state, failed.state) == (S.DRAFT, None)
    assert "not known" in (failed.problem or "")
    terms = agreements.get_version(desk.session, done.agreement or "", 1, at=clock()).terms
    assert (terms.purposes, terms.dispute_days) == (("skip_trace",), 15)
    assert terms.member_party.document() == FACTS["member_party"]


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("members", {"members": []}),
        ("title", {"title": " "}),
        ("changes", {"changes": {}}),
    ],
)
def test_a_campaign_says_for_whom_what_and_why(
    desk: Desk, north: Platform, field: str, asked: dict[str, object]
) -> None:
    usual: dict[str, object] = {"members": ["North Bank"], "changes": {"exit_days": 20}, "title": "Exit"}
    facts = usual | asked
    with pytest.raises(Invalid) as refused:
        agreements.amend_many(
            desk.session,
            desk.hub,
            desk.anne,
            facts["members"],  # type: ignore[arg-type]
            facts["changes"],  # type: ignore[arg-type]
            title=str(facts["title"]),
            now=desk.clock(),
        )
    assert refused.value.field == field


def test_every_built_in_template_makes_sound_terms(desk: Desk, north: Platform) -> None:
    sides = {name: FACTS[name] for name in ("member", "association_party", "member_party")}
    built_in = agreements.list_templates(desk.session)
    assert [template.name for template in built_in] == [
        "contributor",
        "flags-and-exposure",
        "skip-trace",
        "usual",
    ]
    for template in built_in:
        row = agreements.draft(
            desk.session,
            desk.hub,
            desk.anne,
            {**sides, **template.clauses},
            wording=template.wording,
            now=desk.clock(),
        )
        assert row.text.startswith("数据共享协议")


def test_officers_keep_templates_of_their_own(desk: Desk, north: Platform) -> None:
    def save(name: str, **clauses: object) -> None:
        agreements.save_template(
            desk.session,
            desk.anne,
            name,
            says="Shorter retention.",
            clauses=clauses,
            wording="数据共享协议 ${retention_days}",
            now=desk.clock(),
        )

    save("short", retention_days=30)
    save("short", retention_days=60)

    saved = agreements.get_template(desk.session, "short")
    assert (saved.clauses, saved.author) == ({"retention_days": 60}, "association/0001")
    with pytest.raises(Conflict):
        save("usual")
    for name, clauses in (("Short!", {}), ("other", {"member": "North Bank"})):
        with pytest.raises(Invalid):
            save(name, **clauses)
    with pytest.raises(NotFound):
        agreements.get_template(desk.session, "none")


def test_nobody_else_amends(desk: Desk, north: Platform) -> None:
    stranger = hire(desk.session, desk.clock, "0009", Role.DISPUTE_OFFICER)
    with pytest.raises(Forbidden):
        agreements.amend_many(
            desk.session, desk.hub, stranger, ["North Bank"], {"exit_days": 3}, title="x", now=desk.clock()
        )


def test_known_sides_begin_a_form(desk: Desk, north: Platform) -> None:
    assert agreements.find_member_party(desk.session, "North Bank") is None
    assert agreements.find_association_party(desk.session) is None
    row = desk.drafts()
    assert agreements.find_member_party(desk.session, "North Bank") == row.terms.member_party
    assert agreements.find_association_party(desk.session) == row.terms.association_party

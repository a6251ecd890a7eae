"""The agreement is the policy: what it says when it is asked decides, and the log has every denial."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from alliance_hub.agreements import ending
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.keeping import OPERATOR, get_row
from alliance_hub.errors import Forbidden, HubError, QuotaExceeded, Unavailable
from alliance_hub.matching import batches
from alliance_hub.membership import quotas
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import QuotaUse
from alliance_hub.settings import load_settings
from privacy.encoding import b64
from privacy.periods import day_of
from privacy.vocabulary import Category
from tests.alliance_hub.builders import Platform
from tests.alliance_hub.matching.story import ALL, SIGNED, Story
from tests.alliance_hub.matching.test_service import asked, log


def suspend(story: Story, agreement: str) -> None:
    with story.hub.database.transaction() as session:
        ending.suspend(session, OPERATOR, get_row(session, agreement, 1), story.clock())


def denied(story: Story, member: Platform, *debtors: str, **changes: Any) -> HubError:
    """Ask what is denied; return the refusal, having compared it with the newest log entry."""
    with pytest.raises((Forbidden, QuotaExceeded)) as refused:
        story.ask(member, *(debtors or ("Lin",)), **changes)
    extra, entry = refused.value.extra, log(story)[-1]
    assert extra["receipt"]["entry"] == entry
    assert (entry["allowed"], entry["clause"]) == (False, extra["clause"])
    return refused.value


def used(story: Story, member: str) -> int:
    with story.hub.database.reading() as session:
        return quotas.use(session, membership.get(session, member), quotas_day(story)).used


def quotas_day(story: Story) -> date:
    return day_of(story.clock())


def test_a_suspended_agreement_denies_the_same_call(story: Story, north: Platform) -> None:
    story.ask(north, "Lin")
    suspend(story, "North")

    refusal = denied(story, north, request_id="request-0002")

    assert (refusal.extra["clause"], refusal.extra["agreement"], refusal.extra["version"]) == (
        "state",
        "North",
        1,
    )
    assert "suspended" in str(refusal)


def test_what_was_answered_before_is_still_the_same_answer(story: Story, north: Platform) -> None:
    request = story.request(north, "Lin")
    first = story.match(north, request)
    suspend(story, "North")
    assert story.match(north, request) == first


def test_what_waits_for_custodians_is_denied_once_the_agreement_is_suspended(
    story: Story, north: Platform
) -> None:
    for double in story.doubles:
        double.refuses = (503, {"type": "urn:alliance-hub:problem:unavailable"})
    request = story.request(north, "Lin")
    with pytest.raises(Unavailable):
        story.match(north, request)
    suspend(story, "North")

    assert denied(story, north).extra["clause"] == "state"
    assert [entry["allowed"] for entry in log(story)] == [True, False]


def test_a_day_has_as_many_subjects_as_the_terms_say(story: Story) -> None:
    west = story.join("West", subjects_per_day=3, subjects_per_request=2)
    story.ask(west, "Lin", "Mao")
    assert used(story, "West") == 2

    refusal = denied(story, west, "Lin", "Mao", request_id="request-0002")

    assert isinstance(refusal, QuotaExceeded)
    assert refusal.extra["clause"] == "quota"
    assert refusal.retry_at == quotas.next_midnight(story.clock())
    story.ask(west, "Lin", request_id="request-0003")
    assert used(story, "West") == 3


def test_asking_the_same_again_costs_nothing(story: Story, north: Platform) -> None:
    request = story.request(north, "Lin")
    for _ in range(3):
        story.match(north, request)
    assert used(story, "North") == 1


def test_the_members_own_quota_holds_too(story: Story, north: Platform) -> None:
    with story.hub.database.transaction() as session:
        limit = quotas.use(session, membership.get(session, "North"), quotas_day(story)).limit
        session.add(QuotaUse(member="North", day=quotas_day(story), subjects=limit))
    assert denied(story, north).extra["clause"] == "quota"


def test_a_request_names_no_more_subjects_than_the_cap(story: Story) -> None:
    west = story.join("West", subjects_per_request=1)
    assert denied(story, west, "Lin", "Mao").extra["clause"] == "batch_cap"
    assert used(story, "West") == 0


def test_a_job_is_capped_as_a_whole(story: Story) -> None:
    west = story.join("West", subjects_per_request=2)
    requests = [story.request(west, "Lin", request_id=f"request-000{n}") for n in range(3)]

    def find(count: int) -> HubError | None:
        batch = batches.Batch("reference-1", tuple(requests[:count]))
        with story.hub.database.transaction() as session:
            member = membership.get(session, "West")
            return batches.find_denial(session, story.hub, member, batch, SIGNED, story.clock())

    assert find(2) is None
    refusal = find(3)
    assert refusal is not None
    assert refusal.extra["clause"] == "batch_cap"
    entry = refusal.extra["receipt"]["entry"]
    assert (entry["kind"], entry["subjects"], entry["manifests"], entry["allowed"]) == (
        "match_job",
        3,
        3,
        False,
    )


def test_a_member_receives_only_what_it_contributes(story: Story) -> None:
    west = story.join("West", contributes=(Category.REACHABILITY,), receives=(Category.REACHABILITY,))
    story.hold(west, "Lin")
    signed = story.ask(west, "Lin")
    (subject,) = signed.answer.subjects
    assert (subject.reachable.status, subject.flags, signed.answer.openings) == ("yes", (), ())


def real(story: Story, mode: str) -> None:
    """Let the hub work in a mode for real people, its opinion recorded without amounts."""
    settings = load_settings(
        story.hub.settings.home,
        regulatory_mode=mode,
        opinion_digest="00",
        custodians=tuple(double.address for double in story.doubles),
    )
    story.hub = dataclasses.replace(story.hub, settings=settings)


def test_after_the_loan_no_creditor_is_named_and_no_amount_without_an_opinion(
    story: Story, north: Platform
) -> None:
    real(story, "post_loan_match")
    with story.hub.database.reading() as session:
        found = agreements.decide(
            session,
            story.hub,
            membership.get(session, "North"),
            agreement="North",
            purpose="post_loan_management",
            categories=ALL,
            subjects=1,
            at=story.clock(),
        )
    assert {category: decision.clause for category, decision in found.items() if not decision.allowed} == {
        Category.EXPOSURE: "regulatory_mode",
        Category.FLAGS: "regulatory_mode",
    }

    signed = story.ask(north, "Lin")

    (subject,) = signed.answer.subjects
    assert (subject.reachable.status, subject.flags, signed.answer.openings) == ("yes", (), ())
    assert asked(story) == [0, 0, 0]


def test_where_a_bureau_answers_even_the_attempt_is_logged(story: Story, north: Platform) -> None:
    real(story, "via_licensed_bureau")
    refusal = denied(story, north)
    assert (refusal.slug, refusal.extra["clause"]) == ("regulatory-mode", "regulatory_mode")


def test_a_dry_run_asks_logs_and_charges_nothing(story: Story, north: Platform) -> None:
    with story.hub.database.reading() as session:
        row = get_row(session, "North", 1)
        found = agreements.decide(
            session,
            story.hub,
            membership.get(session, "North"),
            agreement="North",
            purpose="post_loan_management",
            categories=(Category.EXPOSURE, Category.EVIDENCE),
            subjects=1,
            at=story.clock(),
        )
    allowed, refused = found.values()
    assert (allowed.allowed, allowed.since, b64(allowed.leaf or b"")) == (
        True,
        row.activated_at,
        b64(row.log_leaf or b""),
    )
    assert (refused.allowed, refused.clause) == (False, "categories")
    assert (log(story), used(story, "North"), asked(story)) == ([], 0, [0, 0, 0])

"""Matches from question to answer, with custodians at real sockets."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExceeded, Unavailable
from alliance_hub.matching import service as matching
from alliance_hub.matching.custodians import MAX_ANSWER_BYTES
from alliance_hub.membership import service as membership
from alliance_hub.settings import load_settings
from alliance_hub.transparency.models import LogRow
from privacy.answers import SignedMatchAnswer
from privacy.encoding import b64
from privacy.matching import MatchRequest, SealedOpening
from privacy.messages import parse_json
from privacy.statements import Settlement
from privacy.vocabulary import Category
from tests.alliance_hub.builders import Platform
from tests.alliance_hub.matching.story import SIGNED, Story
from tests.alliance_hub.records.builders import reference_of


def log(story: Story) -> list[dict[str, Any]]:
    """Return the entries about matches, oldest first."""
    with story.hub.database.reading() as session:
        rows = session.scalars(select(LogRow).where(LogRow.kind == "match").order_by(LogRow.id)).all()
    return [json.loads(row.entry or b"") for row in rows]


def asked(story: Story) -> list[int]:
    """Return how often each custodian was asked."""
    return [len(double.asked) for double in story.doubles]


def test_a_match_is_answered_with_two_openings(either_story: Story) -> None:
    story, north = either_story, either_story.members["North"]
    signed = story.ask(north, "Lin", "Mao")

    first, second = signed.answer.subjects
    assert (first.reachable.status, first.reachable.freshness) == ("yes", "d30")
    assert [flag.member for flag in first.flags] == ["South"]
    assert (second.reachable.status, second.flags) == ("unknown", ())
    openings = story.openings(north, signed)
    assert len(openings) == 2
    assert {opening.position for opening in openings} == {story.alliance.position}
    assert sorted(asked(story)) == [0, 1, 1]


def test_the_log_holds_the_decision_and_the_askers_own_signature(story: Story, north: Platform) -> None:
    request = story.request(north, "Lin")
    signed = story.match(north, request)
    (entry,) = log(story)
    assert entry == signed.receipt.entry
    assert entry["manifest"] == b64(request.manifest.sha256())
    assert (entry["allowed"], entry["clause"]) == (True, "purposes.post_loan_management")
    assert (entry["signature_base"], entry["signature"]) == (SIGNED.base, SIGNED.signature)
    assert signed.answer.decision.leaf == signed.receipt.leaf
    assert "case 1" not in json.dumps(entry)


def test_totals_that_make_no_sense_are_asked_for_again_unpacked(story: Story, north: Platform) -> None:
    """The hub hands it on as it was signed, and logs that it was so; nothing else is decided otherwise."""
    packed = story.ask(north, "Lin")
    unpacked = story.ask(north, "Lin", request_id="request-0002", unpacked=True)
    handed_on = [each.match.manifest for double in story.doubles for each in double.asked]
    assert {(each.request_id, each.unpacked) for each in handed_on} == {
        ("request-0001", False),
        ("request-0002", True),
    }
    assert [entry["unpacked"] for entry in log(story)] == [False, True]
    assert unpacked.answer.subjects == packed.answer.subjects
    assert len(story.openings(north, unpacked)) == 2


def test_the_same_request_again_returns_the_same_answer(story: Story, north: Platform) -> None:
    request = story.request(north, "Lin")
    first = story.match(north, request)
    before = asked(story)
    story.wait(days=3)
    assert story.match(north, request) == first
    assert asked(story) == before
    assert len(log(story)) == 1


def test_a_request_id_is_good_for_one_manifest(story: Story, north: Platform) -> None:
    story.ask(north, "Lin")
    with pytest.raises(Conflict) as refused:
        story.ask(north, "Mao")
    assert refused.value.slug == "request-id-taken"


def test_request_ids_of_two_members_do_not_meet(story: Story, north: Platform) -> None:
    story.ask(north, "Lin")
    west = story.join("West")
    assert story.ask(west, "Mao").answer.subjects[0].reachable.status == "unknown"


def denied(story: Story, member: Platform, **changes: Any) -> Forbidden:
    with pytest.raises(Forbidden) as refused:
        story.ask(member, "Lin", **changes)
    return refused.value


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        pytest.param({"purpose": "credit_granting"}, "refused_purposes", id="refused by name"),
        pytest.param({"purpose": "curiosity"}, "purposes", id="no word of the alliance's"),
        pytest.param({"purpose": "litigation"}, "purposes", id="not in the agreement"),
        pytest.param({"agreement": "South"}, "parties", id="another's agreement"),
    ],
)
def test_a_denied_match_names_its_clause_and_is_logged(
    story: Story, north: Platform, changes: dict[str, Any], clause: str
) -> None:
    refusal = denied(story, north, **changes)
    (entry,) = log(story)
    assert (refusal.extra["clause"], entry["clause"], entry["allowed"]) == (clause, clause, False)
    assert refusal.extra["receipt"]["entry"] == entry
    assert asked(story) == [0, 0, 0]


def test_an_agreement_that_is_not_in_force_denies(story: Story, north: Platform) -> None:
    story.wait(days=366)
    refusal = denied(story, north)
    assert (refusal.extra["clause"], refusal.extra["version"]) == ("validity", 1)


def test_a_suspended_member_is_not_answered(story: Story, north: Platform) -> None:
    with story.hub.database.transaction() as session:
        membership.suspend(session, story.hub, "North", story.clock())
    assert denied(story, north).slug == "not-active"


def test_without_exposure_no_custodian_is_asked(story: Story) -> None:
    east = story.join("East", categories=(Category.REACHABILITY,))
    story.hold(east, "Lin")
    signed = story.ask(east, "Lin")
    assert signed.answer.subjects[0].reachable.status == "yes"
    assert (signed.answer.subjects[0].flags, signed.answer.openings) == ((), ())
    assert asked(story) == [0, 0, 0]


def test_an_agreement_without_any_of_it_denies(story: Story) -> None:
    east = story.join("East", categories=(Category.EVIDENCE,))
    assert denied(story, east).extra["clause"] == "categories"


def test_where_a_bureau_answers_the_hub_does_not(story: Story, north: Platform) -> None:
    mode = {"regulatory_mode": "via_licensed_bureau", "opinion_digest": "00"}
    settings = load_settings(story.hub.settings.home, **mode)
    story.hub = dataclasses.replace(story.hub, settings=settings)
    assert denied(story, north).slug == "regulatory-mode"


def test_the_manifest_names_the_newest_period(story: Story, north: Platform) -> None:
    with pytest.raises(Conflict) as refused:
        story.ask(north, "Lin", period="2026-10")
    assert (refused.value.slug, refused.value.extra) == ("period", {"period": "2026-11"})
    assert log(story) == []


def test_before_the_first_cut_nothing_opens(empty_story: Story) -> None:
    north = empty_story.join("North")
    with pytest.raises(Conflict) as refused:
        empty_story.ask(north, "Lin")
    assert refused.value.slug == "no-period"


def test_another_members_manifest_is_refused(story: Story, north: Platform) -> None:
    west = story.request(story.join("West"), "Lin")
    forged = msgspec.structs.replace(west, manifest=story.manifest(north, "Lin"))
    with pytest.raises(Invalid) as refused:
        story.match(north, forged)
    assert (refused.value.field, refused.value.slug) == ("signature", "signature")


def test_an_old_manifest_is_refused(story: Story, north: Platform) -> None:
    request = story.request(north, "Lin")
    story.wait(hours=24, seconds=1)
    with pytest.raises(Invalid) as refused:
        story.match(north, request)
    assert refused.value.field == "manifest.requested_at"


def test_who_does_not_know_the_identifier_hears_nothing(story: Story, north: Platform) -> None:
    guessed = msgspec.structs.replace(
        story.request(north, "Lin"), standing=story.request(north, "Mao").standing
    )
    signed = story.match(north, guessed)
    assert (signed.answer.subjects[0].reachable.status, signed.answer.subjects[0].flags) == ("unknown", ())


def test_a_settled_contract_gives_no_standing(story: Story, north: Platform) -> None:
    story.alliance.state(north, Settlement(contract_ref=b64(reference_of("North/Lin/1"))))
    assert story.ask(north, "Lin").answer.subjects[0].reachable.status == "unknown"


def test_one_custodian_down_does_not_matter(story: Story, north: Platform) -> None:
    for number, double in enumerate(story.doubles):
        others = [each for each in story.doubles if each is not double and each.is_up]
        if len(others) < 2:
            break
        double.stop()
        signed = story.ask(north, "Lin", request_id=f"request-{number:04d}")
        assert {sealed.custodian for sealed in signed.answer.openings} == {each.index for each in others}


def test_two_custodians_down_is_said_and_loses_nothing(story: Story, north: Platform) -> None:
    request = story.request(north, "Lin")
    for double in story.doubles[:2]:
        double.refuses = (503, {"type": "urn:alliance-hub:problem:paused"})
    with pytest.raises(Unavailable) as refused:
        story.match(north, request)
    assert refused.value.slug == "custodians-unavailable"
    assert refused.value.retry_at is not None
    assert refused.value.retry_at > story.clock()

    for double in story.doubles:
        double.refuses = None
    assert len(story.match(north, request).answer.openings) == 2
    assert len(log(story)) == 1


def test_refused_connections_are_silence(story: Story, north: Platform) -> None:
    for double in story.doubles:
        double.stop()
    with pytest.raises(Unavailable, match="post the same request again"):
        story.ask(north, "Lin")


@pytest.mark.parametrize(
    "garble",
    [
        pytest.param(lambda body: b"{", id="no JSON"),
        pytest.param(lambda body: body[:-1] + b',"more":1}', id="a field too many"),
        pytest.param(lambda body: b" " * (MAX_ANSWER_BYTES + 1), id="too large"),
        pytest.param(lambda body: body.replace(b'"custodian":1', b'"custodian":2'), id="another's"),
    ],
)
def test_an_answer_that_is_none_counts_as_silence(story: Story, north: Platform, garble: Any) -> None:
    story.doubles[0].garbles = garble
    for number in range(3):
        signed = story.ask(north, "Lin", request_id=f"request-{number:04d}")
        assert [sealed.custodian for sealed in signed.answer.openings] == [2, 3]


def test_a_stale_position_is_moved_and_all_are_asked_anew(story: Story, north: Platform) -> None:
    request = story.request(north, "Lin")
    for double in story.doubles:
        double.refuses = (503, {})
    with pytest.raises(Unavailable):
        story.match(north, request)
    story.join("West")
    for double in story.doubles:
        double.refuses, double.head, double.asked = None, story.alliance.position, []
    signed = story.match(north, request)
    assert {opening.position for opening in story.openings(north, signed)} == {story.alliance.position}


def test_what_the_hub_says_moves_with_the_position(story: Story, north: Platform) -> None:
    request = story.request(north, "Mao")
    for double in story.doubles:
        double.refuses = (503, {})
    with pytest.raises(Unavailable):
        story.match(north, request)
    west = story.join("West")
    story.hold(west, "Mao")
    for double in story.doubles:
        double.refuses, double.head = None, story.alliance.position
    assert story.match(north, request).answer.subjects[0].reachable.status == "yes"


def test_a_position_that_stays_stale_is_given_up(story: Story, north: Platform) -> None:
    for double in story.doubles:
        double.head = 10_000
    with pytest.raises(Unavailable):
        story.ask(north, "Lin")
    assert max(asked(story)) == 1 + matching.MOVES


def test_a_custodian_behind_the_feed_is_passed_over(story: Story, north: Platform) -> None:
    problem = {"type": "urn:alliance-hub:problem:stale", "position": 1, "head": "x"}
    story.doubles[1].refuses = (409, problem)
    for number in range(3):
        signed = story.ask(north, "Lin", request_id=f"request-{number:04d}")
        assert [sealed.custodian for sealed in signed.answer.openings] == [1, 3]


def test_what_custodians_refuse_is_handed_on(story: Story, north: Platform) -> None:
    for double in story.doubles:
        double.refuses = (
            429,
            {
                "type": "urn:alliance-hub:problem:quota-exceeded",
                "detail": "enough until then",
                "retry_at": "2026-12-01T00:00:00Z",
            },
        )
    with pytest.raises(QuotaExceeded, match="enough until then") as refused:
        story.ask(north, "Lin")
    assert refused.value.retry_at is not None
    assert refused.value.retry_at.isoformat() == "2026-12-01T00:00:00+00:00"


@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (409, Conflict), (422, Invalid)])
def test_each_refusal_keeps_its_kind(
    story: Story, north: Platform, status: int, kind: type[Exception]
) -> None:
    for double in story.doubles:
        double.refuses = (status, {"type": "urn:alliance-hub:problem:some-rule", "detail": "a rule refuses"})
    with pytest.raises(kind, match="a rule refuses"):
        story.ask(north, "Lin")


def test_a_third_custodian_opens_later(story: Story, north: Platform) -> None:
    signed = story.ask(north, "Lin")
    (third,) = {1, 2, 3} - {sealed.custodian for sealed in signed.answer.openings}
    first = matching.open_further(story.hub, "North", "request-0001", third)
    assert parse_json(SealedOpening, first).custodian == third
    assert story.doubles[third - 1].asked[0].position == story.alliance.position
    assert matching.open_further(story.hub, "North", "request-0001", third) == first
    assert asked(story) == [1, 1, 1]


def test_an_opening_of_the_answer_is_not_asked_for_again(story: Story, north: Platform) -> None:
    sealed = story.ask(north, "Lin").answer.openings[0]
    again = matching.open_further(story.hub, "North", "request-0001", sealed.custodian)
    assert parse_json(SealedOpening, again) == sealed
    assert sorted(asked(story)) == [0, 1, 1]


def test_a_further_opening_has_its_own_refusals(story: Story, north: Platform) -> None:
    signed = story.ask(north, "Lin")
    (third,) = {1, 2, 3} - {sealed.custodian for sealed in signed.answer.openings}
    with pytest.raises(NotFound):
        matching.open_further(story.hub, "South", "request-0001", third)
    with pytest.raises(Invalid) as refused:
        matching.open_further(story.hub, "North", "request-0001", 4)
    assert refused.value.field == "custodian"
    story.doubles[third - 1].head = 10_000
    with pytest.raises(Conflict) as moved_on:
        matching.open_further(story.hub, "North", "request-0001", third)
    assert moved_on.value.slug == "stale"
    story.doubles[third - 1].stop()
    with pytest.raises(Unavailable):
        matching.open_further(story.hub, "North", "request-0001", third)


def test_a_match_that_waits_for_custodians_has_no_further_opening(story: Story, north: Platform) -> None:
    for double in story.doubles:
        double.stop()
    with pytest.raises(Unavailable):
        story.ask(north, "Lin")
    with pytest.raises(Conflict) as refused:
        matching.open_further(story.hub, "North", "request-0001", 1)
    assert refused.value.slug == "not-answered"


def test_the_stored_answer_is_the_one_that_was_signed(story: Story, north: Platform) -> None:
    request: MatchRequest = story.request(north, "Lin")
    document = matching.match(story.hub, "North", request, SIGNED)
    assert matching.match(story.hub, "North", request, SIGNED) == document
    assert parse_json(SignedMatchAnswer, document).answer.manifest == b64(request.manifest.sha256())

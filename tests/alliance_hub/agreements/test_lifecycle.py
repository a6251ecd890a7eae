"""Who may do what when: the whole table of states and steps, and the few rules beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alliance_hub.agreements.lifecycle import (
    AgreementState,
    Life,
    Step,
    require_step,
    state_after,
    state_at,
    steps_now,
)
from alliance_hub.errors import Conflict, Forbidden

AT = datetime(2026, 11, 1, tzinfo=UTC)
S = AgreementState


def life(state: AgreementState, *, reviewed_by: str | None = "a/2", terminated: bool = False) -> Life:
    return Life(state, "a/1", reviewed_by, AT if terminated else None)


# Written out once more by hand: from each state, the steps and where they lead.
TABLE = {
    S.DRAFT: {Step.REVISE: S.DRAFT, Step.SEND_TO_REVIEW: S.REVIEW, Step.WITHDRAW: S.ENDED},
    S.REVIEW: {
        Step.REVIEW: S.REVIEW,
        Step.GIVE_BACK: S.DRAFT,
        Step.OFFER: S.OFFERED,
        Step.WITHDRAW: S.ENDED,
    },
    S.OFFERED: {Step.SIGN: S.SIGNED, Step.WITHDRAW: S.ENDED},
    S.SIGNED: {Step.SIGN: S.SIGNED, Step.ACTIVATE: S.ACTIVE, Step.WITHDRAW: S.ENDED},
    S.ACTIVE: {Step.SUSPEND: S.SUSPENDED, Step.TERMINATE: S.TERMINATING},
    S.SUSPENDED: {Step.RESUME: S.ACTIVE, Step.TERMINATE: S.SUSPENDED},
    S.TERMINATING: {Step.SUSPEND: S.SUSPENDED},
    S.ENDED: {},
}


@pytest.mark.parametrize("state", AgreementState)
@pytest.mark.parametrize("step", Step)
def test_each_step_is_for_its_states_alone(state: AgreementState, step: Step) -> None:
    if step in TABLE[state]:
        require_step(life(state), step, officer="a/3")
        assert state_after(life(state), step) is TABLE[state][step]
    else:
        with pytest.raises(Conflict) as refused:
            require_step(life(state), step, officer="a/3")
        assert refused.value.slug == "agreement-state"


@pytest.mark.parametrize("step", [Step.REVIEW, Step.GIVE_BACK])
def test_the_author_does_not_review(step: Step) -> None:
    with pytest.raises(Forbidden, match="another officer"):
        require_step(life(S.REVIEW), step, officer="a/1")


def test_what_nobody_has_reviewed_is_not_offered() -> None:
    with pytest.raises(Conflict, match="let another officer review it"):
        require_step(life(S.REVIEW, reviewed_by=None), Step.OFFER, officer="a/3")


def test_notice_outlives_a_suspension_and_is_given_once() -> None:
    assert state_after(life(S.SUSPENDED, terminated=True), Step.RESUME) is S.TERMINATING
    with pytest.raises(Conflict, match="notice has been given"):
        require_step(life(S.SUSPENDED, terminated=True), Step.TERMINATE)


def test_an_officer_sees_what_it_may_do_now() -> None:
    assert steps_now(life(S.REVIEW), officer="a/1") == [Step.OFFER, Step.WITHDRAW]
    assert steps_now(life(S.REVIEW), officer="a/2") == [
        Step.REVIEW,
        Step.GIVE_BACK,
        Step.OFFER,
        Step.WITHDRAW,
    ]
    assert steps_now(life(S.ENDED), officer="a/2") == []


@pytest.mark.parametrize("state", AgreementState)
def test_time_ends_everything_but_a_draft(state: AgreementState) -> None:
    unfinished = state in {S.DRAFT, S.REVIEW}
    assert state_at(state, AT, AT - timedelta(seconds=1)) is state
    assert state_at(state, AT, AT) is (state if unfinished else S.ENDED)

"""How a version of an agreement lives: who may do what when, as one table.

    draft -> review -> offered -> signed -> active -> suspended -> terminating -> ended

- Another officer than the author looks a draft over before it is offered.
- The member signs with its own key, from its own machine; no officer can do it for the member.
- What takes effect for others needs two officers: activation, suspension, resumption.
- Either side ends an agreement, with notice; it holds until the notice is over.
- Time ends it too: at `valid_until`, or when a newer version has begun.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alliance_hub.errors import Conflict, Forbidden


class AgreementState(StrEnum):
    """How far a version of an agreement has come."""

    DRAFT = "draft"
    """An officer writes it; the member sees nothing yet."""
    REVIEW = "review"
    """Another officer than the author looks it over."""
    OFFERED = "offered"
    """The member sees it and may sign it."""
    SIGNED = "signed"
    """The member has signed; two officers have yet to put it into effect."""
    ACTIVE = "active"
    """Signed by both sides and stated in the feed: in force, or to begin later."""
    SUSPENDED = "suspended"
    """Two officers have taken it out of effect until further notice."""
    TERMINATING = "terminating"
    """One side has given notice; it holds until the notice is over."""
    ENDED = "ended"
    """Over: expired, terminated, replaced by a newer version, or never signed."""


class Step(StrEnum):
    """One thing that is done to a version."""

    REVISE = "revise"
    """Change a draft."""
    SEND_TO_REVIEW = "send_to_review"
    """Say that the draft is ready to be looked over."""
    REVIEW = "review"
    """Say that it may be offered."""
    GIVE_BACK = "give_back"
    """Ask for changes, with a reason."""
    OFFER = "offer"
    """Show it to the member."""
    WITHDRAW = "withdraw"
    """Take it back before it takes effect."""
    SIGN = "sign"
    """Agree to it with the member's key."""
    ACTIVATE = "activate"
    """State it in the feed with the secretariat's key."""
    SUSPEND = "suspend"
    """Take it out of effect until further notice."""
    RESUME = "resume"
    """Put it into effect again."""
    TERMINATE = "terminate"
    """Give notice."""


class By(StrEnum):
    """Who takes a step."""

    OFFICER = "officer"
    """An agreement officer of the association."""
    ANOTHER_OFFICER = "another_officer"
    """An agreement officer that did not write the draft."""
    MEMBER = "member"
    """The member, with its key."""
    TWO_OFFICERS = "two_officers"
    """One officer proposes, another approves."""
    EITHER_SIDE = "either_side"
    """An officer of the association, or the member with its key."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From where a step may be taken, by whom, and where it leads; None leaves the state as it is."""

    by: By
    before: frozenset[AgreementState]
    after: AgreementState | None


def _rule(by: By, *before: AgreementState, after: AgreementState | None = None) -> Rule:
    return Rule(by, frozenset(before), after)


_S = AgreementState

STEPS: Mapping[Step, Rule] = {
    Step.REVISE: _rule(By.OFFICER, _S.DRAFT),
    Step.SEND_TO_REVIEW: _rule(By.OFFICER, _S.DRAFT, after=_S.REVIEW),
    Step.REVIEW: _rule(By.ANOTHER_OFFICER, _S.REVIEW),
    Step.GIVE_BACK: _rule(By.ANOTHER_OFFICER, _S.REVIEW, after=_S.DRAFT),
    Step.OFFER: _rule(By.OFFICER, _S.REVIEW, after=_S.OFFERED),
    Step.WITHDRAW: _rule(By.OFFICER, _S.DRAFT, _S.REVIEW, _S.OFFERED, _S.SIGNED, after=_S.ENDED),
    # Again from `signed`: the member may have rotated its key since.
    Step.SIGN: _rule(By.MEMBER, _S.OFFERED, _S.SIGNED, after=_S.SIGNED),
    Step.ACTIVATE: _rule(By.TWO_OFFICERS, _S.SIGNED, after=_S.ACTIVE),
    Step.SUSPEND: _rule(By.TWO_OFFICERS, _S.ACTIVE, _S.TERMINATING, after=_S.SUSPENDED),
    Step.RESUME: _rule(By.TWO_OFFICERS, _S.SUSPENDED, after=_S.ACTIVE),
    # A suspended version stays so until its notice is over: what denies is what is shown.
    Step.TERMINATE: _rule(By.EITHER_SIDE, _S.ACTIVE, _S.SUSPENDED, after=_S.TERMINATING),
}

SHOWN_TO_MEMBER = frozenset(_S) - {_S.DRAFT, _S.REVIEW}
"""What the member sees of its own agreements; an ended one only if it was ever offered."""

EFFECTIVE = frozenset({_S.ACTIVE, _S.SUSPENDED, _S.TERMINATING})
"""States of a version that stands in the feed and is not over."""


@dataclass(frozen=True, slots=True)
class Life:
    """What a version's next step depends on."""

    state: AgreementState
    """As it is at the instant of the step."""
    author: str
    """The ref of whoever wrote the draft last."""
    reviewed_by: str | None
    terminated_at: datetime | None


def require_step(life: Life, step: Step, *, officer: str | None = None) -> None:
    """Raise Conflict or Forbidden, naming the rule, unless `step` may be taken now by `officer`.

    Whether the officer's roles allow such a thing at all is not asked here.
    """
    rule = STEPS[step]
    if step is Step.TERMINATE and life.terminated_at is not None:
        raise Conflict("notice has been given already: it runs", slug="agreement-state")
    if life.state not in rule.before:
        raise Conflict(
            f"a version that is {life.state} cannot take the step {step}: it is for "
            f"{_listed(rule.before)} ones",
            slug="agreement-state",
        )
    if rule.by is By.ANOTHER_OFFICER and officer == life.author:
        raise Forbidden("whoever wrote it does not review it: another officer looks it over", slug="author")
    if step is Step.OFFER and life.reviewed_by is None:
        raise Conflict(
            "nobody but its author has looked it over: let another officer review it", slug="review"
        )


def state_after(life: Life, step: Step) -> AgreementState:
    """Return the state in which a step leaves a version."""
    if step is Step.RESUME and life.terminated_at is not None:
        return AgreementState.TERMINATING
    if step is Step.TERMINATE and life.state is AgreementState.SUSPENDED:
        return AgreementState.SUSPENDED
    return STEPS[step].after or life.state


def steps_now(life: Life, *, officer: str | None = None) -> list[Step]:
    """Return the steps that may be taken now by `officer`, in the order of a version's life."""
    return [step for step in Step if _may(life, step, officer)]


def state_at(stored: AgreementState, ends_at: datetime, at: datetime) -> AgreementState:
    """Return the state at an instant: what nobody has seen yet but a draft's author does not run out."""
    if stored in {AgreementState.DRAFT, AgreementState.REVIEW}:
        return stored
    return AgreementState.ENDED if at >= ends_at else stored


def _may(life: Life, step: Step, officer: str | None) -> bool:
    try:
        require_step(life, step, officer=officer)
    except (Conflict, Forbidden):
        return False
    return True


def _listed(states: Collection[AgreementState]) -> str:
    return " or ".join(state for state in AgreementState if state in states)

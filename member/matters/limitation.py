"""Until when the debtor cannot refuse because of time alone: a warning for counsel, never legal advice.

- Three years from the end of the time for performing (民法典 188; of instalments the last one's, 189); two
  for enforcing a judgment or award, from the end of the time that it sets (民事诉讼法 250).
- A demand, an acknowledgement (a payment of a part is one) or a suit begins it anew (民法典 195), a suit when
  its proceedings have ended. What comes after the period's end begins nothing anew.
- Never later than twenty years after the first day (民法典 188); the court does not ask by itself (193).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from member.matters.case import Event, EventKind, Judgment, Limitation, LimitationState, Payment, Words
from member.matters.days import last_day

CLAIM_YEARS = 3
"""民法典 188."""

ENFORCEMENT_YEARS = 2
"""民事诉讼法 250."""

LONGEST_YEARS = 20
"""民法典 188: no protection after that."""

NEAR_DAYS = 90
"""From how many days before its end a period is warned of; [D]."""


def of_claim(
    contract: str, due_on: date, events: Sequence[Event], payments: Iterable[Payment], today: date
) -> Limitation:
    """Return how the limitation of a claim stands today; payments count as acknowledgements."""
    after = [each for each in payments if each.on > due_on.isoformat()]
    return _limitation(contract, due_on, (*events, *map(_paid, after)), CLAIM_YEARS, today)


def of_judgment(judgment: Judgment, events: Sequence[Event], today: date) -> Limitation:
    """Return how the time for enforcing a judgment or award stands today."""
    began = date.fromisoformat(judgment.perform_by)
    return _limitation(judgment.number, began, events, ENFORCEMENT_YEARS, today)


def _paid(payment: Payment) -> Event:
    return Event(EventKind.ACKNOWLEDGEMENT, payment.on, None, "部分还款 / payment of a part", None)


def _limitation(about: str, began: date, events: Sequence[Event], years: int, today: date) -> Limitation:
    start, counted = began, []
    for event in sorted(events, key=lambda each: each.on):
        on = date.fromisoformat(event.on)
        if began < on <= min(last_day(start, years=years), today):
            start = max(start, _begins_anew(event, today))
            counted.append(event)
    ends = min(last_day(start, years=years), last_day(began, years=LONGEST_YEARS))
    state = _state((ends - today).days)
    return Limitation(
        about=about,
        years=years,
        began_on=began.isoformat(),
        events=tuple(counted),
        ends_on=ends.isoformat(),
        judged_on=today.isoformat(),
        state=state,
        words=_words(years, start, ends, len(counted), state, (ends - today).days),
    )


def _begins_anew(event: Event, today: date) -> date:
    """Return the day from which the period runs again; while a suit lasts it does not run at all."""
    if event.kind is not EventKind.SUIT:
        return date.fromisoformat(event.on)
    return date.fromisoformat(event.until) if event.until else today


def _state(left: int) -> LimitationState:
    if left < 0:
        return LimitationState.PAST
    return LimitationState.NEAR if left <= NEAR_DAYS else LimitationState.RUNNING


def _words(years: int, start: date, ends: date, events: int, state: LimitationState, left: int) -> Words:
    what = (
        Words(zh="申请执行期间", en="The time for applying for enforcement")
        if years == ENFORCEMENT_YEARS
        else Words(zh="诉讼时效期间", en="The limitation period")
    )
    since = Words(
        zh=f"{what.zh}{years}年，" + (f"中断{events}次，" if events else "") + f"自{start}（当日不计）起算",
        en=f"{what.en} of {years} years runs from {start} (not counted)"
        + (f", after {events} interruptions" if events > 1 else ", after one interruption" if events else ""),
    )
    end = {
        LimitationState.PAST: Words(
            zh=f"，已于{ends}届满，债务人可以提出不履行义务的抗辩。",
            en=f"; it ended on {ends}, and the debtor may refuse for that reason.",
        ),
        LimitationState.NEAR: Words(
            zh=f"，{ends}届满，只剩{left}天。", en=f"; it ends on {ends}, in {left} days."
        ),
        LimitationState.RUNNING: Words(zh=f"，{ends}届满。", en=f"; it ends on {ends}."),
    }[state]
    return Words(zh=since.zh + end.zh, en=since.en + end.en)

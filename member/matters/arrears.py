"""What is owed under one loan, step by step, so that a judge can follow it with a pocket calculator.

- Interest runs from the day of the opening balance until the loan is late, at the agreed rate; from then on
  the penalty rate takes its place. A stretch ends where rate or principal changes.
- A payment goes to fees, then interest, then penalty, then principal (民法典 561), on the day it is made.
- No compound interest. Each stretch is rounded half up to the fen (四舍五入); nothing is rounded twice.
- Which rates a court grants is counsel's matter: `rates` only says where one lies above a known line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from member.matters.case import Accrual, Balance, ClaimKind, ClaimLine, DayCount, Fee, Payment, Words
from member.matters.money import percent, yuan
from privacy.errors import InvalidInputError

MILLION = 1_000_000

_BASES = {DayCount.ACTUAL_365: 365, DayCount.ACTUAL_360: 360, DayCount.THIRTY_360: 360}

_SHOWN = 12
"""Stretches whose formula stands in one line; more are shown by the table of accruals."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the contract says about interest; rates in millionths a year."""

    rate: int
    penalty_rate: int
    day_count: DayCount
    late_on: date
    """The day from which the penalty rate counts."""


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is owed on a day, and how it came about."""

    accruals: tuple[Accrual, ...]
    payments: tuple[Payment, ...]
    lines: tuple[ClaimLine, ...]

    @property
    def claimed(self) -> int:
        """The sum of the four lines, in fen."""
        return sum(line.amount for line in self.lines)


def arrears(
    opened: Balance,
    agreed: Agreed,
    *,
    fees: Sequence[Fee] = (),
    paid: Sequence[tuple[date, int]] = (),
    as_of: date,
) -> Arrears:
    """Return what is owed at the beginning of `as_of`; `paid` are days and fen.

    Raises InvalidInputError naming `as_of`, `fees[i]` or `payments[i]` for what lies outside the time since
    the opening balance, and for a payment of more than is owed.
    """
    start = date.fromisoformat(opened.on)
    if as_of < start:
        raise InvalidInputError("the claim's day lies before the opening balance", field="as_of")
    _require_inside("fees", [date.fromisoformat(fee.on) for fee in fees], start, as_of)
    _require_inside("payments", [on for on, _ in paid], start, as_of)
    running = _Running.of(opened)
    for on in _days_of_change(start, agreed, fees, paid, as_of):
        running.accrue(on, agreed)
        running.charge(sum(fee.amount for fee in fees if fee.on == on.isoformat()))
        for index, (day, amount) in enumerate(paid):
            if day == on:
                running.pay(amount, index)
    return Arrears(tuple(running.accruals), tuple(running.payments), _lines(opened, agreed, fees, running))


def days_between(start: date, end: date, day_count: DayCount) -> int:
    """Return the days from `start`, which counts, to `end`, which does not."""
    if day_count is not DayCount.THIRTY_360:
        return (end - start).days
    months = 12 * (end.year - start.year) + end.month - start.month
    return 30 * months + min(end.day, 30) - min(start.day, 30)


def accrued(principal: int, rate: int, days: int, day_count: DayCount) -> int:
    """Return the interest on `principal` fen, rounded half up to the fen."""
    base = MILLION * _BASES[day_count]
    return (2 * principal * rate * days + base) // (2 * base)


def _require_inside(name: str, days: Sequence[date], start: date, as_of: date) -> None:
    for index, on in enumerate(days):
        if not start <= on <= as_of:
            raise InvalidInputError(
                "it lies outside the time from the opening balance to the claim's day",
                field=f"{name}[{index}]",
            )


def _days_of_change(
    start: date, agreed: Agreed, fees: Sequence[Fee], paid: Sequence[tuple[date, int]], as_of: date
) -> Iterator[date]:
    """Yield the days on which something changes, in order; the claim's day is the last."""
    days = {date.fromisoformat(fee.on) for fee in fees} | {on for on, _ in paid} | {as_of}
    if start < agreed.late_on < as_of:
        days.add(agreed.late_on)
    yield from sorted(days)


@dataclass(slots=True)
class _Running:
    """What is owed while the days go by, in fen."""

    day: date
    principal: int
    interest: int
    penalty: int
    fees: int
    accruals: list[Accrual] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @classmethod
    def of(cls, opened: Balance) -> _Running:
        return cls(
            date.fromisoformat(opened.on), opened.principal, opened.interest, opened.penalty, opened.fees
        )

    def accrue(self, until: date, agreed: Agreed) -> None:
        """Let interest or penalty run up to `until`."""
        late = self.day >= agreed.late_on
        item, rate = (ClaimKind.PENALTY, agreed.penalty_rate) if late else (ClaimKind.INTEREST, agreed.rate)
        days = days_between(self.day, until, agreed.day_count)
        if days and self.principal and rate:
            amount = accrued(self.principal, rate, days, agreed.day_count)
            start, end = self.day.isoformat(), until.isoformat()
            self.accruals.append(Accrual(item, start, end, days, self.principal, rate, amount))
            if late:
                self.penalty += amount
            else:
                self.interest += amount
        self.day = until

    def charge(self, amount: int) -> None:
        """Add fees."""
        self.fees += amount

    def pay(self, amount: int, index: int) -> None:
        """Set a payment off against what is owed; raises InvalidInputError for more than that."""
        rest = amount
        fees, rest = _taken(self.fees, rest)
        interest, rest = _taken(self.interest, rest)
        penalty, rest = _taken(self.penalty, rest)
        principal, rest = _taken(self.principal, rest)
        if rest:
            raise InvalidInputError("more was paid than was owed that day", field=f"payments[{index}]")
        self.fees -= fees
        self.interest -= interest
        self.penalty -= penalty
        self.principal -= principal
        self.payments.append(Payment(self.day.isoformat(), amount, fees, interest, penalty, principal))


def _taken(owed: int, offered: int) -> tuple[int, int]:
    taken = min(owed, offered)
    return taken, offered - taken


def _lines(opened: Balance, agreed: Agreed, fees: Sequence[Fee], running: _Running) -> tuple[ClaimLine, ...]:
    paid = running.payments
    return (
        _line(
            ClaimKind.PRINCIPAL,
            running.principal,
            [yuan(opened.principal)],
            sum(each.principal for each in paid),
            _PRINCIPAL,
        ),
        _line(
            ClaimKind.INTEREST,
            running.interest,
            _terms(opened.interest, running.accruals, ClaimKind.INTEREST, agreed.day_count),
            sum(each.interest for each in paid),
            _counted(_INTEREST, agreed.rate, agreed.day_count),
        ),
        _line(
            ClaimKind.PENALTY,
            running.penalty,
            _terms(opened.penalty, running.accruals, ClaimKind.PENALTY, agreed.day_count),
            sum(each.penalty for each in paid),
            _counted(_PENALTY, agreed.penalty_rate, agreed.day_count),
        ),
        _line(
            ClaimKind.FEES,
            running.fees,
            [yuan(opened.fees), *(yuan(fee.amount) for fee in fees)],
            sum(each.fees for each in paid),
            _FEES,
        ),
    )


def _line(item: ClaimKind, amount: int, terms: Sequence[str], paid: int, words: Words) -> ClaimLine:
    """Return a claim line; terms of zero are left out of the formula."""
    shown = [term for term in terms if term != yuan(0)] or [yuan(0)]
    left = " + ".join(shown) + (f" - {yuan(paid)}" if paid else "")
    formula = f"{left} = {yuan(amount)}" if left != yuan(amount) else left
    return ClaimLine(item, amount, formula, words)


def _terms(opened: int, accruals: Sequence[Accrual], item: ClaimKind, day_count: DayCount) -> list[str]:
    mine = [each for each in accruals if each.item is item]
    if len(mine) > _SHOWN:
        return [yuan(opened), f"Σ({len(mine)}) {yuan(sum(each.amount for each in mine))}"]
    base = _BASES[day_count]
    stretches = (
        f"{yuan(each.principal)} × {percent(each.rate)} × {each.days}/{base} [{each.start}, {each.end})"
        for each in mine
    )
    return [yuan(opened), *stretches]


_PRINCIPAL = Words(
    zh="期初本金减去已清偿的本金。", en="The principal of the opening balance less what was paid of it."
)
_FEES = Words(
    zh="期初费用加合同约定由债务人承担的费用，减去已支付的费用。",
    en="Fees of the opening balance and those that the contract puts on the debtor, less what was paid.",
)
_INTEREST = Words(zh="期内利息", en="Interest until the loan was late")
_PENALTY = Words(zh="逾期利息", en="Interest for being late")

_COUNTED = {
    DayCount.ACTUAL_365: Words(zh="按实际天数，一年计365天", en="actual days, a year of 365"),
    DayCount.ACTUAL_360: Words(zh="按实际天数，一年计360天", en="actual days, a year of 360"),
    DayCount.THIRTY_360: Words(zh="每月计30天，一年计360天", en="months of 30 days, a year of 360"),
}


def _counted(name: Words, rate: int, day_count: DayCount) -> Words:
    """Say how a line is counted."""
    how = _COUNTED[day_count]
    return Words(
        zh=(
            f"{name.zh}：期初余额加各段“未还本金×年利率{percent(rate)}×天数”，{how.zh}，算头不算尾，"
            "每段四舍五入到分，减去已清偿的部分；不计复利。"
        ),
        en=(
            f"{name.en}: the opening balance and for each stretch principal × {percent(rate)} a year × days "
            f"({how.en}; the first day counts, the last does not), each stretch rounded half up to the fen, "
            "less what was paid; no compound interest."
        ),
    )

"""A loan from what the clerk wrote of it: its terms, what moved, and what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from member.matters.arrears import Agreed, Arrears, arrears
from member.matters.case import Balance, DayCount, Fee, Loan, Text
from member.matters.draft import FeeDraft, LoanDraft, number_of_contract
from member.matters.rates import effective_rate
from member.matters.reading import Reading
from privacy.encoding import b64
from privacy.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Lending:
    """A loan, and what it costs a year in all, in millionths."""

    loan: Loan
    effective: int


@dataclass(frozen=True, slots=True)
class _Terms:
    contract: str
    name: str
    signed_on: date
    lent: int
    due_on: date
    agreed: Agreed


def loan_of(reading: Reading, draft: LoanDraft, ref: bytes, index: int, as_of: date) -> Lending | None:
    """Read a loan and count what is owed; None when something about it is missing or wrong."""
    where = f"loans[{index}]"
    terms = _terms(reading, draft, where)
    fees = [_fee(reading, each, f"{where}.fees[{number}]") for number, each in enumerate(draft.fees)]
    paid = [
        (
            reading.day(each.on, f"{where}.payments[{number}].on"),
            reading.amount(each.amount, f"{where}.payments[{number}].amount"),
        )
        for number, each in enumerate(draft.payments)
    ]
    opened = _opened(reading, draft, where)
    if terms is None or opened is None:
        return None
    whole_fees = [fee for fee in fees if fee]
    whole_paid = [(on, amount) for on, amount in paid if on is not None and amount is not None]
    if (len(whole_fees), len(whole_paid)) != (len(fees), len(paid)):
        return None
    try:
        found = arrears(opened, terms.agreed, fees=whole_fees, paid=whole_paid, as_of=as_of)
    except InvalidInputError as error:
        field = error.field if error.field == "as_of" else f"{where}.{error.field}"
        reading.lack(field, str(error), "correct the days or the amounts")
        return None
    return Lending(_loan(terms, ref, opened, tuple(whole_fees), found), effective_rate(found, whole_fees))


def _terms(reading: Reading, draft: LoanDraft, where: str) -> _Terms | None:
    contract = reading.text(Text, number_of_contract(draft.contract), f"{where}.contract")
    name = reading.text(Text, draft.name, f"{where}.name")
    signed = reading.day(draft.signed_on, f"{where}.signed_on")
    lent = reading.amount(draft.lent, f"{where}.lent")
    due = reading.day(draft.due_on, f"{where}.due_on")
    agreed = _agreed(reading, draft, due, where)
    if signed and due and due < signed:
        reading.lack(f"{where}.due_on", "it lies before the contract was signed", "correct one of the days")
        return None
    if not (contract and name and signed and due and agreed) or lent is None:
        return None
    return _Terms(contract, name, signed, lent, due, agreed)


def _agreed(reading: Reading, draft: LoanDraft, due: date | None, where: str) -> Agreed | None:
    rate = reading.rate(draft.rate, f"{where}.rate")
    # Where nothing is agreed for being late, the agreed rate goes on (法释〔2020〕17号, 28).
    penalty = (
        rate if draft.penalty_rate is None else reading.rate(draft.penalty_rate, f"{where}.penalty_rate")
    )
    late = due if draft.late_on is None else reading.day(draft.late_on, f"{where}.late_on")
    day_count = reading.word(DayCount, draft.day_count, f"{where}.day_count")
    if rate is None or penalty is None or late is None or day_count is None:
        return None
    return Agreed(rate, penalty, day_count, late)


def _opened(reading: Reading, draft: LoanDraft, where: str) -> Balance | None:
    """Return the opening balance; without one, the sum lent on the day of lending or of signing."""
    if draft.opened is None:
        on = reading.day(
            draft.lent_on or draft.signed_on, f"{where}.{'lent_on' if draft.lent_on else 'signed_on'}"
        )
        lent = reading.amount(draft.lent, f"{where}.lent")
        return Balance(on.isoformat(), lent, 0, 0, 0) if on and lent is not None else None
    entries = draft.opened
    on = reading.day(entries.on, f"{where}.opened.on")
    amounts = [
        reading.amount(entry, f"{where}.opened.{name}")
        for name, entry in (
            ("principal", entries.principal),
            ("interest", entries.interest),
            ("penalty", entries.penalty),
            ("fees", entries.fees),
        )
    ]
    whole = [amount for amount in amounts if amount is not None]
    return Balance(on.isoformat(), *whole) if on and len(whole) == len(amounts) else None


def _fee(reading: Reading, draft: FeeDraft, where: str) -> Fee | None:
    on = reading.day(draft.on, f"{where}.on")
    amount = reading.amount(draft.amount, f"{where}.amount")
    name = reading.text(Text, draft.name, f"{where}.name")
    return Fee(on.isoformat(), amount, name) if on and name and amount is not None else None


def _loan(terms: _Terms, ref: bytes, opened: Balance, fees: tuple[Fee, ...], found: Arrears) -> Loan:
    return Loan(
        contract=terms.contract,
        contract_ref=b64(ref),
        name=terms.name,
        signed_on=terms.signed_on.isoformat(),
        lent=terms.lent,
        due_on=terms.due_on.isoformat(),
        rate=terms.agreed.rate,
        penalty_rate=terms.agreed.penalty_rate,
        day_count=terms.agreed.day_count,
        opened=opened,
        fees=fees,
        payments=found.payments,
        accruals=found.accruals,
        lines=found.lines,
        claimed=found.claimed,
    )

"""What one row of a portfolio says about one contract, or why it cannot be taken.

- A row is taken whole or not at all; the first thing that is wrong is the reason.
- A row without written consent, or of a refused product, is never taken (hard gates).
- What is odd but harmless is a warning: a bad phone number only costs the contact point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as detail
from datetime import date
from typing import TypeAlias

from member.files import values
from member.files.cells import Cell, is_blank, text_of
from member.files.columns import Field
from privacy.errors import InvalidInputError
from privacy.identifiers import Identifier, Kind, is_synthetic, normalise, warnings_of
from privacy.vocabulary import REFUSED_PRODUCTS, EvasionCategory, ProductClass

Raw: TypeAlias = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Row:
    """One contract of one debtor, checked. Amounts in fen."""

    number: int
    """The row's number in the file; the first row is 1."""
    raw: Raw = detail(repr=False)
    """The whole row as the file has it, by column name."""
    identifier: Identifier
    contract: str = detail(repr=False)
    product_class: ProductClass
    lent: int | None = detail(repr=False)
    outstanding: int = detail(repr=False)
    overdue: int = detail(repr=False)
    overdue_on: date | None
    lost_contact: bool | None
    in_court: bool
    judged: bool
    consent_no: str = detail(repr=False)
    consent_on: date
    mobile: Identifier | None
    flag_category: EvasionCategory | None
    flag_narrative: str | None = detail(repr=False)
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A debtor to ask about, and the contract where the row names one."""

    number: int
    raw: Raw = detail(repr=False)
    identifier: Identifier
    contract: str | None = detail(repr=False)
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken: which field (empty: the row itself) and why, without its content."""

    number: int
    field: str
    reason: str
    raw: Raw = detail(repr=False)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row by field; a field without a column is blank."""

    raw: Raw
    columns: Mapping[Field, str]

    def __getitem__(self, wanted: Field) -> Cell:
        return self.raw[self.columns[wanted]] if wanted in self.columns else None


def row_of(
    number: int, raw: Raw, columns: Mapping[Field, str], contract: str, *, as_of: date, synthetic: bool
) -> Row:
    """Return the checked row; `contract` is its contract number, read before.

    Raises InvalidInputError with the field and the reason.
    """
    cells = Cells(raw, columns)
    identifier, oddities = _debtor(cells, synthetic=synthetic, today=as_of)
    outstanding, overdue, overdue_on = _debt(cells, as_of)
    consent_no, consent_on = _consent(cells, as_of)
    in_court, judged = values.court(cells[Field.COURT], Field.COURT)
    flag_category, flag_narrative = _flag(cells)
    mobile, unreachable = _mobile(cells)
    return Row(
        number=number,
        raw=raw,
        identifier=identifier,
        contract=contract,
        product_class=_product(cells),
        lent=values.amount(cells[Field.LENT], Field.LENT),
        outstanding=outstanding,
        overdue=overdue,
        overdue_on=overdue_on,
        lost_contact=values.truth(cells[Field.LOST_CONTACT], Field.LOST_CONTACT),
        in_court=in_court,
        judged=judged,
        consent_no=consent_no,
        consent_on=consent_on,
        mobile=mobile,
        flag_category=flag_category,
        flag_narrative=flag_narrative,
        warnings=(*oddities, *unreachable, *_undated(overdue, overdue_on)),
    )


def subject_of(number: int, raw: Raw, columns: Mapping[Field, str], *, synthetic: bool) -> Subject:
    """Return whom a row asks about; raises InvalidInputError with the field and the reason."""
    cells = Cells(raw, columns)
    identifier, oddities = _debtor(cells, synthetic=synthetic, today=None)
    contract = values.document_number(cells[Field.CONTRACT], Field.CONTRACT)
    return Subject(number, raw, identifier, contract or None, oddities)


def require_overdue(raw: Raw, columns: Mapping[Field, str]) -> None:
    """Raise InvalidInputError unless a row shows that something of its contract is overdue."""
    if not values.amount(Cells(raw, columns)[Field.OVERDUE], Field.OVERDUE):
        raise InvalidInputError(
            "only overdue contracts are asked about in this regulatory mode: the row shows no overdue amount",
            field=Field.OVERDUE.value,
        )


def contract_of(raw: Raw, columns: Mapping[Field, str]) -> str:
    """Return the contract number of a row; raises InvalidInputError when it has none."""
    return values.contract_number(Cells(raw, columns)[Field.CONTRACT])


def _debtor(cells: Cells, *, synthetic: bool, today: date | None) -> tuple[Identifier, tuple[str, ...]]:
    kind, where = _kind(cells)
    try:
        identifier = normalise(kind, text_of(cells[where], where), today=today)
    except InvalidInputError as error:
        raise InvalidInputError(str(error), field=where.value) from None
    if not synthetic:
        return identifier, warnings_of(identifier)
    if kind is Kind.RESIDENT_ID and not is_synthetic(identifier):
        raise InvalidInputError(
            "this alliance takes made-up data only: resident IDs of area 000000", field=where.value
        )
    return identifier, ()


def _kind(cells: Cells) -> tuple[Kind, Field]:
    """Return the kind of the debtor's number and the field that holds it."""
    person, firm = not is_blank(cells[Field.IDENTIFIER]), not is_blank(cells[Field.USCC])
    if person and firm:
        raise InvalidInputError(
            "a personal number and a credit code in one row: leave only the debtor's", field=Field.USCC.value
        )
    if firm:
        return Kind.USCC, Field.USCC
    if not person:
        raise InvalidInputError("the debtor's number is missing", field=Field.IDENTIFIER.value)
    return values.kind(cells[Field.KIND], Field.KIND), Field.IDENTIFIER


def _debt(cells: Cells, as_of: date) -> tuple[int, int, date | None]:
    outstanding = values.amount(cells[Field.OUTSTANDING], Field.OUTSTANDING)
    overdue = values.amount(cells[Field.OVERDUE], Field.OVERDUE)
    overdue_on = values.day(cells[Field.OVERDUE_ON], Field.OVERDUE_ON)
    if outstanding is None:
        raise InvalidInputError("the outstanding amount is missing", field=Field.OUTSTANDING.value)
    if overdue is None and overdue_on is not None:
        raise InvalidInputError(
            "overdue since a date, but no amount: write 0 for none", field=Field.OVERDUE.value
        )
    if overdue is not None and overdue > outstanding:
        raise InvalidInputError("more is overdue than is outstanding", field=Field.OVERDUE.value)
    if overdue_on is not None and overdue_on > as_of:
        raise InvalidInputError("the overdue date lies after the as-of date", field=Field.OVERDUE_ON.value)
    return outstanding, overdue or 0, overdue_on


def _undated(overdue: int, overdue_on: date | None) -> tuple[str, ...]:
    if overdue and overdue_on is None:
        return ("overdue without a date: the amount counts, but in no range of days",)
    return ()


def _consent(cells: Cells, as_of: date) -> tuple[str, date]:
    number = values.document_number(cells[Field.CONSENT_NO], Field.CONSENT_NO)
    given_on = values.day(cells[Field.CONSENT_ON], Field.CONSENT_ON)
    if not number:
        raise InvalidInputError("no written consent: its number is missing", field=Field.CONSENT_NO.value)
    if given_on is None:
        raise InvalidInputError("no written consent: its date is missing", field=Field.CONSENT_ON.value)
    if given_on > as_of:
        raise InvalidInputError("the consent lies after the as-of date", field=Field.CONSENT_ON.value)
    return number, given_on


def _product(cells: Cells) -> ProductClass:
    product = values.product(cells[Field.PRODUCT], Field.PRODUCT)
    if product in REFUSED_PRODUCTS:
        raise InvalidInputError(f"the alliance takes no {product.label}", field=Field.PRODUCT.value)
    return product


def _flag(cells: Cells) -> tuple[EvasionCategory | None, str | None]:
    category = values.flag_category(cells[Field.FLAG_CATEGORY], Field.FLAG_CATEGORY)
    narrative = values.narrative(cells[Field.FLAG_NARRATIVE], Field.FLAG_NARRATIVE)
    if narrative and category is None:
        raise InvalidInputError("a flag needs a category", field=Field.FLAG_CATEGORY.value)
    return category, narrative


def _mobile(cells: Cells) -> tuple[Identifier | None, tuple[str, ...]]:
    if is_blank(cells[Field.MOBILE]):
        return None, ()
    try:
        return normalise(Kind.MOBILE, text_of(cells[Field.MOBILE], Field.MOBILE.value)), ()
    except InvalidInputError as error:
        return None, (f"mobile left out: {error}",)

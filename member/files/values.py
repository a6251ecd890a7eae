"""What a cell means: an amount, a day, yes or no, a word of the alliance. Refused where it is not clear.

Each function takes the cell and its field; raises InvalidInputError naming the field, never the content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import NoReturn, TypeVar

from member.files.cells import Cell, clean, is_blank, text_of
from member.files.columns import Field, fold
from privacy.errors import InvalidInputError
from privacy.exposure import AMOUNT_LIMIT
from privacy.identifiers import Kind
from privacy.vocabulary import EvasionCategory, ProductClass

Word = TypeVar("Word", bound=StrEnum)

SHANGHAI = timezone(timedelta(hours=8))
EARLIEST = date(1950, 1, 1)
LONGEST_NUMBER = 128
LONGEST_NARRATIVE = 2000

_AMOUNT = re.compile(r"(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.([0-9]*))?")
_DAY = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$")


def amount(cell: Cell, field: Field) -> int | None:
    """Return an amount in yuan as fen, exactly; None for a blank cell."""
    if is_blank(cell):
        return None
    fen = _fen_of_text(cell, field) if isinstance(cell, str) else _fen_of_number(cell, field)
    if fen < 0:
        _refuse(field, "an amount is never negative")
    if fen >= AMOUNT_LIMIT:
        _refuse(field, f"absurd: one contract is below {AMOUNT_LIMIT / 100:,.2f} yuan; is the unit yuan?")
    return fen


def _fen_of_text(text: str, field: Field) -> int:
    plain = clean(text).removeprefix("¥").removesuffix("元").strip()
    found = _AMOUNT.fullmatch(plain)
    if not found:
        _refuse(field, "not an amount in yuan, such as 1234.56 or 1,234.56")
    sign, yuan, decimals = found[1], found[2].replace(",", ""), found[3] or ""
    if len(decimals) > 2:
        _refuse(field, "an amount has at most two decimal places")
    fen = int(yuan) * 100 + int(decimals.ljust(2, "0"))
    return -fen if sign else fen


def _fen_of_number(cell: Cell, field: Field) -> int:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal)):
        _refuse(field, "not an amount: format the column as a number")
    # 15 digits are what Excel shows: beyond them 0.1 + 0.2 has a tail that nobody entered.
    exact = Decimal(f"{cell:.15g}") if isinstance(cell, float) else Decimal(cell)
    if abs(exact) >= AMOUNT_LIMIT:  # also infinity, which has no fen
        return -1 if exact < 0 else AMOUNT_LIMIT
    if exact * 100 % 1:
        _refuse(field, "an amount has at most two decimal places")
    return int(exact * 100)


def day(cell: Cell, field: Field) -> date | None:
    """Return a calendar day, None for a blank cell; an instant counts as its day in China."""
    if is_blank(cell):
        return None
    found = _day_of(cell, field)
    if found < EARLIEST:
        _refuse(field, "a date before 1950: Excel shows an empty date as 1900")
    return found


def _day_of(cell: Cell, field: Field) -> date:
    if isinstance(cell, datetime):
        return (cell.astimezone(SHANGHAI) if cell.tzinfo else cell).date()
    if isinstance(cell, date):
        return cell
    text = _TIME.sub("", text_of(cell, field))
    found = _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text)
    if not found:
        _refuse(field, "not a date such as 2026-10-31, 2026/10/31, 2026年10月31日 or 20261031")
    numbers = [int(part) for part in found.groups() if part and part.isdigit()]
    try:
        return date(*numbers)
    except ValueError:
        _refuse(field, "this day does not exist in the calendar")


def truth(cell: Cell, field: Field) -> bool | None:
    """Return yes or no, None for a blank cell."""
    word = fold(text_of(cell, field))
    if not word:
        return None
    if word not in _TRUTH:
        _refuse(field, "neither yes nor no: write 是 or 否, Y or N, 1 or 0")
    return _TRUTH[word]


def court(cell: Cell, field: Field) -> tuple[bool, bool]:
    """Return whether the contract is in court, and whether it is judged."""
    word = fold(text_of(cell, field))
    if word not in _COURT:
        _refuse(field, "leave empty, or write 诉讼中 (in court) or 已判决 (judged)")
    return _COURT[word]


def product(cell: Cell, field: Field) -> ProductClass:
    """Return the class of a loan; an unknown or blank one is `other`."""
    word = fold(text_of(cell, field))
    known = _PRODUCTS.get(word)
    if known is None:
        known = next((refused for part, refused in _PRODUCT_PARTS.items() if part in word), None)
    return known or ProductClass.OTHER


def kind(cell: Cell, field: Field) -> Kind:
    """Return the kind of document; blank means a resident ID."""
    word = fold(text_of(cell, field))
    if word and word not in _KINDS:
        _refuse(field, f"unknown kind of document: use one of {_KIND_WORDS}")
    return _KINDS[word] if word else Kind.RESIDENT_ID


def flag_category(cell: Cell, field: Field) -> EvasionCategory | None:
    """Return the category of an evasion flag, None for a blank cell."""
    word = fold(text_of(cell, field))
    if word and word not in _FLAGS:
        labels = ", ".join(category.label for category in EvasionCategory)
        _refuse(field, f"unknown category: use one of {labels}")
    return _FLAGS.get(word)


def narrative(cell: Cell, field: Field) -> str | None:
    """Return the text of an evasion flag, None for a blank cell."""
    text = text_of(cell, field)
    if len(text) > LONGEST_NARRATIVE:
        _refuse(field, f"longer than {LONGEST_NARRATIVE:,} characters")
    return text or None


def document_number(cell: Cell, field: Field) -> str:
    """Return a number that a member gave to a document, in one spelling; empty for a blank cell."""
    text = text_of(cell, field)
    if len(text) > LONGEST_NUMBER or not text.isprintable():
        _refuse(field, f"a number in one line, of at most {LONGEST_NUMBER} characters, is expected")
    return text


def contract_number(cell: Cell) -> str:
    """Return the one spelling of a contract number, which a file or the command line gives.

    Raises InvalidInputError(field="contract") for an impossible or an empty one.
    """
    number = document_number(cell, Field.CONTRACT)
    if not number:
        _refuse(Field.CONTRACT, "the contract number is missing")
    return number


def _refuse(field: Field, reason: str) -> NoReturn:
    raise InvalidInputError(reason, field=field.value)


def _words(table: Mapping[Word, Iterable[str]]) -> dict[str, Word]:
    return {fold(word): meaning for meaning, words in table.items() for word in (meaning.value, *words)}


_TRUTH = dict.fromkeys(("是", "y", "yes", "1", "true", "t"), True) | dict.fromkeys(
    ("否", "n", "no", "0", "false", "f"), False
)

_COURT = {
    **dict.fromkeys(map(fold, ("", "无", "否", "未诉讼", "未起诉", "none", "no")), (False, False)),
    **dict.fromkeys(map(fold, ("诉讼中", "已起诉", "审理中", "in court", "litigation")), (True, False)),
    **dict.fromkeys(map(fold, ("已判决", "判决生效", "已裁决", "judged", "judgment")), (False, True)),
}

_PRODUCTS = _words(
    {
        ProductClass.CONSUMER_LOAN: ("消费贷", "消费贷款", "个人消费贷款", "消费信贷", "consumer"),
        ProductClass.CASH_LOAN: ("现金贷", "现金贷款", "小额现金贷", "payday loan"),
        ProductClass.AUTO_LOAN: ("车贷", "汽车贷款", "车抵贷", "汽车消费贷款", "car loan"),
        ProductClass.HOME_LOAN: ("房贷", "住房贷款", "房抵贷", "按揭贷款", "mortgage"),
        ProductClass.BUSINESS_LOAN: ("经营贷", "经营贷款", "个人经营贷款", "企业贷款", "企业贷", "business"),
        ProductClass.OTHER: ("其他", "其它"),
    }
)

# Unlawful products are found by a part of their name, so that "大学生校园贷（A款）" does not pass as `other`.
_PRODUCT_PARTS = {
    "校园": ProductClass.CAMPUS_LOAN,
    "学生贷": ProductClass.CAMPUS_LOAN,
    "学生分期": ProductClass.CAMPUS_LOAN,
    "campus": ProductClass.CAMPUS_LOAN,
    "首付贷": ProductClass.DOWN_PAYMENT_LOAN,
    "首付分期": ProductClass.DOWN_PAYMENT_LOAN,
    "downpayment": ProductClass.DOWN_PAYMENT_LOAN,
}

_KINDS = _words(
    {
        Kind.RESIDENT_ID: ("身份证", "居民身份证", "港澳台居民居住证", "外国人永久居留身份证"),
        Kind.USCC: ("统一社会信用代码", "社会信用代码", "营业执照"),
        Kind.PASSPORT: ("护照",),
        Kind.HM_PERMIT: ("港澳居民来往内地通行证", "港澳通行证", "回乡证"),
        Kind.TW_PERMIT: ("台湾居民来往大陆通行证", "台胞证"),
    }
)
_KIND_WORDS = "身份证, 统一社会信用代码, 护照, 回乡证, 台胞证"

_FLAGS = _words({category: (category.label,) for category in EvasionCategory})

"""Amounts and rates as people write and read them: yuan and per cent outside, fen and millionths inside."""

from __future__ import annotations

import re
from decimal import Decimal

from privacy.errors import InvalidInputError

_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,13})(?:\.([0-9]{1,2}))?")
_RATE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?\s*%?")


def yuan(fen: int) -> str:
    """Return an amount in fen as yuan: 1,234.50."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def percent(rate: int) -> str:
    """Return an annual rate in millionths as per cent: 154,000 as 15.4%."""
    return f"{(Decimal(rate) / 10_000).normalize():f}%"


def fen_of(value: object, field: str) -> int:
    """Return an amount in yuan, a text or a number, as fen; raises InvalidInputError naming the field."""
    found = _AMOUNT.fullmatch(_plain(value, field).removeprefix("¥").removesuffix("元").strip())
    if not found:
        raise InvalidInputError("not an amount in yuan, such as 1234.56 or 1,234.56", field=field)
    return int(found[1].replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))


def rate_of(value: object, field: str) -> int:
    """Return an annual rate in per cent, a text or a number, as millionths; raises InvalidInputError."""
    found = _RATE.fullmatch(_plain(value, field))
    if not found:
        raise InvalidInputError("not an annual rate in per cent, such as 15.4 or 15.4%", field=field)
    return int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0"))


def _plain(value: object, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise InvalidInputError("a number or a text is expected", field=field)
    if isinstance(value, float):
        # 15 digits are what a spreadsheet shows: behind them stand digits that nobody entered.
        value = Decimal(f"{value:.15g}")
    return f"{value:f}" if isinstance(value, Decimal) else str(value).strip()

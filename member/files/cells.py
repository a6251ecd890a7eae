"""One cell of a portfolio file, whatever the format: what it says to us, and how it is shown again.

Spreadsheets do two kinds of harm. They keep 15 digits of a number, so that a longer one read back is another
number; and they run a text that begins with `=` as a formula. Both are met here, on the way in and out.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeAlias

from privacy.errors import InvalidInputError

Cell: TypeAlias = str | int | float | bool | Decimal | date | datetime | time | None

LOST_DIGITS = (
    "stored as a number, of which Excel keeps only 15 digits: the last ones are lost. Format the column as"
    " text and enter it again from the source"
)
EXACT_NUMBERS = 10**15

# Characters that nobody sees: they come along with text copied from a web page or a chat.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONG_NUMBER = re.compile(r"[0-9]{16,}")


def is_blank(cell: object) -> bool:
    """Tell whether the cell says nothing: absent, white space, or not a number."""
    if isinstance(cell, str):
        return not cell or cell.isspace()
    return cell is None or cell != cell  # only NaN, a missing number of Parquet, differs from itself


def clean(text: str) -> str:
    """Return `text` after NFKC, without invisible characters, outer white space and a text mark (`'`)."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return text.strip().removeprefix("'")


def text_of(cell: Cell, field: str) -> str:
    """Return what the cell says as clean text, empty for a blank one.

    A number stands for its digits. Raises InvalidInputError for a number that has lost some.
    """
    if is_blank(cell):
        return ""
    if isinstance(cell, str):
        text = clean(cell)
        if _SCIENTIFIC.fullmatch(text):
            raise InvalidInputError(LOST_DIGITS, field=field)
        return text
    if isinstance(cell, (int, float, Decimal)) and not -EXACT_NUMBERS < cell < EXACT_NUMBERS:
        raise InvalidInputError(LOST_DIGITS, field=field)
    return shown(cell)


def shown(cell: object) -> str:
    """Return the cell as a person expects to read it; a whole number has no decimal point."""
    if cell is None or is_blank(cell):
        return ""
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell):
        return str(int(cell))
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


def guarded(text: str) -> str:
    """Return `text` for a CSV file that a spreadsheet may open: no formula runs, no long number loses digits.

    Such a cell gets an apostrophe in front, the mark for text (OWASP, CSV injection); `clean` takes it off
    again when the file comes back.
    """
    risky = text.lstrip(" ").startswith(_FORMULA) or _LONG_NUMBER.fullmatch(text.strip())
    return "'" + text if risky else text

"""Values as clerks write them, read with everything that is wrong said at once, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from member.matters.money import fen_of, rate_of
from privacy.errors import InvalidInputError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_DAY = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?(?:T00:00:00)?")
_EARLIEST = date(1950, 1, 1)


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a case from being filed: where, why, and what to do. Never quotes a value."""

    where: str
    reason: str
    do: str


@dataclass(slots=True)
class Reading:
    """Reads values and keeps what is wrong with them; a value that cannot be read is None."""

    lacks: list[Lack] = field(default_factory=list)

    def amount(self, value: object, where: str) -> int | None:
        """Read an amount in yuan as fen."""
        return self._read(fen_of, value, where, "write an amount in yuan, such as 1234.56")

    def rate(self, value: object, where: str) -> int | None:
        """Read an annual rate in per cent as millionths."""
        return self._read(rate_of, value, where, "write a rate in per cent a year, such as 15.4")

    def day(self, value: object, where: str) -> date | None:
        """Read a calendar day."""
        return self._read(day_of_text, value, where, "write a day such as 2026-10-31")

    def word(self, words: type[E], value: object, where: str) -> E | None:
        """Read one of a vocabulary's words."""

        def read(text: object, name: str) -> E:
            if text not in set(words):
                raise InvalidInputError("not one of the words that are known here", field=name)
            return words(str(text))

        return self._read(read, value, where, f"write one of {', '.join(words)}")

    def text(self, form: Any, value: object, where: str) -> str | None:
        """Read a text that must be there, of a form of `privacy.messages`."""
        found = self.optional(form, value, where)
        if found is None:
            self.lack_once(where, "it is missing", "write it into the case file")
        return found

    def optional(self, form: Any, value: object, where: str) -> str | None:
        """Read a text that may be absent."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        plain = str(value).strip()
        try:
            msgspec.convert(plain, form)
        except msgspec.ValidationError:
            self.lack(where, "too long, or with signs that nobody sees", "write it again as one plain line")
            return None
        return plain

    def lack(self, where: str, reason: str, do: str) -> None:
        """Note something that is missing or wrong."""
        self.lacks.append(Lack(where, reason, do))

    def lack_once(self, where: str, reason: str, do: str) -> None:
        """Note something about a field of which nothing was noted yet."""
        if not any(each.where == where for each in self.lacks):
            self.lack(where, reason, do)

    def _read(self, reader: Callable[[object, str], T], value: object, where: str, do: str) -> T | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            self.lack_once(where, "it is missing", do)
            return None
        try:
            return reader(value, where)
        except InvalidInputError as error:
            self.lack_once(where, str(error), do)
            return None


def day_of_text(value: object, field: str) -> date:
    """Return a calendar day from its text; raises InvalidInputError naming the field."""
    found = _DAY.fullmatch(str(value).strip())
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        raise InvalidInputError("this day does not exist in the calendar", field=field) from None
    if day is None:
        raise InvalidInputError("not a day such as 2026-10-31", field=field)
    if day < _EARLIEST:
        raise InvalidInputError("a day before 1950", field=field)
    return day

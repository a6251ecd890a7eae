"""Bytes on paper: numbered lines, each with a checksum, that a scanner or a person can read back.

    K7QM 07/39 ABCDE FGHIJ KLMNO PQRST UVWXY Z2345 67ABC DEFGH 5TRW

The sheet's letters follow from its content, so that lines of two sheets are never mixed; the last four
letters are the checksum of the line. A QR code holds eight lines, joined by `+`. Base32 (RFC 4648) has no
0, 1, 8 and 9: the first three are read as the letters that they look like.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from custodian.errors import OperatorError
from privacy.encoding import digest

LINES_IN_PART = 8
"""Lines in one QR code: about 450 characters, which a telephone reads from a creased sheet."""

_LINE_CHARACTERS = 40
_GROUP = 5
_CHECK = 4
_LOOKALIKES = str.maketrans("018", "OIB")
_FORM = re.compile(r"([A-Z2-7]{4})([0-9]{2})/([0-9]{2})([A-Z2-7]{1,40})([A-Z2-7]{4})")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its sheet's letters, its number from 1 and how many there are, up to 40 characters."""

    sheet: str
    number: int
    total: int
    data: str

    @property
    def check(self) -> str:
        """The four letters that show a slip of the pen, and a line of another sheet."""
        place = bytes([self.number, self.total])
        return _letters(digest("paper-line", self.sheet.encode(), place, self.data.encode()))[:_CHECK]

    def text(self, between: str = " ") -> str:
        """Return the line as it is printed; `between` parts its groups of five."""
        groups = (self.data[start : start + _GROUP] for start in range(0, len(self.data), _GROUP))
        return f"{self.sheet} {self.number:02}/{self.total:02} {between.join(groups)} {self.check}"


def write(data: bytes) -> list[Line]:
    """Return `data` as lines; up to 2,475 bytes fit."""
    text, sheet = _letters(data), letters_of(data)
    pieces = [text[start : start + _LINE_CHARACTERS] for start in range(0, len(text), _LINE_CHARACTERS)]
    return [Line(sheet, number, len(pieces), piece) for number, piece in enumerate(pieces, 1)]


def parts(lines: list[Line]) -> list[str]:
    """Return the text of each QR code, in order; only characters of its alphanumeric mode."""
    return [
        "+".join(line.text(between="") for line in lines[start : start + LINES_IN_PART])
        for start in range(0, len(lines), LINES_IN_PART)
    ]


def letters_of(data: bytes) -> str:
    """Return the four letters by which the two sheets of one backup are known to belong together."""
    return _letters(digest("paper-sheet", data))[:4]


def read(text: str) -> bytes:
    """Return the bytes of a sheet from its lines in any order, typed or scanned, each also more than once.

    Raises OperatorError naming the line that is damaged or missing, or the part that was not scanned.
    """
    lines = [_line(piece, place) for place, piece in _pieces(text)]
    if not lines:
        raise OperatorError("no line of sheet A is in this file: scan its codes, or type its lines")
    _require_one_sheet(lines)
    found = {line.number: line.data for line in lines}
    _require_whole(found, lines[0].total)
    data = _bytes("".join(found[number] for number in sorted(found)))
    if letters_of(data) != lines[0].sheet:
        raise OperatorError("the lines fit one by one but not together: scan or type all of them again")
    return data


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    """Yield each line of the sheet with the number of the file's line that holds it."""
    for place, row in enumerate(text.splitlines(), 1):
        for piece in row.split("+"):
            if piece.strip():
                yield place, piece


def _line(piece: str, place: int) -> Line:
    """Read one line; raises OperatorError naming it by its own number, or by its place in the file."""
    plain = "".join(piece.split()).upper()
    head, slash, rest = plain.partition("/")
    sheet = head[:4].translate(_LOOKALIKES)
    fits = _FORM.fullmatch(sheet + head[4:] + slash + rest[:2] + rest[2:].translate(_LOOKALIKES))
    if fits is None:
        raise OperatorError(f"line {place} of the file is no line of sheet A: type it again as it is printed")
    line = Line(fits[1], int(fits[2]), int(fits[3]), fits[4])
    if line.check != fits[5]:
        raise OperatorError(
            f"line {line.number} of the sheet is damaged: its checksum does not fit; read it again"
        )
    return line


def _require_one_sheet(lines: list[Line]) -> None:
    sheets = sorted({(line.sheet, line.total) for line in lines})
    if len(sheets) > 1:
        names = ", ".join(sheet for sheet, _ in sheets)
        raise OperatorError(f"lines of several sheets are mixed ({names}): give those of one")


def _require_whole(found: dict[int, str], total: int) -> None:
    missing = [number for number in range(1, total + 1) if number not in found]
    if not missing:
        return
    for start in range(1, total + 1, LINES_IN_PART):
        last = min(start + LINES_IN_PART - 1, total)
        if all(number in missing for number in range(start, last + 1)):
            part = start // LINES_IN_PART + 1
            raise OperatorError(f"part {part} is missing: scan its code, or type its lines {start} to {last}")
    raise OperatorError(f"line {missing[0]} of {total} is missing")


def _letters(data: bytes) -> str:
    return base64.b32encode(data).rstrip(b"=").decode()


def _bytes(letters: str) -> bytes:
    try:
        return base64.b32decode(letters + "=" * (-len(letters) % 8))
    except binascii.Error as error:
        raise OperatorError("the lines do not give whole bytes: scan or type all of them again") from error

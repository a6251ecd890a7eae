"""What a reader's search finds in a PDF: its text, page by page, through the fonts' own ToUnicode tables."""

from __future__ import annotations

import io
import re
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

_OPERATOR = re.compile(rb"/(?P<font>\S+) [\d.]+ Tf|\((?P<text>(?:\\.|[^\\()])*)\) Tj", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CODE = re.compile(rb"^<([0-9A-F]+)> <([0-9A-F]+)>$", re.MULTILINE)


def read_pages(data: bytes) -> list[list[str]]:
    """Return the lines of text on each page of a PDF that ReportLab made, in the order of the file."""
    kids = PdfFileReader(io.BytesIO(data)).root["/Pages"]["/Kids"]
    return [_read(kids[number]) for number in range(len(kids))]


def text_of(data: bytes) -> str:
    """Return all text of a PDF without spaces, so that it does not matter where a line ends."""
    return "".join("".join(line.split()) for page in read_pages(data) for line in page)


def _read(page: Any) -> list[str]:
    fonts = page["/Resources"]["/Font"]
    tables = {name[1:].encode(): _unicode(fonts[name]) for name in fonts}
    table, found = dict[int, str](), list[str]()
    for each in _OPERATOR.finditer(page["/Contents"].data):
        if each["font"]:
            table = tables[each["font"]]
        else:
            found.append("".join(table[code] for code in _ESCAPE.sub(_sign, each["text"])))
    return found


def _sign(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if found[1].isdigit() else _SIGNS.get(found[1], found[1])


def _unicode(font: Any) -> dict[int, str]:
    if "/ToUnicode" not in font:
        return {}
    codes = _CODE.findall(font["/ToUnicode"].data.split(b"beginbfchar")[1])
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in codes}

"""Pages for the printer: the monthly report, and the two sheets of a paper backup."""

from __future__ import annotations

from typing import Any

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from custodian.paper import blocks
from custodian.paper.sheets import Sheets
from privacy.encoding import b64, parse_instant
from privacy.keyset import KeySet
from privacy.periods import SHANGHAI


def render(template: str, **values: Any) -> str:
    """Return a page of `custodian/desk/templates` with these values."""
    pages = Environment(
        loader=PackageLoader("custodian.desk"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["shanghai"] = shanghai
    return pages.get_template(template).render(**values)


def shanghai(instant: str) -> str:
    """Return an instant of a message as it is read in Shanghai, to the minute."""
    return f"{parse_instant(instant).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def sheets(made: Sheets, name: str, key_set: KeySet, custodian: int) -> str:
    """Return sheet A (codes and lines) and sheet B (words) as one page for the printer."""
    parts = blocks.parts(made.lines)
    return render(
        "sheets.html",
        made=made,
        name=name,
        custodian=custodian,
        key_set=key_set,
        key_set_digest=b64(key_set.digest),
        codes=[_code(part) for part in parts],
        rows=[line.text() for line in made.lines],
        words=made.words,
        lines_in_part=blocks.LINES_IN_PART,
    )


def _code(text: str) -> str:
    """Return a QR code as inline SVG; it stays readable with a quarter of it damaged."""
    code = segno.make(text, error="q", micro=False)
    return str(code.svg_inline(border=4, omitsize=True))

"""From blocks to what ReportLab's Platypus flows over pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from reportlab.lib import textsplit
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, HRFlowable, LongTable, PageBreak, Spacer, paragraph
from reportlab.platypus import Paragraph as Text

from paper.blocks import (
    Block,
    Code,
    Column,
    Facts,
    Heading,
    NewPage,
    Paragraph,
    Points,
    Sheet,
    Space,
    Table,
    Tone,
)
from paper.styles import ACCENT, HAIR, MARGIN, SHADE, WIDTH, Styles

# ReportLab keeps Japan's closing marks from the head of a line; China has more of them.
for _module in (paragraph, textsplit):
    _module.ALL_CANNOT_START += "，；：？！》”’"

_WIDE = WIDTH - 2 * MARGIN
_LABELS = 0.24
"""The share of the width that the names of facts have."""

_Commands = list[tuple[object, ...]]

_PLAIN: _Commands = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


def story(sheet: Sheet, styles: Styles) -> list[Flowable]:
    """Return a sheet's title and blocks as flowables."""
    found = [_text(sheet.title, styles.title, styles)]
    if sheet.subtitle:
        found.append(_text(sheet.subtitle, styles.small, styles))
    return [*found, *(part for block in sheet.blocks for part in _set(block, styles))]


def _set(block: Block, styles: Styles) -> Iterator[Flowable]:
    match block:
        case Heading():
            yield from _heading(block, styles)
        case Paragraph(tone=Tone.NOTICE):
            yield from _boxed(_text(block.text, styles.body, styles), bar=True)
        case Paragraph():
            yield _text(block.text, styles.small if block.tone is Tone.SMALL else styles.body, styles)
        case Points():
            for number, item in enumerate(block.items, 1):
                yield _text(item, styles.point, styles, bullet=block.mark or f"{number}.")
        case Facts():
            yield _facts(block, styles)
        case Table():
            yield from _table(block, styles)
        case Code():
            yield from _boxed(_text("\n".join(block.lines), styles.code, styles))
        case Space():
            yield Spacer(1, block.height)
        case NewPage():
            yield PageBreak()


def _text(text: str, style: ParagraphStyle, styles: Styles, *, bullet: str | None = None) -> Flowable:
    """Return plain text as a paragraph: nothing in it is markup, and a line feed begins a new line."""
    plain = escape(styles.font_of(style).legible(text)).replace("\n", "<br/>")
    return Text(plain, style, bulletText=bullet)


def _heading(block: Heading, styles: Styles) -> Iterator[Flowable]:
    if block.level != 1:
        yield _text(block.text, styles.subheading, styles)
        return
    yield _text(block.text, styles.heading, styles)
    rule = HRFlowable(width="100%", thickness=0.7, color=ACCENT, spaceBefore=0, spaceAfter=4)
    rule.keepWithNext = 1
    yield rule


def _boxed(text: Flowable, *, bar: bool = False) -> Iterator[Flowable]:
    commands = [*_PLAIN, ("BACKGROUND", (0, 0), (-1, -1), SHADE), ("LEFTPADDING", (0, 0), (-1, -1), 12)]
    if bar:
        commands.append(("LINEBEFORE", (0, 0), (0, -1), 3, ACCENT))
    yield LongTable([[text]], colWidths=[_WIDE], style=commands, splitInRow=1)
    yield Spacer(1, 6)


def _facts(block: Facts, styles: Styles) -> Flowable:
    style = styles.code if block.code else styles.body
    rows = [[_text(name, styles.label, styles), _text(value, style, styles)] for name, value in block.rows]
    commands = [*_PLAIN, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 0)]
    widths = [_WIDE * _LABELS, _WIDE * (1 - _LABELS)]
    return LongTable(rows, colWidths=widths, style=commands, splitInRow=1, spaceAfter=4)


def _table(block: Table, styles: Styles) -> Iterator[Flowable]:
    whole = sum(column.share for column in block.columns)
    head = [_text(column.head, styles.cell, styles) for column in block.columns]
    totals = () if block.total is None else (block.total,)
    rows = [_row(block.columns, row, styles) for row in (*block.rows, *totals)]
    commands = [*_PLAIN, ("GRID", (0, 0), (-1, -1), 0.5, HAIR), ("BACKGROUND", (0, 0), (-1, 0), SHADE)]
    if totals:
        commands.append(("BACKGROUND", (0, -1), (-1, -1), SHADE))
    widths = [_WIDE * column.share / whole for column in block.columns]
    yield LongTable([head, *rows], colWidths=widths, style=commands, repeatRows=1, splitInRow=1)
    yield Spacer(1, 8)


def _row(columns: Sequence[Column], texts: Sequence[str], styles: Styles) -> list[Flowable]:
    cells = zip(columns, texts, strict=True)
    return [_text(text, _style_of(column, styles), styles) for column, text in cells]


def _style_of(column: Column, styles: Styles) -> ParagraphStyle:
    if column.code:
        return styles.code_cell
    return styles.amount if column.right else styles.cell

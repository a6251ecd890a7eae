"""A sheet becomes a PDF: font embedded, text to be searched and copied, the same bytes each time.

`paper.blocks` says what a sheet is made of, with an example; ReportLab's Platypus sets it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, NextPageTemplate, PageTemplate

from paper.blocks import Language, Sheet
from paper.fonts import Font, Fonts, installed
from paper.story import story
from paper.styles import (
    ACCENT,
    BOTTOM,
    GREY,
    HAIR,
    HEIGHT,
    INK,
    MARGIN,
    PALE,
    SIGNATURE,
    TOP,
    WIDTH,
    Styles,
)

_FOOT = 8.0
_WATERMARK = 46.0
_DIAGONAL = 620.0
_SLOPE = 52.0
"""Degrees: along an A4 page's diagonal."""

_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


def render(sheet: Sheet, fonts: Fonts | None = None) -> bytes:
    """Return a sheet as PDF; without `fonts` this machine's are taken. Raises NoFont.

    The same sheet and font give the same bytes, on whatever day.
    """
    fonts = fonts or installed()
    target = BytesIO()
    document = BaseDocTemplate(target, pagesize=(WIDTH, HEIGHT), invariant=1, lang=sheet.language.value)
    document.addPageTemplates(
        [
            _template("first", sheet, fonts, floor=SIGNATURE[3] + 8 if sheet.signature else BOTTOM),
            _template("later", sheet, fonts, floor=BOTTOM),
        ]
    )
    flowables = [NextPageTemplate("later"), *story(sheet, Styles(fonts, sheet.language))]
    document.build(flowables, canvasmaker=partial(_Counted, sheet, fonts.text))
    return target.getvalue()


class _Counted(Canvas):  # type: ignore[misc]
    """A canvas that holds its pages back until it knows how many there are."""

    def __init__(self, sheet: Sheet, font: Font, *args: Any, **given: Any) -> None:
        # Else the file would name a font that it does not embed.
        super().__init__(*args, **{**given, "initialFontName": font.name})
        self._sheet, self._font = sheet, font
        self._pages: list[dict[str, Any]] = []
        _describe(self, sheet)

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(pages := self._pages, 1):
            self.__dict__.update(page)
            _foot(self, self._sheet, self._font, number, len(pages))
            super().showPage()
        super().save()


def _template(name: str, sheet: Sheet, fonts: Fonts, *, floor: float) -> PageTemplate:
    frame = Frame(
        MARGIN,
        floor,
        WIDTH - 2 * MARGIN,
        HEIGHT - TOP - floor,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )

    def on_page(canvas: Canvas, _document: BaseDocTemplate) -> None:
        _watermark(canvas, sheet, fonts.text)
        _banner(canvas, sheet, fonts.text)
        if name == "first":
            _signature(canvas, sheet, fonts.text)

    return PageTemplate(name, [frame], onPage=on_page)


def _describe(canvas: Canvas, sheet: Sheet) -> None:
    canvas.setTitle(sheet.title)
    canvas.setAuthor(sheet.author)
    canvas.setSubject(sheet.foot)
    canvas.setCreator("Alliance Hub")
    written = f"D:{(sheet.at or _UNDATED).astimezone(UTC):%Y%m%d%H%M%S}Z"
    canvas.setDateFormatter(lambda *_: written)


def _foot(canvas: Canvas, sheet: Sheet, font: Font, number: int, count: int) -> None:
    chinese = sheet.language is Language.CHINESE
    counted = f"第 {number} 页 共 {count} 页" if chinese else f"page {number} of {count}"
    y = BOTTOM - 22
    canvas.setStrokeColor(HAIR)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, y + 13, WIDTH - MARGIN, y + 13)
    canvas.setFont(font.name, _FOOT)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN, y, font.legible(sheet.foot))
    canvas.drawRightString(WIDTH - MARGIN, y, counted)


def _banner(canvas: Canvas, sheet: Sheet, font: Font) -> None:
    if not sheet.banner:
        return
    canvas.setFillColor(PALE)
    canvas.rect(0, HEIGHT - 26, WIDTH, 26, stroke=0, fill=1)
    canvas.setFont(font.name, _FOOT)
    canvas.setFillColor(ACCENT)
    canvas.drawCentredString(WIDTH / 2, HEIGHT - 17, font.legible(sheet.banner))


def _watermark(canvas: Canvas, sheet: Sheet, font: Font) -> None:
    if not sheet.watermark:
        return
    text = font.legible(sheet.watermark)
    size = min(_WATERMARK, _WATERMARK * _DIAGONAL / font.width(text, _WATERMARK))
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(_SLOPE)
    canvas.setFont(font.name, size)
    canvas.setFillColor(PALE)
    canvas.drawCentredString(0, 0, text)
    canvas.restoreState()


def _signature(canvas: Canvas, sheet: Sheet, font: Font) -> None:
    """Draw the box for a digital signature's field, with what is to be read in it."""
    if not sheet.signature:
        return
    left, foot, right, top = SIGNATURE
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(0.7)
    canvas.rect(left, foot, right - left, top - foot, stroke=1, fill=0)
    canvas.setFillColor(INK)
    for number, line in enumerate(sheet.signature):
        canvas.setFont(font.name, 8.5)
        canvas.drawString(left + 8, top - 14 - 12.75 * number, font.legible(line))

"""How a sheet looks: measures of the page, colours, and the styles of its text."""

from __future__ import annotations

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle

from paper.blocks import Language
from paper.fonts import Font, Fonts

WIDTH, HEIGHT = A4
MARGIN, TOP, BOTTOM = 56.0, 60.0, 58.0

SIGNATURE = (MARGIN, BOTTOM, WIDTH - MARGIN, BOTTOM + 36.0)
"""The box at the foot of page 1 for a digital signature's field: x1, y1, x2, y2 in points."""

INK, GREY, ACCENT = Color(0.08, 0.09, 0.11), Color(0.36, 0.38, 0.42), Color(0.10, 0.23, 0.40)
HAIR, SHADE, PALE = Color(0.78, 0.80, 0.83), Color(0.95, 0.96, 0.97), Color(0.90, 0.91, 0.93)


_LEADING = 1.42
"""From one base line to the next, in letters' sizes."""


class Styles:
    """The styles of one sheet: Chinese breaks between characters, English between words."""

    def __init__(self, fonts: Fonts, language: Language) -> None:
        self._fonts = fonts
        self._wrap = "CJK" if language is Language.CHINESE else None
        self.title = self._style(18.0, ACCENT, spaceAfter=2)
        self.heading = self._style(12.5, ACCENT, spaceBefore=10, spaceAfter=1, keepWithNext=1)
        self.subheading = self._style(10.5, ACCENT, spaceBefore=8, spaceAfter=2, keepWithNext=1)
        self.body = self._style(10.0, INK, spaceAfter=4)
        self.small = self._style(8.5, GREY, spaceAfter=4)
        self.point = self._style(10.0, INK, leftIndent=18, bulletIndent=2, bulletFontSize=10.0, spaceAfter=2)
        self.label = self._style(10.0, GREY)
        self.cell = self._style(9.0, INK)
        self.amount = self._style(9.0, INK, alignment=TA_RIGHT)
        # A digest or command has no place where it may be parted: it is cut where the line ends.
        self.code = self._style(8.0, INK, font=fonts.code, wordWrap="CJK")
        self.code_cell = self._style(7.6, INK, font=fonts.code, wordWrap="CJK")

    def font_of(self, style: ParagraphStyle) -> Font:
        """Return the face in which a style is set."""
        return self._fonts.code if style.fontName == self._fonts.code.name else self._fonts.text

    def _style(
        self, size: float, colour: Color, *, font: Font | None = None, **more: object
    ) -> ParagraphStyle:
        name = (font or self._fonts.text).name
        given = {"wordWrap": self._wrap, "bulletFontName": name, **more}
        return ParagraphStyle(
            f"{size}", fontName=name, fontSize=size, leading=size * _LEADING, textColor=colour, **given
        )

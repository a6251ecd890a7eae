"""The font that pages embed: Chinese characters in TrueType outlines, which every PDF reader shows.

The setting `ALLIANCE_FONT` names a file (.ttf or .ttc); without it the places are tried where the usual
systems keep one. A font is read once in a process and then shared: it never changes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from paper.errors import NoFont

SETTING = "ALLIANCE_FONT"

PLACES = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/Library/Fonts/Arial Unicode.ttf"),
    Path("C:/Windows/Fonts/msyh.ttc"),
    Path("C:/Windows/Fonts/simsun.ttc"),
)
"""Debian, Fedora, openSUSE, Debian's other package, macOS, Windows."""

_FIXED_WIDTH = 1
"""In a WenQuanYi collection the second face is the same with letters of one width."""


@dataclass(frozen=True, slots=True)
class Font:
    """One face: its registered name, which characters it has, and how wide they are."""

    name: str
    glyphs: frozenset[int]

    def width(self, text: str, size: float) -> float:
        """Return how wide `text` is, in points."""
        return float(pdfmetrics.stringWidth(text, self.name, size))

    def legible(self, text: str) -> str:
        """Return `text` with every character that the font lacks named by its number.

        A rare character of a name would otherwise be an empty box, and nobody could tell which.
        """
        return "".join(map(self._legible, text))

    def _legible(self, sign: str) -> str:
        if ord(sign) in self.glyphs or sign == "\n":
            return sign
        return f"〔U+{ord(sign):04X}〕" if sign.isprintable() else " "


@dataclass(frozen=True, slots=True)
class Fonts:
    """The two faces of a sheet: for reading, and for digests and commands."""

    text: Font
    code: Font


def find(environment: Mapping[str, str]) -> Path:
    """Return the font file that the setting names, or the first that this machine has; raises NoFont."""
    if named := environment.get(SETTING):
        if not Path(named).is_file():
            raise NoFont(f"{SETTING} names no file: name a TrueType font with Chinese characters")
        return Path(named)
    for place in PLACES:
        if place.is_file():
            return place
    raise NoFont(
        "pages need a font with Chinese characters: install the package fonts-wqy-microhei, "
        f"or name a TrueType file in {SETTING}"
    )


@lru_cache(maxsize=4)
def load(path: Path) -> Fonts:
    """Read a font file, once; raises NoFont for what is no TrueType font with Chinese characters."""
    text = _register(path, 0)
    if ord("逾") not in text.glyphs:
        raise NoFont(f"{path.name} has no Chinese characters: name another font in {SETTING}")
    fixed = path.name.startswith("wqy-") and path.suffix == ".ttc"
    return Fonts(text, _register(path, _FIXED_WIDTH) if fixed else text)


def installed() -> Fonts:
    """Return this machine's font; raises NoFont."""
    return load(find(os.environ))


def _register(path: Path, face: int) -> Font:
    name = f"{path.stem}-{face}"
    try:
        font = TTFont(name, str(path), subfontIndex=face)
    except (TTFError, OSError) as error:
        raise NoFont(
            f"{path.name} cannot be used: name a font with TrueType outlines in {SETTING}, such as that of "
            "the package fonts-wqy-microhei"
        ) from error
    pdfmetrics.registerFont(font)
    return Font(name, frozenset(font.face.charToGlyph))

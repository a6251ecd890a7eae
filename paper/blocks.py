"""What a sheet of paper is made of, as plain values; nothing here knows where on a page it will stand.

    render(Sheet(
        title="仲裁申请书",
        language=Language.CHINESE,
        blocks=(
            Heading("一、当事人"),
            Facts((("申请人", "南山小额贷款有限公司"), ("被申请人", "张某"))),
            Table(
                columns=(Column("序号", 1), Column("证据名称", 5), Column("页数", 1, right=True)),
                rows=(("1", "借款合同", "12"), ("2", "逾期通知", "1")),
            ),
            Paragraph("……"),
        ),
        foot="matter-2026-001",
    ))

`paper.sheet.render` gives the PDF's bytes, the same for the same sheet. Texts are plain: nothing in them is
markup, "\\n" begins a new line, and a character that the font lacks is named by its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Language(StrEnum):
    """In which language a sheet counts its pages, and says that it is written."""

    CHINESE = "zh-CN"
    """Simplified Chinese."""
    ENGLISH = "en-GB"
    """English."""


class Tone(StrEnum):
    """How loudly a paragraph speaks."""

    PLAIN = "plain"
    """As the text of a letter."""
    SMALL = "small"
    """Smaller and grey: remarks and sources."""
    NOTICE = "notice"
    """In a shaded box with a bar: what a reader must not miss."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 has a rule under it, level 2 has none. Never the last line of a page."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Points:
    """A list, each point with a mark before it: one for all, or numbers when `mark` is empty."""

    items: tuple[str, ...]
    mark: str = "·"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and their values side by side, without lines; `code` sets the values as digests are set."""

    rows: tuple[tuple[str, str], ...]
    code: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its head, its share of the width, and how its cells are set.

    `right` for amounts and counts, `code` for digests.
    """

    head: str
    share: float
    right: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with lines; its head comes again on every page, and `total` stands last, set off."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """Commands, fingerprints or digests, each line as it is typed; a long line is cut, never rearranged."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """Empty room, in points: where somebody signs or stamps by hand."""

    height: float = 12.0


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a new page."""


Block: TypeAlias = Heading | Paragraph | Points | Facts | Table | Code | Space | NewPage


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document of A4 pages.

    On every page stand `foot` beside the page's number, `banner` at the head (that data are made up, for
    instance) and `watermark` across, behind the text. `signature` are the lines in the box at the foot of
    page 1 (`paper.styles.SIGNATURE`), where a digital signature's field is put; without lines there is no
    box. `at` is the time at which the file says that it was made.
    """

    title: str
    blocks: tuple[Block, ...]
    foot: str
    language: Language
    subtitle: str = ""
    banner: str = ""
    watermark: str = ""
    signature: tuple[str, ...] = ()
    author: str = ""
    at: datetime | None = None

"""What pages are made of: chips, links, and the acts in an object's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from flask_babel import LazyString

Text: TypeAlias = str | LazyString
"""What a page says: translated now, or when it is shown."""

Tone = Literal["good", "wait", "bad", "still"]
"""The four states that colour stands for: as it should be, somebody must act, wrong or stopped, at rest."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as a word, with a tone that a greyscale print still shows."""

    word: Text
    tone: Tone


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another page."""

    label: Text
    href: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One act: who did what when; `href` leads to its log entry."""

    at: datetime
    who: Text
    what: Text
    href: str = ""
    note: Text = ""

"""Lists come in pages: `after` is where the last page ended, and each page says where the next begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel, Field

from alliance_hub.policy import FEED_PAGE, MAX_PAGE, PAGE

Item = TypeVar("Item")
Mark = TypeVar("Mark")


class Page(BaseModel):
    """Which part of a list; without `after` its beginning."""

    after: int = Field(-1, ge=-1, le=2**53 - 1)
    limit: int = Field(PAGE, ge=1, le=MAX_PAGE)


class NamedPage(BaseModel):
    """Which part of a list whose places are named."""

    after: str | None = Field(None, min_length=1, max_length=64)
    limit: int = Field(PAGE, ge=1, le=MAX_PAGE)


class FeedPage(BaseModel):
    """Which part of the feed: what stands behind position `after`."""

    after: int = Field(0, ge=0, le=2**53 - 1)
    limit: int = Field(FEED_PAGE, ge=1, le=MAX_PAGE)


def next_mark(items: Sequence[Item], limit: int, mark: Callable[[Item], Mark]) -> Mark | None:
    """Return where the next page begins, or None when this page was not full."""
    return mark(items[-1]) if len(items) == limit else None

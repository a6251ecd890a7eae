"""Registers: lists that are filtered, sorted and paged by their address, exported and printed as shown.

A view parses the address into a `Query`, lets its service find the rows, and shows them:

    query = register.parse(COLUMNS, FILTERS, sort="at", descending=True)
    rows = _rows(members.list_members(session, query.filters, ...))
    return register.show(_("Members"), COLUMNS, FILTERS, query, rows, all_rows=..., empty=EMPTY)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request

from admin import export, office
from admin.objects import Chip, Link, Text

__all__ = ["Chip", "Column", "Empty", "Filter", "Link", "Query", "Rows", "parse", "show"]

Kind = Literal["text", "number", "money", "instant", "day", "chip", "left", "link"]

LIMIT = 50
"""Rows on one page."""

WHOLE = 10_000
"""The most rows that are exported or printed at once."""

_OWN_KEYS = frozenset({"q", "sort", "page", "format", "print", "lang"})

Cell = Any
"""What its column's kind says: a text, a number, fen, an aware instant, a day, a Chip, a Link, or None."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `key` is the row's. `left` holds a deadline and shows how long there is."""

    key: str
    label: Text
    kind: Kind = "text"
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow the list: one of the `options` (value, label), or free text where there are none."""

    key: str
    label: Text
    options: Sequence[tuple[str, Text]] | None = None

    def __post_init__(self) -> None:
        if self.key in _OWN_KEYS:
            raise ValueError(f"{self.key} is a word of every register's address")

    def label_of(self, value: str) -> Text:
        """Return what a value of this filter is called."""
        return dict(self.options or ()).get(value, value)

    def takes(self, value: str) -> bool:
        """Say whether the value can be asked for."""
        return bool(value) and (self.options is None or value in dict(self.options))


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks for. `text` is the search box's; `page` counts from 1."""

    filters: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 1
    limit: int = LIMIT

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return (self.page - 1) * self.limit

    def whole(self) -> Query:
        """Return the query for everything that this filter shows, as it is exported and printed."""
        return replace(self, page=1, limit=WHOLE)


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of rows, each a mapping from column keys to cells, and how many there are in all.

    `capped` says that nobody counted further: there are more than `total`.
    """

    rows: Sequence[Mapping[str, Cell]]
    total: int
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty register says: what will appear here, and where to begin."""

    says: Text
    begin_label: Text = ""
    begin_href: str = ""


def parse(
    columns: Sequence[Column], filters: Sequence[Filter], *, sort: str, descending: bool = False
) -> Query:
    """Return what the request's address asks for; what it does not know, it leaves aside."""
    sortable = {column.key for column in columns if column.sortable}
    asked = request.args.get("sort", "")
    if asked.removeprefix("-") in sortable:
        sort, descending = asked.removeprefix("-"), asked.startswith("-")
    given = {each.key: request.args.get(each.key, "").strip() for each in filters}
    return Query(
        filters={each.key: given[each.key] for each in filters if each.takes(given[each.key])},
        text=request.args.get("q", "").strip()[:200],
        sort=sort,
        descending=descending,
        page=min(max(request.args.get("page", 1, type=int), 1), 1_000_000),
    )


def show(
    title: Text,
    columns: Sequence[Column],
    filters: Sequence[Filter],
    query: Query,
    rows: Rows,
    *,
    empty: Empty,
    all_rows: Callable[[], Rows] | None = None,
    link: str = "href",
    note: Text = "",
    actions: Sequence[Link] = (),
    search: Text = "",
    template: str = "console/register.html",
    **context: Any,
) -> Response:
    """Show one page of a register, or export or print what its filter shows.

    `link` is the key under which a row keeps its own page's address; `all_rows` finds every row of the
    filter (ask for `query.whole()`); `search` says what the search box looks in, empty for a register
    without one; `note` stands under the title.
    """
    if request.args.get("format") == "csv":
        return export.csv(columns, _whole(rows, all_rows))
    printing = "print" in request.args
    return make_response(
        render_template(
            template,
            title=title,
            columns=columns,
            filters=filters,
            query=query,
            rows=_whole(rows, all_rows) if printing else rows,
            empty=empty,
            link=link,
            note=note,
            actions=actions,
            search=search,
            at=Address(query),
            printing=printing,
            stand=office.log_stand() if printing else None,
            **context,
        )
    )


@dataclass(frozen=True, slots=True)
class Address:
    """The addresses near this one: each is this list with one thing changed, so that filters stay."""

    query: Query

    def with_filter(self, key: str, value: str = "") -> str:
        """Return the list with another choice of one filter, from its first page; no value drops it."""
        return self._to({key: value, "page": ""})

    def sorted_by(self, key: str) -> str:
        """Return the list sorted by a column, the other way round if it is so already."""
        turned = self.query.sort == key and not self.query.descending
        return self._to({"sort": f"-{key}" if turned else key, "page": ""})

    def at_page(self, page: int) -> str:
        """Return another page of the list."""
        return self._to({"page": "" if page == 1 else str(page)})

    def without_search(self) -> str:
        """Return the list without the search box's text."""
        return self._to({"q": "", "page": ""})

    def plain(self) -> str:
        """Return the list without filter and search."""
        return self._to(dict.fromkeys((*self.query.filters, "q", "page"), ""))

    def exported(self) -> str:
        """Return the file of everything that is shown by this filter."""
        return self._to({"format": "csv", "page": ""})

    def printed(self) -> str:
        """Return everything that is shown by this filter, on paper."""
        return self._to({"print": "1", "page": ""})

    def shown(self) -> str:
        """Return the list itself, not on paper."""
        return self._to({"print": ""})

    def kept(self, *dropped: str) -> list[tuple[str, str]]:
        """Return what a form that changes `dropped` has to carry along."""
        return [(key, value) for key, value in self._asked().items() if key not in {*dropped, "page"}]

    def _asked(self) -> dict[str, str]:
        known = {*self.query.filters, *_OWN_KEYS - {"lang", "format"}}
        return {key: value for key, value in request.args.items() if key in known and value}

    def _to(self, changed: Mapping[str, str]) -> str:
        asked = {key: value for key, value in {**self._asked(), **changed}.items() if value}
        return f"{request.path}?{urlencode(asked)}" if asked else request.path


def _whole(rows: Rows, all_rows: Callable[[], Rows] | None) -> Rows:
    return rows if all_rows is None else all_rows()

"""The console's pages: how long a page takes at 1,000 members and a million log entries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import office
from bench.measuring import interleave, wall
from bench.office import FIRST, Site
from bench.report import Comparison, Figure, Row, Sense

TITLE: Final = "The console: its pages at 1,000 members and 1,000,000 log entries"
ROUNDS: Final = 5
MEMBERS: Final = 1_000
ENTRIES: Final = 1_000_000
BAR: Final = 0.2
"""Seconds that a page may take on SQLite (issue 4)."""

PAGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("dashboard", "secretariat", ""),
    ("waiting for me", "secretariat", "approvals"),
    ("clocks", "secretariat", "clocks?days=92"),
    ("members", "secretariat", "members"),
    ("members, searched", "secretariat", "members?q=0777"),
    ("a member", "secretariat", f"members/{FIRST}"),
    ("agreements", "secretariat", "agreements/"),
    ("an agreement", "secretariat", "agreements/data-0001/1"),
    ("complaints", "secretariat", "complaints"),
    ("a complaint", "secretariat", "complaints/C-{year}-0001"),
    ("misconduct", "secretariat", "complaints/misconduct"),
    ("officers", "security", "officers"),
    ("settings", "system", "settings"),
    ("activity", "audit", "activity"),
    ("activity, by member and kind", "audit", "activity?organisation=Bench+0007&kind=complaint_noted"),
    ("activity, by object", "audit", "activity?object=member/Bench+0007"),
    ("an entry", "audit", "activity/1"),
    ("an inspector's view", "inspector", "members"),
    ("a member's overview", "member", "mine/"),
    ("a member's quota", "member", "mine/quota/"),
)
"""What each is called, who looks at it, and its address under /console/."""


def measure(tick: Callable[[], None]) -> list[Row]:
    """Load every page of a full and of a nearly empty hub in turns; returns a figure for each and a ratio."""
    with TemporaryDirectory() as folder:
        full, few = office.found(Path(folder) / "full"), office.found(Path(folder) / "few")
        office.fill(full, members=MEMBERS, entries=ENTRIES, tick=tick)
        contestants = {
            (name, kind): partial(_seconds, site, who, address)
            for name, who, address in PAGES
            for kind, site in (("full", full), ("few", few))
        }
        named = {f"{kind}: {name}": contestant for (name, kind), contestant in contestants.items()}
        return _rows(interleave(named, ROUNDS, tick=tick))


def _seconds(site: Site, who: str, address: str) -> float:
    """Return how long one page takes, its session found and its HTML made; raises when it is none."""
    browser = site.office.browser_as(site.officers[who])
    path = "/console/" + address.format(year=site.hub.clock().year)
    answers: list[int] = []
    seconds = wall(lambda: answers.append(browser.get(path).status_code), 1)
    if answers != [200]:
        raise AssertionError(f"{path} answered {answers}")
    return seconds


def _rows(costs: dict[str, list[float]]) -> list[Row]:
    pages = [name for name, _, _ in PAGES]
    together = [[sum(each) for each in zip(*(costs[f"{kind}: {name}"] for name in pages), strict=True)]
                for kind in ("full", "few")]  # fmt: skip
    rows: list[Row] = [
        Comparison(
            key="console-growth",
            what="all pages, full hub",
            unit="round of pages",
            peer="nearly empty hub",
            ours=together[0],
            peers=together[1],
            sense=Sense.COST,
            note=f"All {len(pages)} pages once, at {MEMBERS:,} members and {ENTRIES:,} log entries, SQLite, "
            "beside the same pages of a hub with one member: what growth costs.",
        )
    ]
    return rows + [_figure(name, who, address, costs[f"full: {name}"]) for name, who, address in PAGES]


def _figure(name: str, who: str, address: str, seconds: list[float]) -> Figure:
    return Figure(
        key=f"console-{name.replace(', ', '-').replace(' ', '-').replace(chr(39), '')}",
        what=f"page: {name}",
        unit="page",
        units=1,
        seconds=seconds,
        bar=BAR,
        note=f"/console/{address}, seen as {who}: from the request to the whole page, without a network.",
    )

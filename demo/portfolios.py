"""Finds the members' portfolios in a folder: one file for each member, its stem the member's name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

ENDINGS = {".csv", ".xlsx", ".parquet"}


class DemoError(Exception):
    """The demo cannot go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A member of the demo and the file with its contracts."""

    member: str
    path: Path


def find_portfolios(folder: Path) -> list[Portfolio]:
    """Return the portfolios of a folder by member's name; other files are ignored.

    Raises DemoError for a folder without any, or with two for one member.
    """
    if not folder.is_dir():
        raise DemoError(f"PORTFOLIOS={folder} is no folder")
    found: dict[str, Portfolio] = {}
    for path in sorted(folder.iterdir()):
        if not _is_portfolio(path):
            continue
        name = unicodedata.normalize("NFC", path.stem).strip()
        if name in found:
            raise DemoError(f"two portfolios for member {name}: {found[name].path.name} and {path.name}")
        found[name] = Portfolio(name, path)
    if not found:
        raise DemoError(f"no *.csv, *.xlsx or *.parquet in PORTFOLIOS={folder}")
    return list(found.values())


def _is_portfolio(path: Path) -> bool:
    """Leave out what is no table, is hidden or Excel's lock, or lists the rows rejected before."""
    hidden = path.name.startswith((".", "~$"))
    return (
        path.is_file()
        and path.suffix.lower() in ENDINGS
        and not hidden
        and not path.stem.endswith(".rejected")
    )

"""Ways to make a small portfolio file and to read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from member.files import Rejected, Row, read_portfolio
from tests.member.files.portfolios import AS_OF, GOOD, write_csv

Write: TypeAlias = Callable[..., Path]
Read: TypeAlias = Callable[..., list[Row | Rejected]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a CSV file of good rows, each with its own changes and contract number."""

    def write_file(*changes: dict[str, str], name: str = "loans.csv", encoding: str = "utf-8") -> Path:
        rows = [GOOD | {"合同编号": f"A-{number}"} | change for number, change in enumerate(changes, 1)]
        return write_csv(tmp_path / name, [list(rows[0]), *(list(row.values()) for row in rows)], encoding)

    return write_file


@pytest.fixture
def read(write: Write) -> Read:
    """Read a file of good rows, each with its own changes."""

    def read_file(*changes: dict[str, str], **options: Any) -> list[Row | Rejected]:
        settings: dict[str, Any] = {"as_of": AS_OF, "synthetic": True} | options
        return list(read_portfolio(write(*changes), **settings))

    return read_file

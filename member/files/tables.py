"""Small results to files: a table for a spreadsheet, or a document for whoever must check signatures."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from member.files.atomic import replacing
from member.files.cells import guarded
from member.files.errors import UnknownFormat


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as CSV in UTF-8; no cell runs as a formula. Raises CannotWrite."""
    # The mark at the head (BOM) tells Excel that this is UTF-8.
    with replacing(path) as beside, beside.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([guarded(cell) for cell in row] for row in (header, *rows))


def write_document(path: Path, document: Any) -> None:
    """Write signed messages and plain values as JSON that a person can read. Raises CannotWrite."""
    with replacing(path) as beside:
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def require_ending(path: Path, *endings: str) -> None:
    """Raise UnknownFormat unless the name of a file to be written ends in one of these."""
    if path.suffix.lower() not in endings:
        raise UnknownFormat(f"{path.name}: this is written as {' or '.join(endings)}: choose another ending")

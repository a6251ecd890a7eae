"""Reads every byte that a party stores and logs, and looks for what must never have reached it.

A leak would rarely be plain text: so each secret is also looked for in other encodings, in hexadecimal and
base64, and as the plain hashes that this project exists to avoid. Nothing here imports the code under test.
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PRIVATE_COLUMNS = ("身份证号", "手机号", "合同编号", "授权书编号", "姓名")
ENCODINGS = ("utf-8", "utf-16-le", "gb18030")
WINDOW = 8
"""Bytes: no needle is shorter."""

HASHES = ("md5", "sha1", "sha256", "sha512", "sm3")


@dataclass(frozen=True, slots=True)
class Leak:
    """Something private that was found: in which file, from which column, in which form."""

    file: str
    column: str
    form: str


def private_values(portfolio: Path) -> dict[str, set[str]]:
    """Return by column what a member's CSV file holds of its debtors, as written and without spaces."""
    raw = portfolio.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    values: dict[str, set[str]] = {column: set() for column in PRIVATE_COLUMNS}
    for row in csv.DictReader(io.StringIO(text)):
        for column in PRIVATE_COLUMNS:
            written = (row.get(column) or "").strip()
            values[column] |= {written, written.replace(" ", "").replace("-", "")}
    return {
        column: {each for each in found if len(each.encode("gb18030")) >= WINDOW}
        for column, found in values.items()
    }


def stored(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file under `folders` (or a file itself) with its bytes, unpacked where it is packed."""
    for folder in folders:
        files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        for path in filter(Path.is_file, files):
            data = path.read_bytes()
            yield path.name, gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def find_leaks(files: Iterable[tuple[str, bytes]], values: dict[str, set[str]]) -> list[Leak]:
    """Return where a private value stands, in whatever form, by file."""
    needles: defaultdict[int, list[tuple[str, str, bytes]]] = defaultdict(list)
    for column, found in values.items():
        for value in found:
            for form, needle in _forms(column, value):
                needles[_number(needle[:WINDOW])].append((column, form, needle))
    starts = frozenset(needles)
    return [
        Leak(file, column, form)
        for file, data in files
        for start in _standing(starts, data)
        for column, form, needle in needles[start]
        if needle in data
    ]


def _standing(starts: frozenset[int], data: bytes) -> set[int]:
    """Return which starts stand anywhere in `data`, read as numbers: far quicker than as many searches."""
    found: set[int] = set()
    for offset in range(WINDOW):
        end = len(data) - (len(data) - offset) % WINDOW
        found.update(starts.intersection(memoryview(data)[offset:end].cast("Q")))
    return found


def _number(window: bytes) -> int:
    return int.from_bytes(window, sys.byteorder)


def _forms(column: str, value: str) -> Iterator[tuple[str, bytes]]:
    for encoding in ENCODINGS:
        encoded = value.encode(encoding)
        yield encoding, encoded
        yield f"{encoding} in hexadecimal", encoded.hex().encode()
        yield f"{encoding} in base64", base64.b64encode(encoded).rstrip(b"=")[:-1]
    for said in _hashed(column, value):
        for name in HASHES:
            digest = hashlib.new(name, said.encode()).digest()
            yield f"{name} of {len(said)} characters", digest
            yield f"{name} in hexadecimal", digest.hex().encode()
            yield f"{name} in base64", base64.b64encode(digest).rstrip(b"=")[:-1]
            yield f"{name} in base64url", base64.urlsafe_b64encode(digest).rstrip(b"=")[:-1]


def _hashed(column: str, value: str) -> list[str]:
    """What a careless party would hash: the value, or the input of the pseudonym."""
    kind = {"身份证号": "RESIDENT_ID", "手机号": "MOBILE"}.get(column)
    return [value] if kind is None else [value, f"v1|{kind}|{value}", f"v1|KEY|{kind}|{value}"]

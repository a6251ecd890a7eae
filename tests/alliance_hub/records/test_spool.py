"""A body is read to its end, and refused where it has not the shape of a submission."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alliance_hub.errors import Conflict, HubError, Invalid, Unauthenticated
from alliance_hub.hub import Hub
from alliance_hub.records.spool import IN_MEMORY, MAX_LINE_BYTES, Spool, spooled
from privacy.encoding import b64
from privacy.request_signing import content_digest
from privacy.statements import Settlement
from tests.alliance_hub.builders import Clock, Platform, platform
from tests.alliance_hub.records.builders import Body, SignedChunk, record_of, reference_of, sign_chunk

REFERENCE = "reference-1"


@pytest.fixture
def north(clock: Clock) -> Platform:
    return platform("North Bank", clock)


@pytest.fixture
def body(hub: Hub, north: Platform) -> Body:
    """Two chunks, of two records and one."""
    key_set = hub.key_set
    records = [record_of(key_set, contract) for contract in ("c1", "c2", "c3")]
    chunks = [sign_chunk(north, key_set, records[:2]), sign_chunk(north, key_set, records[2:])]
    return Body(hub, REFERENCE, chunks)


def read(hub: Hub, data: bytes, *, pieces: int = 700, digest: str | None = None) -> Spool:
    stream = (data[start : start + pieces] for start in range(0, len(data), pieces))
    signed = digest or content_digest([data])
    with spooled(
        stream,
        member="North Bank",
        key_set=hub.key_set,
        reference=REFERENCE,
        digest=signed,
        folder=hub.settings.home,
    ) as spool:
        return Spool(spool.header, spool.segments, _Bodies(list(spool.bodies())))  # type: ignore[arg-type]


class _Bodies:
    """What the file held, kept for the test after the file is gone."""

    def __init__(self, bodies: list[Any]) -> None:
        self.bodies = bodies


@pytest.mark.parametrize("pieces", [1, 700, 10**6])
def test_chunks_come_out_as_they_went_in(hub: Hub, body: Body, pieces: int) -> None:
    spool = read(hub, bytes(body), pieces=pieces)

    assert (spool.header.rows, spool.header.chunks) == (3, 2)
    assert [(each.number, each.sequence, each.size) for each in spool.segments] == [(0, 0, 2), (1, 1, 1)]
    lines = bytes(body).splitlines(keepends=True)
    assert [data for _, data in spool.file.bodies] == [b"".join(lines[1:4]), b"".join(lines[4:])]  # type: ignore[attr-defined]


def test_a_body_without_a_last_newline_is_whole(hub: Hub, body: Body) -> None:
    data = bytes(body).rstrip(b"\n")
    assert len(read(hub, data).segments) == 2


def test_a_large_body_goes_through_a_file_that_leaves_nothing(hub: Hub, north: Platform) -> None:
    """More than is kept in memory: a file in the hub's home, without a name."""
    records = [record_of(hub.key_set, f"c{number}") for number in range(40)]
    chunks = [sign_chunk(north, hub.key_set, records) for _ in range(40)]
    data = bytes(Body(hub, REFERENCE, chunks))
    assert len(data) > IN_MEMORY
    before = set(Path(hub.settings.home).iterdir())

    assert len(read(hub, data).segments) == 40
    assert set(Path(hub.settings.home).iterdir()) == before


Mutilation = Callable[[list[bytes]], list[bytes]]


def _set(line: int, path: str, value: object) -> Mutilation:
    """Change one field of one line."""

    def change(lines: list[bytes]) -> list[bytes]:
        document = json.loads(lines[line])
        *parents, last = path.split(".")
        inner = document
        for name in parents:
            inner = inner[name]
        inner[last] = value
        return [*lines[:line], json.dumps(document).encode(), *lines[line + 1 :]]

    return change


SECRET = "a-value-that-no-error-may-quote"

MUTILATIONS: dict[str, tuple[Mutilation, type[HubError], str]] = {
    "empty": (lambda lines: [], Invalid, "header"),
    "no JSON": (lambda lines: [b"rows=3", *lines[1:]], Invalid, "header"),
    "not UTF-8": (lambda lines: [lines[0], b"\xb5\xc4", *lines[2:]], Invalid, "chunks[0]"),
    "for another": (_set(0, "recipient", "custodian/1"), Invalid, "header.recipient"),
    "another reference": (_set(0, "reference", "reference-2"), Invalid, "header.reference"),
    "another epoch": (_set(0, "epoch", 2), Conflict, ""),
    "another key set": (_set(0, "key_set", b64(bytes(32))), Conflict, ""),
    "no rows": (_set(0, "rows", 0), Invalid, "header.rows"),
    "too many rows": (_set(0, "rows", 1_000_001), Invalid, "header.rows"),
    "fewer rows than it has": (_set(0, "rows", 2), Invalid, "header.rows"),
    "fewer chunks than it has": (_set(0, "chunks", 1), Invalid, "header.rows"),
    "a further field": (_set(0, "colour", SECRET), Invalid, "header"),
    "another member's chunk": (
        _set(1, "statement.statement.author", "member/South"),
        Invalid,
        "chunks[0].statement.statement.author",
    ),
    "a chunk too large": (
        _set(1, "statement.statement.body.size", 4_097),
        Invalid,
        "chunks[0].statement.statement.body.size",
    ),
    "a chunk of more than it has": (
        _set(4, "statement.statement.body.size", 3),
        Invalid,
        "chunks[1].records[1]",
    ),
    "a record where a chunk should be": (lambda lines: lines[:1] + lines[2:], Invalid, "chunks[0]"),
    "the last record cut off": (lambda lines: lines[:-1], Invalid, "chunks[1].records[0]"),
    "the last chunk cut off": (lambda lines: lines[:-2], Invalid, "header.rows"),
    "a record cut short": (lambda lines: [*lines[:-1], lines[-1][:100]], Invalid, "chunks[1].records[0]"),
    "a bad day": (_set(3, "record.as_of", SECRET), Invalid, "chunks[0].records[1].record.as_of"),
    "no such day": (_set(3, "record.as_of", "2026-02-30"), Invalid, "chunks[0].records[1].record.as_of"),
    "a pseudonym with a newline": (
        _set(2, "record.pseudonym", "A" * 43 + "\n"),
        Invalid,
        "chunks[0].records[0].record.pseudonym",
    ),
    "a bad pseudonym": (
        _set(2, "record.pseudonym", SECRET),
        Invalid,
        "chunks[0].records[0].record.pseudonym",
    ),
    "no consent": (
        _set(2, "private.consent_digest", None),
        Invalid,
        "chunks[0].records[0].private.consent_digest",
    ),
    "an endless line": (lambda lines: [*lines, b"x" * (MAX_LINE_BYTES + 1)], Invalid, "body"),
}


@pytest.mark.parametrize("name", MUTILATIONS)
def test_a_mutilated_body_is_refused_where_it_is_wrong(hub: Hub, body: Body, name: str) -> None:
    mutilate, error, field = MUTILATIONS[name]
    data = b"\n".join(mutilate(bytes(body).splitlines()))
    with pytest.raises(error) as caught:
        read(hub, data)
    assert getattr(caught.value, "field", "") == field
    assert SECRET not in str(caught.value)


def test_an_endless_line_is_not_read_to_its_end(hub: Hub) -> None:
    """Whoever never sends a newline is cut off."""
    read_so_far = 0

    def endless() -> Any:
        nonlocal read_so_far
        while True:
            read_so_far += 1_000
            yield b"x" * 1_000

    with (
        pytest.raises(Invalid),
        spooled(
            endless(),
            member="N",
            key_set=hub.key_set,
            reference=REFERENCE,
            digest="",
            folder=hub.settings.home,
        ),
    ):
        pass
    assert read_so_far <= MAX_LINE_BYTES + 1_000


def test_another_body_than_the_one_that_was_signed_is_refused(hub: Hub, body: Body) -> None:
    data = bytes(body)
    changed = data.replace(b'"lost_contact":false', b'"lost_contact":true ', 1)
    assert changed != data
    with pytest.raises(Unauthenticated) as caught:
        read(hub, changed, digest=content_digest([data]))
    assert caught.value.slug == "content-digest"


def test_only_chunks_are_submitted(hub: Hub, north: Platform) -> None:
    settlement = north.say(Settlement(contract_ref=b64(reference_of("c1"))))
    body = Body(hub, REFERENCE, [SignedChunk(settlement, (record_of(hub.key_set, "c1"),))])
    with pytest.raises(Invalid) as caught:
        read(hub, bytes(body))
    assert caught.value.field == "chunks[0].statement.statement.body.type"


def test_the_line_of_a_chunk_has_its_statement_and_nothing_else(hub: Hub, body: Body) -> None:
    lines = bytes(body).splitlines()
    document = msgspec.json.decode(lines[1]) | {"note": SECRET}
    with pytest.raises(Invalid) as caught:
        read(hub, b"\n".join([lines[0], msgspec.json.encode(document), *lines[2:]]))
    assert caught.value.field == "chunks[0]"
    assert SECRET not in str(caught.value)

"""A cut's state as a file, from which a new custodian starts without the feed before it.

The hub forgets records as custodians do, so the feed's beginning cannot be computed again; and whoever hands
over a state would leave a hold out, or swap two ciphertexts. So the file holds the very lines whose digest
all custodians signed at the cut, and after them the body of each record that is not erased: it must give
the leaf in the lines, or the file is refused. Who fetched it where does not matter. Left out are bodies that
are forgotten as soon as this cut takes effect, because their records were superseded or ended before the last
one: else the file would keep what its custodian certifies to have erased.

The form is gzip over lines of JSON: the lines of `digest.py`, the line `"bodies"`, then one line `[id,
pseudonym, standing key, private digest, contribution]` a record in the order of ids. It is written while the
cut stands at the head, before the next entry is applied, and read into an empty state; both a page at a time,
so that a million records take no more memory than a thousand.
"""

from __future__ import annotations

import gzip
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO, Final

import msgspec

from custodian.errors import OperatorError
from custodian.state import digest
from custodian.state.delivery import head
from custodian.state.digest import TABLES
from custodian.state.enter import is_signed_with
from custodian.state.schema import NEVER, snapshot
from privacy.encoding import b64, unb64
from privacy.keyset import KeySet
from privacy.records import Record
from privacy.statements import CutSignature, SignedStatement, custodian_author

_BODIES: Final = "bodies"
_PAGE: Final = 1_000
_LONGEST_LINE: Final = 1_000_000
_GZIP: Final = 31
"""zlib's name for gzip's form with the largest window."""

_Line = tuple[str, bytes]
"""A line of the file behind the name of the section that it stands in."""

_Sections = Iterator[tuple[str, Iterator[_Line]]]
"""The sections by name; each is read before the next."""

_Body = tuple[int, str, str, str, str]
"""A record's id, pseudonym, standing key, digest of the private rest and contribution."""

_UNREADABLE: Final = (
    gzip.BadGzipFile,
    EOFError,
    zlib.error,
    msgspec.MsgspecError,
    UnicodeDecodeError,
    sqlite3.IntegrityError,
    OverflowError,
)
"""What gzip, the lines, their texts and the columns raise for what `write` has not written."""


_LAST_CUT: Final = f"(SELECT ifnull(max(position), 0) FROM cuts WHERE effective_at < {NEVER})"

_KEPT: Final = f"""
    records.erased_at = {NEVER}
    AND records.superseded_at > {_LAST_CUT} AND contracts.ended_at > {_LAST_CUT}
"""
"""SQL over `records` joined with `contracts`, while a cut stands at the head that has not taken effect."""


def write(db: sqlite3.Connection, file: BinaryIO) -> None:
    """Write the checkpoint of the cut at the head; raises OperatorError when none stands there."""
    # Ciphertexts repeat nothing that gzip could look for: coding the letters alone is four times as fast.
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP, zlib.DEF_MEM_LEVEL, zlib.Z_HUFFMAN_ONLY)
    with snapshot(db):
        _require_cut(db)
        for lines in _content(db):
            file.write(packer.compress(lines))
    file.write(packer.flush())


def read(
    file: BinaryIO, db: sqlite3.Connection, key_set: KeySet, signatures: Sequence[SignedStatement]
) -> None:
    """Fill an empty state from a checkpoint of a cut that all custodians have signed; all of it or nothing.

    `signatures` are their `cut_signature` statements. Raises OperatorError.
    """
    if head(db).position:
        raise OperatorError("the state is not empty: a checkpoint fills only one that has followed no feed")
    db.execute("BEGIN IMMEDIATE")
    try:
        with db, gzip.GzipFile(fileobj=file) as packed:
            sections: _Sections = groupby(_lines(packed), key=itemgetter(0))
            signed = _read_tables(db, sections)
            _require_signed(key_set, signatures, signed)
            db.execute("UPDATE cuts SET state_digest = ? WHERE position = ?", (signed, head(db).position))
            _read_bodies(db, key_set, sections)
    except _UNREADABLE as error:
        raise _damaged() from error


def _damaged() -> OperatorError:
    return OperatorError("the checkpoint is damaged or was changed: have it exported once more")


# Writing


def _require_cut(db: sqlite3.Connection) -> None:
    if not db.execute("SELECT 1 FROM cuts WHERE position = ?", (head(db).position,)).fetchone():
        raise OperatorError("a checkpoint is of a cut, and none stands at this head: wait for the next")


def _content(db: sqlite3.Connection) -> Iterator[bytes]:
    """Yield the lines of the file, many at a time."""
    encoder = msgspec.json.Encoder()
    yield from digest.pages(db)
    yield encoder.encode_lines([_BODIES])
    rows = db.execute(
        "SELECT records.id, pseudonym, standing_key, private_digest, ciphertext FROM records"
        " JOIN contributions ON contributions.record = records.id"
        f" JOIN contracts ON contracts.id = records.contract WHERE {_KEPT} ORDER BY records.id"
    )
    while page := rows.fetchmany(_PAGE):
        yield encoder.encode_lines([(*said, b64(ciphertext)) for *said, ciphertext in page])


# Reading


def _lines(packed: gzip.GzipFile) -> Iterator[_Line]:
    """Yield the lines; a section begins with one that holds its name alone."""
    section = ""
    while line := packed.readline(_LONGEST_LINE):
        if not line.endswith(b"\n"):
            raise _damaged()
        if line.startswith(b'"'):
            section = msgspec.json.decode(line, type=str)
        yield section, line


def _read_tables(db: sqlite3.Connection, sections: _Sections) -> bytes:
    """Fill the tables, and return the digest of the state that they hold."""
    hasher = digest.new_hasher()
    db.execute("DELETE FROM feed")
    for (name, table), (found, lines) in zip(TABLES.items(), sections, strict=False):
        if found != name:
            raise _damaged()
        hasher.update(next(lines)[1])
        columns = ", ".join(table.columns)
        places = ", ".join("?" * len(table.columns))
        db.executemany(
            f"INSERT INTO {name} ({columns}) VALUES ({places})",
            _rows(lines, tuple[*table.columns.values()], hasher),  # type: ignore[misc]
        )
    return hasher.digest()


def _rows(lines: Iterator[_Line], form: Any, hasher: digest.Hasher) -> Iterator[tuple[Any, ...]]:
    decoder = msgspec.json.Decoder(form)
    for _, line in lines:
        hasher.update(line)
        yield decoder.decode(line)


def _require_signed(key_set: KeySet, signatures: Sequence[SignedStatement], state_digest: bytes) -> None:
    for index in range(1, key_set.count + 1):
        if not any(_signs(key_set, index, signed, state_digest) for signed in signatures):
            raise OperatorError(
                f"custodian {index} has not signed the state in this checkpoint:"
                " have it exported with the signatures of all custodians under its cut"
            )


def _signs(key_set: KeySet, custodian: int, signed: SignedStatement, state_digest: bytes) -> bool:
    statement, body = signed.statement, signed.statement.body
    named = (statement.alliance, statement.epoch, statement.author)
    return (
        named == (key_set.alliance, key_set.epoch, custodian_author(custodian))
        and isinstance(body, CutSignature)
        and body.state_digest == b64(state_digest)
        and is_signed_with(signed, key_set.witness(custodian))
    )


def _read_bodies(db: sqlite3.Connection, key_set: KeySet, sections: _Sections) -> None:
    """Give every record that is not erased its body; nothing else may follow."""
    section, lines = next(sections, ("", iter(())))
    if section != _BODIES:
        raise _damaged()
    next(lines)
    decoder = msgspec.json.Decoder(_Body)
    bodies = (decoder.decode(line) for _, line in lines)
    last = -1
    while page := _held(db, last):
        _fill(db, [_checked(key_set, held, next(bodies, None)) for held in page])
        last = page[-1][0]
    if next(bodies, None) or next(sections, None):
        raise _damaged()


def _held(db: sqlite3.Connection, last: int) -> list[tuple[int, bytes, str, str]]:
    """Return what the tables say of the next records whose bodies must follow."""
    return db.execute(
        "SELECT records.id, records.leaf, contracts.contract_ref, records.as_of"
        " FROM records JOIN contracts ON contracts.id = records.contract"
        f" WHERE {_KEPT} AND records.id > ? ORDER BY records.id LIMIT ?",
        (last, _PAGE),
    ).fetchall()


def _checked(key_set: KeySet, held: tuple[int, bytes, str, str], body: _Body | None) -> _Body:
    """Return the body of a record when it gives the record's leaf."""
    identity, leaf, contract_ref, as_of = held
    if body is None or body[0] != identity:
        raise _damaged()
    _, pseudonym, standing_key, private_digest, contribution = body
    record = Record(pseudonym, key_set.epoch, standing_key, contract_ref, as_of, contribution, private_digest)
    if record.leaf() != leaf:
        raise _damaged()
    return body


def _fill(db: sqlite3.Connection, bodies: list[_Body]) -> None:
    db.executemany(
        "UPDATE records SET pseudonym = ?, standing_key = ?, private_digest = ? WHERE id = ?",
        [(*said, identity) for identity, *said, _ in bodies],
    )
    db.executemany(
        "INSERT INTO contributions (record, ciphertext) VALUES (?, ?)",
        [(identity, unb64(contribution)) for identity, *_, contribution in bodies],
    )

"""Checkpoints: the state at a cut, from which a fellow custodian may start after the hub has forgotten.

A checkpoint is two files in the home's folder `checkpoints`: `<position>.gz`, the state as it was at the
cut at that position, and `<position>.signatures.json`, the statements in which all n custodians signed
that state. The second is written when the last of them stands on the feed: only then is there something to
hand on. Before the entry behind a cut is applied the first is on disk, so a crash loses none. Kept are the
newest that all have signed, and the one that waits for signatures: records that hub and custodians forget do
not live on here.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from custodian import extracts, state
from custodian.ledger import Ledger
from custodian.state import checkpoint
from privacy.errors import PrivacyError
from privacy.feed import FeedEntry
from privacy.keyset import KeySet
from privacy.messages import parse_json
from privacy.statements import CutSignature, SignedStatement, custodian_author, verify_statement

_STATE, _SIGNATURES, _PARTIAL = ".gz", ".signatures.json", ".partial"


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints in one folder; the ledger keeps the signatures that arrive after the cut."""

    folder: Path
    ledger: Ledger
    key_set: KeySet

    def before_next(self, db: sqlite3.Connection) -> None:
        """Write the checkpoint of a cut at the head, unless it is there: before the next entry is applied."""
        position = state.head(db).position
        target = self.folder / f"{position}{_STATE}"
        if extracts.is_cut(db, position) and not target.exists():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            with _whole(target) as file:
                checkpoint.write(db, file)
            self._tidy()

    def note(self, entry: FeedEntry) -> None:
        """Keep a custodian's signature under a cut: before the entry is applied, so that none is lost."""
        signed, body = entry.statement, entry.statement.statement.body
        if not isinstance(body, CutSignature) or self._signer(signed) is None:
            return
        with self.ledger.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO cut_statements VALUES (?, ?, ?)",
                (entry.position, body.position, signed.canonical()),
            )

    def complete(self, db: sqlite3.Connection) -> None:
        """Write the signatures beside each checkpoint that all n custodians have signed by now."""
        for position in self._waiting():
            if not extracts.is_cut(db, position):
                continue
            signatures = self._signatures(position, extracts.cut_signature(db, position))
            if len(signatures) == self.key_set.count:
                with _whole(self.folder / f"{position}{_SIGNATURES}") as file:
                    file.write(msgspec.json.encode(list(signatures.values())))
                self._tidy()

    def _signatures(self, position: int, body: CutSignature) -> dict[int, SignedStatement]:
        """Return by custodian the statements that say `body`."""
        with self.ledger.transaction() as db:
            rows = db.execute("SELECT statement FROM cut_statements WHERE cut = ?", (position,)).fetchall()
        signed = [parse_json(SignedStatement, text) for (text,) in rows]
        by = {self._signer(each): each for each in signed if each.statement.body == body}
        return {custodian: each for custodian, each in sorted(by.items()) if custodian is not None}

    def _signer(self, signed: SignedStatement) -> int | None:
        """Return the custodian that made this statement, None for anybody else."""
        for custodian in range(1, self.key_set.count + 1):
            if signed.statement.author == custodian_author(custodian):
                try:
                    verify_statement(signed, self.key_set.witness(custodian))
                except PrivacyError:
                    return None
                return custodian
        return None

    def _waiting(self) -> list[int]:
        return [
            at for at in _positions(self.folder, _STATE) if at not in _positions(self.folder, _SIGNATURES)
        ]

    def _tidy(self) -> None:
        """Drop what lies before the newest checkpoint with signatures, and all but the newest without."""
        signed, stated = _positions(self.folder, _SIGNATURES), _positions(self.folder, _STATE)
        kept = {*signed[-1:], *stated[-1:]}
        oldest = min(kept, default=0)
        for path in self.folder.iterdir():
            at = int(path.name.partition(".")[0])
            # What another process is writing is no older than what this one has written.
            if at not in kept and (at < oldest or not path.name.endswith(_PARTIAL)):
                path.unlink(missing_ok=True)
        with self.ledger.transaction() as db:
            db.execute("DELETE FROM cut_statements WHERE cut < ?", (oldest,))


def newest(folder: Path) -> Path | None:
    """Return the newest checkpoint that may be handed on; its signatures: `read_signatures`."""
    signed = _positions(folder, _SIGNATURES)
    return folder / f"{signed[-1]}{_STATE}" if signed else None


def signatures_path(file: Path) -> Path:
    """Return where the signatures of the checkpoint `<position>.gz` lie: beside it."""
    return file.with_name(file.name.removesuffix(_STATE) + _SIGNATURES)


def read_signatures(file: Path) -> list[SignedStatement]:
    """Return the statements under a checkpoint's state, unchecked; raises InvalidInputError."""
    return list(parse_json(tuple[SignedStatement, ...], signatures_path(file).read_bytes()))


def _positions(folder: Path, ending: str) -> list[int]:
    return sorted(int(path.name.removesuffix(ending)) for path in folder.glob(f"*{ending}"))


@contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    """Give a file that gets its name when all of it is on disk."""
    partial = target.with_name(f"{target.name}.{os.getpid()}{_PARTIAL}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)

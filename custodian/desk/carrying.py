"""A checkpoint as one file that a person carries: a cut's state, and all custodians' signatures under it."""

from __future__ import annotations

import io
import sqlite3
import tarfile
from pathlib import Path

from custodian import checkpoints
from custodian.errors import OperatorError
from custodian.state import checkpoint
from privacy.errors import InvalidInputError
from privacy.keyset import KeySet
from privacy.messages import parse_json
from privacy.statements import SignedStatement

_STATE, _SIGNATURES = "state.gz", "signatures.json"


def export(folder: Path, file: Path) -> int:
    """Write the newest signed checkpoint of a home into a new file; returns its cut's position.

    Raises OperatorError when there is none yet, or the file exists.
    """
    newest = checkpoints.newest(folder)
    if newest is None:
        raise OperatorError("no checkpoint yet: there is one when all custodians have signed a cut")
    if file.exists():
        raise OperatorError(f"{file} exists already; choose another place")
    with tarfile.open(file, "w") as tar:
        tar.add(newest, _STATE)
        tar.add(checkpoints.signatures_path(newest), _SIGNATURES)
    return int(newest.stem)


def import_(file: Path, db: sqlite3.Connection, key_set: KeySet) -> None:
    """Fill an empty state from such a file; raises OperatorError for one that not all have signed."""
    try:
        with tarfile.open(file, "r:") as tar:
            signatures = parse_json(tuple[SignedStatement, ...], _member(tar, _SIGNATURES).read())
            checkpoint.read(_member(tar, _STATE), db, key_set, signatures)
    except (tarfile.TarError, InvalidInputError) as error:
        raise OperatorError(f"{file} is no checkpoint: have it exported once more") from error


def _member(tar: tarfile.TarFile, name: str) -> io.BufferedReader:
    try:
        found = tar.extractfile(name)
    except KeyError:
        found = None
    if not isinstance(found, io.BufferedReader):
        raise tarfile.TarError(name)
    return found

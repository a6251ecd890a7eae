"""The newest checkpoint beside the database, so that a restored backup makes no forger of this hub.

A database that was set back holds fewer entries than the hub has signed. If it went on, the hub would sign
another root for a size that it signed before: to everybody else that is a fork, and custodians stop. So the
newest checkpoint stands in a small file in the home too, written after the commit; nothing is signed that
does not continue it.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import HubError, Unavailable
from alliance_hub.hub import Hub
from alliance_hub.transparency import nodes
from alliance_hub.transparency.models import CheckpointRow, TreeRow
from privacy.checkpoint import Checkpoint, Note, log_origin, read_line, read_note, verify_checkpoint
from privacy.errors import PrivacyError
from privacy.keyset import KeySet

CHECKPOINT_FILE = "log-checkpoint"


def require_continued(session: Session, hub: Hub) -> None:
    """Check that the tables hold the log that this hub signed last.

    Raises Unavailable: `log-behind` when they hold less, `log-fork` when they hold something else,
    `log-damaged` when the file cannot be read. Nothing is shown meanwhile either: to a witness, a smaller log
    than the one that it has cosigned is a fork.
    """
    kept = read(hub)
    if kept is None:
        return
    if kept.size > (size := session.scalar(select(TreeRow.size)) or 0):
        raise Unavailable(
            f"the database holds {size} log entries, and {kept.size} have been signed: it was restored from "
            "an older backup; restore a newer one, or begin a new epoch (docs/operations.md)",
            slug="log-behind",
        )
    if kept.root != nodes.root_at(session, kept.size):
        raise Unavailable(
            f"the database's first {kept.size} log entries are others than those that have been signed: "
            "restore the right backup, or begin a new epoch (docs/operations.md)",
            slug="log-fork",
        )


def find_trouble(session: Session, hub: Hub) -> HubError | None:
    """Return why nothing is signed or shown at present, or None."""
    try:
        require_continued(session, hub)
    except Unavailable as error:
        return error
    return None


def read(hub: Hub) -> Checkpoint | None:
    """Return what was kept of this key set's log; None before the first. Raises Unavailable."""
    try:
        note = read_note(_path(hub).read_text("utf-8"))
        # A home that has served another epoch: what it signed then is another log's.
        return verify_checkpoint(note, hub.key_set) if _is_of(note, hub.key_set) else None
    except FileNotFoundError:
        return None
    except (PrivacyError, UnicodeDecodeError) as error:
        raise Unavailable(
            f"{CHECKPOINT_FILE} in the home is damaged: restore it from your backup (docs/operations.md)",
            slug="log-damaged",
        ) from error


def keep(hub: Hub) -> None:
    """Write the newest committed checkpoint down, if it is larger than what is kept."""
    with hub.database.reading() as session:
        newest = session.scalar(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1))
    kept = read(hub)
    if newest is None or (kept is not None and newest.size <= kept.size):
        return
    checkpoint = Checkpoint(log_origin(hub.key_set), newest.size, newest.root)
    _write(_path(hub), Note(checkpoint, (read_line(newest.line),)).text())


def _is_of(note: Note, key_set: KeySet) -> bool:
    return note.checkpoint.origin == log_origin(key_set)


def _path(hub: Hub) -> Path:
    return hub.settings.home / CHECKPOINT_FILE


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole: half a checkpoint would stop the hub for nothing."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

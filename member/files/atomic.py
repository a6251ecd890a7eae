"""Results appear whole or not at all: written beside, then renamed over what was there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from member.files.errors import CannotWrite

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a new file beside `path`, for its owner only, that takes its place when the block ends well.

    Raises CannotWrite when the folder, or the disk, does not allow it; nothing is left behind.
    """
    beside = _new_file(path)
    try:
        yield beside
        _into_place(beside, path)
    except OSError as error:
        # Only a full disk is our news: whatever the block itself may raise passes as it is.
        if error.errno in _FULL:
            raise CannotWrite(f"{path.name}: the disk is full: make room and try again") from error
        raise
    finally:
        beside.unlink(missing_ok=True)


def _new_file(path: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise CannotWrite(
            f"{path.name}: cannot be written here ({error.strerror}): choose another folder"
        ) from error
    os.close(handle)
    return Path(name)


def _into_place(beside: Path, path: Path) -> None:
    with beside.open("rb+") as stream:
        os.fsync(stream.fileno())
    try:
        beside.replace(path)
    except OSError as error:
        raise CannotWrite(
            f"{path.name}: cannot be replaced ({error.strerror}): close it elsewhere, or choose another name"
        ) from error

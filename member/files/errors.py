"""What can be wrong with a whole file. What is wrong with one row is a `Rejected`, and stops nothing.

    FileError
    ├── UnreadableFile     not there, not allowed, damaged, or locked with a password
    ├── UnknownFormat      an ending that is not one of ours
    ├── UnknownEncoding    text that is neither UTF-8 nor GB18030
    ├── EmptyFile          nothing inside, or a header without rows
    ├── ColumnError        a field has no column, or two
    ├── BadMapping         the mapping file is not what `--mapping` expects
    └── CannotWrite        the result has no place to stand

Every message says what to do next. None carries a cell of a row.
"""

from __future__ import annotations


class FileError(Exception):
    """Root of every error that `member.files` raises on purpose."""


class UnreadableFile(FileError):
    """The file is missing, forbidden, damaged, or locked with a password."""


class UnknownFormat(FileError):
    """The file's ending names no format that can be read, or written, here."""


class UnknownEncoding(FileError):
    """The text is neither UTF-8 nor GB18030."""


class EmptyFile(FileError):
    """The file has no rows: nothing inside, or a header alone."""


class ColumnError(FileError):
    """A field that is needed has no column, or a field has more than one."""


class BadMapping(FileError):
    """The mapping file cannot be read, or names a field that does not exist."""


class CannotWrite(FileError):
    """The result cannot be written where it should stand."""

"""A member's own files: portfolios in, rejected rows and answers out. The only place that knows columns."""

from member.files.answers import write_answers
from member.files.cells import Cell
from member.files.columns import Field, load_mapping
from member.files.errors import (
    BadMapping,
    CannotWrite,
    ColumnError,
    EmptyFile,
    FileError,
    UnknownEncoding,
    UnknownFormat,
    UnreadableFile,
)
from member.files.portfolio import count_rows, read_portfolio, read_subjects
from member.files.rejects import Rejects, rejected_path
from member.files.rows import Rejected, Row, Subject
from member.files.values import contract_number

__all__ = [
    "BadMapping",
    "CannotWrite",
    "Cell",
    "ColumnError",
    "EmptyFile",
    "Field",
    "FileError",
    "Rejected",
    "Rejects",
    "Row",
    "Subject",
    "UnknownEncoding",
    "UnknownFormat",
    "UnreadableFile",
    "contract_number",
    "count_rows",
    "load_mapping",
    "read_portfolio",
    "read_subjects",
    "rejected_path",
    "write_answers",
]

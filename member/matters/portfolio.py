"""A case's beginning from the member's own portfolio: the debtor, so that nobody types a number again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from member.errors import Refused
from member.files import Cell, Field, Subject, read_subjects
from member.files.cells import is_blank, shown
from member.files.columns import SYNONYMS, fold_header
from member.matters.draft import Document

NAMES = (
    "姓名", "借款人姓名", "客户姓名", "债务人姓名", "借款人", "企业名称",
    "name", "borrower", "borrower name", "debtor",
)  # fmt: skip
"""Headers under which a portfolio names the debtor."""


def document_of(
    path: Path, contracts: Sequence[str], *, mapping: Mapping[str, str] | None, synthetic: bool
) -> Document:
    """Return a case file with the debtor of these contracts; they must be of one debtor.

    Raises FileError, and Refused when a contract is not in the file or belongs to somebody else.
    """
    wanted = set(contracts)
    found: dict[str, Subject] = {}
    for row in read_subjects(path, mapping=mapping, synthetic=synthetic):
        if isinstance(row, Subject) and row.contract in wanted:
            found[row.contract] = row
            if len(found) == len(wanted):
                break
    for contract in contracts:
        if contract not in found:
            raise Refused(
                f"{path.name}: a contract that was named is in no row that can be read", rule="contract"
            )
    rows = [found[contract] for contract in contracts]
    if any(row.identifier != rows[0].identifier for row in rows):
        raise Refused("the contracts belong to different debtors: open a matter for each", rule="contract")
    return _document(rows[0], contracts, mapping or {})


def _document(row: Subject, contracts: Sequence[str], mapping: Mapping[str, str]) -> Document:
    debtor: Document = {"identifier_kind": row.identifier.kind.value, "identifier": row.identifier.value}
    for name, cell in (
        ("name", _cell(row, NAMES)),
        ("phone", _cell(row, (mapping.get("mobile", ""), *SYNONYMS[Field.MOBILE]))),
    ):
        if not is_blank(cell):
            debtor[name] = shown(cell)
    return {"debtor": debtor, "loans": [{"contract": contract} for contract in contracts]}


def _cell(row: Subject, headers: Sequence[str]) -> Cell:
    wanted = {fold_header(header) for header in headers if header}
    return next((cell for name, cell in row.raw.items() if fold_header(name) in wanted), None)

"""Which column of a member's file holds which field.

Headers are compared folded (NFKC, case, spaces, marks and a unit in brackets do not count). Where a file uses
words of its own, `--mapping FILE` names the columns; what it names is not guessed any more.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from member.files.errors import BadMapping, ColumnError


class Field(StrEnum):
    """What a column can say about a contract."""

    IDENTIFIER = "identifier"
    """The debtor's number; a resident ID unless `kind` says otherwise."""
    USCC = "uscc"
    """The debtor's unified social credit code, where the debtor is a firm."""
    KIND = "kind"
    """The kind of document that `identifier` stands on."""
    MOBILE = "mobile"
    """A mobile number of the debtor."""
    CONTRACT = "contract"
    """The member's own contract number, once per file."""
    PRODUCT = "product"
    """The kind of loan."""
    LENT = "lent"
    """What was lent over time, in yuan."""
    OUTSTANDING = "outstanding"
    """What is still owed, in yuan."""
    OVERDUE = "overdue"
    """What of it is overdue, in yuan."""
    OVERDUE_ON = "overdue_on"
    """The day since which it is overdue."""
    LOST_CONTACT = "lost_contact"
    """Whether the member has lost the debtor."""
    COURT = "court"
    """Whether the contract is in court, or judged."""
    CONSENT_NO = "consent_no"
    """The number of the debtor's written consent."""
    CONSENT_ON = "consent_on"
    """The day of the written consent."""
    FLAG_CATEGORY = "flag_category"
    """The category of an evasion flag on the contract."""
    FLAG_NARRATIVE = "flag_narrative"
    """What happened, for the members that hold the same debtor; leaves the member only sealed."""


SUBMIT_FIELDS = frozenset(
    {
        Field.CONTRACT,
        Field.PRODUCT,
        Field.OUTSTANDING,
        Field.OVERDUE,
        Field.OVERDUE_ON,
        Field.CONSENT_NO,
        Field.CONSENT_ON,
    }
)
"""A submission without one of these columns is refused; the debtor's number is needed always.

An absent overdue column would report every debtor as paying, an absent product column would let refused
products in: better to ask.
"""

SYNONYMS: dict[Field, tuple[str, ...]] = {
    Field.IDENTIFIER: (
        "身份证号", "身份证号码", "身份证", "公民身份号码", "证件号", "证件号码", "借款人身份证号",
        "客户身份证号", "客户证件号码",
        "id number", "id no", "identity number", "resident id", "identifier", "national id",
    ),
    Field.USCC: (
        "统一社会信用代码", "社会信用代码", "信用代码", "uscc", "unified social credit code", "credit code",
    ),
    Field.KIND: ("证件类型", "证件种类", "身份证件类型", "id type", "document type", "identifier kind"),
    Field.MOBILE: (
        "手机号", "手机号码", "手机", "联系电话", "移动电话", "电话", "借款人手机号",
        "mobile", "mobile number", "mobile no", "phone", "phone number", "cell phone",
    ),
    Field.CONTRACT: (
        "合同编号", "合同号", "合同号码", "借款合同编号", "借款合同号", "借据号", "贷款合同号", "贷款编号",
        "contract", "contract number", "contract no", "loan number", "loan no", "loan id", "contract id",
    ),
    Field.PRODUCT: (
        "产品类型", "产品类别", "产品", "产品名称", "贷款类型", "贷款产品", "业务品种",
        "product", "product type", "product class", "loan type",
    ),
    Field.LENT: (
        "累计借款金额", "借款金额", "贷款金额", "放款金额", "合同金额",
        "lent", "amount lent", "principal", "loan amount",
    ),
    Field.OUTSTANDING: (
        "剩余欠款金额", "剩余欠款", "欠款余额", "贷款余额", "剩余金额", "未还金额", "剩余本息",
        "outstanding", "outstanding amount", "outstanding balance", "balance", "amount outstanding",
    ),
    Field.OVERDUE: (
        "逾期金额", "逾期欠款", "逾期总额", "overdue amount", "amount overdue", "amount past due",
    ),
    Field.OVERDUE_ON: (
        "拖欠开始日期", "逾期开始日期", "逾期起始日", "逾期日期", "逾期日", "首次逾期日期",
        "overdue on", "overdue since", "overdue date", "past due date",
    ),
    Field.LOST_CONTACT: ("是否失联", "失联", "失联标志", "lost contact", "lost", "unreachable"),
    Field.COURT: ("诉讼状态", "诉讼情况", "涉诉状态", "是否诉讼", "court status", "litigation status"),
    Field.CONSENT_NO: (
        "授权书编号", "授权编号", "授权书号", "征信授权书编号", "授权协议编号",
        "consent no", "consent number", "authorisation no", "authorization no", "authorization number",
    ),
    Field.CONSENT_ON: (
        "授权日期", "授权书日期", "授权签署日期", "签署授权日期",
        "consent on", "consent date", "authorisation date", "authorization date",
    ),
    Field.FLAG_CATEGORY: ("逃废债标记类别", "逃废债类别", "标记类别", "flag category", "evasion category"),
    Field.FLAG_NARRATIVE: ("逃废债标记说明", "逃废债说明", "标记说明", "flag narrative", "evasion narrative"),
}  # fmt: skip

_UNIT = re.compile(r"\([^)]*\)\s*$")
_LOOKS_LIKE_DATA = re.compile(r"[0-9]{6}")


@lru_cache(maxsize=1024)  # a file says the same few words in every row
def fold(text: str) -> str:
    """Return `text` for comparison: NFKC, case folded, letters and digits only."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def fold_header(text: str) -> str:
    """Return a header for comparison: as `fold`, without a unit in brackets at its end."""
    return fold(_UNIT.sub("", unicodedata.normalize("NFKC", text)))


_FIELD_OF = {fold(word): field for field, words in SYNONYMS.items() for word in (field.value, *words)}


def unique(header: Iterable[str]) -> list[str]:
    """Return a name for every column: a blank header or one used before is numbered."""
    names: list[str] = []
    for position, title in enumerate(header, 1):
        name = title.strip() or f"column {position}"
        while name in names:
            name = f"{name} ({position})"
        names.append(name)
    return names


def load_mapping(path: Path) -> dict[str, str]:
    """Read a mapping file, JSON or TOML by its ending: `{"contract": "Loan No", ...}`.

    Raises BadMapping. Whether the columns exist is seen when it meets a file.
    """
    readers = {".json": json.loads, ".toml": tomllib.loads}
    if path.suffix.lower() not in readers:
        raise BadMapping(f"{path.name}: a mapping file ends in .json or .toml")
    try:
        mapping = readers[path.suffix.lower()](path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadMapping(f"{path.name}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadMapping(f"{path.name}: not a {path.suffix[1:].upper()} file in UTF-8") from error
    if not isinstance(mapping, dict) or not all(isinstance(name, str) for name in mapping.values()):
        raise BadMapping(f'{path.name}: must map fields to column names, as in {{"contract": "Loan No"}}')
    _check_fields(mapping)
    return mapping


def resolve(
    header: Sequence[str], mapping: Mapping[str, str] | None, *, required: Collection[Field]
) -> dict[Field, str]:
    """Return the column of each field that the file has; `header` holds unique names.

    Raises ColumnError when the debtor's number or a `required` field has no column, or a field has two, and
    BadMapping when `mapping` names a field that does not exist.
    """
    columns = _mapped(header, mapping or {})
    taken = set(columns.values())
    mapped = set(columns)
    for name in header:
        field = _FIELD_OF.get(fold_header(name))
        if field is None or field in mapped or name in taken:
            continue
        if field in columns:
            raise ColumnError(
                f"two columns say {field.value}: {columns[field]} and {name}; choose one with --mapping"
            )
        columns[field] = name
    _require(header, columns, required)
    return columns


def _mapped(header: Sequence[str], mapping: Mapping[str, str]) -> dict[Field, str]:
    _check_fields(mapping)
    present = {fold_header(name): name for name in reversed(header)} | {name: name for name in header}
    columns: dict[Field, str] = {}
    for field, name in mapping.items():
        found = present.get(name) or present.get(fold_header(name))
        if found is None:
            raise ColumnError(f"--mapping names a column {name}, which is not there; {_found(header)}")
        columns[Field(field)] = found
    return columns


def _check_fields(mapping: Mapping[str, str]) -> None:
    for field in mapping:
        if field not in set(Field):
            raise BadMapping(f"--mapping names a field {field}, which does not exist; use {', '.join(Field)}")


def _require(header: Sequence[str], columns: Mapping[Field, str], required: Collection[Field]) -> None:
    missing = [field for field in Field if field in required and field not in columns]
    if Field.IDENTIFIER not in columns and Field.USCC not in columns:
        missing.insert(0, Field.IDENTIFIER)
    if missing:
        wanted = ", ".join(f"{field.value} ({SYNONYMS[field][0]})" for field in missing)
        raise ColumnError(f"no column for {wanted}; {_found(header)}; name the column with --mapping FILE")


def _found(header: Sequence[str]) -> str:
    # A file without a header shows its first debtor here: that must not reach a screen or a log.
    if any(_LOOKS_LIKE_DATA.search(unicodedata.normalize("NFKC", name)) for name in header):
        return "the first row looks like data: a row of column names must stand above it"
    return f"found: {', '.join(header)}"

"""Small portfolios for the tests, and the sample that is shipped with the project."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import member
from member.files import Rejected, Row, read_portfolio

AS_OF = date(2026, 10, 31)
SAMPLE = Path(member.__file__).parent / "sample"

GOOD = {
    "姓名": "测试",
    "身份证号": "000000199001010018",
    "手机号": "13800138000",
    "合同编号": "A-1",
    "产品类型": "消费贷",
    "累计借款金额": "9,954.00",
    "剩余欠款金额": "5,553.00",
    "逾期金额": "1851.00",
    "拖欠开始日期": "2026-10-11",
    "是否失联": "否",
    "诉讼状态": "",
    "授权书编号": "SQ-1",
    "授权日期": "2025-01-15",
}


def write_csv(path: Path, table: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(table)
    return path


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.reader(stream))


def sample_table(name: str) -> list[list[str]]:
    return read_csv(SAMPLE / f"{name}.csv", "gb18030")


def portfolio(path: Path) -> Iterator[Row | Rejected]:
    return read_portfolio(path, as_of=AS_OF, synthetic=True)

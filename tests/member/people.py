"""Made-up debtors and the files that a member keeps of them. Area 000000 is never assigned."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from privacy.identifiers import Identifier, normalise

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

HEADER = {
    "id": "身份证号",
    "contract": "合同编号",
    "product": "产品类型",
    "outstanding": "剩余欠款金额",
    "overdue": "逾期金额",
    "overdue_on": "拖欠开始日期",
    "lost": "是否失联",
    "consent_no": "授权书编号",
    "consent_on": "授权日期",
    "flag_category": "逃废债标记类别",
    "flag_narrative": "逃废债标记说明",
}


def person(number: int) -> str:
    """Return the resident ID of made-up person `number`, 0 to 999,999."""
    day, sequence = divmod(number, 1_000)
    body = f"000000{1950 + day % 50}{1 + day // 50 % 12:02d}01{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def identifier(number: int) -> Identifier:
    return normalise("RESIDENT_ID", person(number))


def loan(number: int, **changes: Any) -> dict[str, Any]:
    """Return a row: person `number` owes 1,000 yuan under a contract of that number."""
    usual = {
        "id": person(number),
        "contract": f"NA-{number:06d}",
        "product": "消费贷",
        "outstanding": "1000.00",
        "overdue": "0",
        "overdue_on": "",
        "lost": "否",
        "consent_no": f"SQ-{number}",
        "consent_on": "2025-01-15",
        "flag_category": "",
        "flag_narrative": "",
    }
    return usual | changes


def write(path: Path, *rows: dict[str, Any]) -> Path:
    """Write rows as a UTF-8 CSV file and return its path."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER.values())
        writer.writerows([row[name] for name in HEADER] for row in rows)
    return path


def rejected(path: Path) -> list[list[str]]:
    """Return the rows of a file of rejected rows, without its header."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))[1:]

"""Made-up portfolios in every file form, and what a plain join of them says: the oracle of the journeys.

Nothing here imports the code under test; the check character is worked out from GB 11643 once more.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import xlsxwriter

AS_OF = date(2026, 10, 31)
HEADER = [
    *("姓名", "身份证号", "手机号", "合同编号", "产品类型", "累计借款金额", "剩余欠款金额"),
    *("逾期金额", "拖欠开始日期", "是否失联", "诉讼状态", "授权书编号", "授权日期"),
]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
BUCKETS = (("d1_30", 30), ("d31_60", 60), ("d61_90", 90), ("d91_180", 180), ("d181_plus", 10**6))


@dataclass(frozen=True, slots=True)
class Loan:
    """One contract as its member knows it; amounts in fen."""

    subject: str
    contract: str
    outstanding: int
    overdue: int
    overdue_on: date | None
    lost: bool
    court: str

    def row(self) -> list[str]:
        """The row of the member's export."""
        day = self.overdue_on.isoformat() if self.overdue_on else ""
        amounts = [f"{amount / 100:.2f}" for amount in (self.outstanding * 2, self.outstanding, self.overdue)]
        lost = "是" if self.lost else "否"
        consent = [f"SQ-{self.contract}", "2025-01-15"]
        return [
            "测试",
            self.subject,
            "19900000001",
            self.contract,
            "消费贷",
            *amounts,
            day,
            lost,
            self.court,
            *consent,
        ]


def resident_id(number: int) -> str:
    """Return the made-up resident ID number `number`: area 000000 belongs to nobody."""
    body = f"000000{1950 + number % 50}0{1 + number % 9}1{number % 9}{number % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def make_loans(member: str, *, subjects: int, seed: int) -> list[Loan]:
    """Return one or two contracts for each of about two thirds of the first `subjects` people."""
    chance = random.Random(f"{member}/{seed}")
    loans = []
    # One person that nobody else holds, so that every status occurs.
    own = subjects + sum(member.encode()) % 400
    for number in [*range(subjects), own]:
        for each in range(1 if number == own else chance.choice((0, 1, 1, 2))):
            outstanding = chance.randrange(1_000, 9_000_000)
            late = chance.choice((None, 1, 30, 31, 60, 61, 90, 91, 180, 181, 700))
            loans.append(
                Loan(
                    subject=resident_id(number),
                    contract=f"{member}-{number:04d}-{each}",
                    outstanding=outstanding,
                    overdue=outstanding // 3 if late else 0,
                    overdue_on=AS_OF - timedelta(late) if late else None,
                    lost=chance.random() < 0.3,
                    court=chance.choice(("", "", "诉讼中", "已判决")),
                )
            )
    return loans


def with_a_wrong_check_character(row: list[str]) -> list[str]:
    """Return another contract with the same row's ID, mistyped in its last character."""
    wrong = [*row]
    wrong[1] = row[1][:-1] + ("0" if row[1][-1] != "0" else "1")
    wrong[3] = f"{row[3]}-mistyped"
    return wrong


def write(path: Path, rows: list[list[str]]) -> None:
    """Write rows under the usual header, in the form that the ending names."""
    if path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([HEADER, *rows]):
                sheet.write_row(number, 0, row)
    elif path.suffix == ".parquet":
        columns = dict(zip(HEADER, map(list, zip(*rows, strict=True)), strict=True))
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
    else:
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])


def expected(portfolios: dict[str, list[Loan]], *, min_contributors: int = 2) -> dict[str, dict[str, Any]]:
    """Return by member and subject what the alliance must answer when everybody asks about its own."""
    holders: dict[str, dict[str, list[Loan]]] = defaultdict(dict)
    for member, loans in portfolios.items():
        for loan in loans:
            holders[loan.subject].setdefault(member, []).append(loan)
    return {
        member: {loan.subject: _answer(holders[loan.subject], member, min_contributors) for loan in loans}
        for member, loans in portfolios.items()
    }


def _answer(held: dict[str, list[Loan]], asker: str, min_contributors: int) -> dict[str, Any]:
    others = [loan for member, loans in held.items() if member != asker for loan in loans]
    count = len(held) - 1
    if count < min_contributors:
        return {"status": "withheld" if count else "none"}
    totals = dict.fromkeys([name for name, _ in BUCKETS], 0)
    for loan in others:
        if loan.overdue_on:
            days = (AS_OF - loan.overdue_on).days
            totals[next(name for name, last in BUCKETS if days <= last)] += 1
    return {
        "status": "open",
        "contracts": len(others),
        "outstanding": sum(loan.outstanding for loan in others),
        "overdue": sum(loan.overdue for loan in others),
        **totals,
        "in_court": sum(loan.court == "诉讼中" for loan in others),
        "judged": sum(loan.court == "已判决" for loan in others),
    }

"""Members that go to court in these tests: contracts that the hub has taken, documents, workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from member import Member, submit
from member.matters.columns import COLUMNS
from paper.blocks import Language, Paragraph, Sheet
from paper.sheet import render
from privacy.certificates import FlagSaid
from privacy.evidence import SignedMatterRequest
from privacy.logged import LogReceipt
from tests.member.matters.court import Court
from tests.member.people import loan, person, write
from tests.member.server import Problem, Received

OUR = """
forum = "示范市示范区人民法院"
[creditor]
name = "南山小额贷款有限公司"
identifier_kind = "USCC"
identifier = "91000000MA0000001R"
address = "示范市示范区科技路1号"
phone = "075500000000"
representative = "李某"
"""
"""What all cases of a member share."""

KINDS = ("contract", "disbursement", "ledger", "debtor-identity")
"""Documents of each case."""

SHARED = ("creditor-identity", "authority")


@dataclass
class Bench(Court):
    """A court that remembers in which order it was asked; `deaf` to what is reported.

    `why` the bundles that were reported are superseded, where they are.
    """

    deaf: bool = False
    why: str | None = None
    acts: list[str] = field(default_factory=list)

    def open(self, received: Received) -> Any:
        self.acts.append("open")
        return super().open(received)

    def certify(self, received: Received) -> Any:
        self.acts.append("certify")
        return super().certify(received)

    def evidence(self, received: Received) -> Any:
        self.acts.append("evidence")
        return super().evidence(received)

    def show(self, received: Received) -> Any:
        since = "2026-11-22T00:00:00Z" if self.why else None
        bundles = [
            {"seal": each["seal"], "sealed_at": each["sealed_at"], "superseded_at": since, "why": self.why}
            for each in self.reported
            if each["what"] == "bundles" and each["matter"] == received.groups[0]
        ]
        return super().show(received) | {"bundles": bundles}

    def report(self, received: Received) -> LogReceipt:
        if self.deaf:
            raise Problem(503, "unavailable")
        return super().report(received)

    def _flag(self, signed: SignedMatterRequest, order: Any) -> FlagSaid:
        return FlagSaid(flags=())


def submitted(member: Member, folder: Path, count: int) -> Path:
    """Have the hub take contracts of people 1 to `count`; return the portfolio."""
    path = write(folder / "loans.csv", *(loan(number) for number in range(1, count + 1)))
    assert submit(member, path, as_of=date(2026, 11, 1)).accepted == count
    return path


def row(number: int, **changes: Any) -> dict[str, Any]:
    """Return a row of a workbook about person `number`, by the English headers."""
    usual = {
        "case": f"2026-{number:04d}",
        "kind": "诉讼",
        "contract": f"NA-{number:06d}",
        "debtor name": f"张{number}",
        "id number": person(number),
        "debtor address": f"示范市示范区和平街{number}号",
        "signed on": "2024-01-10",
        "lent": 100_000,
        "due on": "2025年1月10日",
        "rate": "12%",
        "payments": "2024-06-01:20000; 2024-07-01:500.50",
        "demands": "2025-06-01；2026-03-01",
        "as of": date(2026, 11, 1),
    }
    return usual | changes


def workbook(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows to a workbook; the headers are those of the template, in Chinese."""
    used = [column for column in COLUMNS if any(column.en in each for each in rows)]
    with Workbook(str(path)) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for index, column in enumerate(used):
            sheet.write_string(0, index, column.zh)
            for number, each in enumerate(rows, 1):
                value = each.get(column.en, "")
                if isinstance(value, date):
                    sheet.write_datetime(number, index, value, day)
                else:
                    sheet.write(number, index, value)
    return path


def pdf(text: str) -> bytes:
    """Return a PDF of one page."""
    return render(Sheet("文件", (Paragraph(text),), "1", Language.CHINESE))


def documents(folder: Path, numbers: Sequence[int]) -> Path:
    """Write each case's documents, and those that all cases share."""
    page = pdf("借款人收到借款。")
    for name, kinds in {"公共": SHARED, **{f"2026-{each:04d}": KINDS for each in numbers}}.items():
        (folder / name).mkdir(parents=True)
        for kind in kinds:
            (folder / name / f"{kind}.pdf").write_bytes(page + f"\n% {name} {kind}".encode())
    return folder

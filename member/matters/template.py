"""Forms to begin with: a workbook for many cases, or a case file for one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from member.files.atomic import replacing
from member.matters.columns import COLUMNS
from member.matters.documents import USUAL


def write_workbook(path: Path) -> None:
    """Write a workbook of cases: the columns with one example row, and a sheet that explains them."""
    # Here and not above: most commands write no Excel file, and would wait for the import.
    from xlsxwriter import Workbook

    with replacing(path) as beside, Workbook(beside, {"tmpdir": str(path.parent)}) as book:
        head = book.add_format({"bold": True, "bg_color": "#EAF0F5", "text_wrap": True, "valign": "top"})
        must = book.add_format({"bold": True, "bg_color": "#FCE8D5", "text_wrap": True, "valign": "top"})
        # As text: a spreadsheet keeps only 15 digits of a number, and a resident ID has 18.
        text = book.add_format({"num_format": "@"})
        cases = book.add_worksheet("案件 cases")
        cases.freeze_panes(1, 1)
        for index, column in enumerate(COLUMNS):
            cases.set_column(index, index, 16, text)
            cases.write_string(0, index, column.zh, must if column.required else head)
            cases.write_string(1, index, column.example, text)
        _explain(book.add_worksheet("说明 help"), head)


def _explain(sheet: Any, head: Any) -> None:
    sheet.set_column(0, 1, 20)
    sheet.set_column(2, 2, 70)
    sheet.set_column(3, 3, 30)
    rows: list[Sequence[str]] = [("列", "column", "说明", "示例")]
    rows += [
        (column.zh, column.en, ("必填。" if column.required else "") + column.words, column.example)
        for column in COLUMNS
    ]
    rows += [("", "", "", ""), ("材料文件夹", "documents", _DOCUMENTS, "2026-0117/01-合同.pdf")]
    rows += [(usual.words[0], kind.value, usual.purpose, "") for kind, usual in USUAL.items()]
    for number, row in enumerate(rows):
        for index, cell in enumerate(row):
            sheet.write_string(number, index, cell, head if number == 0 else None)


def write_case_file(path: Path) -> None:
    """Write a case file with every field and what it is for."""
    with replacing(path) as beside:
        beside.write_text(_CASE_FILE, encoding="utf-8", newline="\n")


_DOCUMENTS = (
    "每个案件一个子文件夹，以案件编号命名；文件名以下列材料种类开头（中文或者英文），前面可以加序号。"
    "子文件夹“公共”或者 common 里的材料放进每个案件。"
)

_CASE_FILE = """# A case. What is not known yet may be left out: `matters check` says what is missing.
# Amounts in yuan, rates in per cent a year, days as 2026-10-31. Names stay on this machine.

kind = "litigation"            # litigation, arbitration, mediation, enforcement
as_of = 2026-11-01             # interest is counted up to the day before
forum = "某市某区人民法院"
cause = "借款合同纠纷"
# law_firm = "某律师事务所"     # as the alliance has registered it
# lawyers = ["L001"]           # staff numbers of its lawyers
# until = 2027-11-30           # their last day
# lpr = 3.0                    # the one-year LPR when the contract was signed, where the known one is wrong

[creditor]
name = "南山小额贷款有限公司"
identifier_kind = "USCC"
identifier = ""
address = ""
phone = ""
representative = ""            # 法定代表人

# [[agents]]
# name = ""
# firm = ""
# licence = ""
# phone = ""
# authority = "特别授权"

[debtor]                       # with --portfolio and --contract from your own file
name = ""
identifier = ""
address = ""
phone = ""

[[loans]]
contract = "NA2024-000009"     # as it was submitted
name = "个人消费借款合同"
signed_on = 2024-01-10
lent = "100000.00"
due_on = 2025-01-10            # the last instalment's day
rate = "15.4"
penalty_rate = "15.4"          # where none is agreed, leave it out
day_count = "actual/365"       # actual/365, actual/360, 30/360
payments = [
  {on = 2024-06-01, amount = "20000.00"},
]
# fees = [{on = 2026-10-01, amount = "3000.00", name = "律师费"}]
# Where you begin with what your books show on a day, and not with the lending:
# opened = {on = 2026-01-01, principal = "86033.42", interest = "0", penalty = "0", fees = "0"}

# [[events]]                   # what interrupts the limitation period: demand, acknowledgement, suit
# kind = "demand"
# on = 2025-06-01
# words = "短信催收"
# item = 5                     # its number in the evidence list

# [judgment]                   # for enforcement
# body = ""
# number = ""
# in_force_on = 2026-01-01
# perform_by = 2026-01-31

# requests = ["..."]           # without them the usual ones are written from the figures
# facts = ["..."]
"""

"""Which column of a workbook of cases says what of a case, and the example row that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from member.files import ColumnError
from member.files.columns import fold_header


@dataclass(frozen=True, slots=True)
class CaseColumn:
    """One column: the field of the case that it fills, its headers, what to write, and an example."""

    field: str
    zh: str
    en: str
    words: str
    example: str = ""
    required: bool = False


CASE = "case"
"""The field that names the row: the member's own number, and the folder of its documents."""

COLUMNS = (
    CaseColumn(CASE, "案件编号", "case", "本单位的案件编号；材料文件夹和成品文件以此命名", "2026-0117", True),
    CaseColumn("kind", "程序", "kind", "诉讼、仲裁、调解、执行", "诉讼", True),
    CaseColumn("loans[0].contract", "合同编号", "contract", "与已提交的合同编号一致", "NA2024-000009", True),
    CaseColumn("debtor.name", "债务人姓名", "debtor name", "姓名或者名称", "张某某", True),
    CaseColumn(
        "debtor.identifier", "证件号码", "id number", "按文本填写，避免丢失数字", "00000019900101001X", True
    ),
    CaseColumn("debtor.identifier_kind", "证件类型", "id type", "身份证可不填；企业填统一社会信用代码", ""),
    CaseColumn("debtor.address", "债务人住址", "debtor address", "送达地址", "某省某市某路1号"),
    CaseColumn("debtor.phone", "债务人电话", "debtor phone", "", "13800000000"),
    CaseColumn(
        "debtor.representative", "债务人法定代表人", "debtor representative", "债务人是企业时填写", ""
    ),
    CaseColumn("loans[0].name", "合同名称", "contract name", "不填为借款合同", "个人消费借款合同"),
    CaseColumn("loans[0].signed_on", "签订日期", "signed on", "", "2024-01-10", True),
    CaseColumn("loans[0].lent", "借款金额", "lent", "元", "100000.00", True),
    CaseColumn("loans[0].lent_on", "放款日期", "lent on", "不填为签订日期", "2024-01-10"),
    CaseColumn("loans[0].due_on", "到期日", "due on", "最后一期的还款日", "2025-01-10", True),
    CaseColumn("loans[0].late_on", "逾期起算日", "late on", "开始按逾期年利率计算的日期，不填为到期日", ""),
    CaseColumn("loans[0].rate", "年利率", "rate", "%", "15.4", True),
    CaseColumn("loans[0].penalty_rate", "逾期年利率", "penalty rate", "%，不填为年利率", "15.4"),
    CaseColumn(
        "loans[0].day_count",
        "计息方式",
        "day count",
        "actual/365、actual/360、30/360，不填为 actual/365",
        "actual/365",
    ),
    CaseColumn("loans[0].opened.on", "余额日期", "balance on", "从账面余额起算时填写；不填则从放款起算", ""),
    CaseColumn("loans[0].opened.principal", "剩余本金", "principal", "元，余额日期当日", ""),
    CaseColumn("loans[0].opened.interest", "已欠利息", "interest", "元，余额日期当日", ""),
    CaseColumn("loans[0].opened.penalty", "已欠逾期利息", "penalty", "元，余额日期当日", ""),
    CaseColumn("loans[0].opened.fees", "已欠费用", "fees", "元，余额日期当日", ""),
    CaseColumn(
        "loans[0].payments",
        "还款记录",
        "payments",
        "日期:金额，以分号分隔",
        "2024-06-01:20000; 2024-07-01:500.50",
    ),
    CaseColumn("demands", "催收日期", "demands", "日期，以分号分隔", "2025-06-01; 2026-03-01"),
    CaseColumn("acknowledgements", "债务人确认日期", "acknowledgements", "日期，以分号分隔", ""),
    CaseColumn("judgment.body", "作出机构", "judgment body", "执行案件填写：作出判决或者裁决的机构", ""),
    CaseColumn("judgment.number", "文书编号", "judgment number", "执行案件填写", ""),
    CaseColumn("judgment.in_force_on", "生效日期", "in force on", "执行案件填写", ""),
    CaseColumn("judgment.perform_by", "履行期限", "perform by", "执行案件填写：履行期限的最后一日", ""),
    CaseColumn("as_of", "计算截止日", "as of", "利息计算至该日前一日，不填为当日", "2026-11-01"),
    CaseColumn("forum", "受理机构", "forum", "法院、仲裁委员会、调解组织", "某市某区人民法院"),
    CaseColumn("cause", "案由", "cause", "不填为借款合同纠纷", ""),
    CaseColumn("profile", "立案要求", "profile", "不填按程序选用", ""),
    CaseColumn("law_firm", "律师事务所", "law firm", "联盟登记的名称", ""),
    CaseColumn("lawyers", "律师工号", "lawyers", "以分号分隔", ""),
    CaseColumn("until", "有效期至", "until", "律师可查看的最后一日，不填为一年", ""),
)
"""In the order of the template."""

BY_FIELD = {column.field: column for column in COLUMNS}


def resolve(header: Sequence[str]) -> dict[str, str]:
    """Return the header of each field that a workbook has.

    Raises ColumnError when a required column is missing, or one stands there twice.
    """
    known = {
        fold_header(word): column.field for column in COLUMNS for word in (column.zh, column.en, column.field)
    }
    found: dict[str, str] = {}
    for name in header:
        field = known.get(fold_header(name))
        if field is None:
            continue
        if field in found:
            raise ColumnError(f"two columns say {shown(field)}: leave one")
        found[field] = name
    missing = [shown(column.field) for column in COLUMNS if column.required and column.field not in found]
    if missing:
        raise ColumnError(f"no column for {', '.join(missing)}: see alliance-member matters template")
    return found


def shown(field: str) -> str:
    """Return a field as its column is headed, in both languages; a field inside a list names the list."""
    column = BY_FIELD.get(field) or _inside(field, BY_FIELD)
    return f"{column.zh} {column.en}" if column else field


def _inside(field: str, known: Mapping[str, CaseColumn]) -> CaseColumn | None:
    if field.startswith("events"):
        return known["demands"]
    heads = (name for name in known if field.startswith((f"{name}[", f"{name}.")))
    return next((known[name] for name in heads), None)

"""What is asked and told where the clerk has written nothing of its own: plain sentences from the figures.

In Chinese, as the filing is; counsel replaces them where a case is not the usual one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from member.matters.case import ClaimKind, Judgment, Loan, Party
from member.matters.money import percent, yuan
from privacy.evidence import MatterKind

ITEMS = {
    ClaimKind.PRINCIPAL: "本金",
    ClaimKind.INTEREST: "利息",
    ClaimKind.PENALTY: "逾期利息",
    ClaimKind.FEES: "费用",
}
"""What each line of a claim is called."""

_RESPONDENT = {
    MatterKind.LITIGATION: "被告",
    MatterKind.ARBITRATION: "被申请人",
    MatterKind.MEDIATION: "被申请人",
    MatterKind.ENFORCEMENT: "被执行人",
}
_CREDITOR = {
    MatterKind.LITIGATION: "原告",
    MatterKind.ARBITRATION: "申请人",
    MatterKind.MEDIATION: "申请人",
    MatterKind.ENFORCEMENT: "申请执行人",
}
_ASKS = {
    MatterKind.LITIGATION: "判令",
    MatterKind.ARBITRATION: "裁决",
    MatterKind.MEDIATION: "请求调解",
    MatterKind.ENFORCEMENT: "强制执行",
}
_COSTS = {
    MatterKind.LITIGATION: "本案诉讼费用由被告承担。",
    MatterKind.ARBITRATION: "本案仲裁费用由被申请人承担。",
    MatterKind.MEDIATION: "调解不成的，申请人保留起诉或者申请仲裁的权利。",
    MatterKind.ENFORCEMENT: "本案执行费用由被执行人承担。",
}


def creditor_of(kind: MatterKind) -> str:
    """Return what the creditor is called in a matter of this kind."""
    return _CREDITOR[kind]


def respondent_of(kind: MatterKind) -> str:
    """Return what the debtor is called in a matter of this kind."""
    return _RESPONDENT[kind]


def requests_of(kind: MatterKind, loans: Sequence[Loan], judgment: Judgment | None, as_of: date) -> list[str]:
    """Return what the creditor usually asks for, one sentence each."""
    who = _RESPONDENT[kind]
    if judgment is not None:
        first = (
            f"强制执行{judgment.body}{judgment.number}生效法律文书确定的给付义务，"
            f"截至{chinese_day(as_of)}共计人民币{yuan(sum(loan.claimed for loan in loans))}元。"
        )
        return [first, "被执行人加倍支付迟延履行期间的债务利息。", _COSTS[kind]]
    return [*(_asked(_ASKS[kind], who, loan, as_of) for loan in loans), _COSTS[kind]]


def facts_of(kind: MatterKind, debtor: Party, loans: Sequence[Loan], as_of: date) -> list[str]:
    """Return the facts that the figures tell, one paragraph for each loan."""
    return [_told(_RESPONDENT[kind], debtor.name, loan, as_of) for loan in loans]


def chinese_day(day: date) -> str:
    """Return a day as filings write it: 2026年10月31日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _asked(asks: str, who: str, loan: Loan, as_of: date) -> str:
    principal, interest, penalty, fees = (line.amount for line in loan.lines)
    parts = [f"借款本金人民币{yuan(principal)}元"] if principal else []
    parts += [f"利息人民币{yuan(interest)}元"] if interest else []
    parts += [f"逾期利息人民币{yuan(penalty)}元"] if penalty else []
    parts += [f"费用人民币{yuan(fees)}元"] if fees else []
    sentence = f"{asks}{who}偿还合同{loan.contract}项下" + "、".join(parts)
    sentence += f"，合计人民币{yuan(loan.claimed)}元（利息和逾期利息计算至{chinese_day(as_of)}前一日）"
    if principal and loan.penalty_rate:
        sentence += (
            f"；并自{chinese_day(as_of)}起至实际清偿之日止，以未还本金为基数，"
            f"按年利率{percent(loan.penalty_rate)}支付逾期利息"
        )
    return sentence + "。"


def _told(who: str, name: str, loan: Loan, as_of: date) -> str:
    owed = "、".join(f"{ITEMS[line.item]}人民币{yuan(line.amount)}元" for line in loan.lines if line.amount)
    paid = sum(each.amount for each in loan.payments)
    since = chinese_day(date.fromisoformat(loan.opened.on))
    return (
        f"{chinese_day(date.fromisoformat(loan.signed_on))}，双方签订《{loan.name}》（编号{loan.contract}），"
        f"约定借款人民币{yuan(loan.lent)}元，年利率{percent(loan.rate)}，"
        f"应于{chinese_day(date.fromisoformat(loan.due_on))}前还清。"
        + (f"自{since}起，{who}共还款人民币{yuan(paid)}元。" if paid else "")
        + f"截至{chinese_day(as_of)}，{who}{name}尚欠{owed or '人民币0.00元'}，经催收未还。"
    )

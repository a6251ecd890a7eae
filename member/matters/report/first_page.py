"""Page one: what the bundle is, who is in dispute, what is claimed, what is proved, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

from member.matters.case import Case, ClaimLine, Loan
from member.matters.money import yuan
from member.matters.report.facts import Facts
from member.matters.report.proved import proved
from member.matters.report.tongue import ARREARS, ITEMS, KINDS, Tongue
from member.matters.wording import creditor_of, respondent_of
from paper.blocks import Block, Column, Paragraph, Points, Table, Tone
from paper.blocks import Facts as Pairs

_FEW = 2
"""Loans whose formulas stand on page one; those of more stand where the arrears are counted."""


def first_page(facts: Facts, say: Tongue) -> Iterator[Block]:
    """Yield what a judge reads first."""
    yield Paragraph(
        say(
            "本证据包证明何人于何时提出过何种主张或者查询，以及封存以来未作任何改动。"
            "本证据包不证明债务成立，也不证明各份文件内容真实，此二者由法院或者仲裁机构认定。",
            "This bundle proves who said and asked what and when, and that nothing has changed since it was "
            "sealed. It does not prove the debt, nor that a document is true: that is for the court or "
            "tribunal.",
        ),
        Tone.NOTICE,
    )
    yield say.heading(1, "当事人", "Parties")
    yield _parties(facts.case, say)
    yield say.heading(2, "请求内容（系主张，并非证明）", "What is claimed (claimed, not proved)")
    yield from _claimed(facts.case, say)
    yield say.heading(3, "已经证明的事项", "What is proved")
    yield Points(tuple(proved(facts, say)), mark="")
    yield say.heading(4, "没有证明的事项", "What is not proved")
    yield Points(tuple(_unproved(facts, say)))


def _parties(case: Case, say: Tongue) -> Block:
    creditor = say(creditor_of(case.kind), "Claimant")
    respondent = say(respondent_of(case.kind), "Respondent")
    rows = [(creditor, say.party(case.creditor))]
    rows += [(respondent, say.party(each)) for each in case.respondents]
    rows.append(
        (say("案由", "Cause"), f"{case.cause}{say('（', ' (')}{say(*KINDS[case.kind])}{say('）', ')')}")
    )
    if case.forum:
        rows[-1] = (rows[-1][0], f"{rows[-1][1]}{say('，', ', ')}{case.forum}")
    if case.judgment is not None:
        named = f"{case.judgment.body} {case.judgment.number}"
        rows.append((say("执行依据", "To be enforced"), named))
    if case.agents:
        agents = [f"{each.name}{f'（{each.firm}）' if each.firm else ''}" for each in case.agents]
        rows.append((say("委托代理人", "Represented by"), say.listed(agents)))
    return Pairs(tuple(rows))


def _claimed(case: Case, say: Tongue) -> Iterator[Block]:
    yield _by_formula(case, say) if len(case.loans) <= _FEW else _by_contract(case, say)
    yield Paragraph(
        say(
            f"利息和逾期利息计算至{say.day(case.as_of)}（不含当日）。逐笔计算见{say.part(ARREARS)}。",
            f"Interest is counted to {case.as_of}, that day not included; see {say.part(ARREARS)}.",
        ),
        Tone.SMALL,
    )


def _by_formula(case: Case, say: Tongue) -> Block:
    columns = (
        Column(say("项目", "Item"), 3),
        Column(say("计算式", "Formula"), 7),
        Column(say("金额（元）", "CNY"), 2.2, right=True),
    )
    rows = tuple(row for loan in case.loans for row in _lines(loan, case, say))
    return Table(columns, rows, (say("合计", "Total"), "", yuan(case.claimed)))


def _by_contract(case: Case, say: Tongue) -> Block:
    columns = (
        Column(say("合同", "Contract"), 3),
        *(Column(say(*pair), 2, right=True) for pair in ITEMS.values()),
        Column(say("合计（元）", "CNY"), 2, right=True),
    )
    rows = tuple(
        (loan.contract, *(yuan(line.amount) for line in loan.lines), yuan(loan.claimed))
        for loan in case.loans
    )
    return Table(columns, rows, (say("合计", "Total"), *("" for _ in ITEMS), yuan(case.claimed)))


def _lines(loan: Loan, case: Case, say: Tongue) -> list[tuple[str, ...]]:
    def named(line: ClaimLine) -> str:
        item = say(*ITEMS[line.item])
        return item if len(case.loans) == 1 else f"{loan.contract} {item}"

    return [(named(line), line.formula, yuan(line.amount)) for line in loan.lines if line.amount]


def _unproved(facts: Facts, say: Tongue) -> Iterator[str]:
    yield say(
        "债务是否成立、金额是否正确：金额由提出方依其账簿自行计算。",
        "That the debt exists and the amount is right: the claimant counted it from its own books.",
    )
    yield say(
        "文件内容是否真实、由谁形成：只证明收集之后未改动；来源、收集人、证明目的均系自述。",
        "That a document is true, or who made it: only that it is unchanged since it was collected.",
    )
    if not facts.stamped:
        yield say(
            "封存时间：没有外部时间戳，系提出方自述，但不早于上述检查点。",
            "When it was sealed: the claimant's own word, though not before the checkpoint above.",
        )
    if facts.certificate.own:
        yield say(
            "本报告由谁签名：签名证书系提出方自制，只说明报告未改动（封签的签名不受此影响）。",
            "Who signed this report: the certificate is the claimant's own make. The seal's key is not: "
            "custodians accepted it.",
        )
    if any(facts.kind_of(signed) == "existence" for signed in facts.evidence.certificates):
        yield say(
            "债务人在其他会员处的债务金额、会员名称和数目：中心不证明。",
            "How much the debtor owes elsewhere, to whom and to how many: the hub does not certify it.",
        )
    else:
        yield say(
            "债务人在其他会员处的情况：非经法院命令，中心不予证明。",
            "What the debtor owes elsewhere: the hub certifies nothing of it without a court's order.",
        )

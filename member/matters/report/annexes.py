"""Behind page one: evidence list, arrears step by step, limitation, custody, how to verify, log entries."""

from __future__ import annotations

from collections.abc import Iterator

from member.matters.case import Limitation, Loan
from member.matters.money import percent, yuan
from member.matters.report.checking import entries, verification
from member.matters.report.facts import Facts
from member.matters.report.proved import certified
from member.matters.report.tongue import (
    ARREARS,
    CERTIFIED,
    DAY_COUNTS,
    EVENTS,
    FORMS,
    ITEMS,
    STATES,
    Tongue,
)
from paper.blocks import Block, Column, Heading, Paragraph, Points, Table, Tone
from paper.blocks import Facts as Pairs


def annexes(facts: Facts, say: Tongue) -> Iterator[Block]:
    """Yield what is looked up when it is needed."""
    yield say.heading(CERTIFIED, "中心证明的内容", "What the hub certified")
    yield Points(tuple(certified(facts, say)))
    yield from _evidence_list(facts, say)
    yield from _arrears(facts, say)
    yield from _limitation(facts, say)
    yield from _custody(facts, say)
    yield from verification(facts, say)
    yield from entries(facts, say)


def _evidence_list(facts: Facts, say: Tongue) -> Iterator[Block]:
    yield say.heading(6, "证据目录", "Evidence list")
    columns = (
        Column(say("编号", "No."), 0.9),
        Column(say("证据名称", "Name"), 3.4),
        Column(say("来源", "Source"), 2.4),
        Column(say("证明目的", "What it is to show"), 4),
        Column(say("页数", "Pages"), 1, right=True),
        Column(say("形式", "Form"), 1.3),
    )
    rows = tuple(
        (
            str(item.number),
            item.name,
            item.source,
            item.purpose,
            "—" if item.pages is None else str(item.pages),
            say(*FORMS[item.form]),
        )
        for item in facts.prepared.items
    )
    yield Table(columns, rows)
    yield Paragraph(
        say(
            "中心证明的纸面形式见 data/certificates。", "The hub's certificates on paper: data/certificates."
        ),
        Tone.SMALL,
    )


def _arrears(facts: Facts, say: Tongue) -> Iterator[Block]:
    yield say.heading(ARREARS, "欠款计算", "Arrears")
    for loan in facts.case.loans:
        yield from _loan(loan, say)


def _loan(loan: Loan, say: Tongue) -> Iterator[Block]:
    yield Heading(say(f"合同 {loan.contract}《{loan.name}》", f"Contract {loan.contract}, {loan.name}"), 2)
    yield Pairs(
        (
            (
                say("借款", "Lent"),
                f"{say.money(loan.lent)}，{say.day(loan.signed_on)}"
                if say.chinese
                else f"{say.money(loan.lent)}, {loan.signed_on}",
            ),
            (say("到期日", "Due"), say.day(loan.due_on)),
            (
                say("年利率", "Annual rate"),
                say(
                    f"{percent(loan.rate)}；逾期{percent(loan.penalty_rate)}",
                    f"{percent(loan.rate)}; {percent(loan.penalty_rate)} when late",
                ),
            ),
            (say("计息天数", "Days counted"), say(*DAY_COUNTS[loan.day_count])),
            (
                say("期初余额", "Opening balance"),
                say(
                    f"{say.day(loan.opened.on)}：本金{yuan(loan.opened.principal)}，利息{yuan(loan.opened.interest)}，"
                    f"逾期利息{yuan(loan.opened.penalty)}，费用{yuan(loan.opened.fees)}",
                    f"{loan.opened.on}: principal {yuan(loan.opened.principal)}, "
                    f"interest {yuan(loan.opened.interest)}, late {yuan(loan.opened.penalty)}, "
                    f"fees {yuan(loan.opened.fees)}",
                ),
            ),
        )
    )
    if loan.accruals:
        yield _accruals(loan, say)
    if loan.payments:
        yield _payments(loan, say)
    yield Points(tuple(say.words(line.words) for line in loan.lines if line.amount))


def _accruals(loan: Loan, say: Tongue) -> Block:
    columns = (
        Column(say("项目", "Item"), 2.2),
        Column(say("起（含）", "From (counted)"), 2),
        Column(say("止（不含）", "To (not counted)"), 2),
        Column(say("天数", "Days"), 1, right=True),
        Column(say("基数（元）", "Principal"), 2.2, right=True),
        Column(say("年利率", "Rate"), 1.3, right=True),
        Column(say("金额（元）", "CNY"), 2, right=True),
    )
    rows = tuple(
        (
            say(*ITEMS[each.item]),
            each.start,
            each.end,
            str(each.days),
            yuan(each.principal),
            percent(each.rate),
            yuan(each.amount),
        )
        for each in loan.accruals
    )
    return Table(columns, rows)


def _payments(loan: Loan, say: Tongue) -> Block:
    heads = (
        say("还款日", "Paid on"),
        say("还款（元）", "CNY"),
        say("抵充费用", "to fees"),
        say("抵充利息", "to interest"),
        say("抵充逾期利息", "to late interest"),
        say("抵充本金", "to principal"),
    )
    columns = tuple(Column(head, 2, right=index > 0) for index, head in enumerate(heads))
    rows = tuple(
        (each.on, *map(yuan, (each.amount, each.fees, each.interest, each.penalty, each.principal)))
        for each in loan.payments
    )
    return Table(columns, rows)


def _limitation(facts: Facts, say: Tongue) -> Iterator[Block]:
    yield say.heading(8, "时效", "Limitation")
    for each in facts.case.limitation:
        yield from _period(each, say)
    if facts.case.warnings:
        yield Paragraph(say("提请注意：", "To be looked at:"))
        yield Points(tuple(say.words(each) for each in facts.case.warnings))


def _period(each: Limitation, say: Tongue) -> Iterator[Block]:
    state = say(*STATES[each.state])
    judged = say(
        f"{say.day(each.ends_on)}届满（截至{say.day(each.judged_on)}：{state}）",
        f"{each.ends_on} ({state} on {each.judged_on})",
    )
    rows = [
        (say("所涉", "About"), each.about),
        (
            say("起算", "Runs from"),
            say(f"{say.day(each.began_on)}，期间{each.years}年", f"{each.began_on}, {each.years} years"),
        ),
        (say("届满日", "Ends on"), judged),
    ]
    for event in each.events:
        shown = say(f"（证据{event.item}）", f" (item {event.item})") if event.item else ""
        rows.append((say(*EVENTS[event.kind]), f"{say.day(event.on)} {event.words}{shown}"))
    yield Pairs(tuple(rows))
    yield Paragraph(say.words(each.words), Tone.SMALL)


def _custody(facts: Facts, say: Tongue) -> Iterator[Block]:
    yield say.heading(9, "保管记录", "Custody")
    columns = (
        Column(say("步骤", "Step"), 0.9),
        Column(say("时间", "When"), 3),
        Column(say("经手人", "Who"), 2.4),
        Column(say("事项", "What"), 4),
        Column(say("证据", "Item"), 1),
    )
    rows = tuple(
        (
            str(step.number),
            say.instant(step.at),
            step.who,
            step.what,
            "" if step.item is None else str(step.item),
        )
        for step in facts.prepared.custody
    )
    yield Table(columns, rows)

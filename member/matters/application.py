"""The filing's form, filled from the case: which field says what, and how it is put on paper.

In Chinese, as courts and commissions take it. What the form does not ask for is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from member.matters.case import Case, ClaimKind, Party
from member.matters.forms import Form, Item
from member.matters.money import yuan
from member.matters.profiles import FilingForm, FormField, Section
from member.matters.wording import ITEMS, chinese_day

if TYPE_CHECKING:
    from paper.blocks import Block

Says: TypeAlias = Callable[[Case], str | None]


def says(field: FormField, case: Case, items: Sequence[Item]) -> str | None:
    """Return what the case says in a field of the form; None when it says nothing."""
    if field is FormField.EVIDENCE:
        return str(len(items)) if items else None
    return _SAYS[field](case) or None


def application(form: FilingForm, case: Case, items: Sequence[Item]) -> bytes:
    """Return the filled form as a PDF, the same for the same case; raises paper's errors.

    An empty field stays an empty line, to be filled in by hand.
    """
    # Here and not above: pages need a font and a library that few commands need.
    from paper.blocks import Language, Sheet
    from paper.sheet import render

    blocks = [block for section in form.sections for block in _section(section, case, items)]
    return render(
        Sheet(
            title=form.title,
            language=Language.CHINESE,
            blocks=(*blocks, *_closing(form, case)),
            foot=case.matter,
            author=case.creditor.name,
        )
    )


def _section(section: Section, case: Case, items: Sequence[Item]) -> Iterable[Block]:
    from paper.blocks import Facts, Heading, Paragraph

    yield Heading(section.heading)
    facts: list[tuple[str, str]] = []
    for entry in section.fields:
        if entry.field is FormField.FORUM:
            continue  # It stands where the form ends.
        written = _BLOCKS.get(entry.field)
        said = says(entry.field, case, items)
        if written is None:
            if said is not None or entry.required:
                facts.append((entry.label, said or ""))
            continue
        if facts:
            yield Facts(tuple(facts))
            facts = []
        # A section with one such field has its name in the heading.
        if len(section.fields) > 1 and entry.label != section.heading:
            yield Paragraph(f"{entry.label}：")
        yield from written(case, items)
    if facts:
        yield Facts(tuple(facts))


def _closing(form: FilingForm, case: Case) -> Iterable[Block]:
    from paper.blocks import Facts, Paragraph, Space

    yield Space(18)
    yield Paragraph(form.closing)
    yield Paragraph(case.forum or "")
    yield Space(24)
    # Signed and dated by hand: a date that a program puts there says nothing about the signature.
    yield Facts(((form.signed_by, ""), ("日期", "　　　　年　　月　　日")))


def _requests(case: Case, items: Sequence[Item]) -> Iterable[Block]:
    from paper.blocks import Points

    yield Points(case.requests, mark="")


def _facts(case: Case, items: Sequence[Item]) -> Iterable[Block]:
    from paper.blocks import Paragraph

    for each in case.facts:
        yield Paragraph(each)


def _arrears(case: Case, items: Sequence[Item]) -> Iterable[Block]:
    from paper.blocks import Column, Paragraph, Table, Tone

    for loan in case.loans:
        until = chinese_day(date.fromisoformat(case.as_of))
        yield Paragraph(f"合同 {loan.contract}，计算至{until}前一日，单位：元")
        yield Table(
            columns=(Column("项目", 2), Column("计算", 7), Column("金额", 2, right=True)),
            rows=tuple((ITEMS[line.item], line.formula, yuan(line.amount)) for line in loan.lines),
            total=("合计", "", yuan(loan.claimed)),
        )
        for line in loan.lines:
            if line.amount and line.item in (ClaimKind.INTEREST, ClaimKind.PENALTY):
                yield Paragraph(line.words.zh, Tone.SMALL)


def _evidence(case: Case, items: Sequence[Item]) -> Iterable[Block]:
    from paper.blocks import Column, Table

    yield Table(
        columns=(
            Column("序号", 1),
            Column("证据名称", 4),
            Column("证据来源", 3),
            Column("证明目的", 4),
            Column("页数", 1, right=True),
            Column("原件/复印件", 2),
        ),
        rows=tuple(
            (
                str(item.number),
                item.name,
                item.source,
                item.purpose,
                "" if item.pages is None else str(item.pages),
                _FORMS[item.form],
            )
            for item in items
        ),
    )


def _agents(case: Case) -> str:
    return "\n".join(
        "，".join(filter(None, (each.name, each.firm, each.licence, each.phone, each.authority)))
        for each in case.agents
    )


def _others(case: Case) -> str:
    return "\n".join(
        "，".join(filter(None, (each.name, each.identifier, each.address, each.phone)))
        for each in case.respondents[1:]
    )


def _judgment(case: Case) -> str | None:
    if case.judgment is None:
        return None
    since, until = (
        chinese_day(date.fromisoformat(day)) for day in (case.judgment.in_force_on, case.judgment.perform_by)
    )
    return f"{case.judgment.body}{case.judgment.number}，{since}生效，履行期限至{until}"


def _of(whose: Callable[[Case], Party], what: Callable[[Party], str | None]) -> Says:
    return lambda case: what(whose(case))


def _creditor(case: Case) -> Party:
    return case.creditor


def _debtor(case: Case) -> Party:
    return case.debtor


_SAYS: dict[FormField, Says] = {
    FormField.CREDITOR: _of(_creditor, lambda party: party.name),
    FormField.CREDITOR_IDENTIFIER: _of(_creditor, lambda party: party.identifier),
    FormField.CREDITOR_ADDRESS: _of(_creditor, lambda party: party.address),
    FormField.CREDITOR_PHONE: _of(_creditor, lambda party: party.phone),
    FormField.CREDITOR_REPRESENTATIVE: _of(_creditor, lambda party: party.representative),
    FormField.AGENTS: _agents,
    FormField.DEBTOR: _of(_debtor, lambda party: party.name),
    FormField.DEBTOR_IDENTIFIER: _of(_debtor, lambda party: party.identifier),
    FormField.DEBTOR_ADDRESS: _of(_debtor, lambda party: party.address),
    FormField.DEBTOR_PHONE: _of(_debtor, lambda party: party.phone),
    FormField.DEBTOR_REPRESENTATIVE: _of(_debtor, lambda party: party.representative),
    FormField.OTHERS: _others,
    FormField.FORUM: lambda case: case.forum,
    FormField.CAUSE: lambda case: case.cause,
    FormField.CLAIMED: lambda case: f"人民币{yuan(case.claimed)}元",
    FormField.JUDGMENT: _judgment,
    FormField.REQUESTS: lambda case: "\n".join(case.requests),
    FormField.FACTS: lambda case: "\n".join(case.facts),
    FormField.ARREARS: lambda case: yuan(case.claimed),
}

_BLOCKS: dict[FormField, Callable[[Case, Sequence[Item]], Iterable[Block]]] = {
    FormField.REQUESTS: _requests,
    FormField.FACTS: _facts,
    FormField.ARREARS: _arrears,
    FormField.EVIDENCE: _evidence,
}
"""Fields that are more than one line."""

_FORMS = {Form.ORIGINAL: "原件", Form.COPY: "复印件"}

"""From what a clerk writes to a case; and everything that keeps it from being one, at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from member.files import BadMapping
from member.matters.case import Case, LimitationState, PartyKind
from member.matters.draft import draft_of, laid_over, read_document
from member.matters.money import fen_of, percent, rate_of, yuan
from member.matters.preparing import Subject, prepare
from member.matters.rates import lpr_on
from member.matters.reading import Lack
from member.matters.template import write_case_file
from privacy.encoding import b64
from privacy.errors import InvalidInputError
from privacy.evidence import MatterKind
from tests.member.matters.cases import DRAFT
from tests.member.people import identifier, person

TODAY = date(2026, 11, 22)
REF = bytes(range(32))


def prepared(opened: MatterKind = MatterKind.LITIGATION, **changes: Any) -> tuple[Case | None, list[Lack]]:
    document = laid_over(DRAFT, {"debtor": {"identifier": person(1)}, "kind": opened.value})
    subject = Subject("M20261122-0001", "南山", opened, identifier(1), {"NA2024-000009": REF})
    draft = draft_of(laid_over(document, changes), "case.json")
    return prepare(draft, subject, profile="court-internet", today=TODAY)


def whole(opened: MatterKind = MatterKind.LITIGATION, **changes: Any) -> Case:
    case, lacks = prepared(opened, **changes)
    assert case is not None, lacks
    return case


def lacks(**changes: Any) -> list[str]:
    case, found = prepared(**changes)
    assert case is None
    return [each.where for each in found]


def loan(**changes: Any) -> list[dict[str, Any]]:
    return [DRAFT["loans"][0] | changes]


def test_a_case_is_counted_up() -> None:
    case = whole()
    (loan,) = case.loans
    # 100,000 at 12 %: 143 days are 4,701.37; 20,000 pays them and 15,298.63; 223 days on 84,701.37 are
    # 6,209.89, then 660 days 18,379.04; and a lawyer's fee of 3,000.
    assert [line.amount for line in loan.lines] == [84_701_37, 6_209_89, 18_379_04, 3_000_00]
    assert case.claimed == loan.claimed == 112_290_30
    assert loan.contract_ref == b64(REF)
    assert case.debtor.name == "张某"
    assert (case.creditor.kind, case.debtor.kind) == (PartyKind.ORGANISATION, PartyKind.PERSON)
    assert case.limitation[0].ends_on == "2028-06-01"
    assert case.limitation[0].events[0].item == 2
    assert case.as_of == "2026-11-01"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (MatterKind.LITIGATION, ("判令被告", "诉讼费用由被告承担")),
        (MatterKind.ARBITRATION, ("裁决被申请人", "仲裁费用由被申请人承担")),
        (MatterKind.MEDIATION, ("请求调解被申请人", "保留起诉")),
        (MatterKind.ENFORCEMENT, ("强制执行被执行人", "执行费用由被执行人承担")),
    ],
)
def test_what_is_asked_is_written_from_the_figures(kind: MatterKind, words: tuple[str, ...]) -> None:
    case = whole(kind)
    text = "".join(case.requests)
    assert all(word in text for word in words)
    assert "合计人民币112,290.30元" in text
    assert "自2026年11月1日起至实际清偿之日止" in text
    assert "2024年1月10日，双方签订《个人消费借款合同》（编号NA2024-000009）" in case.facts[0]


def test_what_the_clerk_writes_counts_instead() -> None:
    case = whole(requests=["请求甲"], facts=["事实乙"])
    assert (case.requests, case.facts) == (("请求甲",), ("事实乙",))


def test_a_judgment_is_enforced() -> None:
    judgment = {
        "body": "某法院",
        "number": "（2025）某01民初1号",
        "in_force_on": "2025-06-01",
        "perform_by": "2025-06-15",
    }
    case = whole(MatterKind.ENFORCEMENT, judgment=judgment, events=[])
    assert case.requests[0].startswith("强制执行某法院（2025）某01民初1号生效法律文书")
    (period,) = case.limitation
    assert (period.about, period.years, period.ends_on) == ("（2025）某01民初1号", 2, "2027-06-15")


def test_the_books_balance_takes_the_place_of_the_lending() -> None:
    opened = {"on": "2026-10-02", "principal": "80,000", "interest": "1000.5", "fees": 20}
    case = whole(loans=loan(opened=opened, payments=[], fees=[]))
    # 30 days on 80,000 at 12 %: 789.04
    assert [line.amount for line in case.loans[0].lines] == [80_000_00, 1_000_50, 789_04, 20_00]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"creditor": {"name": " "}}, "creditor.name"),
        ({"creditor": {"identifier": "91000000MA0000001X"}}, "creditor.identifier"),
        ({"debtor": {"identifier": person(2)}}, "debtor.identifier"),
        ({"debtor": {"identifier": None}}, "debtor.identifier"),
        ({"debtor": {"identifier_kind": "MOBILE", "identifier": "13800000000"}}, "debtor.identifier"),
        ({"debtor": {"identifier_kind": "LIBRARY_CARD"}}, "debtor.identifier_kind"),
        ({"debtor": {"kind": "ghost"}}, "debtor.kind"),
        ({"debtor": {"name": "张\u202e某"}}, "debtor.name"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"kind": "mediation"}, "kind"),
        ({"loans": loan(contract="NA2024-000010")}, "loans"),
        ({"loans": loan(lent="ten")}, "loans[0].lent"),
        ({"loans": loan(rate=None)}, "loans[0].rate"),
        ({"loans": loan(due_on="2023-01-01")}, "loans[0].due_on"),
        ({"loans": loan(day_count="actual/366")}, "loans[0].day_count"),
        ({"loans": loan(payments=[{"on": "2024-06-01", "amount": "900000"}])}, "loans[0].payments[0]"),
        ({"loans": loan(payments=[{"on": "2024-06-01"}])}, "loans[0].payments[0].amount"),
        ({"loans": loan(fees=[{"on": "2026-01-01", "amount": 1}])}, "loans[0].fees[0].name"),
        ({"loans": loan(opened={"on": "2026-01-01"})}, "loans[0].opened.principal"),
        ({"events": [{"kind": "rumour", "on": "2025-01-01", "words": "x"}]}, "events[0].kind"),
        ({"events": [{"kind": "demand", "on": "2025-01-01", "words": "x", "contract": "Z"}]},
         "events[0].contract"),
        ({"events": [{"kind": "suit", "on": "2025-01-01", "until": "2024-01-01", "words": "x"}]},
         "events[0].until"),
        ({"judgment": {"body": "某法院"}}, "judgment.number"),
        ({"agents": [{"firm": "某所"}]}, "agents[0].name"),
        ({"lpr": "cheap"}, "lpr"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes: dict[str, Any], where: str) -> None:
    assert where in lacks(**changes)


def test_everything_that_is_wrong_is_said_at_once_and_nothing_twice() -> None:
    found = lacks(creditor={"name": None}, loans=[{"contract": "NA2024-000009"}], as_of="soon")
    assert found == [
        "as_of", "creditor.name", "loans[0].signed_on", "loans[0].lent", "loans[0].due_on", "loans[0].rate",
    ]  # fmt: skip


def test_no_lack_quotes_what_was_written() -> None:
    _, found = prepared(debtor={"identifier": "000000000000000000"}, loans=loan(lent="12.345.678"))
    assert found
    assert not any("000000000000000000" in str(each) or "12.345.678" in str(each) for each in found)


def test_high_rates_and_short_time_are_warned_of() -> None:
    assert whole().warnings == ()
    case = whole(loans=loan(rate="24.5", penalty_rate="36"))
    assert [warning.en.split("above ")[1].split(";")[0] for warning in case.warnings] == [
        "four times the one-year LPR = 13.8%",
        "24%",
    ]
    assert "请律师核对" in case.warnings[0].zh
    assert len(whole(loans=loan(rate="12"), lpr="2.9").warnings) == 1
    late = whole(events=[], loans=loan(due_on="2023-12-10", signed_on="2022-12-10", payments=[], fees=[]))
    assert late.limitation[0].state is LimitationState.NEAR
    assert "只剩18天" in late.warnings[-1].zh


def test_fees_count_towards_what_a_loan_costs() -> None:
    dear = loan(
        rate="10", penalty_rate="10", fees=[{"on": "2026-10-01", "amount": "60000", "name": "服务费"}]
    )
    assert any("24%" in warning.en for warning in whole(loans=dear).warnings)


def test_the_one_year_lpr_of_a_day() -> None:
    assert [lpr_on(date.fromisoformat(day)) for day in ("2018-01-01", "2020-04-19", "2020-04-20")] == [
        42_500, 40_500, 38_500,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "fen"),
    [("1,234.5", 1_234_50), ("¥100元", 100_00), (0.1 + 0.2, 30), (5, 5_00), ("0.01", 1)],
)
def test_amounts_are_read_to_the_fen(raw: object, fen: int) -> None:
    assert fen_of(raw, "lent") == fen
    assert fen_of(yuan(fen), "lent") == fen


@pytest.mark.parametrize("raw", ["1,23", "-5", "1.234", "ten", "", True, None, 0.001, float("nan"), 10**20])
def test_what_is_no_amount_is_refused(raw: object) -> None:
    with pytest.raises(InvalidInputError) as refused:
        fen_of(raw, "lent")
    assert refused.value.field == "lent"


@pytest.mark.parametrize(
    ("raw", "rate", "text"),
    [("15.4%", 154_000, "15.4%"), (24, 240_000, "24%"), ("0.0345", 345, "0.0345%"), (3.45, 34_500, "3.45%")],
)
def test_rates_are_read_in_per_cent(raw: object, rate: int, text: str) -> None:
    assert rate_of(raw, "rate") == rate
    assert percent(rate) == text


def test_a_case_file_is_toml_or_json(tmp_path: Path) -> None:
    write_case_file(tmp_path / "case.toml")
    document = read_document(tmp_path / "case.toml")
    draft = draft_of(document, "case.toml")
    assert (draft.kind, draft.as_of, draft.loans[0].rate) == ("litigation", "2026-11-01", "15.4")
    (tmp_path / "case.json").write_text('{"lpr": 3.45, "loans": [{"lent": 100.10}]}', encoding="utf-8")
    assert read_document(tmp_path / "case.json") == {"lpr": "3.45", "loans": [{"lent": "100.10"}]}


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("case.txt", "", "ends in .toml or .json"),
        ("case.json", "{", "not a JSON file"),
        ("case.json", "[]", "holds fields"),
        ("case.toml", "a = ", "not a TOML file"),
        ("missing.toml", None, "cannot be read"),
    ],
)
def test_a_case_file_that_is_none_is_refused(tmp_path: Path, name: str, text: str | None, what: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadMapping, match=what):
        read_document(tmp_path / name)


def test_an_unknown_field_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match=r"case.json: field loans\[0\]"):
        draft_of({"loans": [{"lended": 1}]}, "case.json")

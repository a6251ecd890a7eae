"""How the reports speak: each sentence stands once, in both languages side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from member.matters.case import (
    ClaimKind,
    DayCount,
    EventKind,
    LimitationState,
    Party,
    PartyKind,
    Words,
)
from member.matters.forms import Form
from member.matters.money import yuan
from paper.blocks import Heading, Language
from privacy.encoding import parse_instant
from privacy.evidence import MatterKind
from privacy.identifiers import Kind
from privacy.periods import SHANGHAI
from privacy.vocabulary import Purpose

_Pair = tuple[str, str]

KINDS: dict[MatterKind, _Pair] = {
    MatterKind.LITIGATION: ("诉讼", "litigation"),
    MatterKind.ARBITRATION: ("仲裁", "arbitration"),
    MatterKind.MEDIATION: ("调解", "mediation"),
    MatterKind.ENFORCEMENT: ("强制执行", "enforcement"),
}
ITEMS: dict[ClaimKind, _Pair] = {
    ClaimKind.PRINCIPAL: ("本金", "Principal"),
    ClaimKind.INTEREST: ("利息", "Interest"),
    ClaimKind.PENALTY: ("逾期利息", "Interest for being late"),
    ClaimKind.FEES: ("费用", "Fees"),
}
FORMS: dict[Form, _Pair] = {Form.ORIGINAL: ("原件", "original"), Form.COPY: ("复印件", "copy")}
IDENTIFIERS: dict[Kind, _Pair] = {
    Kind.RESIDENT_ID: ("居民身份证", "resident identity card"),
    Kind.USCC: ("统一社会信用代码", "unified social credit code"),
    Kind.PASSPORT: ("护照", "passport"),
    Kind.HM_PERMIT: ("港澳居民来往内地通行证", "Hong Kong and Macao permit"),
    Kind.TW_PERMIT: ("台湾居民来往大陆通行证", "Taiwan permit"),
}
PARTIES: dict[PartyKind, _Pair] = {
    PartyKind.PERSON: ("自然人", "natural person"),
    PartyKind.ORGANISATION: ("法人或者非法人组织", "organisation"),
}
EVENTS: dict[EventKind, _Pair] = {
    EventKind.DEMAND: ("催告", "Demand"),
    EventKind.ACKNOWLEDGEMENT: ("同意履行", "Acknowledgement"),
    EventKind.SUIT: ("起诉、申请仲裁或者调解", "Suit, arbitration or mediation"),
}
STATES: dict[LimitationState, _Pair] = {
    LimitationState.RUNNING: ("未届满", "running"),
    LimitationState.NEAR: ("九十日内届满", "ends within 90 days"),
    LimitationState.PAST: ("已经届满", "past"),
}
DAY_COUNTS: dict[DayCount, _Pair] = {
    DayCount.ACTUAL_365: ("实际天数，一年按365日", "calendar days, a year of 365"),
    DayCount.ACTUAL_360: ("实际天数，一年按360日", "calendar days, a year of 360"),
    DayCount.THIRTY_360: ("每月按30日，一年按360日", "months of 30 days, a year of 360"),
}
PURPOSES: dict[str, _Pair] = {
    Purpose.POST_LOAN_MANAGEMENT: ("贷后管理", "post-loan management"),
    Purpose.SKIP_TRACE: ("失联核查", "finding a lost debtor"),
    Purpose.EVASION_FLAG: ("逃废债标记", "evasion flag"),
    Purpose.LITIGATION: ("诉讼", "litigation"),
    Purpose.ARBITRATION: ("仲裁", "arbitration"),
    Purpose.MEDIATION: ("调解", "mediation"),
    Purpose.ENFORCEMENT: ("强制执行", "enforcement"),
    Purpose.REGULATOR_REPORTING: ("向监管部门报送", "reporting to the regulator"),
    Purpose.DISPUTE_HANDLING: ("异议处理", "handling an objection"),
    Purpose.DEBT_TRANSFER_NOTICE: ("债权转让通知", "notice of a transferred debt"),
    Purpose.AGENCY_MISCONDUCT: ("催收机构违规核查", "misconduct of a collection agency"),
    Purpose.AUDIT: ("审计", "audit"),
    Purpose.AGGREGATE_STATISTICS: ("汇总统计", "aggregate statistics"),
}
CERTIFICATES: dict[str, _Pair] = {
    "agreement": ("数据协议", "data agreement"),
    "decision": ("查询与审核决定", "questions and decisions"),
    "record": ("合同记录", "records"),
    "flag": ("逃废债标记", "evasion flags"),
    "settlement": ("结清与撤回", "settlements"),
    "notice": ("授权与告知", "consent and notice"),
    "existence": ("其他会员持有情况", "existence of a match"),
}
ENTRIES: dict[str, _Pair] = {
    "matter": ("立项", "matter opened"),
    "certificate": ("出具证明", "certificate"),
    "statement": ("声明", "statement"),
    "match": ("查询", "question answered"),
    "agreement": ("数据协议", "data agreement"),
    "existence_certified": ("证明其他会员持有情况", "existence certified"),
}


ARREARS, CERTIFIED = 7, 5
"""Parts that others refer to."""

_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")


@dataclass(frozen=True, slots=True)
class Tongue:
    """One of the two languages."""

    language: Language

    @property
    def chinese(self) -> bool:
        """Whether it is Chinese."""
        return self.language is Language.CHINESE

    def __call__(self, zh: str, en: str) -> str:
        """Return the sentence of this language."""
        return zh if self.chinese else en

    def word(self, pair: _Pair | None, otherwise: str) -> str:
        """Return a word of the tables above; one that they lack is shown as it is written."""
        return otherwise if pair is None else self(*pair)

    def words(self, words: Words) -> str:
        """Return a sentence that the case has in both languages."""
        return self(words.zh, words.en)

    def instant(self, at: datetime | str) -> str:
        """Return an instant in Beijing time, as the head of the report says, to the second."""
        moment = parse_instant(at) if isinstance(at, str) else at
        local = moment.astimezone(SHANGHAI)
        return self(
            f"{local.year}年{local.month}月{local.day}日{local:%H:%M:%S}",
            f"{local:%Y-%m-%d %H:%M:%S}",
        )

    def day(self, on: str) -> str:
        """Return a day."""
        day = date.fromisoformat(on)
        return self(f"{day.year}年{day.month}月{day.day}日", on)

    def money(self, fen: int) -> str:
        """Return an amount with its currency."""
        return self(f"人民币{yuan(fen)}元", f"CNY {yuan(fen)}")

    def heading(self, number: int, zh: str, en: str) -> Heading:
        """Return the heading of a part of the report."""
        return Heading(self(f"{_NUMERALS[number - 1]}、{zh}", f"{number}. {en}"))

    def part(self, number: int) -> str:
        """Return how a part of the report is named elsewhere in it."""
        return self(f"第{_NUMERALS[number - 1]}部分", f"part {number}")

    def count(self, number: int, measure: str, noun: str) -> str:
        """Return how many there are of something: 3份, 1 contract, 2 contracts."""
        return self(f"{number}{measure}", f"{number} {noun}" if number == 1 else f"{number} {noun}s")

    def listed(self, parts: list[str]) -> str:
        """Return parts as one enumeration."""
        return self("、", ", ").join(parts)

    def party(self, party: Party) -> str:
        """Return a party as one line: name, number, who speaks for it; where it lives the filing says."""
        number = self.word(IDENTIFIERS.get(party.identifier_kind), party.identifier_kind)
        parts = [party.name, f"{number} {party.identifier}"]
        if party.representative:
            parts.append(self(f"法定代表人 {party.representative}", f"represented by {party.representative}"))
        return self("，", ", ").join(parts)

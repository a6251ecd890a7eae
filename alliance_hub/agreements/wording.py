"""The Chinese text of an agreement: a wording with places, filled from the terms it is signed with.

The text prevails, so nothing in it that a program enforces is typed by hand: a wording has places such as
`${retention_days}`, and every version's text is made anew from its own terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib import resources
from string import Template

from alliance_hub.errors import Invalid
from privacy.encoding import parse_instant
from privacy.periods import SHANGHAI
from privacy.terms import Handling, Party, Terms
from privacy.vocabulary import Category, Purpose

LONGEST = 40_000
"""Characters of a wording."""

PURPOSES: Mapping[Purpose, str] = {
    Purpose.POST_LOAN_MANAGEMENT: "贷后管理",
    Purpose.SKIP_TRACE: "失联核查",
    Purpose.EVASION_FLAG: "逃废债标记",
    Purpose.LITIGATION: "诉讼",
    Purpose.ARBITRATION: "仲裁",
    Purpose.MEDIATION: "调解",
    Purpose.ENFORCEMENT: "执行",
    Purpose.REGULATOR_REPORTING: "监管报送",
    Purpose.DISPUTE_HANDLING: "异议处理",
    Purpose.DEBT_TRANSFER_NOTICE: "债权转让通知",
    Purpose.AGENCY_MISCONDUCT: "催收机构违规核查",
    Purpose.AUDIT: "审计",
    Purpose.AGGREGATE_STATISTICS: "汇总统计",
}

CATEGORIES: Mapping[Category, str] = {
    Category.FLAGS: "逃废债标记",
    Category.EXPOSURE: "其他会员债权汇总",
    Category.REACHABILITY: "可联系状态",
    Category.CONTACT_CHECK: "联系方式核验",
    Category.CONTACT_RELAY: "信息转达",
    Category.CONTACT_RELEASE: "经授权的联系方式提供",
    Category.EVIDENCE: "证据证明",
}

HANDLINGS: Mapping[Handling, str] = {
    Handling.JOINT: "双方共同处理",
    Handling.ENTRUSTED: "乙方委托甲方处理",
    Handling.PROVIDER: "乙方对外提供",
    Handling.RECIPIENT: "乙方接收并自行负责",
}


def standard() -> str:
    """Return the wording that the built-in templates share."""
    return (resources.files(__package__) / "templates" / "wording.zh.txt").read_text(encoding="utf-8")


def fill(wording: str, terms: Terms) -> str:
    """Return the text of `terms`; raises Invalid for a wording that is empty, too long or names no clause."""
    if not wording.strip() or len(wording) > LONGEST:
        raise Invalid(f"the Chinese text is needed, of at most {LONGEST:,} characters", field="wording")
    template = Template(wording)
    if not template.is_valid():
        raise Invalid("a place is written as ${name}, and a dollar sign as $$", field="wording")
    values = _values(terms)
    unknown = sorted(set(template.get_identifiers()) - values.keys())
    if unknown:
        raise Invalid(f"the text has a place that no clause fills: use {', '.join(values)}", field="wording")
    return template.substitute(values)


def _values(terms: Terms) -> dict[str, str]:
    return {
        "agreement": terms.agreement,
        "version": str(terms.version),
        "member": terms.member,
        **_party("association", terms.association_party),
        **_party("member", terms.member_party),
        "role_submission": HANDLINGS[terms.roles.submission],
        "role_matching": HANDLINGS[terms.roles.matching],
        "role_contact": HANDLINGS[terms.roles.contact],
        "role_disputes": HANDLINGS[terms.roles.disputes],
        "purposes": _listed(PURPOSES[each] for each in terms.purposes),
        "contributes": _listed(CATEGORIES[each] for each in terms.contributes),
        "receives": _listed(CATEGORIES[each] for each in terms.receives),
        "min_contributors": str(terms.min_contributors),
        "subjects_per_day": f"{terms.subjects_per_day:,}",
        "subjects_per_request": f"{terms.subjects_per_request:,}",
        "retention_days": str(terms.retention_days),
        "consent_version": terms.consent_version,
        "dispute_days": str(terms.dispute_days),
        "incident_hours": str(terms.incident_hours),
        "audit_right": "有权" if terms.audit_right else "无权",
        "sub_processing": "可以" if terms.sub_processing else "不得",
        "exit_days": str(terms.exit_days),
        "notice_days": str(terms.notice_days),
        "valid_from": _moment(parse_instant(terms.valid_from)),
        "valid_until": _moment(parse_instant(terms.valid_until)),
    }


def _party(side: str, party: Party) -> dict[str, str]:
    return {
        f"{side}_name": party.legal_name,
        f"{side}_uscc": party.uscc,
        f"{side}_licence": party.licence,
    }


def _listed(words: Iterable[str]) -> str:
    return "、".join(words)


def _moment(at: datetime) -> str:
    """Write an instant as the alliance reads clocks: Beijing time, to the second."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日{local:%H时%M分%S秒}"

"""Terms for tests: sound ones, of which each test changes what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from privacy.encoding import instant_text
from privacy.terms import Handling, Party, Roles, Terms, text_digest
from privacy.vocabulary import Category, Purpose

TEXT = "数据共享协议\n第一条 成员只查询本机构的逾期债务人。\n"

ASSOCIATION = Party(
    legal_name="测试互联网金融协会", uscc="51000000MJ0000001E", licence="社会团体法人登记证书 000001"
)
MEMBER = Party(
    legal_name="测试小额贷款有限公司", uscc="91000000MA0000001R", licence="小额贷款经营许可证 000001"
)

ROLES = Roles(
    submission=Handling.PROVIDER,
    matching=Handling.RECIPIENT,
    contact=Handling.JOINT,
    disputes=Handling.ENTRUSTED,
)


def terms_of(
    name: str, at: datetime, /, *, categories: Iterable[Category] | None = None, **changes: Any
) -> Terms:
    """Return terms of one year from `at`; `categories` are both given and received."""
    both = (Category.EXPOSURE, Category.REACHABILITY) if categories is None else tuple(categories)
    usual: dict[str, Any] = {
        "agreement": f"{name}-1",
        "version": 1,
        "member": name,
        "association_party": ASSOCIATION,
        "member_party": MEMBER,
        "roles": ROLES,
        "purposes": (Purpose.POST_LOAN_MANAGEMENT,),
        "contributes": both,
        "receives": both,
        "min_contributors": 2,
        "subjects_per_day": 1_000_000,
        "subjects_per_request": 1_000_000,
        "retention_days": 365,
        "consent_version": "2026-1",
        "dispute_days": 20,
        "incident_hours": 24,
        "audit_right": True,
        "sub_processing": False,
        "exit_days": 30,
        "notice_days": 30,
        "valid_from": instant_text(at),
        "valid_until": instant_text(at + timedelta(days=365)),
        "text": text_digest(TEXT),
    }
    return Terms(**usual | changes)

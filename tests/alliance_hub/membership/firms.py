"""Firms that apply: their codes are made up, and their check characters reckoned here by the standard."""

from __future__ import annotations

import json
from datetime import date

from privacy.ceremony import MemberCard
from privacy.encoding import b64
from tests.alliance_hub.builders import Platform

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(number: int) -> str:
    """Return a social credit code: GB 32100-2015, weights 3^i mod 31, check character 31 - sum mod 31."""
    body = f"91110108{number:09d}"
    total = sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + LETTERS[(31 - total % 31) % 31]


def card_of(firm: Platform) -> MemberCard:
    """Return the card that the firm's tool wrote."""
    return MemberCard(
        name=firm.name,
        signing=b64(firm.key.public),
        recovery=b64(firm.recovery.public),
        sealing=b64(firm.sealing.public),
    )


def card_text(firm: Platform) -> str:
    """Return the text of its card.json."""
    card = card_of(firm)
    return json.dumps({**card.document(), "fingerprint": card.fingerprint}, ensure_ascii=False)


def facts(number: int = 1, **changes: str) -> dict[str, str]:
    """Return what a firm types into the form."""
    return {
        "legal_name": "南山信息科技（北京）有限公司",
        "kind": "lending_platform",
        "uscc": uscc(number),
        "licence_kind": "small_loan",
        "licence_number": "京金融〔2024〕1号",
        "licence_until": date(2027, 12, 31).isoformat(),
        "declared_portfolio": "2,000",
        "business_name": "张伟",
        "business_mobile": "138 0000 0000",
        "business_email": "Zhang@example.com",
        **changes,
    }

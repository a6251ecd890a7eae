"""What a lawyer accepts before it sees a matter: the text as data, by version, in Chinese and English.

A new version is added behind the others and must be accepted anew; no version is ever changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from privacy.encoding import b64


@dataclass(frozen=True, slots=True)
class LawyerTerms:
    """One version. The Chinese text prevails."""

    version: str
    zh: tuple[str, ...]
    """Paragraphs."""
    en: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the Chinese paragraphs, a line feed behind each: what the log names."""
        return b64(hashlib.sha256("".join(f"{each}\n" for each in self.zh).encode()).digest())


VERSIONS = (
    LawyerTerms(
        version="2026-1",
        zh=(
            "一、本人受委托会员指派，仅为本案诉讼、仲裁、调解或者执行之目的查阅和使用本案证明，不作他用。",
            "二、本人对因办理本案知悉的个人信息和商业秘密负有保密义务；该义务在委托终止后继续有效。",
            "三、本人不将证明及证据包提供给本案法院、仲裁机构、调解组织、当事人及其代理人以外的任何人，不公开传播，"
            "不以此向债务人以外的人施加压力。",
            "四、证明只表明在何时登记了何种事项以及此后未被改动，不证明债权债务关系成立或者金额属实。"
            "本人在提交时不作与此不符的陈述。",
            "五、证明标明已被替代的，本人不再单独使用旧证明；已经提交的，及时向受理机构说明。",
            "六、查阅权限在本案到期、办结或者指派解除时终止。每次查阅和下载均记入透明日志，下载附回执。",
            "七、委托终止后三十日内删除留存的副本；依法或者依受理机构要求应当保存的除外。",
        ),
        en=(
            "1. A member has appointed me. I consult and use the certificates of this matter solely for its "
            "litigation, arbitration, mediation or enforcement, and for nothing else.",
            "2. I keep secret the personal information and business secrets that I learn through this "
            "matter, also once the mandate has ended.",
            "3. I give certificates and bundles to nobody but the court, arbitration or mediation body "
            "seized of the matter, its parties and their representatives; I do not publish them, and put "
            "pressure on nobody by them.",
            "4. A certificate shows what was recorded when, and that it has not been changed since. It "
            "proves neither a debt nor an amount. I make no statement to the contrary when I hand it in.",
            "5. Where a certificate is marked as superseded I no longer use the older one by itself; where "
            "it was handed in already I tell the body concerned without delay.",
            "6. I may consult the matter until it expires or is closed, or my appointment ends. Every day of "
            "consultation and every download is entered in the transparency log; a download comes with a "
            "receipt.",
            "7. Within thirty days of the mandate's end I delete the copies that I keep, unless law or the "
            "body concerned requires that they be kept.",
        ),
    ),
)
"""Every version, the oldest first."""

CURRENT = VERSIONS[-1]
"""The one in force."""

"""What a reminder says, in the officer's language: how many wait, and where to look.

No name, number or object is put in: whoever reads along learns that there is work, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from alliance_hub.reminders.models import Topic
from alliance_hub.reminders.rules import OVERDUE, PAGES

_LINES = {
    "zh": {
        Topic.PROPOSALS_WAITING: "待您审批：{count} 项",
        Topic.CLOCKS_RUNNING_OUT: "将到期的时限：{count} 项",
        Topic.INVITATIONS_OPEN: "尚未接受的邀请：{count} 份",
    },
    "en": {
        Topic.PROPOSALS_WAITING: "Waiting for your approval: {count}",
        Topic.CLOCKS_RUNNING_OUT: "Clocks running out: {count}",
        Topic.INVITATIONS_OPEN: "Invitations not taken up yet: {count}",
    },
}
_OVERDUE = {"zh": "（其中 {count} 项已逾期）", "en": " (of these, late: {count})"}
_SUBJECT = {"zh": "【{alliance}】今日待办 {count} 项", "en": "[{alliance}] Waiting for you today: {count}"}
_BODY = {
    "zh": (
        "{lines}\n\n请登录办理：{base}/console/\n\n"
        "本邮件只含数量与链接，不含任何个案内容。每日至多一封；请勿回复。\n"
    ),
    "en": (
        "{lines}\n\nLog in to look: {base}/console/\n\n"
        "This mail holds counts and links only, and nothing of any case. At most one a day; do not reply.\n"
    ),
}


def subject(language: str, counts: Mapping[str, int], alliance: str) -> str:
    """Return a digest's subject."""
    total = sum(count for name, count in counts.items() if name != OVERDUE)
    return _SUBJECT[_known(language)].format(alliance=alliance, count=total)


def body(language: str, counts: Mapping[str, int], base_url: str) -> str:
    """Return a digest's text: a line and a link for each topic that has anything."""
    known = _known(language)
    lines = [_line(known, topic, counts, base_url) for topic in _LINES[known] if counts.get(topic)]
    return _BODY[known].format(lines="\n".join(lines), base=base_url)


def _line(language: str, topic: Topic, counts: Mapping[str, int], base_url: str) -> str:
    text = _LINES[language][topic].format(count=counts[topic])
    if topic is Topic.CLOCKS_RUNNING_OUT and counts.get(OVERDUE):
        text += _OVERDUE[language].format(count=counts[OVERDUE])
    return f"{text}\n  {base_url}{PAGES[topic]}"


def _known(language: str) -> str:
    return language if language in _LINES else "zh"

"""What the page says in two languages: conditions, states of members, what to do at an alarm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from custodian.desk.books import Condition
from custodian.desk.logs import Place
from custodian.state import MemberState
from privacy.periods import SHANGHAI


class Both(NamedTuple):
    """The same in two languages."""

    zh: str
    en: str


CONDITIONS: Final = {
    Condition.STOPPED: Both("已停止", "stopped"),
    Condition.RESTORED: Both("恢复中", "being restored"),
    Condition.CLOSED: Both("本期密钥已结束", "epoch closed"),
    Condition.PAUSED: Both("已暂停", "paused"),
    Condition.SERVING: Both("服务中", "serving"),
}

MEMBER_STATES: Final = {
    MemberState.ADMITTED: Both("待接受", "admitted"),
    MemberState.ACTIVE: Both("正常", "active"),
    MemberState.SUSPENDED: Both("已中止", "suspended"),
}

LOG_PLACES: Final = {
    Place.SAME: Both("一致", "the same"),
    Place.BEHIND: Both("在后", "behind"),
    Place.AHEAD: Both("在前", "ahead"),
    Place.OTHER: Both("不一致！", "ANOTHER LOG"),
}

_TALK = Both(
    "请与联盟秘书处和其他托管方核对，处理后标记为已处理。",
    "Compare notes with the secretariat and the other custodians, then mark it as dealt with.",
)

ADVICE: Final = {
    "fork": Both(
        "中心向本处出示了两份不同的账。请不要恢复服务：与其他托管方核对 alliance-custodian head，"
        "保存证据并通知全体会员。",
        "The hub signed two different feeds. Do not resume: compare `alliance-custodian head` with the other "
        "custodians, keep the evidence, tell all members.",
    ),
    "feed": Both(
        "中心送来的账格式有误或不连续。先问中心是否修复；修复后用 alliance-custodian resume 继续。",
        "What the hub delivered is malformed or does not continue the feed. Ask the hub; once mended, go on "
        "with `alliance-custodian resume`.",
    ),
    "log-fork": Both(
        "中心签署了两份不同的日志，或撤回了已入日志的内容。请不要恢复服务：alliance-custodian evidence "
        "写出中心签名的两份检查点，任何人都能核对；请通知其他托管方和全体会员。",
        "The hub signed two different logs, or took entries back. Do not resume: `alliance-custodian "
        "evidence` writes both of its signed checkpoints, which anybody can check; tell the other custodians "
        "and all members.",
    ),
    "log": Both(
        "中心的日志不能自证，或中心不收本处的副署。这还不能证明什么，其他服务照常；请问中心。",
        "The hub's log does not prove itself, or the hub refuses this custodian's cosignature. That proves "
        "nothing yet and all else goes on; ask the hub.",
    ),
    "cut": Both(
        "中心要求为同一周期签两次不同的切分。请不要恢复服务，先与其他托管方核对。",
        "The hub asks for a second, different cut of a period. Do not resume before the other custodians "
        "have been asked what they signed.",
    ),
    "hand-in": Both(
        "会员说中心没有收下它的声明。请问中心；补上之前本处不签切分，最多 24 小时。",
        "A member says that the hub swallowed a statement of its own. Ask the hub: until the feed has it, "
        "for at most 24 hours, no cut is signed here.",
    ),
    "hub-ahead": Both(
        "中心的时间比本机快。请核对两边的时钟；相差期间不签切分、不开启。",
        "The hub's time is ahead of this machine's. Compare both with a time server; meanwhile nothing opens "
        "and no cut is signed.",
    ),
    "restored": Both(
        "账本里有本处不记得的话：是否装回了旧备份？用 peers 登记其他托管方的地址，追上后自动恢复服务。",
        "The feed carries what this ledger does not know: was an old backup put back? Set the fellows' "
        "addresses with `peers`; it serves again by itself when it has caught up.",
    ),
    "resumed": Both("操作员在停止后恢复了服务。", "The operator went on after a stop. Nothing to do."),
}


def advice(kind: str) -> Both:
    """Return what to do at an alarm of this kind."""
    return ADVICE.get(kind, _TALK)


_WEEKDAYS: Final = (
    Both("周一", "Mon"),
    Both("周二", "Tue"),
    Both("周三", "Wed"),
    Both("周四", "Thu"),
    Both("周五", "Fri"),
    Both("周六", "Sat"),
    Both("周日", "Sun"),
)


def clock(at: datetime) -> str:
    """Return an instant as an office reads it: day, weekday and time in Shanghai."""
    local = at.astimezone(SHANGHAI)
    day = _WEEKDAYS[local.weekday()]
    return f"{local:%Y-%m-%d} {day.zh} {day.en} {local:%H:%M:%S}"


def age(since: timedelta) -> Both:
    """Return how long ago something was."""
    seconds = max(0, int(since.total_seconds()))
    for size, zh, en in ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= 2 * size:
            return Both(f"{seconds // size} {zh}前", f"{seconds // size} {en} ago")
    return Both(f"{seconds} 秒前", f"{seconds} s ago")


def number(value: int) -> str:
    """Return a count with separators."""
    return f"{value:,}"

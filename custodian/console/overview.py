"""What stands on the page: gathered in one go from state and ledger, so that it is of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from custodian import state
from custodian.console import words
from custodian.console.office import Office
from custodian.console.words import Both
from custodian.desk import alarms, books, logs
from custodian.desk.books import Condition, CutRow, MemberRow
from custodian.desk.logs import LogBook
from custodian.ledger import Alarm, Ledger
from custodian.openings import FRESH
from privacy.encoding import b64, parse_instant
from privacy.keyset import KeySet, witness_fingerprint


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits for the operator; `place` is where on the site it is done, or None."""

    text: Both
    place: str | None = None


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm with what to do."""

    at: datetime
    alarm: Alarm
    advice: Both


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page, at `now`."""

    now: datetime
    name: str
    custodian: int
    key_set: KeySet
    fingerprint: str
    hub: str
    peers: tuple[str, ...]
    condition: Condition
    why: str
    position: int
    head: str
    stamp: datetime | None
    heartbeat: datetime | None
    period: str
    cuts: list[CutRow]
    log: LogBook
    members: list[MemberRow]
    alarms: list[AlarmRow]
    closed_alarms: int
    tasks: list[Task]

    @property
    def silent(self) -> bool:
        """Whether the hub has been silent for so long that nothing opens."""
        return _is_silent(self.heartbeat, self.now)


def gather(office: Office) -> Overview:
    """Return what the page shows now."""
    now, ledger, follower = office.clock(), office.ledger, office.follower
    with office.feed() as db:
        here = state.head(db)
        rows = books.members(db, ledger, office.key_set, follower.index, now)
        cuts, period = books.cuts(db, 3), books.opening_period(db)
    condition, why = books.condition(ledger)
    waiting = [_alarm(each) for each in alarms.open_alarms(ledger)]
    return Overview(
        now=now,
        name=office.name,
        custodian=follower.index,
        key_set=office.key_set,
        fingerprint=witness_fingerprint(follower.key.public),
        hub=office.settings.hub,
        peers=office.settings.peers,
        condition=condition,
        why=why,
        position=here.position,
        head=b64(here.root),
        stamp=here.stamp,
        heartbeat=ledger.heartbeat_at(),
        period=period,
        cuts=cuts,
        log=logs.read(ledger, follower.index),
        members=rows,
        alarms=waiting,
        closed_alarms=len(ledger.alarms()) - len(waiting),
        tasks=[*_warnings(ledger, now), *_tasks(condition, rows, len(waiting))],
    )


def _is_silent(heard: datetime | None, now: datetime) -> bool:
    return heard is None or now - heard > FRESH


def _alarm(alarm: Alarm) -> AlarmRow:
    return AlarmRow(parse_instant(alarm.at), alarm, words.advice(alarm.kind))


def _warnings(ledger: Ledger, now: datetime) -> list[Task]:
    """Return what the follower says of the hub, of its clock, and of a cut that it does not sign."""
    found, heard = [], ledger.heartbeat_at()
    if _is_silent(heard, now):
        found.append(
            Task(
                Both(
                    "超过 10 分钟没有中心的心跳：serve 在运行吗？",
                    "the hub is silent: does `serve` run here?",
                )
            )
        )
    if ahead := ledger.fact("ahead"):
        at = words.clock(parse_instant(ahead))
        found.append(
            Task(
                Both(
                    f"中心的时间（{at}）比本机快，请核对时钟",
                    "the hub's clock is ahead of this one: compare them",
                )
            )
        )
    if unsigned := ledger.fact("unsigned"):
        found.append(Task(Both("最新的切分本处没有签", f"the newest cut is not signed here: {unsigned}")))
    return found


def _tasks(condition: Condition, rows: list[MemberRow], alarms_open: int) -> list[Task]:
    """Return what waits for the operator, the most urgent first."""
    tasks = []
    if condition in _CONDITION_TASKS:
        tasks.append(Task(_CONDITION_TASKS[condition]))
    if alarms_open:
        tasks.append(Task(Both(f"{alarms_open} 条警报未处理", f"open alarms: {alarms_open}"), "#alarms"))
    pending = sum(not row.accepted_here for row in rows)
    if pending:
        text = Both(f"{pending} 名会员等待本处接受", f"waiting to be accepted here: {pending}")
        tasks.append(Task(text, "#pending"))
    return tasks


_CONDITION_TASKS = {
    Condition.STOPPED: Both(
        "本处已停止服务：请看警报，查明之前不要恢复",
        "This custodian has stopped: read the alarms, and do not go on before you know why",
    ),
    Condition.RESTORED: Both(
        "本处刚从备份恢复：追上其他托管方之前不提供服务；请用 peers 命令登记他们的地址",
        "Restored from a backup: it serves nothing until it reaches its fellows' heads; "
        "set their addresses with `peers`",
    ),
    Condition.CLOSED: Both(
        "本期密钥已结束：请启用新一期的目录", "This epoch has ended: run the new epoch's home instead"
    ),
    Condition.PAUSED: Both("服务已由操作员暂停", "Paused by the operator"),
}

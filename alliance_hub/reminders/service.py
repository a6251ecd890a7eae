"""Write down whom to remind today; each goes out by a job of its own, once.

The rows are written in one transaction with their jobs, and the day with them: two processes that wake up
in the same minute write them once. Nothing is written where neither mail nor webhook is set up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Proposal, ProposalState
from alliance_hub.clocks import rules as clock_rules
from alliance_hub.clocks import service as clocks
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.people.directory import actor_of
from alliance_hub.people.models import Invitation, Officer, OfficerState, Organisation
from alliance_hub.reminders import rules
from alliance_hub.reminders.models import Delivery, Reminder, ReminderDay, Topic
from alliance_hub.reminders.rules import Expected
from alliance_hub.settings import Settings
from privacy.periods import day_of

REMINDER = "reminder"
"""The kind of job that sends one."""

WEBHOOK = "webhook"
"""The recipient of what is posted; no officer's ref is without a slash."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Which ways out are set up."""

    mail: bool
    webhook: bool

    @property
    def any(self) -> bool:
        """Say whether reminders go out at all."""
        return self.mail or self.webhook


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is to be written."""

    recipient: str
    topic: Topic
    counts: Mapping[str, int]


def outlets(settings: Settings) -> Outlets:
    """Return which ways out are set up: `smtp_url` with `mail_from`, `webhook_url`."""
    return Outlets(
        mail=bool(settings.smtp_url.get_secret_value()), webhook=bool(settings.webhook_url.get_secret_value())
    )


def write_day(hub: Hub, now: datetime) -> list[int]:
    """Write today's reminders unless that was done; return their jobs."""
    if not outlets(hub.settings).any:
        return []
    with hub.database.reading() as session:
        if session.get(ReminderDay, day_of(now)) is not None:
            return []
    due = _collect(hub, now)
    try:
        with hub.database.transaction() as session:
            session.add(ReminderDay(day=day_of(now), at=now))
            session.flush()
            return _write(session, due, now)
    except IntegrityError:
        # Another process of this hub was first.
        return []


def write_now(hub: Hub, now: datetime) -> list[int]:
    """Write whatever of today's reminders is not there yet; return the jobs of all that wait."""
    due = _collect(hub, now) if outlets(hub.settings).any else []
    with hub.database.transaction() as session:
        _write(session, due, now)
        waiting = select(Reminder.job).where(Reminder.day == day_of(now), Reminder.state == Delivery.WAITING)
        return list(session.scalars(waiting.order_by(Reminder.id)))


def list_day(session: Session, now: datetime) -> Sequence[Reminder]:
    """Return today's reminders in the order in which they were written."""
    return session.scalars(select(Reminder).where(Reminder.day == day_of(now)).order_by(Reminder.id)).all()


def _collect(hub: Hub, now: datetime) -> list[Due]:
    ways = outlets(hub.settings)
    until = now + timedelta(days=max(clock_rules.TOLD_DAYS_BEFORE) + 1)
    with hub.database.reading() as session:
        running = clocks.list_clocks(session, now=now, until=until)
        invited = _invited(session, now)
        posts = _posts(session, running, invited, now) if ways.webhook else []
        return posts + (_digests(session, running, invited, now) if ways.mail else [])


def _posts(
    session: Session, running: list[clocks.Clock], invited: list[Expected], now: datetime
) -> list[Due]:
    is_open = select(Proposal.id).where(Proposal.state == ProposalState.OPEN, Proposal.expires_at > now)
    waiting = len(session.scalars(is_open).all())
    counts = rules.of_alliance(proposals=waiting, clocks=running, invited=invited, now=now)
    return [Due(WEBHOOK, topic, {topic: counts[topic]}) for topic in Topic if topic in counts]


def _digests(
    session: Session, running: list[clocks.Clock], invited: list[Expected], now: datetime
) -> list[Due]:
    reachable = select(Officer).where(Officer.state == OfficerState.ACTIVE, Officer.email.is_not(None))
    found = []
    for officer in session.scalars(reachable.order_by(Officer.id)):
        actor = actor_of(session, officer, at=now)
        waiting = len(approvals.list_waiting(session, actor, at=now))
        counts = rules.of_officer(actor, proposals=waiting, clocks=running, invited=invited, now=now)
        if counts:
            found.append(Due(officer.ref, Topic.DIGEST, counts))
    return found


def _invited(session: Session, now: datetime) -> list[Expected]:
    rows = session.execute(
        select(Organisation.id, Organisation.kind)
        .join(Officer, Officer.organisation == Organisation.id)
        .join(Invitation, Invitation.officer == Officer.id)
        .where(Invitation.used_at.is_(None), Invitation.expires_at > now)
    )
    return [Expected(row.id, row.kind) for row in rows]


def _write(session: Session, due: Sequence[Due], now: datetime) -> list[int]:
    there = select(Reminder.recipient, Reminder.topic).where(Reminder.day == day_of(now))
    written = {(row.recipient, row.topic) for row in session.execute(there)}
    return [_add(session, each, now) for each in due if (each.recipient, each.topic) not in written]


def _add(session: Session, due: Due, now: datetime) -> int:
    job = jobs.enqueue(session, REMINDER, {}, now=now)
    row = Reminder(
        day=day_of(now),
        recipient=due.recipient,
        topic=due.topic,
        counts=dict(due.counts),
        state=Delivery.WAITING,
        created_at=now,
        job=job.id,
    )
    session.add(row)
    session.flush()
    job.key = {"reminder": row.id}
    return job.id

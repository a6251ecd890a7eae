"""Send one reminder, at most once: a worker that dies while it hands one over leaves it unsent for good.

A second mail about the same day would be worse than none, for the next day brings one anyhow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub import faults
from alliance_hub.errors import Unavailable
from alliance_hub.hub import Hub
from alliance_hub.jobs.daily import daily
from alliance_hub.jobs.models import Key
from alliance_hub.jobs.service import Lease, handles
from alliance_hub.people.models import Officer, OfficerState
from alliance_hub.reminders import outlets, service, words
from alliance_hub.reminders.models import Delivery, Reminder, Topic
from privacy.periods import day_of

daily("reminders")(lambda hub, now: service.write_day(hub, now))


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder with where it goes."""

    id: int
    day: str
    topic: Topic
    counts: dict[str, int]
    address: str
    """The officer's mail address; empty for the webhook."""
    language: str


@handles(service.REMINDER)
def deliver(hub: Hub, key: Key, lease: Lease) -> None:
    """Send a reminder; raises Unavailable while the other side surely has nothing of it."""
    letter = _take(hub, int(key["reminder"]), lease)
    if letter is None:
        return
    faults.reached("reminder.taken")
    try:
        _send(hub, letter)
    except outlets.NotTaken as error:
        _settle(hub, letter, Delivery.WAITING)
        raise Unavailable("the other side takes no reminder now", slug="outlet") from error
    except outlets.Refused:
        _settle(hub, letter, Delivery.REFUSED)
    except outlets.Unsure:
        _settle(hub, letter, Delivery.UNCERTAIN)
    else:
        _settle(hub, letter, Delivery.SENT)


def _take(hub: Hub, id: int, lease: Lease) -> Letter | None:
    """Mark a reminder as being handed over; return None for one that is not to be sent, or not again."""
    now = hub.clock()
    with hub.database.transaction() as session:
        lease.renew(session, now)
        row = session.get_one(Reminder, id, with_for_update=True)
        if row.state is Delivery.SENDING:
            row.state = Delivery.UNCERTAIN
        if row.state is not Delivery.WAITING:
            return None
        letter = _letter(session, hub, row, now)
        row.state = Delivery.LAPSED if letter is None else Delivery.SENDING
        return letter


def _letter(session: Session, hub: Hub, row: Reminder, now: datetime) -> Letter | None:
    ways = service.outlets(hub.settings)
    if row.day != day_of(now):
        return None
    what = (row.id, row.day.isoformat(), row.topic, dict(row.counts))
    if row.recipient == service.WEBHOOK:
        return Letter(*what, address="", language="") if ways.webhook else None
    organisation, _, number = row.recipient.rpartition("/")
    officer = session.scalar(
        select(Officer).where(Officer.organisation == organisation, Officer.staff_number == number)
    )
    if not ways.mail or officer is None or not officer.email or officer.state is not OfficerState.ACTIVE:
        return None
    return Letter(*what, address=officer.email, language=officer.language)


def _send(hub: Hub, letter: Letter) -> None:
    settings, now = hub.settings, hub.clock()
    id = f"{letter.day}.{letter.topic}.{letter.id}"
    if not letter.address:
        url, count = settings.webhook_url.get_secret_value(), letter.counts[letter.topic]
        key = hub.keys.hub
        outlets.post(url, letter.topic, count, base_url=settings.base_url, id=id, key=key, at=now)
        return
    subject = words.subject(letter.language, letter.counts, hub.key_set.alliance)
    text = words.body(letter.language, letter.counts, settings.base_url)
    message = outlets.mail(settings.mail_from, letter.address, subject, text, id=id, at=now)
    outlets.send_mail(settings.smtp_url.get_secret_value(), message)


def _settle(hub: Hub, letter: Letter, state: Delivery) -> None:
    now = hub.clock()
    with hub.database.transaction() as session:
        row = session.get_one(Reminder, letter.id, with_for_update=True)
        row.state, row.sent_at = state, now if state is Delivery.SENT else None

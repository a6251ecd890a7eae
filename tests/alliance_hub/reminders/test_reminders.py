"""Reminders reach a real mail server and a real webhook, once, and say nothing of any case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from alliance_hub.complaints import kinds
from alliance_hub.complaints import service as complaints
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.daily import Days, opening
from alliance_hub.jobs.models import Job, JobState
from alliance_hub.membership import service as membership
from alliance_hub.parameters import acts as parameter_acts
from alliance_hub.people import invitations
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import Officer, OfficerState
from alliance_hub.people.roles import Role
from alliance_hub.reminders import service, tasks
from alliance_hub.reminders.models import Delivery, Reminder
from alliance_hub.settings import load_settings
from privacy import request_signing
from privacy.request_signing import Request, content_digest
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.hiring import hire
from tests.alliance_hub.reminders.servers import Hook, MailServer, mail_server, webhook


@pytest.fixture
def post_office() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as running:
        yield running


@pytest.fixture
def reminding(hub: Hub) -> Callable[..., Hub]:
    """The hub with these ways out."""
    return lambda **ways: replace(hub, settings=load_settings(hub.settings.home, **ways))


@pytest.fixture
def by_mail(reminding: Callable[..., Hub], post_office: MailServer) -> Hub:
    return reminding(smtp_url=post_office.url, mail_from="hub@alliance.test")


@pytest.fixture
def by_hook(reminding: Callable[..., Hub], hook: Hook) -> Hub:
    return reminding(webhook_url=hook.url)


def staff(hub: Hub, clock: Clock) -> dict[str, Actor]:
    """Four officers with work: a proposal, a complaint due in a week and one overdue, an invitation."""
    with hub.database.transaction() as session:
        found = {
            "system": hire(session, clock, "1001", Role.SYSTEM_ADMIN),
            "security": hire(session, clock, "1002", Role.SECURITY_ADMIN),
            "dispute": hire(session, clock, "2001", Role.DISPUTE_OFFICER, name="陈述"),
            "audit": hire(session, clock, "1003", Role.AUDIT_ADMIN),
        }
        for name, actor in found.items():
            session.get_one(Officer, actor.officer).email = f"{name}@alliance.test"
        session.get_one(Officer, found["dispute"].officer).language = "en"
        parameter_acts.propose_value(
            session, hub, found["system"], "exit_days", 20, reason="faster", now=clock()
        )
        north = platform("北辰小贷", clock)
        membership.apply(session, hub, north.say(north.enrolment()), clock())
        for days_ago in (8, 20):
            entry = complaints.Entry(
                kind=kinds.Kind.SERVICE,
                channel=kinds.Channel.LETTER,
                received_at=clock() - timedelta(days=days_ago),
                complainant="RD-2026-00017",
                summary="不答复",
                member=north.name,
            )
            complaints.enter(session, found["dispute"], entry, clock())
        guest = session.get_one(Officer, hire(session, clock, "3001").officer)
        guest.state = OfficerState.INVITED
        invitations.issue(session, guest, clock())
    return found


def send_all(hub: Hub, written: list[int]) -> None:
    for job in written:
        jobs.run(hub, job)


def text_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


def states(hub: Hub) -> list[str]:
    with hub.database.reading() as session:
        return [row.state.value for row in service.list_day(session, hub.clock())]


def test_each_officer_gets_one_digest_in_its_language(
    by_mail: Hub, post_office: MailServer, clock: Clock
) -> None:
    staff(by_mail, clock)

    send_all(by_mail, service.write_day(by_mail, clock()))

    mails = {str(mail["To"]): mail for mail in post_office.mails}
    assert set(mails) == {"security@alliance.test", "dispute@alliance.test"}
    chinese, english = mails["security@alliance.test"], mails["dispute@alliance.test"]
    assert chinese["Subject"] == "【Test alliance】今日待办 2 项"
    said = text_of(chinese)
    assert "待您审批：1 项\n  http://127.0.0.1:8400/console/approvals" in said
    assert "尚未接受的邀请：1 份\n  http://127.0.0.1:8400/console/officers" in said
    assert english["Subject"] == "[Test alliance] Waiting for you today: 2"
    assert "Clocks running out: 2 (of these, late: 1)\n  http://127.0.0.1:8400/console/clocks" in text_of(
        english
    )
    assert english["From"] == "hub@alliance.test"
    assert english["Auto-Submitted"] == "auto-generated"
    assert states(by_mail) == ["sent", "sent"]


def test_no_mail_and_no_post_says_anything_of_a_case(
    reminding: Callable[..., Hub], post_office: MailServer, hook: Hook, clock: Clock
) -> None:
    hub = reminding(smtp_url=post_office.url, mail_from="hub@alliance.test", webhook_url=hook.url)
    staff(hub, clock)

    send_all(hub, service.write_day(hub, clock()))

    sent = [text_of(mail) + str(mail["Subject"]) for mail in post_office.mails]
    sent += [body.decode() for _, body in hook.posts]
    assert len(sent) == 5
    for secret in ("北辰", "RD-2026", "C-2026", "不答复", "陈述", "exit_days", "faster", "association/"):
        assert not any(secret in each for each in sent)


def test_the_webhook_gets_signed_counts_and_links(by_hook: Hub, hook: Hook, clock: Clock) -> None:
    staff(by_hook, clock)

    send_all(by_hook, service.write_day(by_hook, clock()))

    assert [json.loads(body) for _, body in hook.posts] == [
        {"kind": "proposals_waiting", "count": 1, "link": "http://127.0.0.1:8400/console/approvals"},
        {"kind": "clocks_running_out", "count": 2, "link": "http://127.0.0.1:8400/console/clocks"},
        {"kind": "invitations_open", "count": 1, "link": "http://127.0.0.1:8400/console/officers"},
    ]
    assert len({headers["Idempotency-Key"] for headers, _ in hook.posts}) == 3
    for headers, body in hook.posts:
        verified = request_signing.verify(
            Request("POST", hook.url, headers),
            digest=content_digest([body]),
            find_key=lambda _id: by_hook.key_set.hub_key,
            now=clock(),
        )
        assert verified.created == clock().replace(microsecond=0)


def test_nothing_is_written_where_no_way_out_is_set_up(hub: Hub, clock: Clock) -> None:
    staff(hub, clock)

    assert service.write_day(hub, clock()) == []
    assert service.write_now(hub, clock()) == []
    assert states(hub) == []


def test_nobody_is_told_twice_on_a_day_and_everybody_again_on_the_next(
    by_mail: Hub, post_office: MailServer, clock: Clock
) -> None:
    staff(by_mail, clock)
    first = service.write_day(by_mail, clock())
    send_all(by_mail, first + first)
    clock.move(hours=5)

    assert service.write_day(by_mail, clock()) == []
    assert service.write_now(by_mail, clock()) == []
    assert len(post_office.mails) == 2

    clock.move(days=1)
    send_all(by_mail, service.write_day(by_mail, clock()))
    # The one that is late is told every day, the other 14, 7 and 1 days before.
    told = [mail for mail in post_office.mails[2:] if mail["To"] == "dispute@alliance.test"]
    assert ["Clocks running out: 1 (of these, late: 1)" in text_of(mail) for mail in told] == [True]


def test_somebody_who_has_work_only_later_is_told_by_the_command(
    by_mail: Hub, post_office: MailServer, clock: Clock
) -> None:
    staff(by_mail, clock)
    send_all(by_mail, service.write_day(by_mail, clock()))
    with by_mail.database.transaction() as session:
        newcomer = hire(session, clock, "1004", Role.SECURITY_ADMIN)
        session.get_one(Officer, newcomer.officer).email = "second@alliance.test"

    send_all(by_mail, service.write_now(by_mail, clock()))

    assert [str(mail["To"]) for mail in post_office.mails[2:]] == ["second@alliance.test"]


def test_two_processes_that_wake_up_together_write_a_day_once(by_mail: Hub, clock: Clock) -> None:
    staff(by_mail, clock)
    collect, both = service._collect, []

    def meanwhile(hub: Hub, now: Any) -> Any:
        due = collect(hub, now)
        if not both:
            both.append("the other one")
            both.extend(service.write_day(hub, now))
        return due

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "_collect", meanwhile)
        assert service.write_day(by_mail, clock()) == []

    assert len(both) == 3
    assert states(by_mail) == ["waiting", "waiting"]


def job_state(hub: Hub, job: int) -> JobState:
    with hub.database.reading() as session:
        return session.get_one(Job, job).state


@pytest.mark.parametrize(
    ("says", "state", "job"),
    [
        ("451 later, please", "waiting", JobState.WAITING),
        ("554 go away", "refused", JobState.DONE),
    ],
)
def test_a_mail_that_is_not_taken_is_tried_again_and_one_that_is_refused_is_not(
    by_mail: Hub, post_office: MailServer, clock: Clock, says: str, state: str, job: JobState
) -> None:
    staff(by_mail, clock)
    post_office.says = says
    written = service.write_day(by_mail, clock())
    send_all(by_mail, written)
    assert states(by_mail) == [state, state]
    assert [job_state(by_mail, each) for each in written] == [job, job]

    post_office.says = "250 taken"
    clock.move(minutes=2)
    send_all(by_mail, written)
    assert len(post_office.mails) == (2 if state == "waiting" else 0)


def test_a_server_that_is_down_is_waited_for_until_the_day_is_over(
    reminding: Callable[..., Hub], clock: Clock
) -> None:
    with mail_server() as gone:
        pass
    hub = reminding(smtp_url=gone.url, mail_from="hub@alliance.test")
    staff(hub, clock)
    written = service.write_day(hub, clock())
    send_all(hub, written)
    assert states(hub) == ["waiting", "waiting"]

    clock.move(days=1)
    send_all(hub, written)

    with hub.database.reading() as session:
        assert {row.state for row in session.query(Reminder)} == {Delivery.LAPSED}
    assert [job_state(hub, each) for each in written] == [JobState.DONE, JobState.DONE]


def test_a_line_that_breaks_after_the_last_word_is_no_reason_to_say_it_again(
    by_mail: Hub, post_office: MailServer, clock: Clock
) -> None:
    staff(by_mail, clock)
    post_office.hangs_up = True
    written = service.write_day(by_mail, clock())
    send_all(by_mail, written)
    post_office.hangs_up = False
    clock.move(minutes=5)
    send_all(by_mail, written)

    assert states(by_mail) == ["uncertain", "uncertain"]
    assert len(post_office.mails) == 2


@pytest.mark.parametrize(
    ("status", "state"),
    [(503, "waiting"), (429, "waiting"), (404, "refused"), (302, "refused"), (0, "uncertain")],
)
def test_what_a_webhook_answers_decides(
    by_hook: Hub, hook: Hook, clock: Clock, status: int, state: str
) -> None:
    staff(by_hook, clock)
    hook.status = status

    send_all(by_hook, service.write_day(by_hook, clock())[:1])

    assert states(by_hook)[0] == state


def test_a_worker_that_died_while_it_handed_one_over_does_not_send_it_again(
    by_mail: Hub, post_office: MailServer, clock: Clock
) -> None:
    staff(by_mail, clock)
    (job, _) = service.write_day(by_mail, clock())

    class Killed(BaseException):
        """As far as the database can tell, the process is gone."""

    def die(_point: str) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks.faults, "reached", die)
        with pytest.raises(Killed):
            jobs.run(by_mail, job)
    clock.at += jobs.LEASE
    jobs.run(by_mail, job)

    assert states(by_mail)[0] == "uncertain"
    assert post_office.mails == []


def test_an_officer_who_has_left_gets_nothing(by_mail: Hub, post_office: MailServer, clock: Clock) -> None:
    people = staff(by_mail, clock)
    written = service.write_day(by_mail, clock())
    with by_mail.database.transaction() as session:
        session.get_one(Officer, people["dispute"].officer).state = OfficerState.DISABLED

    send_all(by_mail, written)

    assert [str(mail["To"]) for mail in post_office.mails] == ["security@alliance.test"]
    assert states(by_mail) == ["sent", "lapsed"]


def test_the_reaper_writes_the_day_once_the_office_is_open(by_mail: Hub, clock: Clock) -> None:
    staff(by_mail, clock)
    clock.at = opening(clock()) - timedelta(minutes=1)
    days = Days(clock())
    days.tick(by_mail, clock())
    assert states(by_mail) == []

    clock.move(minutes=1)
    days.tick(by_mail, clock())
    assert states(by_mail) == ["waiting", "waiting"]

    clock.move(hours=23, minutes=59)
    days.tick(by_mail, clock())
    assert states(by_mail) == []
    clock.move(minutes=1)
    days.tick(by_mail, clock())
    assert states(by_mail) != []


def test_after_a_standstill_the_day_is_written_at_once(by_mail: Hub, clock: Clock) -> None:
    staff(by_mail, clock)
    clock.at = opening(clock()) + timedelta(hours=6)

    Days(clock()).tick(by_mail, clock())

    assert states(by_mail) == ["waiting", "waiting"]


def test_a_day_that_failed_is_tried_again_in_ten_minutes(by_mail: Hub, clock: Clock) -> None:
    staff(by_mail, clock)
    clock.at = opening(clock())
    days = Days(clock())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "write_day", lambda *_: 1 / 0)
        days.tick(by_mail, clock())
    clock.move(minutes=9)
    days.tick(by_mail, clock())
    assert states(by_mail) == []

    clock.move(minutes=1)
    days.tick(by_mail, clock())
    assert states(by_mail) == ["waiting", "waiting"]

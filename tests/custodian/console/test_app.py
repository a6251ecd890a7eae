"""What the operator sees and may do: counts, acceptances from the card, alarms, the pause."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest

from custodian.desk import pauses
from custodian.desk.acceptance import fingerprint_of
from custodian.errors import Stopped
from custodian.state import find_member
from tests.custodian.console.conftest import Desk
from tests.logs import PaperLog

ACCEPT = "/members/西河/accept"


def plain(html: str) -> str:
    """Return a page's text, its spaces single."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def accepted(desk: Desk) -> tuple[int, ...]:
    with desk.office.custodian.feed() as db:
        member = find_member(db, "西河")
    assert member is not None
    return member.acceptances


def test_the_page_says_who_and_where_this_is(desk: Desk) -> None:
    desk.enter()
    text = plain(desk.get("/").text)
    assert "滨海市公证处 托管方 1 custodian 1 of 3, any 2 serve" in text
    assert "https://hub.example" in text
    assert f"账本位置 feed position {len(desk.office.alliance.entries)}" in text
    assert "Made-up data only" in text


def test_members_are_counted_against_their_quotas(desk: Desk) -> None:
    ledger, now = desk.office.custodian.ledger, desk.office.alliance.now
    for day, count in ((1, 30), (0, 12)):
        at = now - timedelta(days=day)
        ledger.charge_evaluation("北辰", f"request-{day}", b"", count, epoch=1, quota=(999, 999), now=at)
    ledger.set_quota("南山", "openings_per_period", 7)
    desk.enter()
    text = plain(desk.get("/").text)
    assert "北辰 正常 active 500 0 12 / 1,000 42 / 2,000 0 / 2,000 0" in text
    assert "南山 正常 active 500 0 0 / 1,000 0 / 2,000 0 / 7 0" in text
    assert "西河 待接受 admitted 80" in text


def test_a_cut_is_shown_with_who_signed_it(desk: Desk) -> None:
    desk.office.alliance.cuts()
    for _ in range(2):  # signs it, then sees its own signature on the feed
        desk.office.custodian.follow()
    desk.enter()
    text = plain(desk.get("/").text)
    assert "已签 signed by 1； 未生效 not effective yet" in text


def test_the_log_is_shown_with_who_cosigned_it(desk: Desk) -> None:
    desk.enter()
    assert "日志副署 Log cosigned 还没有 nothing yet" in plain(desk.get("/").text)
    office = desk.office
    log = office.hub.log = PaperLog(office.alliance.key_set).grows(1_005)
    office.custodian.witness()
    now = office.alliance.now
    office.hub.cosigned_by_fellows = [
        log.counted(at=now, by=(2,)),
        log.counted(at=now - timedelta(minutes=5), by=(3,), size=7),
    ]
    office.custodian.compare_logs()
    text = plain(desk.get("/").text)
    assert "日志副署 Log cosigned 1,005 条 entries ，2026-11-01 周日 Sun 00:30:00" in text
    assert "2：一致 the same （1,005，0 秒前 0 s ago ） 3：在后 behind （7，5 分钟前 5 min ago ）" in text
    office.hub.log = log.forked(at=7, grows=1_000)
    with pytest.raises(Stopped):
        office.custodian.witness()
    text = plain(desk.get("/").text)
    assert "log-fork" in text
    assert "两份不同的日志" in text


def test_the_members_fingerprint_is_never_shown_before_it_was_typed(desk: Desk) -> None:
    desk.enter()
    with desk.office.custodian.feed() as db:
        member = find_member(db, "西河")
    assert member is not None
    groups = fingerprint_of(member).split()
    for path in ("/", ACCEPT):
        shown = desk.get(path).text
        assert not any(f"{one} {two}" in shown for one, two in itertools.pairwise(groups))
    assert desk.newcomer.card.fingerprint == fingerprint_of(member)


def test_the_fingerprint_of_the_card_accepts(desk: Desk) -> None:
    desk.enter()
    assert "waiting to be accepted here: 1" in plain(desk.get("/").text)
    response = desk.post(ACCEPT, fingerprint=desk.newcomer.card.fingerprint.lower().replace(" ", "-"))
    assert response.status_code == 303
    assert accepted(desk) == (1, 2)
    assert "Nothing waits for you" in plain(desk.get("/").text)
    assert "has accepted it already" in plain(desk.get(ACCEPT).text)


def test_another_fingerprint_is_refused_and_not_shown_again(desk: Desk) -> None:
    desk.enter()
    wrong = "AAAA " * 9 + "AAAA"
    response = desk.post(ACCEPT, fingerprint=wrong)
    assert response.status_code == 409
    assert "指纹不同：不要接受" in response.text
    assert "AAAA" not in response.text
    assert desk.newcomer.card.fingerprint not in response.text
    assert accepted(desk) == (2,)


def test_nothing_is_accepted_while_the_hub_is_silent(desk: Desk) -> None:
    desk.enter()
    desk.office.hub.silent = True
    response = desk.post(ACCEPT, fingerprint=desk.newcomer.card.fingerprint)
    assert response.status_code == 409
    assert "the hub does not answer" in response.text


def test_a_pause_is_two_steps_and_is_recorded(desk: Desk) -> None:
    desk.enter()
    assert "another custodian" in desk.get("/pause").text
    assert desk.office.custodian.ledger.fact("paused") is None
    assert desk.post("/pause").status_code == 303
    assert "已暂停 paused" in plain(desk.get("/").text)
    desk.office.alliance.passes(hours=2)
    assert desk.post("/resume").status_code == 303
    assert desk.office.custodian.ledger.fact("paused") is None
    (pause,) = pauses.pauses(desk.office.custodian.ledger)
    assert (pause.since, pause.until) == ("2026-10-31T16:30:00Z", "2026-10-31T18:30:00Z")


def test_an_alarm_comes_with_advice_until_it_was_dealt_with(desk: Desk) -> None:
    ledger, now = desk.office.custodian.ledger, desk.office.alliance.now
    ledger.raise_alarm("fork", "the hub signs another head", b"", now=now)
    desk.enter()
    text = plain(desk.get("/").text)
    assert "open alarms: 1" in text
    assert "Do not resume" in text
    ledger.raise_alarm("feed", "a line is malformed", b"", now=now)
    assert desk.post("/alarms", count="1").status_code == 303
    text = plain(desk.get("/").text)
    assert "a line is malformed" in text
    assert "another head" not in text
    assert len(ledger.alarms()) == 2
    assert desk.post("/alarms", count="3").status_code == 409


def test_what_stops_this_custodian_stands_first(desk: Desk) -> None:
    desk.office.custodian.ledger.set_fact("stopped", "two heads")
    desk.office.custodian.ledger.set_fact("paused", "operator")
    desk.office.alliance.passes(minutes=11)
    desk.enter()
    text = plain(desk.get("/").text)
    assert "已停止 stopped" in text
    assert "the hub is silent" in text

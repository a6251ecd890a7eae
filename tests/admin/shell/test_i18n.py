"""Two languages, Shanghai's clock, yuan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin import i18n
from alliance_hub.hub import Hub

ENGLISH = {"HTTP_COOKIE": "lang=en"}
CHINESE: dict[str, str] = {}


def test_chinese_comes_first_and_a_link_changes_the_language_of_the_same_page(client: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in client.get("/console/sample/list").text
    changed = client.get("/console/sample/list?state=active&lang=en&q=B")
    assert (changed.status_code, changed.location) == (303, "/console/sample/list?state=active&q=B")
    assert {"HttpOnly", "Path=/console", "SameSite=Lax"} <= set(changed.headers["Set-Cookie"].split("; "))
    page = client.get("/console/sample/list").text
    assert '<html lang="en">' in page
    assert "Rows 1 to 50 of 123" in page


def test_a_language_that_is_not_spoken_here_changes_nothing(client: FlaskClient) -> None:
    response = client.get("/console/sample/list?lang=tlh")
    assert response.status_code == 200
    client.set_cookie("lang", "../en", path="/console")
    assert '<html lang="zh-CN">' in client.get("/console/sample/list").text


@pytest.mark.parametrize(
    ("until", "chinese", "english"),
    [
        (timedelta(days=3, hours=23), "还剩 3 天", "3 days left"),
        (timedelta(days=1), "还剩 1 天", "1 day left"),
        (timedelta(hours=23, minutes=59), "还剩 23 小时", "23 hours left"),
        (timedelta(minutes=5), "还剩 5 分钟", "5 minutes left"),
        (timedelta(0), "还剩 0 分钟", "0 minutes left"),
        (timedelta(minutes=-1), "已超期 1 分钟", "1 minute over"),
        (timedelta(days=-2, hours=-3), "已超期 2 天", "2 days over"),
    ],
)
def test_a_deadline_says_how_long_there_is(
    shell: Flask, hub: Hub, until: timedelta, chinese: str, english: str
) -> None:
    with shell.test_request_context("/console/"):
        assert i18n.left(hub.clock() + until) == chinese
    with shell.test_request_context("/console/", environ_base=ENGLISH):
        assert i18n.left(hub.clock() + until) == english


def test_instants_are_those_of_shanghai(shell: Flask) -> None:
    late = datetime(2026, 12, 31, 16, 30, 59, tzinfo=UTC)
    with shell.test_request_context("/console/"):
        assert i18n.instant(late) == "2027-01-01 00:30"
        assert i18n.instant(late, weekday=True) == "2027-01-01 周五 00:30"
        assert i18n.instant(late, seconds=True) == "2027-01-01 00:30:59"
        assert i18n.day(late) == "2027-01-01"
        assert i18n.day(date(2026, 12, 31), weekday=True) == "2026-12-31 周四"
        assert i18n.instant(None) == i18n.day(None) == i18n.left(None) == "—"


@pytest.mark.parametrize(
    ("fen", "environment", "whole", "summary"),
    [
        (123, CHINESE, "1.23 元", "1.23 元"),
        (1_234_567_89, CHINESE, "1,234,567.89 元", "123.46 万元"),
        (9_876_543_210_00, CHINESE, "9,876,543,210.00 元", "98.77 亿元"),
        (-5_000_000_00, CHINESE, "-5,000,000.00 元", "-500.00 万元"),
        (1_234_567_89, ENGLISH, "CNY 1,234,567.89", "CNY 1.23 m"),
        (9_876_543_210_00, ENGLISH, "CNY 9,876,543,210.00", "CNY 9.88 bn"),
    ],
)
def test_amounts_are_told_in_yuan(
    shell: Flask, fen: int, environment: dict[str, str], whole: str, summary: str
) -> None:
    with shell.test_request_context("/console/", environ_base=environment):
        assert (i18n.money(fen), i18n.money(fen, summary=True)) == (whole, summary)

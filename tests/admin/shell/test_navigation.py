"""The frame: what each officer finds in the menu, and who it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance_hub.people.roles import OrganisationKind, Role
from tests.admin.shell.conftest import OFFICER


def lines(page: str) -> list[str]:
    """Return the menu's lines."""
    _, _, after = page.partition('id="menu"')
    return re.findall(r"<li><a [^>]*>([^<]+?)\s*<", after.partition("</nav>")[0])


def test_an_officer_finds_what_its_acts_open(shell: Flask, client: FlaskClient) -> None:
    assert lines(client.get("/console/sample/list").text) == ["Waiting for me", "Deadlines"]
    shell.extensions["officer"] = replace(OFFICER, roles=frozenset({Role.SYSTEM_ADMIN}), deputised={})
    assert lines(client.get("/console/sample/none").text) == ["Deadlines", "Settings"]


def test_the_menu_says_where_one_is(client: FlaskClient) -> None:
    page = client.get("/console/sample/none").text
    assert re.findall(r'<a href="([^"]*)" aria-current="page"', page) == ["/console/sample/none"]


def test_the_frame_says_who_acts_and_for_whom(shell: Flask, client: FlaskClient) -> None:
    page = client.get("/console/sample/list").text
    assert "李明华" in page
    assert "会员管理专员" in page
    assert "代行异议处理专员职责" in page
    member = replace(
        OFFICER,
        organisation="North Bank",
        kind=OrganisationKind.MEMBER,
        roles=frozenset({Role.SUBMITTER}),
        deputised={},
    )
    shell.extensions["officer"] = member
    page = client.get("/console/sample/none").text
    assert "会员工作台" in page
    assert "North Bank" in page


@pytest.mark.usefixtures("nobody")
def test_a_public_page_has_no_menu_and_still_says_the_mode(client: FlaskClient) -> None:
    page = client.get("/console/sample/open").text
    assert 'id="menu"' not in page
    assert "仅限虚构数据" in page
    assert "李明华" not in page


def test_the_front_leads_to_the_console(client: FlaskClient) -> None:
    assert client.get("/").location == "/console/"

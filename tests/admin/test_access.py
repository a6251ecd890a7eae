"""Every address of the console x every role: the table in access.txt, kept by hand, against the console."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from admin import gate
from alliance_hub.people.roles import ACTS, Act, Role
from tests.admin.people import Browser, Office

ROLES = (
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
    Role.MEMBERSHIP_OFFICER,
    Role.AGREEMENT_OFFICER,
    Role.FLAG_REVIEWER,
    Role.DISPUTE_OFFICER,
    Role.RIGHTS_DESK,
    Role.INSPECTOR,
    Role.MEMBER_ADMIN,
    Role.SUBMITTER,
    Role.REVIEWER,
    Role.COLLECTOR,
    Role.LAWYER,
)
"""In the order of the table's columns."""

LINE = re.compile(r"(GET|POST|both) +(/.*?) *((?:[x.] ){13}[x.]|public)")
TURNED_AWAY = 418


def table() -> dict[str, tuple[str, str]]:
    """Return for each address its methods and its row."""
    lines = Path(__file__).with_name("access.txt").read_text().splitlines()
    rows = [LINE.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(rows)
    return {f"{row[1]} {row[2]}": (row[1], row[3].replace(" ", "")) for row in rows if row}


TABLE = table()


def methods(word: str) -> tuple[str, ...]:
    return ("GET", "POST") if word == "both" else (word,)


def word_of(rule: Rule) -> str:
    asked = sorted((rule.methods or set()) & {"GET", "POST"})
    return "both" if len(asked) == 2 else asked[0]


def filled(path: str) -> str:
    """Return an address with something in its places; that it leads nowhere does not matter to the gate."""
    chosen = re.sub(r"<any\((\w+).*?>", r"\1", path)
    return "/console" + re.sub(r"<int:\w+>", "987654", re.sub(r"<(?:path:)?\w+>", "nothing", chosen))


def test_every_address_stands_in_the_table(shared_app: Flask) -> None:
    found = set()
    for rule in shared_app.url_map.iter_rules():
        if rule.rule.startswith("/console") and rule.endpoint != "console.static":
            found.add(f"{word_of(rule)} {rule.rule.removeprefix('/console')}")
    assert found == set(TABLE)


def test_each_address_is_marked_as_the_table_says(shared_app: Flask) -> None:
    marked = {}
    for rule in shared_app.url_map.iter_rules():
        path = rule.rule.removeprefix("/console")
        name = f"{word_of(rule)} {path}"
        if name in TABLE and rule.rule.startswith("/console"):
            marked[name] = row_of(gate.acts_of_view(shared_app.view_functions[rule.endpoint]))
    assert marked == {name: row for name, (_, row) in TABLE.items()}


def row_of(acts: frozenset[Act] | None) -> str:
    if acts is None:
        return "public"
    return "".join("x" if not acts or acts & ACTS[role] else "." for role in ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_turned_away_where_the_table_says_so(
    role: Role, app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate's refusal looks like a page that is not there; here it is bare, and looks like itself.

    Each role tries a quarter of what is closed to it, and each address is tried by several roles.
    """

    def turn_away(code: int) -> NoReturn:
        assert code == 404
        raise HTTPException(response=Response(status=TURNED_AWAY))

    monkeypatch.setattr(gate, "abort", turn_away)
    browser = office.browser_as(office.officer(role, organisation=home_of(role)))
    column = ROLES.index(role)
    closed = [(name, word) for name, (word, row) in TABLE.items() if row != "public" and row[column] == "."]
    for name, word in closed[column % 4 :: 4]:
        path = filled(name.split(" ", 1)[1])
        answer = browser.post(path) if word == "POST" else browser.get(path)
        assert answer.status_code == TURNED_AWAY, path
    assert browser.get("/console/account/").status_code == 200


def test_nobody_sees_more_than_the_public_pages(app: Flask, office: Office) -> None:
    browser = office.browser()
    for name, (word, row) in TABLE.items():
        path = name.split(" ", 1)[1]
        for method in methods(word):
            answer = browser.open(filled(path)) if method == "GET" else browser.post(filled(path))
            asked_to_log_in = answer.status_code == 303 and answer.location.startswith("/console/login")
            assert asked_to_log_in is (row != "public") or path.startswith("/login"), (method, path)


@pytest.mark.parametrize("role", [Role.MEMBERSHIP_OFFICER, Role.MEMBER_ADMIN])
def test_what_a_role_may_not_see_looks_like_what_is_not_there(role: Role, office: Office) -> None:
    browser = office.browser_as(office.officer(role, organisation=home_of(role)))
    hidden, missing = (bare(browser, path) for path in ("/console/settings", "/console/nothing-of-the-kind"))
    assert hidden == missing


def bare(browser: Browser, path: str) -> str:
    """Return a page that is not there, without its address and the token that tells the second."""
    answer = browser.get(path)
    assert answer.status_code == 404
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text.replace(path, ""))


def home_of(role: Role) -> str:
    if role in ROLES[:9]:
        return "association"
    return "A firm" if role is Role.LAWYER else "North"

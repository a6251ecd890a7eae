"""Every kind of log entry has words, and objects lead to pages that the officer may see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from admin import entries
from alliance_hub.people.roles import Role
from tests.admin.people import Office

SOURCES = Path(entries.__file__).parents[1]
WRITERS = frozenset({"record_entry", "record_act", "record", "_record", "record_own", "_recorded"})


def written() -> Iterator[str]:
    """Yield each kind that stands as a word in a call that writes an entry."""
    for folder in ("alliance_hub", "admin"):
        for path in (SOURCES / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in WRITERS:
                    words = [each for each in node.args if isinstance(each, ast.Constant)]
                    yield from (each.value for each in words if isinstance(each.value, str))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_kind_has_words() -> None:
    kinds = set(written())
    assert {"match", "proposal_made", "officer_invited", "member_suspended"} <= kinds
    assert kinds - set(entries.DEEDS) == set()


PAGES = {
    "member/北辰小贷": "/console/members/%E5%8C%97%E8%BE%B0%E5%B0%8F%E8%B4%B7",
    "proposal/7": "/console/approvals/7",
    "key-set/2": "/console/custodians",
    "parameter/exit_days": "",
    "submission/s1": "",
}


@pytest.mark.parametrize(("object", "page"), PAGES.items())
def test_objects_lead_to_pages_that_one_may_see(office: Office, object: str, page: str) -> None:
    officer = office.officer(Role.MEMBERSHIP_OFFICER)

    assert entries.page_of(object, officer) == page


def test_objects_are_named_in_words(app: Flask) -> None:
    with app.test_request_context("/console/", headers={"Cookie": "lang=en"}):
        assert entries.thing("parameter/exit_days") == "Parameter Time for a member's exit"
        assert entries.thing("member/North") == "Member North"
        assert entries.thing("something") == "something"
        assert entries.thing(None) == ""

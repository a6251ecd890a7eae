"""A service's sentence reaches the officer in its own language, with what was filled in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from admin import refusals
from alliance_hub import errors
from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid

HUB = Path(__file__).parents[2] / "alliance_hub"

MET_BY_OFFICERS = (
    "agreements",
    "approvals",
    "complaints",
    "custodians",
    "inspection",
    "matters",
    "membership",
    "parameters",
    "people",
    "reminders",
    "transparency",
)
"""Packages whose services the pages call; what the API alone says stays English."""

KINDS = {
    kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HubError)
}


@pytest.mark.parametrize(
    ("error", "chinese", "english"),
    [
        (
            Forbidden("whoever proposes does not approve: another officer decides this"),
            "提出人不得审批本人提出的事项，须由其他人员决定",
            "Whoever proposes does not approve: another officer decides this",
        ),
        (
            Conflict("the proposal is withdrawn: nothing is left to decide"),
            "该事项已撤回，无须再作决定",
            "The proposal is withdrawn: nothing is left to decide",
        ),
        (
            Invalid("a quota is a number from 0 to 20000", field="quota"),
            "额度须为 0 至 20000 的整数",
            "A quota is a number from 0 to 20000",
        ),
        (Invalid("a sentence of tomorrow"), "A sentence of tomorrow", "A sentence of tomorrow"),
    ],
)
def test_a_refusal_is_told_in_the_language_of_the_page(
    app: Flask, error: HubError, chinese: str, english: str
) -> None:
    with app.test_request_context("/console/"):
        assert refusals.sentence(error) == chinese
    with app.test_request_context("/console/", headers={"Cookie": "lang=en"}):
        assert refusals.sentence(error) == english


def test_what_services_tell_officers_is_known_in_chinese(app: Flask) -> None:
    said = sorted({sentence for package in MET_BY_OFFICERS for sentence in sentences(HUB / package)})
    assert len(said) > 100
    with app.test_request_context("/console/"):
        assert [sentence for sentence in said if refusals.told(sentence, "zh") == sentence] == []


def sentences(folder: Path) -> Iterator[str]:
    """Give every sentence that an error is made with, places filled with a word that nothing knows."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in KINDS and node.args:
                yield from _text(node.args[0])


def _name(node: ast.expr) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "zzz" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*_text(node.body), *_text(node.orelse))

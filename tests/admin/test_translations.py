"""Everything that the console says in English, it says in Chinese too, in words that an association uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ADMIN = Path(__file__).parents[2] / "admin"
FILES = sorted((ADMIN / "translations" / "zh").glob("*.po"))

KEYWORDS: dict[str, tuple[Any, ...] | None] = {
    **dict.fromkeys(("_", "_l", "gettext", "lazy_gettext")),
    **dict.fromkeys(("_n", "ngettext", "lazy_ngettext"), (1, 2)),
    **dict.fromkeys(("pgettext", "lazy_pgettext"), ((1, "c"), 2)),
}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {pattern: {"newstyle_gettext": "true", "silent": "false"} for pattern, _ in METHODS[1:]}

FORBIDDEN = ("黑名单", "老赖", "失信名单", "blacklist", "black list", "deadbeat", "tenant")
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")


Key = tuple[str, ...]
"""Context, empty for most, and the message; a plural has two."""


def said() -> Iterator[tuple[str, Key]]:
    """Give every message of the code and the templates with the file that says it."""
    for file, _, message, _, context in extract_from_dir(
        str(ADMIN), METHODS, OPTIONS, KEYWORDS, directory_filter=lambda folder: "static" not in folder
    ):
        yield file, (context or "", *((message,) if isinstance(message, str) else message))


def in_file(path: Path) -> Catalog:
    """Read one family's Chinese."""
    with path.open("rb") as file:
        return read_po(file, locale="zh", abort_invalid=True)


def both_sides(catalog: Catalog) -> Iterator[tuple[Key, str]]:
    """Give each English message with its Chinese."""
    for message in catalog:
        if not message.id:
            continue
        single = isinstance(message.id, str)
        forms = [message.string] if single else list(message.string or ())
        assert len(forms) == 1, f"Chinese has one form: {message.id}"
        yield (message.context or "", *([message.id] if single else message.id)), str(forms[0] or "")


def test_there_is_something_to_translate() -> None:
    assert len(FILES) >= 1
    assert len(list(said())) > 100


def test_everything_said_in_english_is_said_in_chinese() -> None:
    known = {key for path in FILES for key, _ in both_sides(in_file(path))}
    assert sorted({(file, key) for file, key in said() if key not in known}) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_translation_is_whole(path: Path) -> None:
    for (*_, english), chinese in both_sides(in_file(path)):
        assert chinese.strip(), f"empty: {english}"
        assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(chinese)), f"places differ: {english}"
        if " " in english:
            assert english.endswith(".") == chinese.endswith("。"), (
                f"one of the two is no sentence: {english}"
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_message_is_marked_as_doubtful(path: Path) -> None:
    assert [message.id for message in in_file(path) if message.fuzzy and message.id] == []


def test_a_message_has_one_translation() -> None:
    found: dict[Key, dict[str, str]] = {}
    for path in FILES:
        for key, chinese in both_sides(in_file(path)):
            found.setdefault(key, {})[chinese] = path.stem
    assert {key: each for key, each in found.items() if len(each) > 1} == {}


def test_nobody_is_called_names() -> None:
    words = [text for path in FILES for key, chinese in both_sides(in_file(path)) for text in (*key, chinese)]
    words += [text for _, key in said() for text in key]
    assert [(bad, text) for text in words for bad in FORBIDDEN if bad in text.lower()] == []

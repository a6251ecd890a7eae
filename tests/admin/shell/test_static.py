"""Static files: other people's are unchanged and licensed, ours need nothing that the policy refuses."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask

from admin.shell import STATIC, asset

VENDOR = STATIC / "vendor"
ROW = re.compile(r"^\| (\S+) \| (\S+) (\S+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def test_other_peoples_files_are_as_they_were_published() -> None:
    rows = ROW.findall((VENDOR / "README.md").read_text("utf-8"))
    assert {VENDOR / path for path, *_ in rows} == {
        path for path in VENDOR.rglob("*") if path.is_file() and path.name not in ("README.md", "VERSION")
    }
    for path, _, version, digest in rows:
        assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == digest, path
        assert (VENDOR / path).parent.joinpath("VERSION").read_text("utf-8").strip() == version


def test_every_library_has_its_licence() -> None:
    assert {path.parent.name for path in VENDOR.glob("*/LICENSE")} == {"htmx", "pico", "uplot"}


def test_the_style_sheet_asks_for_the_ground_by_its_version() -> None:
    version = (VENDOR / "pico" / "VERSION").read_text("utf-8").strip()
    assert f"pico.min.css?v={version}" in (STATIC / "css" / "console.css").read_text("utf-8")


def test_an_address_changes_with_the_content(shell: Flask) -> None:
    with shell.test_request_context("/console/"):
        address = asset("js/console.js")
    digest = hashlib.sha256((STATIC / "js" / "console.js").read_bytes()).hexdigest()
    assert address == f"/console/static/js/console.js?v={digest[:12]}"


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    found = []
    for path in (Path(__file__).parents[3] / "admin" / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=\"|javascript:", text)
        elsewhere = re.findall(r'(?:src|href|action)="(?:https?:)?//', text)
        found += [(path.name, each) for each in (*inline, *elsewhere)]
    assert found == []


PAIRS = (
    ("ink", "paper"),
    ("quiet", "paper"),
    ("quiet", "desk"),
    ("accent", "paper"),
    ("accent", "accent-ground"),
    ("good", "paper"),
    ("good", "good-ground"),
    ("wait", "paper"),
    ("wait", "wait-ground"),
    ("bad", "paper"),
    ("bad", "bad-ground"),
    ("on-bad", "bad"),
    ("still", "paper"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    light, dark = (
        (STATIC / "css" / "console.css").read_text("utf-8").split("@media (prefers-color-scheme: dark)")
    )
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark if scheme == "dark" else light))
    ratios = {pair: contrast(*(found[name] for name in pair)) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast ratio of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of `#rrggbb`."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

"""Keys on paper at the keyboard: printed, read back from the text alone, and home again."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from custodian.home import Home
from custodian.ledger import Ledger
from custodian.restoring import find
from tests.custodian.cli.conftest import PASSPHRASE, Station
from tests.feeds import START

RESTORE = ["paper", "restore", "--text", "scanned.txt", "--key-set", "key-set.json", "--home", "new"]


@pytest.fixture
def printed(station: Station) -> tuple[list[str], list[str]]:
    """The lines of sheet A and the words of sheet B, as a person reads them off the page."""
    ledger = Ledger(station.home(1).ledger)
    ledger.charge_evaluation("北辰", "request", b"", 1, epoch=1, quota=(9, 9), now=START)
    station.alliance.passes(days=3)
    station.run(1, "paper", "print", "--out", "sheets.html")
    Path("key-set.json").write_bytes(station.alliance.signed_key_set.canonical())
    page = Path("sheets.html").read_text()
    items = [html.unescape(item) for item in re.findall(r"<li>([^<]+)</li>", page)]
    return [item for item in items if "/" in item], [item for item in items if "/" not in item]


def test_two_sheets_make_a_home_again(station: Station, printed: tuple[list[str], list[str]]) -> None:
    lines, words = printed
    Path("scanned.txt").write_text("\n".join(reversed(lines)))
    typed = " ".join(words[:5]) + "\nnotaword\n" + "\n".join(words[5:]) + "\n"
    said = station.command(*RESTORE, typed=typed)
    assert "word 6 is none of the list" in said
    assert "custodian 1, restored into new" in said
    old, new = station.home(1), Home(Path("new"))
    assert new.keys(PASSPHRASE).witness.seed == old.keys(PASSPHRASE).witness.seed
    assert new.shares(PASSPHRASE) == old.shares(PASSPHRASE)
    assert new.card.read_bytes() == old.card.read_bytes()
    assert new.key_set() == old.key_set()


def test_what_was_charged_since_the_first_charge_is_known_to_be_forgotten(
    station: Station, printed: tuple[list[str], list[str]]
) -> None:
    lines, words = printed
    Path("scanned.txt").write_text("\n".join(lines))
    station.command(*RESTORE, typed="\n".join(words) + "\n")
    restored = find(Ledger(Home(Path("new")).ledger))
    assert restored is not None
    assert (restored.backed_up_at, restored.restored_at) == ("2026-10-31T16:30:00Z", "2026-11-03T16:30:00Z")
    assert "RESTORED" in station.command("status", "--home", "new")


def test_the_file_for_the_printer_is_the_owners_alone(printed: tuple[list[str], list[str]]) -> None:
    assert (Path("sheets.html").stat().st_mode & 0o777) == 0o600
    lines, words = printed
    assert len(words) == 24
    assert len({line.split()[0] for line in lines}) == 1


def test_the_sheets_say_how_to_keep_them(printed: tuple[list[str], list[str]]) -> None:
    page = Path("sheets.html").read_text()
    assert page.count("Keep A and B apart") == 2
    assert page.count("Both sheets of 2 custodians together could open everything") == 2


def test_with_a_wrong_word_no_home_is_made(station: Station, printed: tuple[list[str], list[str]]) -> None:
    lines, words = printed
    Path("scanned.txt").write_text("\n".join(lines))
    words[11] = "zoo" if words[11] != "zoo" else "zebra"
    said = station.command(*RESTORE, typed="\n".join(words) + "\n", code=4)
    assert "word 12 is not the one on sheet B" in said
    assert not Path("new").exists()


def test_a_home_that_was_used_is_not_overwritten(
    station: Station, printed: tuple[list[str], list[str]]
) -> None:
    lines, words = printed
    Path("scanned.txt").write_text("\n".join(lines))
    before = Path("custodian-1/keys.sealed").read_bytes()
    said = station.command(*RESTORE[:-1], "custodian-1", typed="\n".join(words) + "\n", code=4)
    assert "was used before" in said
    assert "Word 1" not in said
    assert Path("custodian-1/keys.sealed").read_bytes() == before


def test_a_part_that_was_not_scanned_is_named_before_any_word_is_asked(
    station: Station, printed: tuple[list[str], list[str]]
) -> None:
    lines, _ = printed
    Path("scanned.txt").write_text("\n".join(lines[8:]))
    said = station.command(*RESTORE, code=4)
    assert "part 1 is missing" in said
    assert "Word 1" not in said

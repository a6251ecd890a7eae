"""Which font is taken, and what is said when there is none or the wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from paper import fonts as found
from paper.errors import NoFont
from paper.fonts import Fonts

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def test_the_setting_wins(tmp_path: Path) -> None:
    font = tmp_path / "own.ttf"
    font.touch()

    assert found.find({"ALLIANCE_FONT": str(font)}) == font


def test_a_setting_that_names_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoFont, match="ALLIANCE_FONT names no file"):
        found.find({"ALLIANCE_FONT": str(tmp_path / "gone.ttf")})


def test_without_a_font_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "PLACES", ())

    with pytest.raises(NoFont, match="fonts-wqy-microhei"):
        found.find({})


def test_what_is_no_font_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.ttf"
    path.write_bytes(b"this is a letter, not letters" * 20)

    with pytest.raises(NoFont, match="TrueType outlines"):
        found.load(path)


@pytest.mark.skipif(not DEJAVU.exists(), reason="no font without Chinese characters on this machine")
def test_a_font_without_chinese_is_refused() -> None:
    with pytest.raises(NoFont, match="no Chinese characters"):
        found.load(DEJAVU)


def test_a_character_that_the_font_lacks_is_named_by_its_number(fonts: Fonts) -> None:
    assert fonts.text.legible("张𠮷\t某\n") == "张〔U+20BB7〕 某\n"


def test_letters_of_the_second_face_have_one_width(fonts: Fonts) -> None:
    if fonts.code == fonts.text:
        pytest.skip("this machine's font has one face")

    assert len({round(fonts.code.width(sign, 10.0), 3) for sign in "0123456789abcdefil"}) == 1

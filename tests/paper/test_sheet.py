"""Sheets as a reader meets them: the text can be searched, nothing is lost where a page ends."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from paper.blocks import Column, Language, Paragraph, Points, Table, Tone
from paper.fonts import Fonts
from paper.sheet import render
from tests.paper.reading import read_pages, text_of
from tests.paper.samples import SHEET


def test_every_row_stands_on_some_page_below_the_tables_head(fonts: Fonts) -> None:
    pages = read_pages(render(SHEET, fonts))

    rows = [line for page in pages for line in page if line.endswith("号证据")]
    assert rows == [f"第{n}号证据" for n in range(1, 91)]
    assert len(pages) > 2
    assert all(
        page.index("序号") < page.index("名称") for page in pages if any("证据" in line for line in page)
    )


def test_every_page_says_which_of_how_many_it_is(fonts: Fonts) -> None:
    pages = read_pages(render(replace(SHEET, language=Language.ENGLISH, banner="made-up data"), fonts))

    for number, page in enumerate(pages, 1):
        assert {"matter-1", "made-up data", f"page {number} of {len(pages)}"} <= set(page)


@pytest.mark.parametrize("tone", Tone)
def test_a_paragraph_over_pages_loses_no_character(tone: Tone, fonts: Fonts) -> None:
    text = "".join(f"第{n}句。" for n in range(1200))
    plain = replace(SHEET, blocks=(Paragraph(text, tone),), foot="")

    data = render(plain, fonts)
    assert len(read_pages(data)) > 1
    assert text in re.sub("第.页共.页", "", text_of(data))


@pytest.mark.parametrize("mark", "，；：？！》”。、）」")
def test_no_line_begins_with_a_closing_mark(mark: str, fonts: Fonts) -> None:
    text = f"债务人姓名{mark}" * 300
    (page,) = read_pages(render(replace(SHEET, blocks=(Paragraph(text),), foot=""), fonts))

    assert sum(line.count(mark) for line in page) == 300
    assert not [line for line in page if line.startswith(mark)]


def test_texts_are_no_markup(fonts: Fonts) -> None:
    data = render(replace(SHEET, blocks=(Paragraph("甲 <b>&amp; 乙</b>"), Points(("<br/>",)))), fonts)

    assert "甲<b>&amp;乙</b>" in text_of(data)
    assert "<br/>" in text_of(data)


def test_a_row_of_another_shape_than_its_table_is_a_defect(fonts: Fonts) -> None:
    with pytest.raises(ValueError, match="zip"):
        render(replace(SHEET, blocks=(Table((Column("a", 1),), (("1", "2"),)),)), fonts)


def test_a_pdf_reader_finds_font_language_and_time(fonts: Fonts) -> None:
    reader = PdfFileReader(io.BytesIO(render(SHEET, fonts)))
    root = reader.root

    assert root["/Lang"] == "zh-CN"
    assert reader.trailer["/Info"]["/CreationDate"] == "D:20261122010203Z"
    used = root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    described = [used[name]["/FontDescriptor"] for name in used if used[name]["/Subtype"] == "/TrueType"]
    assert described
    assert all("/FontFile2" in each for each in described)


def test_the_same_sheet_gives_the_same_bytes_in_another_process(fonts: Fonts) -> None:
    code = (
        "import sys; from tests.paper.samples import SHEET; from paper.sheet import render;"
        "sys.stdout.buffer.write(render(SHEET))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"}
    other = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
        env=environment,
    )

    assert other.stdout == render(SHEET, fonts)


def test_watermark_and_signature_stand_where_they_belong(fonts: Fonts) -> None:
    pages = read_pages(render(replace(SHEET, watermark="枢纽证明", signature=("由 南山 签署",)), fonts))

    assert all("枢纽证明" in page for page in pages)
    assert ["由 南山 签署" in page for page in pages] == [True] + [False] * (len(pages) - 1)

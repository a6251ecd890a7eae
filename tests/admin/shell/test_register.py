"""Registers: what the address asks for, what is shown, and what leaves as a file or on paper."""

from __future__ import annotations

import csv
import hashlib
import re
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin import export, register
from admin.register import Column, Filter
from alliance_hub.hub import Hub
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency import tree
from privacy.encoding import unb64
from tests.admin.shell import sample

LIST = "/console/sample/list"


@pytest.mark.parametrize(
    ("asked", "filters", "text", "sort", "descending", "page"),
    [
        ("", {}, "", "at", True, 1),
        ("state=active&city=%20Beijing%20", {"state": "active", "city": "Beijing"}, "", "at", True, 1),
        ("state=abolished&colour=red", {}, "", "at", True, 1),
        ("sort=records", {}, "", "records", False, 1),
        ("sort=-records&page=3", {}, "", "records", True, 3),
        ("sort=sum", {}, "", "at", True, 1),
        ("q=%20North%20", {}, "North", "at", True, 1),
        ("page=0", {}, "", "at", True, 1),
        ("page=many", {}, "", "at", True, 1),
        ("page=99999999999999999999", {}, "", "at", True, 1_000_000),
    ],
)
def test_the_address_says_what_is_shown(
    shell: Flask, asked: str, filters: dict[str, str], text: str, sort: str, descending: bool, page: int
) -> None:
    with shell.test_request_context(f"{LIST}?{asked}"):
        query = register.parse(sample.COLUMNS, sample.FILTERS, sort="at", descending=True)
    assert (query.filters, query.text, query.sort, query.descending) == (filters, text, sort, descending)
    assert (query.page, query.offset) == (page, (page - 1) * 50)


def test_a_filter_cannot_take_a_word_of_the_address() -> None:
    with pytest.raises(ValueError, match="page"):
        Filter("page", "Page")


def test_the_register_counts_and_pages(client: FlaskClient) -> None:
    first, last = client.get(LIST).text, client.get(f"{LIST}?page=3").text
    assert (first.count('<a class="row"'), last.count('<a class="row"')) == (50, 23)
    assert "第 1 至 50 条，共 123 条" in first
    assert "第 101 至 123 条，共 123 条" in last
    assert 'rel="next"' in first
    assert 'rel="next"' not in last


def test_every_way_on_keeps_the_filter(client: FlaskClient) -> None:
    page = client.get(f"{LIST}?state=active&sort=-records&q=B").text
    ways = re.findall(r'href="(/console/sample/list\?[^"]*)"', page)
    kept = [way for way in ways if "state=active" in way]
    assert [way for way in ways if "state=" not in way and "lang=" not in way] == [
        "/console/sample/list?sort=-records&amp;q=B"
    ] * 2  # all states, and the chip that drops the filter
    assert any("format=csv" in way for way in kept)
    assert any("print=1" in way for way in kept)
    assert any("sort=records" in way for way in kept), "sorted the other way round"
    assert any("lang=en" in way for way in kept)


def test_the_sorted_column_says_so(client: FlaskClient) -> None:
    assert re.findall(r'aria-sort="(\w+)"', client.get(f"{LIST}?sort=-records").text) == ["descending"]
    assert re.findall(r'aria-sort="(\w+)"', client.get(f"{LIST}?sort=records").text) == ["ascending"]


def test_the_export_holds_what_the_filter_shows_and_no_formula(english: FlaskClient) -> None:
    response = english.get(f"{LIST}?q=West&format=csv&sort=records&page=2")
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="list-2026-11-02')
    assert response.data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(StringIO(response.data.decode("utf-8-sig")))
    assert head[:4] == ["Name", "State", "Records", "Sum (CNY)"]
    assert len(rows) == 20
    assert rows[0] == [
        "'=West() 3",
        "Suspended",
        "23757",
        "3703703.67",
        "2026-10-29",
        "2026-11-01 23:00:00",
        "2026-11-03 17:00:00",
        "association/017",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1"])
def test_no_text_starts_a_formula(shell: Flask, text: str) -> None:
    with shell.test_request_context(LIST):
        cell = export.csv([Column("a", "A")], register.Rows([{"a": text}], 1))
    assert f"'{text}" in cell.get_data(as_text=True)


def test_a_part_of_a_register_says_so_in_its_name(shell: Flask) -> None:
    with shell.test_request_context(LIST):
        part = export.csv([Column("a", "A")], register.Rows([{"a": 1}], 12_345))
    assert "list-2026-11-02-first-1.csv" in part.headers["Content-Disposition"]


def test_paper_bears_title_association_filter_officer_mode_and_the_log(client: FlaskClient, hub: Hub) -> None:
    assert "日志尚未签署检查点。" in client.get(f"{LIST}?print=1").text
    with hub.database.transaction() as session:
        receipts = [transparency.record_entry(session, kind, {}, now=hub.clock()) for kind in ("one", "two")]
        tree.integrate(session, hub, hub.clock())
    # RFC 9162 section 2.1.1, for two leaves.
    root = hashlib.sha256(b"\x01" + b"".join(unb64(each.leaf) for each in receipts)).hexdigest()
    page = client.get(f"{LIST}?print=1&state=active&q=B").text
    assert "<h1>Waiting for me</h1>" in page
    assert f"<dd>{hub.key_set.alliance}</dd>" in page
    assert re.search(r"<dd>“B”\s+State: Active</dd>", page)
    assert "李明华 (association/017)" in page
    assert "仅限虚构数据" in page
    assert "共 2 条，签署于 2026-11-02 02:00:00。" in page
    assert "副署的托管方尚不足数。" in page
    assert root in page.replace(" ", "")
    assert page.count('<a class="row"') == 0
    assert page.count("<tr>") == 1 + 11


def test_paper_holds_every_row(client: FlaskClient) -> None:
    assert client.get(f"{LIST}?print=1&page=2").text.count("<tr>") == 1 + 123


def test_an_empty_register_says_how_to_begin_and_an_empty_filter_how_to_go_back(client: FlaskClient) -> None:
    empty = client.get("/console/sample/none").text
    assert "Nothing here yet." in empty
    assert 'href="/console/sample/act">Begin</a>' in empty
    filtered = client.get(f"{LIST}?q=zzz&state=active&sort=name").text
    assert "没有符合筛选条件的记录。" in filtered
    assert 'href="/console/sample/list?sort=name">显示全部</a>' in filtered


def test_what_a_row_holds_is_text_and_not_markup(shell: Flask, client: FlaskClient) -> None:
    page = client.get(f"{LIST}?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page

"""The shell in real Chromium: keys, a table that changes in place, charts, paper; no breach of the policy."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.admin.shell.conftest import OFFICER
from tests.services.browser import Mishaps


def test_keys_move_open_and_search(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/list?sort=records")
    rows = page.locator("tbody a.row")
    for key, focused in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        expect(rows.nth(focused)).to_be_focused()
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("jack")
    expect(box).to_have_value("jack")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/sample/1")


def test_a_filter_changes_the_table_in_place_and_stays_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/list")
    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_role("link", name="Active", exact=True).click()
    page.wait_for_url(re.compile("state=active"))
    expect(page.locator("tbody tr")).to_have_count(31)
    page.get_by_role("searchbox").fill("Bank")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=Bank"))
    expect(page.locator("tbody tr")).to_have_count(11)
    page.get_by_role("columnheader", name="Records").get_by_role("link").click()
    page.wait_for_url(re.compile("sort=records"))
    assert "state=active" in page.url
    assert page.evaluate("document.body.dataset.same") == "yes", "the page was not loaded anew"
    page.go_back()
    page.wait_for_url(re.compile("q=Bank(?!.*sort)"))
    expect(page.locator("body[data-same]")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(11)
    assert page.evaluate("sessionStorage.getItem('htmx-history-cache')") is None, "nothing private is kept"


def test_a_refusal_in_place_becomes_a_page(page: Page, address: str, shell: Flask, mishaps: Mishaps) -> None:
    page.goto(f"{address}/sample/list")
    shell.extensions["officer"] = replace(OFFICER, roles=frozenset(), deputised={})
    mishaps.expect("404")
    page.get_by_role("link", name="Active", exact=True).click()
    expect(page.locator("h1")).not_to_have_text("Waiting for me")


def test_a_row_opens_where_it_is_clicked(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/list?sort=records")
    page.locator("tbody tr").nth(2).locator("td").nth(3).click()
    page.wait_for_url(f"{address}/sample/2")


def test_charts_are_drawn_and_their_figures_stay(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/1")
    expect(page.locator("figure.chart canvas")).to_have_count(2)
    page.get_by_text("数据").first.click()
    expect(page.locator("figure.chart td").first).to_have_text("210")


def test_the_skip_link_comes_first_and_leads_to_the_content(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/list")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_nothing_scrolls_sideways(page: Page, address: str) -> None:
    for path in ("/sample/list", "/sample/1", "/sample/act"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.usefixtures("nobody")
def test_a_public_page_fits_a_telephone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/sample/open")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_paper_numbers_its_pages_and_repeats_the_mode(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/list?print=1")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) > 3
    page.emulate_media(media="print")
    expect(page.locator("thead tr.running")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)

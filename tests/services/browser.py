"""Real Chromium for tests of the console: pages as an officer sees them, and every mishap fails the test.

A test asks for `page`, or for `new_page` when two people work at once. A mishap is what the browser complains
of: an error in its console, a breach of the content security policy among them; an exception in a script; a
request that leaves this machine. `mishaps.expect(words)` says that one belongs to the story.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from tests.services.processes import LOOPBACK
from tests.services.programs import CHINESE_FONT, CHROMIUM

# Nothing that a browser does beside the page it was asked for, and no way to anywhere but this machine.
# Playwright adds an empty profile that goes with the browser, and --no-sandbox: neither root nor a container
# can have Chromium's own sandbox, and the only pages here are ours.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}, EXCLUDE localhost",
)

# An officer's desk.
DESK: dict[str, Any] = {
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "viewport": {"width": 1440, "height": 900},
}


# Without slots: Playwright keeps a note of its own on the owner of a method that listens.
@dataclass
class Mishaps:
    """What the browser complained of in one test, and which complaints the test asks for."""

    folder: Path
    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    watched: list[Page] = field(default_factory=list)

    def expect(self, words: str) -> None:
        """Say that a complaint with these words is part of the story: it may come now, and has to."""
        self.expected.append(words)

    def watch(self, page: Page) -> None:
        """Listen to a page, and to every other that is opened from it."""
        page.context.on("console", self._hear_console)
        page.context.on("weberror", lambda error: self.found.append(f"exception in a script: {error.error}"))
        page.context.on("request", self._hear_request)
        self.watched.append(page)

    def verify(self) -> None:
        """Fail the test for a complaint that was not expected, or an expected one that never came."""
        for page in self._open_pages():
            # One more answer of the page, behind which no complaint of before can still be under way.
            page.title()
        wrong = [each for each in self.found if not any(words in each for words in self.expected)]
        wrong += [
            f"never came: {words}" for words in self.expected if not any(words in each for each in self.found)
        ]
        if wrong:
            pytest.fail("in the browser:\n  " + "\n  ".join(wrong), pytrace=False)

    def draw(self) -> list[Path]:
        """Keep a picture of every open page in the test's folder."""
        pictures = []
        for number, page in enumerate(self._open_pages(), 1):
            # A page that has crashed cannot be drawn, and that must not hide why the test failed.
            with contextlib.suppress(Error):
                page.screenshot(path=self.folder / f"page-{number}.png", full_page=True)
                pictures.append(self.folder / f"page-{number}.png")
        return pictures

    def _open_pages(self) -> list[Page]:
        return [page for page in self.watched if not page.is_closed()]

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(message.text)

    def _hear_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        # An address without a host (data:, blob:) asks nobody.
        if address.hostname and address.hostname not in (LOOPBACK, "localhost"):
            self.found.append(f"a request to another machine: {request.url}")


_MISHAPS = pytest.StashKey[Mishaps]()


# For one file, not the whole run: as long as Playwright is there, its event loop counts as running in this
# thread, and any later test's `asyncio.run` would be refused. Starting anew takes less than a second.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window, without a profile, without the network."""
    program = CHROMIUM.find_program() or pytest.skip(CHROMIUM.absence)
    _ = CHINESE_FONT.find_folder() or pytest.skip(CHINESE_FONT.absence)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        with chromium:
            yield chromium


@pytest.fixture
def mishaps(request: pytest.FixtureRequest, tmp_path: Path) -> Mishaps:
    """What the browser complains of in this test."""
    request.node.stash[_MISHAPS] = found = Mishaps(tmp_path)
    return found


@pytest.fixture
def new_page(browser: Browser, mishaps: Mishaps) -> Iterator[Callable[[], Page]]:
    """Open a page at a desk of its own: no cookie and no cache of another page's."""
    with ExitStack() as desks:

        def open_page() -> Page:
            page = desks.enter_context(browser.new_context(**DESK)).new_page()
            mishaps.watch(page)
            return page

        yield open_page


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """Return an officer's page: Chinese, 1440 by 900, nothing opened yet."""
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Look at the mishaps while the pages are open: then the test itself fails, and has its pictures."""
    outcome = yield
    if mishaps := item.stash.get(_MISHAPS, None):
        mishaps.verify()
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of every page that a failed test has open, and say where beside all complaints."""
    report = yield
    mishaps = item.stash.get(_MISHAPS, None)
    if mishaps and report.when == "call" and report.failed:
        report.sections += [("said in the browser", words) for words in mishaps.found]
        report.sections += [("picture of the page", str(picture)) for picture in mishaps.draw()]
    return report

"""The browser is real, and nothing it complains of goes unheard."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page

from tests.services.browser import Mishaps
from tests.services.processes import LOOPBACK

ROOT = Path(__file__).parents[2]

PAGE = """<!doctype html>
<html lang="zh"><title>联盟</title><link rel="icon" href="data:,">
<b id="lend">借</b> <b id="repay">还</b>
<script src="/script.js"></script>"""

BODIES = {
    "/": ("text/html; charset=utf-8", PAGE),
    "/inline": ("text/html; charset=utf-8", f"{PAGE}<script>document.title = '别人的'</script>"),
    "/script.js": ("text/javascript", "document.documentElement.dataset.ran = document.cookie"),
}


class Handler(BaseHTTPRequestHandler):
    """Serves BODIES under a policy as strict as the console's, and a cookie."""

    def do_GET(self) -> None:
        kind, body = BODIES.get(self.path, ("text/plain", ""))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
        self.send_header("Set-Cookie", "desk=first")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_is_shown_as_on_an_officers_desk(page: Page, site: str) -> None:
    page.goto(site)
    assert page.title() == "联盟"
    assert page.evaluate("[navigator.language, innerWidth, innerHeight]") == ["zh-CN", 1440, 900]
    assert page.locator("html").get_attribute("data-ran") == "desk=first"
    # With no Chinese font both would be the same empty box.
    assert page.locator("#lend").screenshot() != page.locator("#repay").screenshot()


def test_two_pages_are_two_people(new_page: Callable[[], Page], site: str) -> None:
    one, other = new_page(), new_page()
    one.goto(site)
    assert one.context.cookies() != []
    assert other.context.cookies() == []


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        ("console.error('the map is missing')", "the map is missing"),
        ("queueMicrotask(() => { throw new Error('no such row') })", "exception in a script: no such row"),
        ("fetch('/nowhere')", "404"),
        (
            "document.body.append(Object.assign(new Image(), {src: 'http://cdn.example/a.png'}))",
            "http://cdn.example",
        ),
        ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
    ],
)
def test_a_complaint_is_heard(page: Page, mishaps: Mishaps, site: str, act: str, complaint: str) -> None:
    page.goto(site)
    mishaps.expect(complaint)
    page.evaluate(f"async () => {{ await ({act}) }}")


def test_an_inline_script_is_a_complaint(page: Page, mishaps: Mishaps, site: str) -> None:
    mishaps.expect("Executing inline script violates")
    page.goto(f"{site}/inline")
    assert page.title() == "联盟"


@pytest.mark.parametrize(
    ("found", "expected"),
    [(["a"], []), ([], ["a"]), (["a", "b"], ["a"])],
    ids=["unexpected", "never came", "one of two"],
)
def test_complaints_and_expectations_must_meet(tmp_path: Path, found: list[str], expected: list[str]) -> None:
    with pytest.raises(pytest.fail.Exception):
        Mishaps(tmp_path, found, expected).verify()
    Mishaps(tmp_path, found=["a", "ab"], expected=["a"]).verify()


STORY = """
def test_quiet(page):
    page.goto("data:text/html,<p>fine")

def test_loud(page):
    page.goto("data:text/html,<script>console.error('the map is missing')</script>")
"""


def test_a_complaint_fails_the_test_and_leaves_a_picture(browser: object, tmp_path: Path) -> None:
    """`browser` only so that this is skipped where the others are."""
    kept = tmp_path / "kept"
    (tmp_path / "test_story.py").write_text(STORY)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.services.browser",
            "--basetemp",
            str(kept),
            str(tmp_path),
        ],
        cwd=ROOT,
        # No other plugin is needed, and one of them takes a second to import.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert "the map is missing" in done.stdout
    (picture,) = kept.rglob("page-1.png")
    assert str(picture) in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")

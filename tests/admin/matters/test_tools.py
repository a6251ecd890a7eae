"""The court's tools: open to everybody, byte for byte what was released, and no trust file among them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.admin.people import Office

VERIFIER = Path(__file__).parents[3] / "verifier"


@pytest.mark.parametrize("name", ["alliance_verify.py", "alliance_verify.html"])
def test_a_file_is_saved_as_it_was_released(office: Office, name: str) -> None:
    browser, data = office.browser(), (VERIFIER / name).read_bytes()
    page, file = browser.get("/console/tools/").text, browser.get(f"/console/tools/{name}")

    assert file.data == data
    # Handed out to be saved: what it holds must not run in the console's own place.
    assert file.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert file.mimetype == "application/octet-stream"
    assert hashlib.sha256(data).hexdigest() in page.replace(" ", "")


@pytest.mark.parametrize("name", ["trust.json", "__init__.py", "..%2Fwsgi.py", "alliance_verify.pyc"])
def test_nothing_else_is_handed_out(office: Office, name: str) -> None:
    assert office.browser().get(f"/console/tools/{name}").status_code == 404


def test_it_says_where_trust_comes_from(office: Office) -> None:
    page = office.browser().get("/console/tools/").text

    assert "alliance-custodian trust --out trust.json" in page
    assert "由托管方提供，且须与证据包分途取得" in page

"""The page as the operator opens it: a real process, a real socket on loopback, the printed address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.custodian.cli.conftest import Station

COMMAND = Path(sys.executable).parent / "alliance-custodian"


def test_the_printed_address_opens_the_page_once(station: Station) -> None:
    station.alliance.enrols("北辰")
    station.follow(1)
    words = [str(COMMAND), "console", "--home", str(station.home(1).path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as console:
        assert console.stdout is not None
        address = console.stdout.readline().strip()
        try:
            assert urlsplit(address).hostname == "127.0.0.1"
            with httpx.Client(follow_redirects=True) as browser:
                page = browser.get(address)
                assert page.status_code == 200
                assert "北辰" in page.text
                elsewhere = {"Host": "custodian.example"}
                assert browser.get(address, headers=elsewhere).status_code == 421
            assert httpx.get(address).status_code == 403
        finally:
            console.terminate()

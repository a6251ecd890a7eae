"""`wsgi:app` as a server loads it: settings from the environment, its own tables, a worker inside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from alliance_hub.keys import write_keys
from alliance_hub.settings import KEY_SET_FILE, KEYS_FILE, PREFIX
from tests.alliance_hub.builders import Ceremony

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import threading, wsgi
response = wsgi.app.test_client().get("/v1/alliance")
names = sorted(thread.name for thread in threading.enumerate())
print(response.status_code, response.json["mode"], "alliance-hub-worker" in names)
"""


@pytest.fixture
def home(tmp_path: Path, ceremony: Ceremony) -> Path:
    """A hub's home as `init` and `key-set` leave it, still without a database."""
    write_keys(tmp_path / KEYS_FILE, ceremony.hub_keys, passphrase=None)
    (tmp_path / KEY_SET_FILE).write_bytes(msgspec.json.encode(ceremony.signed))
    return tmp_path


def test_a_server_finds_a_hub_at_work(home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={f"{PREFIX}HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout.split() == ["200", "synthetic", "True"], ran.stderr
    lines = [line for line in ran.stderr.splitlines() if line.startswith("{")]
    assert [json.loads(line)["route"] for line in lines] == ["/v1/alliance"]

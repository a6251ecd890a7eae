"""Killed at each named point, the same command run again loses nothing and pays nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from member import Home, Member
from member.faults import CRASH_AT
from privacy.encoding import b64
from privacy.exposure import Exposure
from tests.member.conftest import PASSPHRASE, Alliance
from tests.member.people import identifier, loan, write

Run = Callable[..., int]
ONE = Exposure(1, 100_000, 0, 0, 0, 0, 0, 0, 0, 0)


@pytest.fixture
def run(alliance: Alliance, south: Member, home: Home, tmp_path: Path) -> Run:
    """Run a command as a process of its own, to be killed at a point."""
    south.close()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE, encoding="utf-8")
    program = "import sys; from member.cli import main; sys.exit(main())"
    common = ["--home", str(home.path), "--passphrase-file", str(passphrase)]

    def run(*arguments: object, crash_at: str = "") -> int:
        command = [sys.executable, "-c", program, *common, *map(str, arguments)]
        root = Path(__file__).parents[2]
        done = subprocess.run(
            command, env={CRASH_AT: crash_at, "PYTHONPATH": str(root)}, capture_output=True, timeout=60
        )
        return done.returncode

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "loans.csv", loan(1), loan(2), loan(3))


def charged(alliance: Alliance) -> int:
    return sum(custodian.elements for custodian in alliance.custodians.values())


@pytest.mark.parametrize(
    ("point", "posts"), [("submit.tokenised", 0), ("submit.outbox", 0), ("submit.posted", 1)]
)
def test_submit(alliance: Alliance, run: Run, file: Path, point: str, posts: int) -> None:
    assert run("submit", file, "--as-of", "2026-10-31", crash_at=point) == -signal.SIGKILL
    assert len(alliance.hub.bodies) == posts
    assert charged(alliance) == 6

    assert run("submit", file, "--as-of", "2026-10-31") == 0

    assert charged(alliance) == 6
    assert len(alliance.hub.records) == 3
    assert len(alliance.hub.said) == 1
    assert len(set(alliance.hub.bodies)) == 1


def test_match(alliance: Alliance, run: Run, file: Path) -> None:
    assert run("submit", file, "--as-of", "2026-10-31") == 0
    pseudonym = b64(alliance.output_of(identifier(2).oprf_input)[:32])
    alliance.hub.matches.others = {pseudonym: [ONE, ONE]}
    out = file.with_name("answers.jsonl")
    question = ("match", file, "--out", out, "--purpose", "post_loan_management")

    assert run(*question, crash_at="match.answered") == -signal.SIGKILL
    assert not out.exists()

    assert run(*question) == 0

    first, second = alliance.hub.matches.requests
    assert first == second
    # Each of two custodians was asked once: the second time the hub gave the answer that it had.
    assert len(alliance.hub.matches.opened) == 2
    totals = [json.loads(line)["exposure"].get("outstanding") for line in out.read_text().splitlines()]
    assert totals == [None, 200_000, None]

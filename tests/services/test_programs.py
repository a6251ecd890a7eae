"""How programs are found, installed, run and ended."""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.services.install import find_obstacle, run_apt
from tests.services.processes import running, wait_until
from tests.services.programs import Service

# Starts a grandchild that would outlive it, says so, and waits.
PARENT = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
LAST_WORDS = "raise SystemExit('the port is taken')"


def _service(folder: Path, program: str) -> Service:
    return Service("Ledger", program, f"{folder.relative_to('/')}/*/bin", "ledger-server")


def test_the_highest_version_is_taken(tmp_path: Path) -> None:
    for version in ("9", "15", "14"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "ledgerd").touch()

    assert _service(tmp_path, "ledgerd").find_folder() == tmp_path / "15" / "bin"


def test_a_program_elsewhere_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "sbin"
    elsewhere.mkdir()
    (elsewhere / "ledgerd").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(elsewhere))

    assert _service(tmp_path, "ledgerd").find_folder() == elsewhere


def test_a_missing_program_is_named_with_its_package(tmp_path: Path) -> None:
    service = _service(tmp_path, "ledgerd-that-nobody-has")
    assert service.find_folder() is None
    assert service.absence == "Ledger is not installed: apt-get install ledger-server"


def test_what_does_the_same_stands_in_for_it(tmp_path: Path) -> None:
    for program in ("ledgerd", "bookkeeper"):
        (tmp_path / "1" / "bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / "1" / "bin" / program).touch()
    bookkeeper = _service(tmp_path, "bookkeeper")

    assert replace(_service(tmp_path, "ledgerd"), instead=bookkeeper).find_program() == (
        tmp_path / "1" / "bin" / "ledgerd"
    )
    absent = _service(tmp_path, "ledgerd-that-nobody-has")
    assert replace(absent, instead=bookkeeper).find_program() == tmp_path / "1" / "bin" / "bookkeeper"
    assert absent.find_program() is None


def test_no_apt_is_an_obstacle_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_obstacle() == "there is no apt-get here; install it by hand"


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="not a Debian system: no apt-get to complain")
def test_what_apt_complains_about_is_passed_on() -> None:
    assert run_apt("frobnicate") == "apt-get frobnicate failed: E: Invalid operation frobnicate"


def test_ending_a_program_ends_its_children(tmp_path: Path) -> None:
    log = tmp_path / f"{Path(sys.executable).name}.log"
    with running([sys.executable, "-c", PARENT], environment=dict(os.environ), home=tmp_path) as process:
        wait_until(lambda: log.read_text().endswith("\n"), process, log)
        grandchild = int(log.read_text())
        assert _is_running(grandchild)

    assert process.returncode is not None
    assert _is_gone_soon(grandchild)


def test_a_program_that_stops_early_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / f"{Path(sys.executable).name}.log"
    with (
        running([sys.executable, "-c", LAST_WORDS], environment=dict(os.environ), home=tmp_path) as process,
        pytest.raises(RuntimeError, match="the port is taken"),
    ):
        wait_until(lambda: False, process, log)


def _is_running(pid: int) -> bool:
    """Tell whether the process runs; what was killed and not yet collected (Z) does not."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _is_gone_soon(pid: int) -> bool:
    """Give a killed process a moment to go, and tell whether it went."""
    deadline = time.monotonic() + 5
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _is_running(pid)

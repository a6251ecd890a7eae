"""Starts the alliance's programs as real processes, waits until they answer, stops them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from demo.portfolios import DemoError

BIN = Path(sys.executable).parent
START_SECONDS = 60
STOP_SECONDS = 15


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def require_free(ports: Sequence[int]) -> None:
    """Raise DemoError when somebody else listens on a port that this alliance was made with."""
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise DemoError(f"port {port} is in use: is this alliance already being served?")


def run(command: Sequence[str | Path], *, allowed: Sequence[int] = (0,), log: Path | None = None) -> str:
    """Run one of the alliance's commands to its end and return what it printed.

    Raises DemoError with the command's own words for an exit code that is not `allowed`.
    """
    words = [str(BIN / command[0]), *map(str, command[1:])]
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if log is not None:
        with log.open("a", encoding="utf-8") as file:
            file.write(done.stdout + done.stderr)
    if done.returncode not in allowed:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-8:]
        raise DemoError(f"{command[0]} {command[1]} ended with {done.returncode}:\n  " + "\n  ".join(said))
    return done.stdout


class Services:
    """The running services of one alliance; a context manager that stops what it started."""

    def __init__(self) -> None:
        self._running: list[tuple[subprocess.Popen[bytes], Path]] = []

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, command: Sequence[str | Path], *, log: Path, answers: str) -> None:
        """Start a service, its output into `log`, and wait until `answers` (a URL) does."""
        words = [str(BIN / command[0]), *map(str, command[1:])]
        with log.open("ab") as file:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
            )
        self._running.append((process, log))
        self._wait(process, log, answers)

    def wait(self) -> None:
        """Wait until a service ends by itself; raises DemoError naming its log."""
        while True:
            for process, log in self._running:
                if process.poll() is not None:
                    raise DemoError(f"a service ended by itself; see {log}")
            time.sleep(0.5)

    def ended(self) -> bool:
        """Say whether every service has ended by itself."""
        return all(process.poll() is not None for process, _ in self._running)

    def stop(self) -> None:
        """Stop all services, politely first."""
        for process, _ in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process, _ in self._running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()

    @staticmethod
    def _wait(process: subprocess.Popen[bytes], log: Path, answers: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        # One client for all tries: each new one reads the system's certificates, longer than an answer takes.
        with httpx.Client(timeout=2, trust_env=False) as client:
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    break
                try:
                    if client.get(answers).is_success:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)
        raise DemoError(f"a service did not start; see {log}")

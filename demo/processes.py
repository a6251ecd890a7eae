"""Starts the alliance's programs as real processes, waits until they answer, stops them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from demo.commands import run_command, start_service
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


def run(
    command: Sequence[str | Path],
    *,
    allowed: Sequence[int] = (0,),
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run one of the alliance's commands to its end and return what it printed.

    Raises DemoError with the command's own words for an exit code that is not `allowed`.
    """
    done = run_command(command, environment)
    if log is not None:
        with log.open("a", encoding="utf-8") as file:
            file.write(done.out + done.err)
    if done.code not in allowed:
        said = (done.err.strip() or done.out.strip() or "nothing").splitlines()[-8:]
        raise DemoError(f"{command[0]} {command[1]} ended with {done.code}:\n  " + "\n  ".join(said))
    return done.out


class Services:
    """The running services of one alliance; a context manager that stops what it started."""

    def __init__(self) -> None:
        self._running: list[tuple[BaseProcess, Path]] = []

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, command: Sequence[str | Path], *, log: Path, answers: str) -> None:
        """Start a service, its output into `log`, and wait until `answers` (a URL) does."""
        process = start_service(command, log)
        self._running.append((process, log))
        self._wait(process, log, answers)

    def wait(self) -> None:
        """Wait until a service ends by itself; raises DemoError naming its log."""
        while True:
            for process, log in self._running:
                if process.exitcode is not None:
                    raise DemoError(f"a service ended by itself; see {log}")
            time.sleep(0.5)

    def ended(self) -> bool:
        """Say whether every service has ended by itself."""
        return all(process.exitcode is not None for process, _ in self._running)

    def stop(self) -> None:
        """Stop all services, politely first."""
        for process, _ in self._running:
            if process.exitcode is None:
                _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process, _ in self._running:
            process.join(max(0.1, deadline - time.monotonic()))
            if process.exitcode is None:
                _signal(process, signal.SIGKILL)
                process.join()
        self._running.clear()

    @staticmethod
    def _wait(process: BaseProcess, log: Path, answers: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        # One client for all tries: each new one reads the system's certificates, longer than an answer takes.
        with httpx.Client(timeout=2, trust_env=False) as client:
            while time.monotonic() < deadline:
                if process.exitcode is not None:
                    break
                try:
                    if client.get(answers).is_success:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)
        raise DemoError(f"a service did not start; see {log}")


def _signal(process: BaseProcess, number: int) -> None:
    """Send a signal to all that a service has started; one that ended meanwhile needs none."""
    assert process.pid is not None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)

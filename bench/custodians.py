"""Real custodians as processes of their own, on loopback, with their state prepared from a feed."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Thread

from bench.alliance import PASSPHRASE, Alliance, now
from custodian import server, state
from custodian.home import Home, Settings
from member.http import Line

_NEVER = 86_400.0
"""Seconds until a custodian would pull from a hub that is not there."""

_START = 30.0
"""Seconds in which a custodian must be up."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Custodians at work: a member's lines to them, and the CPU that they and this process have used."""

    lines: dict[int, Line]
    meters: dict[int, Connection]

    def cpu_seconds(self) -> float:
        """Return the CPU seconds used until now: this process's and every custodian's."""
        for meter in self.meters.values():
            meter.send(None)
        theirs: list[float] = [meter.recv() for meter in self.meters.values()]
        return time.process_time() + sum(theirs)


@contextmanager
def serving(alliance: Alliance, indices: Sequence[int]) -> Iterator[Serving]:
    """Run the custodians named by `indices`; leaving ends them."""
    with ExitStack() as stack:
        meters, lines = {}, {}
        for index in indices:
            home, address = alliance.homes[index], f"http://127.0.0.1:{_free_port()}"
            home.save_settings(Settings(hub="http://127.0.0.1:9", base_url=address, pull_seconds=_NEVER))
            _prepare(home, alliance)
            meters[index] = stack.enter_context(_process(home))
            lines[index] = Line(f"custodian {index}", address, alliance.member, now)
            stack.callback(lines[index].close)
            _await(address)
        yield Serving(lines, meters)


def _prepare(home: Home, alliance: Alliance) -> None:
    db = state.open_state(home.state)
    with db:
        for entry in alliance.entries:
            state.apply(db, alliance.key_set, entry)
    db.close()


@contextmanager
def _process(home: Home) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(home, there), name=home.path.name)
    process.start()
    try:
        yield here
    finally:
        process.terminate()
        process.join()


def _serve(home: Home, meter: Connection) -> None:
    """What a custodian's process runs: the service, and beside it a thread that tells its CPU time."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the server closes what it has opened
    Thread(target=_tell, args=(meter,), daemon=True).start()
    custodian = server.assemble(home, PASSPHRASE, now)
    host, port = server.host_and_port(home.settings().base_url)
    server.serve(custodian, host=host, port=port, pull_seconds=_NEVER)


def _tell(meter: Connection) -> None:
    while True:
        meter.recv()
        meter.send(time.process_time())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(address: str) -> None:
    host, port = server.host_and_port(address)
    deadline = time.monotonic() + _START
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)

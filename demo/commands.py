"""Runs the parties' programs, each in a process of its own that need not import its program anew.

A demo runs some sixty short commands, and each would spend most of its time on imports. So a fork server
imports the programs once and forks a process for each command and service: the entry point that the installed
script calls, its own words and memory, nothing left of the one before.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from multiprocessing.process import BaseProcess
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["alliance_hub.cli", "custodian.cli.commands", "member.cli"])

Words = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    """Its exit code; below zero, the signal that ended it."""
    out: str
    err: str


def run_command(words: Words, environment: Mapping[str, str] | None = None) -> Ended:
    """Run one of the installed programs to its end, without input, `environment` added to the usual one."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = (Path(folder, name) for name in ("out", "err"))
        process = _start(words, out, err, environment or {}, apart=False)
        process.join()
        assert process.exitcode is not None
        return Ended(process.exitcode, *(file.read_text("utf-8", errors="replace") for file in (out, err)))


def start_service(words: Words, log: Path) -> BaseProcess:
    """Start one of the installed programs at the head of a session of its own, what it says into `log`."""
    return _start(words, log, log, {}, apart=True)


def _start(words: Words, out: Path, err: Path, environment: Mapping[str, str], *, apart: bool) -> BaseProcess:
    texts = [*map(str, words)]
    # The server's own environment is that of its start; a process begun today has today's.
    today = {**os.environ, **environment}
    process = _SERVER.Process(target=_become, args=(texts, _entry(texts[0]), out, err, today, apart))
    process.start()
    return process


@cache
def _entry(program: str) -> str:
    """Return `module:function` of an installed program."""
    (found,) = entry_points(group="console_scripts", name=program)
    return found.value


def _become(
    words: list[str], entry: str, out: Path, err: Path, environment: Mapping[str, str], apart: bool
) -> None:
    """Turn this process into the program."""
    if apart:
        os.setsid()
    for number, path in ((1, out), (2, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    # As in a process that nobody forked: it starts others in the usual way, and they load no main of ours.
    multiprocessing.set_start_method(None, force=True)
    sys.modules["__main__"] = ModuleType("__main__")
    raise SystemExit(resolve_name(entry)())

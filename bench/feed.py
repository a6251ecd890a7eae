"""Following the feed: how fast a custodian takes in records, and how long it takes to digest its state."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench import alliance, ciphertexts
from bench.alliance import Alliance
from bench.measuring import interleave, wall
from bench.report import Figure, Row
from custodian import state
from privacy.feed import FeedEntry
from privacy.messages import parse_json
from privacy.statements import MAX_CHUNK
from tests.privacy.paillier_keys import LARGE, SMALL

TITLE: Final = "The feed: chunks of 4,096 records into a custodian's state"
ROUNDS: Final = 5
DIGESTED: Final = 25
"""Chunks in the state that is digested: 102,400 records."""


def measure(tick: Callable[[], None]) -> list[Row]:
    """Apply chunks of either size in turns, then fill one state and digest it; returns three figures."""
    with TemporaryDirectory() as folder:
        small = _Follower(Path(folder) / "1024", SMALL)
        large = _Follower(Path(folder) / "3072", LARGE)
        with closing(small.db), closing(large.db):
            contestants = {"1024": lambda: wall(small.line(), 1), "3072": lambda: wall(large.line(), 1)}
            costs = interleave(contestants, ROUNDS, tick=tick)
            while small.chunks < DIGESTED:
                small.line()()
                tick()
            costs |= interleave({"digest": lambda: wall(lambda: state.state_digest(small.db), 1)}, ROUNDS)
    return _rows(costs)


class _Follower:
    """One custodian's state file, and the member whose chunks it follows."""

    def __init__(self, folder: Path, primes: tuple[int, int]) -> None:
        folder.mkdir()
        self._alliance = alliance.found(folder, primes)
        self._ciphertexts, self._openings = ciphertexts.powers(self._alliance.key_set.public_key, MAX_CHUNK)
        self.chunks = 0
        self.db = state.open_state(folder / "state.db")
        for entry in self._alliance.entries:
            _apply(self.db, self._alliance, msgspec.json.encode(entry))

    def line(self) -> Callable[[], None]:
        """Return what applies the next chunk, as it would come from the hub; making it is not measured."""
        line = msgspec.json.encode(self._alliance.say_chunk(self._ciphertexts, self._openings))
        self.chunks += 1
        return lambda: _apply(self.db, self._alliance, line)


def _apply(db: sqlite3.Connection, founded: Alliance, line: bytes) -> None:
    """Do what a custodian does with one line of the feed: parse, verify, and store in one transaction."""
    with db:
        outcome = state.apply(db, founded.key_set, parse_json(FeedEntry, line))
    if not outcome.valid or outcome.ignored:
        raise AssertionError(f"the entry was not taken in: {outcome.reason}, {outcome.ignored} ignored")


def _rows(costs: dict[str, list[float]]) -> list[Row]:
    return [
        Figure(
            key="feed-3072",
            what="a chunk into the state, 3072 bits",
            unit="records",
            units=MAX_CHUNK,
            seconds=costs["3072"],
            note="Time to parse a chunk's line, check signature, tree, ciphertexts and proof, and store all.",
        ),
        Figure(
            key="feed-1024",
            what="a chunk into the state, 1024 bits",
            unit="records",
            units=MAX_CHUNK,
            seconds=costs["1024"],
            note="The same with the tests' small modulus.",
        ),
        Figure(
            key="digest",
            what="digest of the state",
            unit="records",
            units=DIGESTED * MAX_CHUNK,
            seconds=costs["digest"],
            note="Time for the digest of the whole state, which every custodian signs at a cut.",
        ),
    ]

"""The transparency log at a million entries: what waits is integrated in bulk, an entry is proven.

Nine tenths of the log are written past the integrator, as it would have written them: what is measured is a
long log that grows on, not how it once began.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pymerkle  # type: ignore[import-untyped]  # It ships no types.

from alliance_hub import schema
from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.settings import DATABASE_FILE, load_settings
from alliance_hub.transparency import checkpoints, integrator, nodes, proofs
from bench.measuring import Contestant, interleave, wall
from bench.report import Comparison, Figure, Row, Sense
from privacy import merkle
from privacy.keyset import Policy
from privacy.merkle import Frontier
from tests.alliance_hub.builders import Clock, hold_ceremony

TITLE: Final = "The transparency log: bulk and proofs at 1,000,000 entries"
ROUNDS: Final = 5
ENTRIES: Final = 1_000_000
BURST: Final = 20_000
"""Entries that wait when a round begins: two transactions of the integrator."""
PROOFS: Final = 500
"""Proofs in a round, for entries from all over the log."""
STEP: Final = 50_000
APPEND_BAR: Final = 1e-4
PROOF_BAR: Final = 1e-3
"""Seconds for one entry and one proof (issue 5)."""

_INSERT: Final = (
    "INSERT INTO log_entries (kind, at, actor, organisation, object, leaf, salt, entry, number) "
    "VALUES ('match', '2026-01-01 00:00:00.000000', ?, 'Bench 0001', 'agreement/data-0001', ?, ?, ?, ?)"
)
_ENTRY: Final = b'{"allowed":true,"at":"2026-01-01T00:00:00Z","kind":"match","manifest":"' + b"x" * 43 + b'"}'


def measure(tick: Callable[[], None]) -> list[Row]:
    """Let bursts be integrated, by us and by the peer in turns, then prove entries; returns three rows."""
    with TemporaryDirectory() as folder:
        long = found(Path(folder), ENTRIES - (ROUNDS + 1) * BURST, tick)
        peer = pymerkle.SqliteTree(str(Path(folder) / "peer.sqlite"), algorithm="sha256")
        with closing(peer):
            bursts: dict[str, Contestant] = {"ours": long.burst, "pymerkle": partial(_peers_burst, peer)}
            costs = interleave(bursts, ROUNDS, tick=tick)
        costs |= interleave({"proofs": long.prove}, ROUNDS, tick=tick)
        long.hub.database.close()
    return _rows(costs)


@dataclass(frozen=True, slots=True)
class Long:
    """A hub with a long log."""

    hub: Hub
    leaves: list[bytes]

    def burst(self) -> float:
        """Let the integrator take in a burst; returns seconds per entry, without writing the entries."""
        leaves = [os.urandom(32) for _ in range(BURST)]
        with closing(sqlite3.connect(str(self.hub.database.engine.url.database))) as db, db:
            db.executemany(_INSERT, _values(leaves, None))
        self.leaves.extend(leaves)
        done: list[int] = []
        seconds = wall(lambda: done.append(integrator.turn(self.hub, self.hub.clock())), BURST)
        if done != [BURST]:
            raise AssertionError(f"integrated {done} of {BURST} entries")
        return seconds

    def prove(self) -> float:
        """Prove entries from all over the log, each checked outside the time; returns seconds per proof."""
        chosen = random.sample(self.leaves, PROOFS)
        with self.hub.database.reading() as session:
            shown = checkpoints.newest(session)
            found: list[proofs.Proof] = []
            seconds = wall(lambda: found.extend(proofs.inclusion(session, leaf) for leaf in chosen), PROOFS)
        assert shown is not None  # something was integrated
        for proof in found:
            merkle.verify_inclusion(proof.leaf, proof.index, proof.size, proof.path, shown.root)
        return seconds


def found(home: Path, entries: int, tick: Callable[[], None]) -> Long:
    """Make a hub whose log has so many entries in its tree, a dot for each part."""
    ceremony = hold_ceremony(Policy.for_synthetic_data())
    database = Database(f"sqlite:///{home / DATABASE_FILE}")
    schema.upgrade(database)
    clock = Clock(datetime.now(UTC))
    hub = Hub(load_settings(home), database, ceremony.hub_keys, ceremony.signed, clock)
    database.close()
    leaves: list[bytes] = []
    frontier = Frontier()
    with closing(sqlite3.connect(home / DATABASE_FILE)) as db:
        # What is written here is thrown away after the bench: a power cut may have it.
        db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA journal_mode = OFF;")
        while len(leaves) < entries:
            more = [os.urandom(32) for _ in range(min(STEP, entries - len(leaves)))]
            with db:
                db.executemany(_INSERT, _values(more, len(leaves)))
                frontier, made = merkle.grow(frontier, more)
                inner = ((nodes.place_of(node), hash) for node, hash in made if node[0])
                db.executemany("INSERT INTO log_nodes (place, hash) VALUES (?, ?)", inner)
                db.execute("UPDATE log_tree SET size = ?, frontier = ?", (frontier.size, frontier.encode()))
            leaves += more
            tick()
        db.execute("PRAGMA journal_mode = WAL")
    return Long(hub, leaves)


def _values(leaves: Sequence[bytes], first: int | None) -> Iterator[tuple[Any, ...]]:
    salt = os.urandom(32)
    for place, leaf in enumerate(leaves):
        yield "member/Bench 0001", leaf, salt, _ENTRY, None if first is None else first + place


def _peers_burst(peer: pymerkle.SqliteTree) -> float:
    entries = [os.urandom(32) for _ in range(BURST)]
    return wall(lambda: peer.append_entries(entries), BURST)


def _rows(costs: dict[str, list[float]]) -> list[Row]:
    return [
        Comparison(
            key="log-append-peer",
            what=f"a log entry in bulk, {ENTRIES:,}",
            unit="entry",
            peer="pymerkle, SQLite",
            ours=costs["ours"],
            peers=costs["pymerkle"],
            sense=Sense.COST,
            note=f"{BURST:,} entries that wait are numbered and signed at about {ENTRIES:,}; the peer "
            "appends as many to an empty SQLite tree and keeps leaves only: a proof's nodes it makes anew.",
        ),
        Figure(
            key="log-append",
            what="the log integrates what waits",
            unit="entries",
            units=BURST,
            seconds=[each * BURST for each in costs["ours"]],
            bar=APPEND_BAR,
            note=f"{BURST:,} entries at about {ENTRIES:,}, SQLite as the hub keeps it: numbers, nodes, a "
            "signed checkpoint for each 10,000, the newest one in the home too.",
        ),
        Figure(
            key="log-proof",
            what="the log proves an entry",
            unit="proofs",
            units=PROOFS,
            seconds=[each * PROOFS for each in costs["proofs"]],
            bar=PROOF_BAR,
            note=f"Inclusion at {ENTRIES:,} entries through the service, from a leaf to its path; every "
            "proof is verified against the signed root, outside the time.",
        ),
    ]

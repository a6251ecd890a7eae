"""The bench's log is like a real one: what was written past the integrator, it goes on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance_hub.transparency import checkpoints, tree
from bench import log
from privacy import merkle


def test_a_long_log_grows_on_and_is_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "BURST", 30)
    monkeypatch.setattr(log, "PROOFS", 40)
    monkeypatch.setattr(log, "STEP", 70)
    long = log.found(tmp_path, 150, lambda: None)

    assert long.burst() > 0
    assert long.burst() > 0
    assert long.prove() > 0

    with long.hub.database.reading() as session:
        assert tree.size_of(session) == len(long.leaves) == 210
        shown = checkpoints.newest(session)
    assert shown is not None
    assert shown.root == merkle.root(long.leaves)
    long.hub.database.close()


def test_figures_have_their_bars_and_the_ratio_its_peer() -> None:
    costs = {"ours": [4e-5, 6e-5, 5e-5], "pymerkle": [1e-5] * 3, "proofs": [2e-3] * 3}

    beside, append, proof = log._rows(costs)

    assert beside.document()["ratio"]["median"] == pytest.approx(5)
    assert (append.within, proof.within) == (True, False)
    assert (append.document()["bar"], proof.document()["bar"]) == (1e-4, 1e-3)

"""`alliance-hub log`: how the log stands, integrate now, anchor now."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance_hub.hub import Hub
from alliance_hub.transparency import keeping
from demo.authority import Authority
from tests.alliance_hub.builders import Ceremony
from tests.alliance_hub.cli.conftest import Run
from tests.alliance_hub.transparency.telling import witness, write
from tests.services.programs import OPENSSL


def test_what_waits_is_integrated_and_shown(run: Run, adopted: Path, opened: Hub, held: Ceremony) -> None:
    write(opened, 3)
    before = run("log", "status", "--home", adopted)
    assert (before.code, "0 entries, 3 waiting since " in before.out) == (0, True)

    done = run("log", "integrate", "--home", adopted)
    assert (done.code, done.out) == (0, "3 entries integrated\n")

    witness(opened, held, 3, 1)
    after = run("log", "status", "--home", adopted)
    assert after.code == 0
    assert "log          3 entries\n" in after.out
    assert "anchored     never\n" in after.out
    assert ", counts: 1, 3, 0 members\n" in after.out
    assert "LOOK" not in after.out


def test_a_hub_that_signs_nothing_says_so(run: Run, adopted: Path, opened: Hub) -> None:
    write(opened, 1)
    run("log", "integrate", "--home", adopted)
    (adopted / keeping.CHECKPOINT_FILE).write_bytes(b"")

    status = run("log", "status", "--home", adopted)

    assert status.code == 3
    assert "LOOK         nothing is signed" in status.out
    assert "log-checkpoint in the home is damaged" in status.out
    write(opened, 1)
    refused = run("log", "integrate", "--home", adopted)
    assert (refused.code, "docs/operations.md" in refused.err) == (3, True)


def test_it_is_anchored_once(
    run: Run, adopted: Path, opened: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if OPENSSL.find_program() is None:
        pytest.skip(OPENSSL.absence)
    missing = run("log", "anchor", "--home", adopted)
    assert (missing.code, "timestamp_url" in missing.err) == (4, True)
    write(opened, 2)
    run("log", "integrate", "--home", adopted)

    with Authority(tmp_path / "authority").serve() as authority:
        monkeypatch.setenv("ALLIANCE_HUB_TIMESTAMP_URL", authority.url)
        monkeypatch.setenv("ALLIANCE_HUB_TIMESTAMP_ROOTS", str(authority.roots))
        first, second = run("log", "anchor", "--home", adopted), run("log", "anchor", "--home", adopted)

    assert (first.code, first.out.startswith("anchored: 2 entries at 20")) == (0, True)
    assert (second.code, second.out) == (0, "this checkpoint is anchored already\n")
    down = run("log", "anchor", "--home", adopted)
    assert (down.code, down.out) == (0, "this checkpoint is anchored already\n")

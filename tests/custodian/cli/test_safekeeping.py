"""Backup and checkpoint at the keyboard: what is lost comes back, and nothing unsigned is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from custodian import state
from custodian.home import Home
from custodian.ledger import Ledger
from tests.custodian.cli.conftest import PASSPHRASE, Station
from tests.feeds import LI


@pytest.fixture
def cut(station: Station) -> Station:
    """A member has submitted, and all three custodians have signed a cut."""
    north = station.alliance.enrols("北辰")
    north.submits(north.record(LI, "N-1"))
    station.alliance.cuts()
    station.follow(1)
    station.alliance.signs_cut(station.hub.published[-1].statement.body, by=(2, 3))  # type: ignore[arg-type]
    station.follow(1)
    return station


def test_a_backup_makes_a_home_that_knows_it_was_restored(station: Station) -> None:
    station.home(1)
    ledger = Ledger(station.home(1).ledger)
    ledger.charge_evaluation("北辰", "request", b"", 5, epoch=1, quota=(9, 9), now=station.alliance.now)
    station.run(1, "backup", "notary.backup")
    station.alliance.passes(days=2)
    said = station.command("restore", "notary.backup", "--home", "new")
    assert "restored as of 2026-10-31T16:30:00Z" in said
    assert "peers" in said
    new = Home(Path("new"))
    assert new.keys(PASSPHRASE).witness.seed == station.alliance.custodians[1].key.seed
    used = Ledger(new.ledger).evaluations_used("北辰", epoch=1, now=station.alliance.now)
    assert used == (5, 0)
    assert "RESTORED" in station.command("status", "--home", "new")
    assert "holds a custodian's keys already" in station.command(
        "restore", "notary.backup", "--home", "new", code=4
    )


def test_a_fellow_starts_from_a_checkpoint(cut: Station) -> None:
    assert "position 5" in cut.run(1, "checkpoint", "export", "for-2.checkpoint")
    assert "checkpoints             position 5" in cut.run(1, "status")
    assert "position 5" in cut.run(2, "checkpoint", "import", "for-2.checkpoint")
    cut.follow(2)
    with state.open_state(cut.home(1).state) as one, state.open_state(cut.home(2).state) as two:
        assert state.head(one) == state.head(two)
        assert state.state_digest(one) == state.state_digest(two)
    one.close()
    two.close()
    assert "not empty" in cut.run(2, "checkpoint", "import", "for-2.checkpoint", code=4)


def test_before_a_cut_is_signed_by_all_there_is_nothing_to_hand_on(station: Station) -> None:
    station.alliance.enrols("北辰")
    station.follow(1)
    assert "no checkpoint yet" in station.run(1, "checkpoint", "export", "early.checkpoint", code=4)
    assert not Path("early.checkpoint").exists()


def test_a_file_that_is_no_checkpoint_or_was_changed_is_refused(cut: Station) -> None:
    Path("notes").write_text("hello")
    assert "no checkpoint" in cut.run(2, "checkpoint", "import", "notes", code=4)
    cut.run(1, "checkpoint", "export", "good.checkpoint")
    assert "exists already" in cut.run(1, "checkpoint", "export", "good.checkpoint", code=4)
    data = bytearray(Path("good.checkpoint").read_bytes())
    at = data.index(b"\x1f\x8b") + 60
    data[at] ^= 1
    Path("bad.checkpoint").write_bytes(data)
    assert "damaged" in cut.run(2, "checkpoint", "import", "bad.checkpoint", code=4)
    with state.open_state(cut.home(2).state) as db:
        assert state.head(db).position == 0
    db.close()

"""The newest checkpoint beside the database: a hub that was set back signs nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from alliance_hub.errors import Unavailable
from alliance_hub.hub import Hub
from alliance_hub.transparency import integrator, keeping, tree
from privacy.keyset import Policy
from tests.alliance_hub.builders import Clock, hold_ceremony
from tests.alliance_hub.transparency.telling import grown, oracle_of, write


def restored(hub: Hub, size: int) -> None:
    """Put the tables back to when the log had `size` entries, as an old backup would."""
    with hub.database.transaction() as session:
        session.execute(text("DELETE FROM log_checkpoints"))
        session.execute(text("DELETE FROM log_nodes"))
        session.execute(text("DELETE FROM log_entries WHERE number >= :size"), {"size": size})
        session.execute(text("UPDATE log_entries SET number = NULL"))
        session.execute(
            text("UPDATE log_tree SET size = 0, frontier = :empty, offered = NULL"), {"empty": bytes(8)}
        )
    home = hub.settings.home / keeping.CHECKPOINT_FILE
    aside = home.read_bytes()
    home.unlink()
    if size:
        integrator.turn(hub, hub.clock())
    home.write_bytes(aside)


def test_the_newest_checkpoint_stands_in_the_home_too(hub: Hub, clock: Clock) -> None:
    receipts = grown(hub, 5)

    kept = keeping.read(hub)

    assert kept is not None
    assert (kept.size, kept.root) == (5, oracle_of(receipts).get_root())
    with hub.database.reading() as session:
        assert keeping.find_trouble(session, hub) is None


@pytest.mark.parametrize("size", [0, 3])
def test_a_restored_database_signs_nothing(hub: Hub, clock: Clock, size: int) -> None:
    grown(hub, 5)
    restored(hub, size)
    write(hub, 9)

    with pytest.raises(Unavailable, match=f"holds {size} log entries, and 5 have been signed") as refusal:
        integrator.turn(hub, clock())

    assert refusal.value.slug == "log-behind"
    with hub.database.reading() as session:
        assert tree.size_of(session) == size
        assert keeping.find_trouble(session, hub) is not None


def test_another_history_signs_nothing(hub: Hub, clock: Clock) -> None:
    """A backup to which other entries were added before anybody looked."""
    grown(hub, 5)
    restored(hub, 3)
    aside = (hub.settings.home / keeping.CHECKPOINT_FILE).read_bytes()
    (hub.settings.home / keeping.CHECKPOINT_FILE).unlink()
    grown(hub, 4)
    (hub.settings.home / keeping.CHECKPOINT_FILE).write_bytes(aside)
    write(hub, 1)

    with pytest.raises(Unavailable, match="first 5 log entries are others") as refusal:
        integrator.turn(hub, clock())

    assert refusal.value.slug == "log-fork"


def test_a_newer_database_goes_on(hub: Hub, clock: Clock) -> None:
    """A crash between the commit and the file: the file is behind, and nothing is wrong."""
    grown(hub, 5)
    aside = (hub.settings.home / keeping.CHECKPOINT_FILE).read_bytes()
    grown(hub, 4)
    (hub.settings.home / keeping.CHECKPOINT_FILE).write_bytes(aside)

    grown(hub, 1)

    kept = keeping.read(hub)
    assert kept is not None
    assert kept.size == 10


@pytest.mark.parametrize("damage", [b"", b"not a note", b"\xff\xfe"])
def test_a_damaged_file_is_said_and_not_overwritten(hub: Hub, clock: Clock, damage: bytes) -> None:
    grown(hub, 2)
    path = hub.settings.home / keeping.CHECKPOINT_FILE
    path.write_bytes(damage)
    write(hub, 1)

    with pytest.raises(Unavailable, match="log-checkpoint in the home is damaged"):
        integrator.turn(hub, clock())

    assert path.read_bytes() == damage


def test_a_forged_file_is_damage_too(hub: Hub, clock: Clock) -> None:
    grown(hub, 2)
    path = hub.settings.home / keeping.CHECKPOINT_FILE
    path.write_text(path.read_text("utf-8").replace("\n2\n", "\n3\n"), "utf-8")
    write(hub, 1)

    with pytest.raises(Unavailable, match="damaged"):
        integrator.turn(hub, clock())


def test_another_epochs_file_does_not_matter(hub: Hub) -> None:
    grown(hub, 5)
    other = hold_ceremony(Policy.for_synthetic_data(), epoch=2)
    following = replace(hub, signed_key_set=other.signed)

    assert keeping.read(following) is None

"""A backup opens only with the passphrase, holds no record, and whoever restores it knows what it forgot."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custodian import backups, restoring
from custodian.errors import OperatorError
from custodian.home import Home, Settings
from custodian.ledger import Ledger
from custodian.restoring import Restored
from privacy import sealing
from privacy.errors import CannotOpen
from privacy.sealing import ScryptCost
from tests.feeds import Alliance

NOON = datetime(2026, 10, 31, 4, 0, tzinfo=UTC)
EVENING = NOON + timedelta(hours=8)
CHEAP = ScryptCost(log_n=10)
WORDS = "a passphrase"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home, alliance = Home(tmp_path / "home"), Alliance()
    home.create("公证处", WORDS, cost=CHEAP)
    home.store_shares(alliance.shares[1], WORDS, cost=CHEAP)
    home.pin(alliance.signed_key_set)
    home.save_settings(Settings(hub="https://hub.example", base_url="https://a.example", peers=("b", "c")))
    charge(Ledger(home.ledger), "request-1", 5)
    home.state.write_bytes(b"records")
    home.checkpoints.mkdir()
    (home.checkpoints / "7.gz").write_bytes(b"records")
    return home


def charge(ledger: Ledger, request: str, count: int) -> None:
    ledger.charge_evaluation("nanshan", request, b"batch", count, epoch=1, quota=(10, 10), now=NOON)


def test_it_comes_back_as_it_was_and_knows_since_when_it_has_forgotten(home: Home, tmp_path: Path) -> None:
    home.backup(tmp_path / "backup", WORDS, now=NOON, cost=CHEAP)
    charge(Ledger(home.ledger), "request-2", 5)
    new = Home(tmp_path / "new")
    assert new.restore(tmp_path / "backup", WORDS, now=EVENING) == NOON
    assert new.keys(WORDS).witness.seed == home.keys(WORDS).witness.seed
    assert new.shares(WORDS) == home.shares(WORDS)
    assert new.settings() == home.settings()
    assert new.key_set() == home.key_set()
    ledger = Ledger(new.ledger)
    assert ledger.evaluations_used("nanshan", epoch=1, now=NOON) == (5, 5)
    assert restoring.find(ledger) == Restored("2026-10-31T04:00:00Z", "2026-10-31T12:00:00Z")
    assert restoring.find(Ledger(home.ledger)) is None


def test_nothing_that_is_forgotten_lies_in_it_and_nothing_lies_open(home: Home, tmp_path: Path) -> None:
    home.backup(tmp_path / "backup", WORDS, now=NOON, cost=CHEAP)
    sealed = (tmp_path / "backup").read_bytes()
    packed = sealing.open_with_passphrase(WORDS, sealed, purpose=backups.PURPOSE)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        names = set(tar.getnames())
    kept = {"card.json", "key-set.json", "settings.json", "ledger.db", "shares.sealed", "keys.sealed"}
    assert names == {*kept, "made-at"}
    assert b"nanshan" not in sealed
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in home.path.iterdir() if path.is_dir()) == ["checkpoints"]


def test_a_backup_of_a_restored_custodian_has_forgotten_as_much(home: Home, tmp_path: Path) -> None:
    restoring.remember(Ledger(home.ledger), Restored("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"))
    home.backup(tmp_path / "backup", WORDS, now=NOON, cost=CHEAP)
    new = Home(tmp_path / "new")
    new.restore(tmp_path / "backup", WORDS, now=EVENING)
    assert restoring.find(Ledger(new.ledger)) == Restored("2026-10-01T00:00:00Z", "2026-10-31T12:00:00Z")


def test_another_passphrase_makes_no_backup_and_opens_none(home: Home, tmp_path: Path) -> None:
    with pytest.raises(CannotOpen):
        home.backup(tmp_path / "backup", "another", now=NOON, cost=CHEAP)
    home.backup(tmp_path / "backup", WORDS, now=NOON, cost=CHEAP)
    with pytest.raises(CannotOpen):
        Home(tmp_path / "new").restore(tmp_path / "backup", "another", now=EVENING)
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(home: Home, tmp_path: Path) -> None:
    home.backup(tmp_path / "backup", WORDS, now=NOON, cost=CHEAP)
    with pytest.raises(OperatorError, match="exists already"):
        home.backup(tmp_path / "backup", WORDS, now=NOON, cost=CHEAP)
    with pytest.raises(OperatorError, match="holds a custodian's keys"):
        home.restore(tmp_path / "backup", WORDS, now=EVENING)


def sealed(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "hostile"
    file.write_bytes(sealing.seal_with_passphrase(WORDS, content, purpose=backups.PURPOSE, cost=CHEAP))
    return file


def packed(**files: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", packed(**{"ledger.db": b""}), packed(**{"..__keys.sealed": b"", "ledger.db": b""})],
    ids=["empty", "no archive", "no keys", "outside"],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises((CannotOpen, OperatorError), match="no backup of a custodian"):
        Home(tmp_path / "new").restore(sealed(tmp_path, content), WORDS, now=EVENING)
    assert not (tmp_path / "keys.sealed").exists()


def test_a_restoration_that_broke_off_is_begun_again(home: Home, tmp_path: Path) -> None:
    home.backup(tmp_path / "backup", WORDS, now=NOON, cost=CHEAP)
    new = Home(tmp_path / "new")
    new.path.mkdir()
    new.ledger.write_bytes(b"half a ledger")
    new.ledger.with_name("ledger.db-wal").write_bytes(b"half a log")
    new.restore(tmp_path / "backup", WORDS, now=EVENING)
    assert Ledger(new.ledger).evaluations_used("nanshan", epoch=1, now=NOON) == (5, 5)

"""A home that the command itself set up, and the ceremony that knows its keys."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from alliance_hub.cli import main
from alliance_hub.db import Database
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub, open_hub, system_clock
from alliance_hub.keys import read_keys
from alliance_hub.permissions import Sender
from alliance_hub.settings import KEY_SET_FILE, KEYS_FILE, load_settings
from privacy.keyset import Policy
from privacy.statements import AnyBody
from tests.alliance_hub.builders import ALLIANCE, Ceremony, Clock, Speaker, custodian, hold_ceremony

CUSTODIANS = ("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3")


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command with these words."""
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*words: str | Path) -> Outcome:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, words)])
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, said.out, said.err)

    return ran


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after `init`, to be copied."""
    home = tmp_path_factory.mktemp("set-up") / "home"
    custodians = [word for address in CUSTODIANS for word in ("--custodian", address)]
    with pytest.raises(SystemExit) as ended:
        main(["init", "--alliance", ALLIANCE, "--synthetic", "--home", str(home), *custodians])
    assert ended.value.code == 0
    return home


@pytest.fixture
def home(set_up: Path, tmp_path: Path) -> Path:
    """A home of the test's own after `init`."""
    return shutil.copytree(set_up, tmp_path / "home")


@pytest.fixture(scope="session")
def held(set_up: Path) -> Ceremony:
    """The ceremony, for the keys of that home."""
    return hold_ceremony(Policy.for_synthetic_data(), read_keys(set_up / KEYS_FILE, passphrase=None))


@pytest.fixture
def adopted(home: Path, held: Ceremony) -> Path:
    """A home that follows the ceremony's key set."""
    (home / KEY_SET_FILE).write_bytes(held.signed.canonical())
    return home


@pytest.fixture
def opened(adopted: Path) -> Iterator[Hub]:
    """The hub of that home, on the system's own clock as the commands are."""
    hub = open_hub(load_settings(adopted))
    yield hub
    hub.database.close()


@pytest.fixture
def witnesses(held: Ceremony) -> list[Speaker]:
    """The custodians of that ceremony."""
    return [custodian(index, held, Clock(system_clock())) for index in (1, 2, 3)]


def hear(hub: Hub, witness: Speaker, body: AnyBody) -> None:
    """Append what a custodian says now."""
    witness.clock.at = system_clock()
    signed = witness.said(witness.say(body))
    database: Database = hub.database
    with database.transaction() as session:
        sender = Sender.for_custodian(int(witness.author.rpartition("/")[2]))
        feed.receive(session, hub, signed, sender=sender, now=system_clock())

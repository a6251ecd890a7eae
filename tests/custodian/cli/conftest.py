"""The command at the keyboard: a folder, a home with the story's keys, and a hub that is a list of lines."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from custodian import server
from custodian.cli import ceremony, looking, main, members, safekeeping, serving, sheets
from custodian.follower import Follower
from custodian.home import Home, Keys, Settings
from custodian.ledger import Ledger
from custodian.paper.adoption import adopt
from custodian.paper.sheets import Restored
from privacy import primes
from privacy.sealing import ScryptCost, SealingKey
from tests.custodian.conftest import PaperHub
from tests.feeds import START, Alliance, secret
from tests.privacy import paillier_keys

CHEAP = ScryptCost(log_n=10)
PASSPHRASE = "a passphrase"

Command = Callable[..., str]


@dataclass
class Station:
    """An alliance's story, its hub, and the command in an empty folder."""

    alliance: Alliance
    hub: PaperHub
    command: Command

    def home(self, index: int) -> Home:
        """Return the home of a custodian, which holds its keys from the story and serves."""
        home = Home(Path(f"custodian-{index}"))
        if not home.path.exists():
            keys = Keys(
                self.alliance.custodians[index].key, SealingKey(secret("custodian", str(index), "sealing"))
            )
            held = Restored(f"公证处{index}", keys, self.alliance.shares[index], START)
            adopt(home, held, self.alliance.signed_key_set, PASSPHRASE, now=START, cost=CHEAP)
            Ledger(home.ledger).set_fact("restored", None)
            home.save_settings(Settings(hub="http://127.0.0.1:7100", base_url=f"http://127.0.0.1:710{index}"))
        return home

    def run(self, index: int, *words: str, code: int = 0, typed: str = "") -> str:
        """Run the command as the operator of a custodian."""
        self.home(index)
        return self.command(*words, *own(f"custodian-{index}"), code=code, typed=typed)

    def follow(self, index: int) -> None:
        """Let a custodian follow the feed to its end, and say what is to be said."""
        self.follower(index).pull()

    def follower(self, index: int) -> Follower:
        """Return what follows the feed for a custodian, and witnesses the log."""
        home = self.home(index)
        keys = Keys(
            self.alliance.custodians[index].key, SealingKey(secret("custodian", str(index), "sealing"))
        )
        follower = server.follower(home, keys, lambda: self.alliance.now)
        return replace(follower, fellow_notes=lambda: self.hub.cosigned_by_fellows)


def own(home: str) -> list[str]:
    """Return the options by which a command becomes one custodian's; not all commands take the second."""
    return ["--home", home]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `alliance-custodian` in an empty folder; the environment names a file with the passphrase."""
    monkeypatch.chdir(tmp_path)
    for sealing in (Home.create, Home.store_shares, Home.backup, adopt):  # a passphrase costs half a second
        monkeypatch.setitem(sealing.__kwdefaults__ or {}, "cost", CHEAP)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(primes, "safe_prime_pair", lambda bits, progress: paillier_keys.OTHER)
    Path("passphrase").write_text(f"{PASSPHRASE}\n")
    monkeypatch.setenv("ALLIANCE_CUSTODIAN_PASSPHRASE_FILE", "passphrase")

    def run(*words: str, code: int = 0, typed: str = "") -> str:
        monkeypatch.setattr("sys.argv", ["alliance-custodian", *words])
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == code, said.out + said.err
        return said.out + said.err

    return run


@pytest.fixture
def station(command: Command, monkeypatch: pytest.MonkeyPatch) -> Station:
    """An alliance of three custodians whose feed is still empty."""
    alliance = Alliance()
    hub = PaperHub(alliance)

    def clock() -> datetime:
        return alliance.now

    monkeypatch.setattr(server, "HubLink", lambda address, key, clock: hub)
    for module in (ceremony, looking, members, safekeeping, serving, sheets):
        monkeypatch.setattr(module, "system_clock", clock)
    return Station(alliance, hub, command)

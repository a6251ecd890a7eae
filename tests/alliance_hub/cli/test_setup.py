"""`init`, `key-set`, `migrate`: what they make, what they refuse, and that they never print a secret."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest

from alliance_hub import schema
from alliance_hub.db import Database
from alliance_hub.keys import are_sealed, read_keys
from alliance_hub.settings import load_settings
from privacy.ceremony import AssociationCard
from privacy.encoding import b64
from privacy.keyset import Policy
from privacy.messages import parse_json
from tests.alliance_hub.builders import ALLIANCE, Ceremony, hold_ceremony, hub_keys
from tests.alliance_hub.cli.conftest import CUSTODIANS, Run

MADE_UP = ("--alliance", ALLIANCE, "--synthetic")


def test_init_makes_keys_card_settings_and_tables(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    done = run("init", *MADE_UP, "--home", home, "--base-url", "http://127.0.0.1:9000/")

    keys = read_keys(home / "hub.keys", passphrase=None)
    card = parse_json(AssociationCard, (home / "card.json").read_bytes())
    assert (card.alliance, card.hub, card.secretariat) == (
        ALLIANCE,
        b64(keys.hub.public),
        b64(keys.secretariat.public),
    )
    assert card.fingerprint in done.out
    assert load_settings(home).base_url == "http://127.0.0.1:9000"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    database = Database(load_settings(home).database)
    assert schema.is_current(database)
    database.close()


def test_open_keys_are_announced_loudly(run: Run, tmp_path: Path) -> None:
    done = run("init", *MADE_UP, "--home", tmp_path / "home")

    assert done.code == 0
    assert "MADE-UP DATA ONLY" in done.err
    seed = b64(read_keys(tmp_path / "home" / "hub.keys", passphrase=None).hub.seed)
    assert seed not in done.out + done.err


def test_a_passphrase_seals_the_keys_and_opens_them_again(run: Run, tmp_path: Path) -> None:
    home, passphrase = tmp_path / "home", tmp_path / "passphrase"
    passphrase.write_text("四马 battery\n")

    done = run("init", *MADE_UP, "--home", home, "--passphrase-file", passphrase)

    assert (done.code, "MADE-UP" in done.err) == (0, False)
    assert are_sealed(home / "hub.keys")
    assert read_keys(home / "hub.keys", passphrase="四马 battery")
    refused = run("members", "admit", "A", "--home", home)
    assert (refused.code, "--passphrase-file" in refused.err) == (4, True)


def test_init_twice_keeps_the_first_keys(run: Run, home: Path) -> None:
    before = (home / "hub.keys").read_bytes()

    refused = run("init", *MADE_UP, "--home", home)

    assert (refused.code, "has keys already" in refused.err) == (4, True)
    assert (home / "hub.keys").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--alliance", "a/b", "--synthetic"), "no slash"),
        (("--alliance", ALLIANCE), "opinion_digest"),
        (("--alliance", ALLIANCE, "--opinion", "aa"), "--passphrase-file"),
        ((*MADE_UP, "--base-url", "http://hub.example"), "use https"),
        ((*MADE_UP, "--passphrase-file", "/nowhere"), "passphrase file cannot be read"),
    ],
)
def test_init_refuses_in_one_sentence(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    refused = run("init", *words, "--home", tmp_path / "home")

    assert refused.code == 4
    assert said in refused.err
    assert refused.err.count("\n") == 1
    assert not (tmp_path / "home" / "hub.keys").exists()


def test_the_key_set_is_adopted(run: Run, home: Path, held: Ceremony, tmp_path: Path) -> None:
    file = tmp_path / "from-the-ceremony.json"
    file.write_bytes(held.signed.canonical())

    done = run("key-set", file, "--home", home)

    assert done.code == 0
    assert "2 of 3" in done.out
    assert (home / "key-set.json").read_bytes() == file.read_bytes()
    assert run("key-set", home / "key-set.json", "--home", home).code == 0


def test_another_alliances_key_set_is_refused(
    run: Run, home: Path, ceremony: Ceremony, tmp_path: Path
) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(ceremony.signed.canonical())

    refused = run("key-set", file, "--home", home)

    assert (refused.code, "other keys than this hub's" in refused.err) == (4, True)
    assert not (home / "key-set.json").exists()


def test_a_key_set_that_was_changed_is_refused(run: Run, home: Path, held: Ceremony, tmp_path: Path) -> None:
    file = tmp_path / "changed.json"
    changed = msgspec.structs.replace(held.key_set, threshold=3)
    file.write_bytes(msgspec.structs.replace(held.signed, key_set=changed).canonical())

    refused = run("key-set", file, "--home", home)

    assert (refused.code, "custodian 1 has not signed" in refused.err) == (4, True)


def test_a_second_key_set_needs_a_second_home(
    run: Run, adopted: Path, held: Ceremony, tmp_path: Path
) -> None:
    file = tmp_path / "next.json"
    file.write_bytes(hold_ceremony(Policy.for_synthetic_data(), held.hub_keys).signed.canonical())

    refused = run("key-set", file, "--home", adopted)

    assert (refused.code, "a home of its own" in refused.err) == (4, True)


def test_migrate_brings_the_tables(run: Run, home: Path) -> None:
    settings = load_settings(home)
    database = Database(settings.database)
    schema.downgrade(database)
    database.close()
    assert run("members", "list", "--home", home).code == 4

    assert run("migrate", "--home", home).code == 0

    assert run("members", "list", "--home", home).code == 0


def test_a_database_that_does_not_answer_is_one_sentence(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_HUB_DATABASE_URL", "postgresql+psycopg://name:secret@127.0.0.1:1/none")

    refused = run("status", "--home", home)
    later = run("migrate", "--home", home)

    assert "secret" not in refused.err + later.err
    assert (later.code, "check database_url" in later.err) == (3, True)


def test_what_stands_in_the_card_is_public(home: Path) -> None:
    card = json.loads((home / "card.json").read_text())

    assert set(card) == {"role", "alliance", "hub", "secretariat"}
    assert load_settings(home).custodians == CUSTODIANS
    assert card["hub"] != b64(hub_keys().hub.public)

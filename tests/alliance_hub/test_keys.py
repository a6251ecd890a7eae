"""The association's keys on disk: sealed, or open for made-up data; never overwritten."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.keys import are_sealed, card, generate_keys, read_keys, read_passphrase, write_keys
from alliance_hub.settings import load_settings
from privacy.encoding import b64
from privacy.sealing import ScryptCost
from tests.alliance_hub.builders import hub_keys

CHEAP = ScryptCost(log_n=10)
PASSPHRASE = "四马 battery"


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "hub.keys"
    write_keys(path, hub_keys(), passphrase=PASSPHRASE, cost=CHEAP)
    return path


def test_sealed_keys_open_with_their_passphrase_only(sealed: Path) -> None:
    keys = read_keys(sealed, passphrase=PASSPHRASE)

    assert (keys.hub.seed, keys.secretariat.seed) == (hub_keys().hub.seed, hub_keys().secretariat.seed)
    assert are_sealed(sealed)
    with pytest.raises(Invalid, match="wrong passphrase"):
        read_keys(sealed, passphrase="another")
    with pytest.raises(Invalid, match="--passphrase-file"):
        read_keys(sealed, passphrase=None)


def test_sealed_keys_show_no_seed(sealed: Path) -> None:
    content = sealed.read_text()

    assert b64(hub_keys().hub.seed) not in content
    assert b64(hub_keys().secretariat.seed) not in content


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_only_the_owner_reads_the_file(tmp_path: Path, passphrase: str | None) -> None:
    path = tmp_path / "hub.keys"
    write_keys(path, hub_keys(), passphrase=passphrase, cost=CHEAP)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert are_sealed(path) is (passphrase is not None)


def test_open_keys_are_read_without_passphrase(tmp_path: Path) -> None:
    write_keys(tmp_path / "hub.keys", hub_keys(), passphrase=None)

    assert read_keys(tmp_path / "hub.keys", passphrase=None).hub.seed == hub_keys().hub.seed


def test_keys_are_never_overwritten(sealed: Path) -> None:
    before = sealed.read_bytes()

    with pytest.raises(Conflict):
        write_keys(sealed, generate_keys(), passphrase=None)

    assert sealed.read_bytes() == before


def test_a_seal_cannot_be_stripped_off(sealed: Path) -> None:
    document = json.loads(sealed.read_text()) | {"sealed": False}
    sealed.write_text(json.dumps(document))

    with pytest.raises(Invalid, match="damaged"):
        read_keys(sealed, passphrase=PASSPHRASE)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"sealed": false}',
        '{"sealed": false, "keys": {"hub": "AAAA", "secretariat": "AAAA"}}',
        '{"sealed": true, "envelope": "AAAA"}',
        '{"sealed": true, "envelope": 7}',
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "hub.keys").write_text(content)

    with pytest.raises(Invalid):
        read_keys(tmp_path / "hub.keys", passphrase="x")


def test_no_keys_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="alliance-hub init"):
        read_keys(tmp_path / "hub.keys", passphrase=None)


def test_keys_are_made_fresh_and_differ() -> None:
    made = [generate_keys() for _ in range(2)]

    assert len({key.seed for keys in made for key in (keys.hub, keys.secretariat)}) == 4


def test_the_card_shows_public_keys_only() -> None:
    shown = card("Test alliance", hub_keys())

    assert (shown.hub, shown.secretariat) == (
        b64(hub_keys().hub.public),
        b64(hub_keys().secretariat.public),
    )
    assert b64(hub_keys().hub.seed) not in shown.canonical().decode()


def test_the_passphrase_is_the_files_first_line(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes("四马 battery\r\nsecond line\n".encode())

    assert read_passphrase(load_settings(tmp_path, passphrase_file=tmp_path / "one")) == PASSPHRASE
    assert read_passphrase(load_settings(tmp_path)) is None
    with pytest.raises(NotFound, match="passphrase_file"):
        read_passphrase(load_settings(tmp_path, passphrase_file=tmp_path / "none"))

"""The ceremony at the keyboard: cards, shares, signatures, and what is refused on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from custodian.cli import main
from custodian.home import Home
from privacy import primes
from privacy.encoding import b64
from privacy.keyset import SignedKeySet, verify_pinned
from privacy.messages import parse_json
from privacy.signing import SigningKey
from tests.privacy import paillier_keys

Command = Callable[..., str]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `alliance-custodian` in an empty folder; small primes stand in for the search of 15 seconds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(primes, "safe_prime_pair", lambda bits, progress: paillier_keys.SMALL)
    Path("passphrase").write_text("a passphrase\n")

    def run(*words: str, code: int = 0) -> str:
        monkeypatch.setattr("sys.argv", ["alliance-custodian", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == code, said.out + said.err
        return said.out + said.err

    return run


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three custodians' folders as `init` makes them; sealing keys is slow on purpose, so it is done once."""
    folder = tmp_path_factory.mktemp("bodies")
    for name in ("a", "b", "c"):
        Home(folder / name).create(f"Body {name}", "a passphrase")
    return folder


def own(name: str) -> list[str]:
    return ["--home", name, "--passphrase-file", "passphrase"]


def introduce(bodies: Path) -> list[str]:
    """Bring three custodians and the association here; return the ceremony's card options."""
    shutil.copytree(bodies, Path(), dirs_exist_ok=True)
    association = {"hub": b64(SigningKey(b"h" * 32).public), "secretariat": b64(SigningKey(b"s" * 32).public)}
    card = {"role": "association", "alliance": "Alliance of tests", **association}
    Path("association.json").write_text(json.dumps(card))
    cards = ["a/card.json", "b/card.json", "c/card.json", "association.json"]
    return [word for each in cards for word in ("--card", each)]


def hold(command: Command, bodies: Path) -> None:
    command("ceremony", *introduce(bodies), "--threshold", "2", "--out", "ceremony")


def test_a_ceremony_gives_a_key_set_that_members_can_pin(command: Command, bodies: Path) -> None:
    hold(command, bodies)
    for index, name in enumerate(("a", "b", "c"), 1):
        command("receive", "--share", f"ceremony/share-{index}.sealed", "--from", "ceremony", *own(name))
    command("publish", "--from", "ceremony")
    signed = parse_json(SignedKeySet, Path("ceremony/key-set.json").read_bytes())
    pins = Path("ceremony/transcript.txt").read_text().split("card ")[1:4]
    verify_pinned(signed, [pin.partition(":")[2].splitlines()[0] for pin in pins])


def test_nothing_secret_lies_about_unsealed(command: Command, bodies: Path) -> None:
    hold(command, bodies)
    prime = paillier_keys.SMALL[0]
    for path in [*Path("ceremony").iterdir(), *Path("a").iterdir()]:
        data = path.read_bytes()
        assert prime.to_bytes(64, "big") not in data
        assert str(prime).encode() not in data
    assert (Path("a/keys.sealed").stat().st_mode & 0o777) == 0o600


def test_another_custodians_share_is_refused(command: Command, bodies: Path) -> None:
    hold(command, bodies)
    said = command("receive", "--share", "ceremony/share-2.sealed", "--from", "ceremony", *own("a"), code=4)
    assert "does not open with this key" in said


def test_a_key_set_lacking_a_signature_is_not_published(command: Command, bodies: Path) -> None:
    hold(command, bodies)
    command("receive", "--share", "ceremony/share-1.sealed", "--from", "ceremony", *own("a"))
    said = command("publish", "--from", "ceremony", code=4)
    assert "custodian 2 has not signed yet" in said
    assert not Path("ceremony/key-set.json").exists()


def test_a_wrong_passphrase_is_said(command: Command, bodies: Path) -> None:
    hold(command, bodies)
    Path("wrong").write_text("another\n")
    share = ["--share", "ceremony/share-1.sealed", "--from", "ceremony"]
    said = command("receive", *share, "--home", "a", "--passphrase-file", "wrong", code=4)
    assert "wrong passphrase" in said


def test_keys_are_never_overwritten(command: Command) -> None:
    command("init", "Body a", *own("a"))
    assert "holds a custodian's keys already" in command("init", "Body a", *own("a"), code=4)


@pytest.mark.parametrize(
    ("threshold", "drop", "reason"),
    [
        ("1", (), "t <= n < 2t"),
        ("4", (), "t <= n < 2t"),
        ("2", ("association.json",), "give the association's card once"),
        ("2", ("a/card.json", "b/card.json"), "t <= n < 2t"),
    ],
)
def test_cards_that_make_no_alliance(
    command: Command, bodies: Path, threshold: str, drop: tuple[str, ...], reason: str
) -> None:
    cards = [card for card in introduce(bodies)[1::2] if card not in drop]
    options = [word for card in cards for word in ("--card", card)]
    assert reason in command("ceremony", *options, "--threshold", threshold, "--out", "ceremony", code=4)


def test_one_card_twice_is_refused(command: Command, bodies: Path) -> None:
    options = [*introduce(bodies), "--card", "a/card.json"]
    assert "given twice" in command("ceremony", *options, "--threshold", "3", code=4)


def test_a_file_that_is_no_card_is_named(command: Command, bodies: Path) -> None:
    Path("notes.json").write_text("{}")
    said = command("ceremony", *introduce(bodies), "--card", "notes.json", "--threshold", "2", code=4)
    assert "notes.json is no custodian's and no association's card" in said

"""A member comes into being only under a key set whose custodians it knows, with keys of its own."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from member import Home, KeySetRefused, Refused, create_member, open_member, read_key_set
from privacy import signing
from privacy.encoding import b64, unb64
from privacy.keyset import Policy, SignedKeySet, sign_key_set, witness_fingerprint
from privacy.signing import SigningKey
from privacy.statements import custodian_author
from tests.feeds import made, secret
from tests.member.conftest import CHEAP, PASSPHRASE, SOUTH

SIGNED, _ = made(Policy.for_synthetic_data(), 3, 2)
PINS = [witness_fingerprint(unb64(key)) for key in SIGNED.key_set.witnesses]


def written(tmp_path: Path, signed: SignedKeySet) -> Path:
    path = tmp_path / "key-set.json"
    path.write_bytes(msgspec.json.encode(signed))
    return path


def signed_by_all(**changes: object) -> SignedKeySet:
    """The key set with something else in it, signed by all custodians all the same."""
    key_set = msgspec.structs.replace(SIGNED.key_set, **changes)
    keys = (SigningKey(secret(custodian_author(index), "signing")) for index in (1, 2, 3))
    return SignedKeySet(key_set=key_set, signatures=tuple(sign_key_set(key, key_set) for key in keys))


def test_a_key_set_that_all_pinned_custodians_signed_is_taken(tmp_path: Path) -> None:
    assert read_key_set(written(tmp_path, SIGNED), PINS, synthetic=True) == SIGNED


def test_fingerprints_are_taken_as_people_type_them(tmp_path: Path) -> None:
    typed = [PINS[2].lower(), PINS[0].replace(" ", "-"), PINS[1].replace(" ", "")]

    assert read_key_set(written(tmp_path, SIGNED), typed, synthetic=True) == SIGNED


@pytest.mark.parametrize(
    ("pins", "reason"),
    [
        ([], "not those whose fingerprints"),
        (PINS[:2], "not those whose fingerprints"),
        ([*PINS[:2], PINS[0]], "not those whose fingerprints"),
        ([*PINS[:2], "0000 " * 10], "not those whose fingerprints"),
        ([*PINS, PINS[0]], "not those whose fingerprints"),
    ],
    ids=["none", "one missing", "one twice", "another", "one too many"],
)
def test_other_fingerprints_are_refused(tmp_path: Path, pins: list[str], reason: str) -> None:
    with pytest.raises(KeySetRefused, match=reason) as caught:
        read_key_set(written(tmp_path, SIGNED), pins, synthetic=True)

    assert caught.value.exit_code == 4


def test_a_key_set_without_every_signature_is_refused(tmp_path: Path) -> None:
    two = SignedKeySet(key_set=SIGNED.key_set, signatures=SIGNED.signatures[:2])

    with pytest.raises(KeySetRefused, match="3 custodians must sign"):
        read_key_set(written(tmp_path, two), PINS, synthetic=True)


def test_a_key_set_changed_after_signing_is_refused(tmp_path: Path) -> None:
    changed = SignedKeySet(
        key_set=msgspec.structs.replace(SIGNED.key_set, epoch=2), signatures=SIGNED.signatures
    )

    with pytest.raises(KeySetRefused, match="custodian 1 has not signed"):
        read_key_set(written(tmp_path, changed), PINS, synthetic=True)


def test_keys_that_do_not_fit_together_are_refused_whoever_signed(tmp_path: Path) -> None:
    oprf = msgspec.structs.replace(SIGNED.key_set.oprf, public=SIGNED.key_set.oprf.publics[0])

    with pytest.raises(KeySetRefused, match="another OPRF key"):
        read_key_set(written(tmp_path, signed_by_all(oprf=oprf)), PINS, synthetic=True)


def test_a_key_set_for_made_up_data_must_be_wanted(tmp_path: Path) -> None:
    with pytest.raises(KeySetRefused, match="--synthetic"):
        read_key_set(written(tmp_path, SIGNED), PINS, synthetic=False)


def test_a_small_key_is_never_taken_for_real_data(tmp_path: Path) -> None:
    real = signed_by_all(policy=Policy.for_real_data())

    with pytest.raises(KeySetRefused, match="3072 bits"):
        read_key_set(written(tmp_path, real), PINS, synthetic=False)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"key_set": {"version": 2}, "signatures": []}']
)
def test_another_file_is_no_key_set(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key-set.json"
    path.write_bytes(content)

    with pytest.raises(KeySetRefused, match="is no key set"):
        read_key_set(path, PINS, synthetic=True)


def test_a_missing_key_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeySetRefused, match="cannot be read"):
        read_key_set(tmp_path / "nowhere.json", PINS, synthetic=True)


def create(home: Home, name: str = SOUTH, hub: str = "https://hub.example/") -> None:
    create_member(home, PASSPHRASE, name, hub=hub, key_set=SIGNED, declared_portfolio=20, cost=CHEAP)


def test_the_card_shows_the_public_keys_and_their_fingerprint(tmp_path: Path) -> None:
    home = Home(tmp_path / "south")
    create(home)

    card = json.loads(home.card.read_text(encoding="utf-8"))
    assert list(card) == ["role", "name", "signing", "recovery", "sealing", "fingerprint"]
    assert (card["role"], card["name"]) == ("member", SOUTH)
    publics = [unb64(card[key], length=32) for key in ("signing", "recovery", "sealing")]
    assert card["fingerprint"] == signing.fingerprint(SOUTH, *publics)
    with open_member(home, PASSPHRASE) as south:
        assert card["signing"] == b64(south.keys.signing.public)
        assert len({south.keys.signing.seed, south.keys.recovery.seed, south.keys.secret}) == 3
        assert south.settings.control_group == SOUTH
        assert south.settings.hub == "https://hub.example"


def test_a_name_is_kept_in_its_composed_form(tmp_path: Path) -> None:
    home = Home(tmp_path / "m")
    create(home, "Me\u0301ridien")

    assert json.loads(home.card.read_text(encoding="utf-8"))["name"] == "M\u00e9ridien"


@pytest.mark.parametrize("name", ["", "a/b", "two\nlines", " ", "x" * 65])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="1 to 64 characters"):
        create(Home(tmp_path / "m"), name)

    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("url", ["hub.example", "ftp://hub.example", "https://", "https://hub.example?x=1"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Refused, match="an address such as"):
        create(Home(tmp_path / "m"), hub=url)


@pytest.mark.parametrize("url", ["http://hub.example", "http://10.0.0.1:8400", "http://127.0.0.1.example"])
def test_plain_http_leads_only_to_this_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(Refused, match="use https") as caught:
        create(Home(tmp_path / "m"), hub=url)

    assert caught.value.rule == "plain-http"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8400", "http://localhost", "http://[::1]:80"])
def test_plain_http_within_this_machine_is_taken(tmp_path: Path, url: str) -> None:
    create(Home(tmp_path / "m"), hub=url)

    assert (tmp_path / "m" / "vault.sqlite").exists()

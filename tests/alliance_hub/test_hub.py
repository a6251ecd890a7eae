"""A hub opens only on a key set that all custodians signed, that holds its own keys and fits its mode."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from flask import Flask

from alliance_hub import schema
from alliance_hub.app import EXTENSION, create_app
from alliance_hub.errors import Invalid, NotFound
from alliance_hub.hub import Hub, open_hub, system_clock
from alliance_hub.keys import HubKeys, write_keys
from alliance_hub.settings import KEY_SET_FILE, KEYS_FILE, Settings, load_settings
from privacy.keyset import Policy, SignedKeySet, sign_key_set
from privacy.signing import SigningKey
from tests.alliance_hub.builders import Ceremony, Clock, hold_ceremony, seed


@pytest.fixture
def settings(tmp_path: Path, ceremony: Ceremony) -> Settings:
    """A home in which everything fits."""
    settings = load_settings(tmp_path)
    write_keys(tmp_path / KEYS_FILE, ceremony.hub_keys, passphrase=None)
    (tmp_path / KEY_SET_FILE).write_bytes(ceremony.signed.canonical())
    schema.migrate_sqlite(settings)
    return settings


def adopt(settings: Settings, signed: SignedKeySet) -> None:
    (settings.home / KEY_SET_FILE).write_bytes(signed.canonical())


def test_without_a_key_set_it_says_which_command_brings_one(settings: Settings) -> None:
    (settings.home / KEY_SET_FILE).unlink()

    with pytest.raises(NotFound, match="alliance-hub key-set"):
        open_hub(settings)


def test_a_key_set_that_one_custodian_did_not_sign_is_refused(settings: Settings, ceremony: Ceremony) -> None:
    first, _, third = ceremony.signed.signatures
    adopt(settings, msgspec.structs.replace(ceremony.signed, signatures=(first, first, third)))

    with pytest.raises(Invalid, match="custodian 2 has not signed"):
        open_hub(settings)


def test_a_key_set_with_another_hubs_keys_is_refused(settings: Settings) -> None:
    stranger = HubKeys(SigningKey(seed("stranger")), SigningKey(seed("secretariat")))
    adopt(settings, hold_ceremony(Policy.for_synthetic_data(), stranger).signed)

    with pytest.raises(Invalid) as refused:
        open_hub(settings)

    assert refused.value.field == "association"


def test_a_key_set_for_made_up_data_serves_no_real_ones(settings: Settings) -> None:
    real = load_settings(
        settings.home, regulatory_mode="post_loan_match", opinion_digest=seed("opinion").hex()
    )

    with pytest.raises(Invalid, match="made-up data only, and regulatory_mode is post_loan_match") as refused:
        open_hub(real)

    assert refused.value.field == "policy.synthetic"


def test_a_key_set_for_real_data_is_refused_in_synthetic_mode(settings: Settings, ceremony: Ceremony) -> None:
    real = msgspec.structs.replace(ceremony.key_set, policy=Policy.for_real_data())
    adopt(settings, SignedKeySet(real, tuple(sign_key_set(key, real) for key in ceremony.witnesses)))

    with pytest.raises(Invalid, match="for real data, and regulatory_mode is synthetic") as refused:
        open_hub(settings)

    assert refused.value.field == "policy.synthetic"


def test_garbage_is_no_key_set(settings: Settings) -> None:
    (settings.home / KEY_SET_FILE).write_text("{}")

    with pytest.raises(Invalid, match="the key set is refused"):
        open_hub(settings)


def test_the_application_carries_the_hub_and_every_face(settings: Settings, clock: Clock) -> None:
    def face(app: Flask) -> None:
        @app.get("/hello")
        def hello() -> str:
            return "there"

    app = create_app(settings, face, flask=lambda: Flask("own kind"), clock=clock)

    hub = app.extensions[EXTENSION]
    assert isinstance(hub, Hub)
    assert (hub.clock(), app.name) == (clock(), "own kind")
    assert app.test_client().get("/hello").text == "there"
    hub.database.close()


def test_the_systems_clock_is_aware() -> None:
    assert system_clock().utcoffset() is not None


def test_a_key_set_of_older_rules_is_refused_with_what_to_do(settings: Settings, ceremony: Ceremony) -> None:
    older = ceremony.signed.canonical().replace(b'"rules":3', b'"rules":2')
    (settings.home / KEY_SET_FILE).write_bytes(older)

    with pytest.raises(Invalid, match="other rules than version 3: hold a ceremony"):
        open_hub(settings)

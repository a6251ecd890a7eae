"""Set a hub up: its keys and card, the key set that the ceremony gave, the database's tables."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from alliance_hub import schema
from alliance_hub.cli.shared import (
    HomeOption,
    PassphraseOption,
    app,
    console,
    new_passphrase,
    output,
    passphrase_for,
    settings_of,
)
from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.hub import read_key_set, require_fitting
from alliance_hub.keys import HubKeys, card, generate_keys, read_keys, write_keys
from alliance_hub.policy import RegulatoryMode
from alliance_hub.schema import migrate_sqlite
from alliance_hub.settings import CARD_FILE, KEY_SET_FILE, KEYS_FILE, Settings, load_settings, write_settings
from privacy.ceremony import AssociationCard
from privacy.consistency import verify_consistent
from privacy.errors import InvalidInputError, VerifyError
from privacy.messages import parse

UNSEALED = (
    "WARNING: no passphrase was given, so the keys lie open in {path}, readable by this account only.\n"
    "This is for MADE-UP DATA ONLY. Whoever reads the file can speak for the association."
)


@app.command()
def init(
    alliance: Annotated[str, typer.Option(help="The alliance's name, as all parties write it.")],
    synthetic: Annotated[bool, typer.Option("--synthetic", help="For made-up data only.")] = False,
    mode: Annotated[
        RegulatoryMode, typer.Option(help="Which business, with real data.")
    ] = RegulatoryMode.POST_LOAN_MATCH,
    opinion: Annotated[
        str, typer.Option(help="SHA-256 of the legal opinion, in hex; real data need it.")
    ] = "",
    base_url: Annotated[str, typer.Option(help="Where members reach this hub.")] = "http://127.0.0.1:8400",
    custodian: Annotated[list[str] | None, typer.Option(help="A custodian's address, by index.")] = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make the association's keys, its card for the ceremony, its settings and its database.

    Example: alliance-hub init --alliance "Loan alliance" --synthetic
    """
    values: dict[str, str | tuple[str, ...]] = {
        "base_url": base_url,
        "custodians": tuple(custodian or ()),
        "regulatory_mode": (RegulatoryMode.SYNTHETIC if synthetic else mode).value,
        "opinion_digest": opinion,
    }
    given = {} if passphrase_file is None else {"passphrase_file": passphrase_file}
    settings = load_settings(home, **values, **given)
    keys = generate_keys()
    own = _card(alliance, keys)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(settings, keys, synthetic=synthetic)
    (settings.home / CARD_FILE).write_bytes(own.canonical())
    write_settings(settings.home, values)
    migrate_sqlite(settings)
    output.print(f"card         {settings.home / CARD_FILE}\nfingerprint  {own.fingerprint}", markup=False)
    console.print("Hand card.json to the ceremony; read the fingerprint aloud when the cards are compared.")


@app.command("key-set")
def key_set(
    file: Annotated[Path, typer.Argument(help="The key set that all custodians signed.")],
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Adopt the ceremony's key set: check all signatures and that this hub's own keys stand in it."""
    settings = settings_of(home, passphrase_file)
    keys = read_keys(settings.home / KEYS_FILE, passphrase=passphrase_for(settings))
    signed = read_key_set(file)
    try:
        verify_consistent(signed.key_set)
    except VerifyError as error:
        raise Invalid(str(error), field="key_set") from error
    require_fitting(signed.key_set, keys, settings.regulatory_mode)
    place = settings.home / KEY_SET_FILE
    if place.exists() and read_key_set(place).key_set.digest != signed.key_set.digest:
        raise Conflict("this hub follows another key set: a new epoch needs a home of its own")
    if file.resolve() != place.resolve():
        shutil.copyfile(file, place)
    policy = signed.key_set.policy
    output.print(
        f"alliance     {signed.key_set.alliance}, epoch {signed.key_set.epoch}\n"
        f"custodians   {signed.key_set.threshold} of {signed.key_set.count}\n"
        f"policy       {policy.min_contributors} contributors, one cut a {policy.period}",
        markup=False,
    )


@app.command()
def migrate(home: HomeOption = None) -> None:
    """Bring the database's tables up to date. SQLite is also brought up to date by `init` and `serve`."""
    settings = settings_of(home)
    database = Database(settings.database)
    try:
        schema.upgrade(database)
    finally:
        database.close()
    output.print("The tables are up to date.")


def _card(alliance: str, keys: HubKeys) -> AssociationCard:
    """Return the card, parsed: a name that the ceremony would refuse is better refused here."""
    try:
        return parse(AssociationCard, card(alliance, keys).document())
    except InvalidInputError as error:
        raise Invalid(
            "an alliance's name has 1 to 64 characters and no slash: choose another", field="alliance"
        ) from error


def _keep(settings: Settings, keys: HubKeys, *, synthetic: bool) -> None:
    path = settings.home / KEYS_FILE
    if synthetic and settings.passphrase_file is None:
        write_keys(path, keys, passphrase=None)
        console.print(UNSEALED.format(path=path), style="bold red", markup=False)
    else:
        write_keys(path, keys, passphrase=new_passphrase(settings))

"""The end of an epoch: this custodian's word that another key set follows, after which it serves no more."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from custodian import server, state
from custodian.cli.app import (
    DEFAULT_HOME,
    HomeOption,
    PassphraseOption,
    app,
    console,
    open_home,
    output,
    passphrase_from,
    read_form,
    write_new,
)
from custodian.cli.papers import read_signatures
from custodian.desk import succession
from custodian.ledger import Ledger
from privacy.keyset import KeySet, SignedKeySet, verify_signatures


@app.command()
def endorse(
    key_set: Annotated[
        Path, typer.Option(help="The successor: key-set.unsigned.json in its ceremony's folder.")
    ],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Say that this key set follows the pinned one; from then on this custodian serves nothing here.

    Run it with the home of the epoch that ends, when all custodians of the new one have signed theirs. It
    checks that the key set names this epoch, the head that this custodian holds, and the newest effective
    cut's period. Writes endorsement-I.json beside the key set. There is no way back.

    Example: alliance-custodian endorse --key-set ceremony-2/key-set.unsigned.json --home notary
    """
    here = open_home(home)
    keys, last = here.keys(passphrase_from(passphrase_file)), here.key_set().key_set
    index = server.index_of(keys, last)
    successor = read_form(KeySet, key_set, "an unsigned key set")
    signatures = tuple(each.key_set for each in read_signatures(key_set.parent, successor))
    verify_signatures(SignedKeySet(key_set=successor, signatures=signatures))
    with closing(state.open_state(here.state)) as db:
        endorsement = succession.endorse(
            db, Ledger(here.ledger), keys.witness, custodian=index, last=last, successor=successor
        )
    path = key_set.parent / f"endorsement-{index}.json"
    write_new(path, endorsement.canonical())
    output.print(f"custodian {index} of epoch {last.epoch} endorses epoch {successor.epoch}: {path}")
    console.print(
        "This home serves nothing from now on. Keep it until the last deletion certificate is given."
    )

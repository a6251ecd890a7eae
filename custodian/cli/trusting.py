"""What a court pins before it checks a member's bundle: which key set, and whose keys. From a custodian."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custodian.cli.app import DEFAULT_HOME, HomeOption, app, output, read_key_set, write_new
from custodian.cli.checking import KeySetOption
from privacy.encoding import unb64
from privacy.evidence import trust_in
from privacy.keyset import witness_fingerprint


@app.command()
def trust(
    out: Annotated[Path, typer.Option(help="File to write, e.g. trust.json.")],
    key_set: KeySetOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Write what a court needs to check a bundle of evidence: it never takes that from the bundle itself.

    Hand it over yourself, as this custodian: on paper, or by a channel that the court knows for yours. The
    fingerprints are those that were read aloud at the ceremony.

    Example: alliance-custodian trust --out trust.json --home notary
    """
    signed = read_key_set(key_set, home).key_set
    write_new(out, trust_in(signed).canonical())
    output.print(f"{out}: {signed.alliance}, epoch {signed.epoch}; any {signed.threshold} of these sign:")
    for index, witness in enumerate(signed.witnesses, start=1):
        output.print(f"custodian {index}  {witness_fingerprint(unb64(witness))}")
    output.print(
        "Give the file to the court yourself, not through the member whose bundle it is to check, and let the"
        " court compare the fingerprints with those that the custodians publish. Then, on any computer:\n"
        f"alliance-verify BUNDLE.zip --trust {out.name}",
        soft_wrap=True,
        markup=False,
    )

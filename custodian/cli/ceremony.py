"""The ceremony's commands: cards, shares, checks, and the signatures of all under one key set."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from custodian.cli.app import (
    DEFAULT_HOME,
    HomeOption,
    PassphraseOption,
    app,
    console,
    open_home,
    output,
    passphrase_from,
    system_clock,
    write_new,
)
from custodian.errors import OperatorError
from privacy import ceremony as keys
from privacy import primes, signing
from privacy.encoding import b64, instant_text, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.keyset import KeySet, Policy, SignedKeySet, sign_key_set, verify_signatures
from privacy.messages import Bytes64, Index, Message, parse_json
from privacy.periods import Period


class Transcript(Message, frozen=True):
    """What was done at a ceremony, for all to sign and for the file."""

    alliance: str
    epoch: int
    held_at: str
    dealer: str
    cards: tuple[str, ...]
    key_set: str
    opened_by: tuple[tuple[int, ...], ...]


class Signature(Message, frozen=True):
    """One custodian's signatures under key set and transcript."""

    custodian: Index
    key_set: Bytes64
    transcript: Bytes64


_Card: Any = keys.CustodianCard | keys.AssociationCard

DEALER = (
    "A trusted dealer made these keys on one offline machine. Whoever controlled it could open everything; "
    "the machine is to be wiped now, in the presence of all."
)


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="The body that holds the share, as it is to be printed.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make this custodian's keys and print its card.

    Example: alliance-custodian init "Notary office" --home notary
    """
    card = open_home(home).create(name, passphrase_from(passphrase_file, confirm=True))
    output.print(f"card         {home / 'card.json'}")
    output.print(f"fingerprint  {card.fingerprint}")
    console.print("Hand card.json to the dealer; read the fingerprint aloud when the cards are compared.")


@app.command()
def ceremony(
    cards: Annotated[
        list[Path], typer.Option("--card", help="A card: every custodian's, and the association's.")
    ],
    threshold: Annotated[int, typer.Option(help="How many custodians must work together (t; 2t > n).")],
    out: Annotated[Path, typer.Option(help="Folder for key set, sealed shares and transcript.")] = Path(
        "ceremony"
    ),
    synthetic: Annotated[
        bool, typer.Option("--synthetic/--real", help="Made-up people only, or real ones.")
    ] = True,
    period: Annotated[Period, typer.Option(help="How often totals may open anew.")] = Period.MONTH,
    epoch: Annotated[int, typer.Option(help="Number of the key epoch.")] = 1,
) -> None:
    """Make the keys of an epoch, offline, and seal a share of each to every custodian's card.

    Never beside a hub's database. The order of the cards is the custodians' numbering.

    Example: alliance-custodian ceremony --card a.json --card b.json --card c.json
    --card association.json --threshold 2 --out ceremony
    """
    custodians, association = _read_cards(cards)
    policy = Policy.for_synthetic_data(period) if synthetic else Policy.for_real_data(period)
    with _progress() as progress:
        task = progress.add_task("two safe primes of 1536 bits: 0 candidates tested", total=None)

        def show(tested: int) -> None:
            progress.update(task, description=f"two safe primes of 1536 bits: {tested} candidates tested")

        dealt = keys.deal(
            custodians,
            association,
            threshold=threshold,
            policy=policy,
            epoch=epoch,
            safe_primes=lambda bits: primes.safe_prime_pair(bits, progress=show),
        )
    _write_ceremony(out, dealt, [*custodians, association], system_clock())
    for each in custodians:
        output.print(f"{each.name}: {each.fingerprint}")
    output.print(f"association of {association.alliance}: {association.fingerprint}")
    subsets = ", ".join("+".join(map(str, subset)) for subset in dealt.opened_by)
    output.print(f"known plaintext opened by {subsets}")
    console.print(DEALER)
    console.print(
        "Next, at each custodian: alliance-custodian receive --share share-I.sealed --from THIS FOLDER"
    )


@app.command()
def receive(
    share: Annotated[Path, typer.Option(help="This custodian's sealed share.")],
    ceremony_folder: Annotated[Path, typer.Option("--from", help="The ceremony's folder.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Open this custodian's share, check it and the key set, keep it sealed, and sign.

    Writes signature-I.json into the ceremony's folder.
    """
    here, passphrase = open_home(home), passphrase_from(passphrase_file)
    own = here.keys(passphrase)
    key_set = parse_json(KeySet, (ceremony_folder / "key-set.unsigned.json").read_bytes())
    transcript = parse_json(Transcript, (ceremony_folder / "transcript.json").read_bytes())
    shares = keys.receive(own.sealing, share.read_bytes(), key_set, witness=own.witness.public)
    if unb64(transcript.key_set) != key_set.digest:
        raise VerifyError("the transcript is of another key set")
    here.store_shares(shares, passphrase)
    signature = Signature(
        custodian=shares.custodian,
        key_set=sign_key_set(own.witness, key_set),
        transcript=own.witness.sign_document("transcript", transcript.document()),
    )
    path = ceremony_folder / f"signature-{shares.custodian}.json"
    write_new(path, signature.canonical())
    output.print(f"custodian {shares.custodian}: shares fit the key set, stored sealed; signed in {path}")


@app.command()
def publish(
    ceremony_folder: Annotated[
        Path, typer.Option("--from", help="The ceremony's folder with all signatures.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Where to write the key set (default: in that folder).")
    ] = None,
) -> None:
    """Put all custodians' signatures under the key set: what hub, custodians and members pin."""
    key_set = parse_json(KeySet, (ceremony_folder / "key-set.unsigned.json").read_bytes())
    transcript = parse_json(Transcript, (ceremony_folder / "transcript.json").read_bytes())
    signatures = [_read_signature(ceremony_folder, index) for index in range(1, key_set.count + 1)]
    signed = SignedKeySet(key_set=key_set, signatures=tuple(each.key_set for each in signatures))
    verify_signatures(signed)
    for each in signatures:
        witness = key_set.witness(each.custodian)
        signing.verify_document(witness, "transcript", transcript.document(), each.transcript)
    path = out or ceremony_folder / "key-set.json"
    write_new(path, signed.canonical())
    output.print(f"key set of epoch {key_set.epoch}, signed by all {key_set.count} custodians: {path}")


def _read_cards(paths: list[Path]) -> tuple[list[keys.CustodianCard], keys.AssociationCard]:
    custodians: list[keys.CustodianCard] = []
    associations: list[keys.AssociationCard] = []
    for path in paths:
        try:
            card: keys.CustodianCard | keys.AssociationCard = parse_json(_Card, path.read_bytes())
        except InvalidInputError as error:
            raise OperatorError(f"{path} is no custodian's and no association's card") from error
        if isinstance(card, keys.CustodianCard):
            custodians.append(card)
        else:
            associations.append(card)
    if len(associations) != 1:
        raise OperatorError("give the association's card once: `alliance-hub init` writes it")
    return custodians, associations[0]


def _write_ceremony(
    out: Path, dealt: keys.Dealt, parties: list[keys.CustodianCard | keys.AssociationCard], now: datetime
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    transcript = Transcript(
        alliance=dealt.key_set.alliance,
        epoch=dealt.key_set.epoch,
        held_at=instant_text(now),
        dealer=DEALER,
        cards=tuple(party.fingerprint for party in parties),
        key_set=b64(dealt.key_set.digest),
        opened_by=dealt.opened_by,
    )
    write_new(out / "key-set.unsigned.json", dealt.key_set.canonical())
    write_new(out / "transcript.json", transcript.canonical())
    write_new(out / "transcript.txt", _script(transcript).encode())
    for index, sealed in dealt.sealed.items():
        write_new(out / f"share-{index}.sealed", sealed)


def _script(transcript: Transcript) -> str:
    """The printable script: what was done, with room for names and hands."""
    lines = [
        f"Key ceremony of the alliance {transcript.alliance}, epoch {transcript.epoch}, {transcript.held_at}",
        "",
        transcript.dealer,
        "",
        *(f"  card {number}: {mark}" for number, mark in enumerate(transcript.cards, 1)),
        f"  key set: {transcript.key_set}",
        *(f"  opened by custodians {' and '.join(map(str, subset))}" for subset in transcript.opened_by),
        "",
        *itertools.repeat(
            "name ______________________   signature ______________________\n", len(transcript.cards)
        ),
    ]
    return "\n".join(lines)


def _read_signature(folder: Path, index: int) -> Signature:
    path = folder / f"signature-{index}.json"
    if not path.exists():
        raise OperatorError(f"custodian {index} has not signed yet: {path} is missing")
    return parse_json(Signature, path.read_bytes())


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)

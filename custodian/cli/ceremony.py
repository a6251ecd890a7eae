"""The ceremony's commands: cards, shares, checks, and the signatures of all under one key set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from custodian.cli import papers
from custodian.cli.app import (
    DEFAULT_HOME,
    HomeOption,
    PassphraseOption,
    app,
    console,
    open_home,
    output,
    passphrase_from,
    read_key_set,
    system_clock,
    write_new,
)
from custodian.desk import succession
from custodian.errors import OperatorError
from privacy import ceremony as keys
from privacy import primes, signing
from privacy.encoding import unb64
from privacy.errors import VerifyError
from privacy.feed import SignedHead
from privacy.keyset import (
    KeySet,
    Policy,
    Predecessor,
    SignedKeySet,
    sign_key_set,
    verify_signatures,
    verify_succession,
)
from privacy.messages import parse_json
from privacy.periods import Period


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
        bool | None, typer.Option("--synthetic/--real", help="Made-up people only (default), or real ones.")
    ] = None,
    period: Annotated[Period | None, typer.Option(help="How often totals may open anew (month).")] = None,
    epoch: Annotated[int | None, typer.Option(help="Number of the key epoch (1, or the next).")] = None,
    successor_of: Annotated[
        Path | None, typer.Option(help="The signed key set that ends: policy and number follow from it.")
    ] = None,
    final_heads: Annotated[
        list[Path] | None,
        typer.Option("--final-head", help="A signed head of the epoch that ends: `head` writes it."),
    ] = None,
    last_period: Annotated[
        str | None, typer.Option(help="The period of its newest effective cut, as `head` says it.")
    ] = None,
) -> None:
    """Make the keys of an epoch, offline, and seal a share of each to every custodian's card.

    Never beside a hub's database. The order of the cards is the custodians' numbering. A successor epoch
    names where the last one ended; its hub and custodians start from new homes.

    Example: alliance-custodian ceremony --card a.json --card b.json --card c.json
    --card association.json --threshold 2 --out ceremony

    Example: alliance-custodian ceremony --card ... --threshold 2 --out ceremony-2 --successor-of key-set.json
    --final-head head-1.json --final-head head-2.json --last-period 2026-11
    """
    custodians, association = papers.read_cards(cards)
    last = None if successor_of is None else read_key_set(successor_of, successor_of.parent)
    named = None if last is None else _predecessor(last, final_heads or [], last_period)
    with _progress() as progress:
        task = progress.add_task("two safe primes of 1536 bits: 0 candidates tested", total=None)

        def show(tested: int) -> None:
            progress.update(task, description=f"two safe primes of 1536 bits: {tested} candidates tested")

        dealt = keys.deal(
            custodians,
            association,
            threshold=threshold,
            policy=_policy(last, synthetic, period),
            epoch=epoch or (1 if last is None else last.key_set.epoch + 1),
            predecessor=named,
            safe_primes=lambda bits: primes.safe_prime_pair(bits, progress=show),
        )
    papers.write_ceremony(out, dealt, [*custodians, association], system_clock())
    for each in custodians:
        output.print(f"{each.name}: {each.fingerprint}")
    output.print(f"association of {association.alliance}: {association.fingerprint}")
    subsets = ", ".join("+".join(map(str, subset)) for subset in dealt.opened_by)
    output.print(f"known plaintext opened by {subsets}")
    console.print(papers.DEALER)
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
    transcript = parse_json(papers.Transcript, (ceremony_folder / "transcript.json").read_bytes())
    shares = keys.receive(own.sealing, share.read_bytes(), key_set, witness=own.witness.public)
    if unb64(transcript.key_set) != key_set.digest:
        raise VerifyError("the transcript is of another key set")
    here.store_shares(shares, passphrase)
    signature = papers.Signature(
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
    last: Annotated[
        Path | None, typer.Option(help="The signed key set of the last epoch, when this one follows it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the key set (default: in that folder).")
    ] = None,
) -> None:
    """Put all custodians' signatures under the key set: what hub, custodians and members pin.

    A successor bears the endorsements of the last epoch's custodians too; with them, whoever pinned the last
    key set need not compare fingerprints again.
    """
    key_set = parse_json(KeySet, (ceremony_folder / "key-set.unsigned.json").read_bytes())
    transcript = parse_json(papers.Transcript, (ceremony_folder / "transcript.json").read_bytes())
    signatures = papers.read_signatures(ceremony_folder, key_set)
    signed = SignedKeySet(
        key_set=key_set,
        signatures=tuple(each.key_set for each in signatures),
        endorsements=papers.read_endorsements(ceremony_folder),
    )
    verify_signatures(signed)
    for each in signatures:
        witness = key_set.witness(each.custodian)
        signing.verify_document(witness, "transcript", transcript.document(), each.transcript)
    _require_succession(last, signed)
    path = out or ceremony_folder / "key-set.json"
    write_new(path, signed.canonical())
    output.print(f"key set of epoch {key_set.epoch}, signed by all {key_set.count} custodians: {path}")


def _require_succession(last: Path | None, signed: SignedKeySet) -> None:
    """Check a successor against the epoch that it follows; raises OperatorError when that is not given."""
    if signed.key_set.predecessor is None:
        return
    if last is None:
        raise OperatorError("this key set follows another epoch: give that one's key set with --last")
    verify_succession(read_key_set(last, last.parent), signed)


def _predecessor(last: SignedKeySet, heads: list[Path], period: str | None) -> Predecessor:
    signed = [parse_json(SignedHead, path.read_bytes()) for path in heads]
    return succession.predecessor(last, signed, period)


def _policy(last: SignedKeySet | None, synthetic: bool | None, period: Period | None) -> Policy:
    """Return the policy of a first epoch, or the last one's with what is given anew."""
    before = None if last is None else last.key_set.policy
    if synthetic is None:
        synthetic = True if before is None else before.synthetic
    if period is None:
        period = Period.MONTH if before is None else before.period
    return Policy.for_synthetic_data(period) if synthetic else Policy.for_real_data(period)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)

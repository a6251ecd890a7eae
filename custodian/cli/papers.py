"""The ceremony's folder: cards come in; key set, transcript, sealed shares and signatures lie there."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path
from typing import Any

from custodian.cli.app import write_new
from custodian.errors import OperatorError
from privacy import ceremony as keys
from privacy.encoding import b64, instant_text
from privacy.errors import InvalidInputError
from privacy.keyset import Endorsement, KeySet
from privacy.messages import Bytes64, Index, Message, parse_json


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


def read_cards(paths: list[Path]) -> tuple[list[keys.CustodianCard], keys.AssociationCard]:
    """Return the custodians' cards in their order and the association's; raises OperatorError."""
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


def write_ceremony(
    out: Path, dealt: keys.Dealt, parties: list[keys.CustodianCard | keys.AssociationCard], now: datetime
) -> None:
    """Write what a ceremony made into a folder; raises OperatorError when another lies there."""
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


def read_signatures(folder: Path, key_set: KeySet) -> list[Signature]:
    """Return all custodians' signatures by index; raises OperatorError naming the first that is missing."""
    return [_read_signature(folder, index) for index in range(1, key_set.count + 1)]


def read_endorsements(folder: Path) -> tuple[Endorsement, ...]:
    """Return what custodians of the last epoch said of the key set in this folder."""
    return tuple(
        parse_json(Endorsement, path.read_bytes()) for path in sorted(folder.glob("endorsement-*.json"))
    )


def _read_signature(folder: Path, index: int) -> Signature:
    path = folder / f"signature-{index}.json"
    if not path.exists():
        raise OperatorError(f"custodian {index} has not signed yet: {path} is missing")
    return parse_json(Signature, path.read_bytes())


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

"""An alliance to measure with: real keys and homes, one active member, and a feed of made-up records.

The safe primes are the tests' published ones: making new ones would take longer than the bench, and
nothing here is secret.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from custodian.home import Home
from privacy import ceremony, knowledge, merkle
from privacy.ceremony import AssociationCard
from privacy.encoding import b64, encode_integer
from privacy.feed import FeedEntry
from privacy.keyset import KeySet, Policy, SignedKeySet, sign_key_set
from privacy.knowledge import ChunkContext
from privacy.records import Record
from privacy.sealing import ScryptCost, SealingKey
from privacy.signing import SigningKey
from privacy.statements import (
    Acceptance,
    AnyBody,
    Chunk,
    Enrolment,
    countersign,
    custodian_author,
    member_author,
    sign_statement,
)

PASSPHRASE: Final = "made up for one run"
MEMBER: Final = "Bench Finance"
_CHEAP: Final = ScryptCost(log_n=10)
"""Opening a home is not what is measured."""

_PORTFOLIO: Final = 100_000


def now() -> datetime:
    """Return the time, as every part takes it."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Alliance:
    """Custodians' homes with shares and key set, the association's keys, and what the feed says so far."""

    homes: dict[int, Home]
    key_set: KeySet
    secretariat: SigningKey
    witnesses: dict[int, SigningKey]
    member: SigningKey
    entries: list[FeedEntry] = field(default_factory=list)
    _chains: dict[str, tuple[int, bytes | None]] = field(default_factory=dict)

    def say(
        self, author: str, key: SigningKey, body: AnyBody, records: Sequence[Record] | None = None
    ) -> FeedEntry:
        """Append the author's next statement to the feed, with its records if it is a chunk."""
        sequence, previous = self._chains.get(author, (0, None))
        signed = sign_statement(
            key,
            body,
            alliance=self.key_set.alliance,
            epoch=self.key_set.epoch,
            author=author,
            sequence=sequence,
            previous=previous,
            signed_at=now(),
        )
        if isinstance(body, Enrolment):
            signed = countersign(signed, self.secretariat)
        self._chains[author] = (sequence + 1, signed.digest())
        entry = FeedEntry(
            position=len(self.entries) + 1,
            stamp=signed.statement.signed_at,
            salt=b64(os.urandom(32)),
            statement=signed,
            records=None if records is None else tuple(records),
        )
        self.entries.append(entry)
        return entry

    def say_chunk(self, ciphertexts: Sequence[int], openings: Sequence[tuple[int, int]]) -> FeedEntry:
        """Append a chunk of the member's, proved: a new contract of a new debtor for each ciphertext."""
        octets = 2 * self.key_set.public_key.bits // 8
        day = now().date().isoformat()
        records = [
            Record(
                pseudonym=b64(os.urandom(32)),
                epoch=self.key_set.epoch,
                standing_key=b64(os.urandom(32)),
                contract_ref=b64(os.urandom(32)),
                as_of=day,
                contribution=encode_integer(c, octets),
                private_digest=b64(os.urandom(32)),
            )
            for c in ciphertexts
        ]
        root = merkle.root([record.leaf() for record in records])
        context = ChunkContext(MEMBER, self.key_set.digest, root)
        proof = knowledge.prove(self.key_set.public_key, context, ciphertexts, openings)
        chunk = Chunk(key_set=b64(self.key_set.digest), root=b64(root), size=len(records), proof=proof)
        return self.say(member_author(MEMBER), self.member, chunk, records)


def found(folder: Path, primes: tuple[int, int]) -> Alliance:
    """Hold a ceremony of 2 of 3 under `folder` and let one member join."""
    homes = {index: Home(folder / f"custodian-{index}") for index in (1, 2, 3)}
    cards = [home.create(f"custodian {index}", PASSPHRASE, cost=_CHEAP) for index, home in homes.items()]
    hub, secretariat = _new_key(), _new_key()
    association = AssociationCard(alliance="bench", hub=b64(hub.public), secretariat=b64(secretariat.public))
    dealt = ceremony.deal(
        cards,
        association,
        threshold=2,
        policy=Policy.for_synthetic_data(),
        safe_primes=_given(primes),
    )
    keys = {index: home.keys(PASSPHRASE) for index, home in homes.items()}
    signatures = tuple(sign_key_set(each.witness, dealt.key_set) for each in keys.values())
    for index, home in homes.items():
        shares = ceremony.receive(
            keys[index].sealing, dealt.sealed[index], dealt.key_set, witness=keys[index].witness.public
        )
        home.store_shares(shares, PASSPHRASE, cost=_CHEAP)
        home.pin(SignedKeySet(key_set=dealt.key_set, signatures=signatures))
    witnesses = {index: each.witness for index, each in keys.items()}
    alliance = Alliance(homes, dealt.key_set, secretariat, witnesses, _new_key())
    _let_join(alliance)
    return alliance


def _let_join(alliance: Alliance) -> None:
    body = Enrolment(
        member=MEMBER,
        signing=b64(alliance.member.public),
        recovery=b64(_new_key().public),
        sealing=b64(SealingKey.generate().public),
        control_group=MEMBER,
        declared_portfolio=_PORTFOLIO,
    )
    enrolment = alliance.say(member_author(MEMBER), alliance.member, body)
    for index in (1, 2):
        acceptance = Acceptance(enrolment=b64(enrolment.statement.digest()))
        alliance.say(custodian_author(index), alliance.witnesses[index], acceptance)


def _given(primes: tuple[int, int]) -> Callable[[int], tuple[int, int]]:
    return lambda bits: primes


def _new_key() -> SigningKey:
    return SigningKey(os.urandom(32))

"""What the hub's tests are told with: a clock that is set, a ceremony with small keys, parties that speak."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.hub import Hub
from alliance_hub.keys import HubKeys, card
from privacy.ceremony import CustodianCard, deal
from privacy.encoding import b64
from privacy.keyset import KeySet, Policy, Predecessor, SignedKeySet, endorse, sign_key_set
from privacy.sealing import SealingKey
from privacy.signing import SigningKey
from privacy.statements import (
    AnyBody,
    Enrolment,
    SignedStatement,
    custodian_author,
    member_author,
    sign_statement,
)
from privacy.terms import Terms
from privacy.vocabulary import Category
from tests.privacy.paillier_keys import SMALL
from tests.terms import TEXT, terms_of

ALLIANCE = "Test alliance"


class Clock:
    """The one thing that tests fake."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **delta: float) -> datetime:
        """Go on (or back) by so much, and return the instant."""
        self.at += timedelta(**delta)
        return self.at


def seed(*words: str) -> bytes:
    """Return the same 32 bytes for the same words: test keys are no secrets."""
    return hashlib.sha256("/".join(words).encode()).digest()


@dataclass(frozen=True)
class Ceremony:
    """The keys of an alliance of three custodians, two of which suffice."""

    signed: SignedKeySet
    hub_keys: HubKeys
    witnesses: tuple[SigningKey, ...]

    @property
    def key_set(self) -> KeySet:
        return self.signed.key_set


def hub_keys() -> HubKeys:
    """Return the association's keys."""
    return HubKeys(SigningKey(seed("hub")), SigningKey(seed("secretariat")))


def hold_ceremony(
    policy: Policy,
    association: HubKeys | None = None,
    *,
    epoch: int = 1,
    predecessor: Predecessor | None = None,
) -> Ceremony:
    """Make an alliance's keys under a policy; always the same signing keys, fresh shares."""
    own = association or hub_keys()
    witnesses = tuple(SigningKey(seed("witness", str(index))) for index in (1, 2, 3))
    cards = [
        CustodianCard(name=f"C{n}", witness=b64(key.public), sealing=b64(SealingKey.generate().public))
        for n, key in enumerate(witnesses, 1)
    ]
    dealt = deal(
        cards,
        card(ALLIANCE, own),
        threshold=2,
        policy=policy,
        epoch=epoch,
        predecessor=predecessor,
        safe_primes=lambda _bits: SMALL,
    )
    signatures = tuple(sign_key_set(key, dealt.key_set) for key in witnesses)
    return Ceremony(SignedKeySet(key_set=dealt.key_set, signatures=signatures), own, witnesses)


def succeed(last: Ceremony, named: Predecessor, *, endorsers: Sequence[int] = (1, 3)) -> Ceremony:
    """Make the keys of the epoch after `last`, endorsed by so many of its custodians."""
    policy = last.key_set.policy
    held = hold_ceremony(policy, last.hub_keys, epoch=last.key_set.epoch + 1, predecessor=named)
    endorsements = tuple(
        endorse(last.witnesses[index - 1], held.key_set, custodian=index) for index in endorsers
    )
    signed = SignedKeySet(held.key_set, held.signed.signatures, endorsements)
    return Ceremony(signed, held.hub_keys, held.witnesses)


def final_head(last: KeySet, *, position: int, head: bytes, period: str | None) -> Predecessor:
    """Return how a successor names the end of the epoch before."""
    return Predecessor(
        epoch=last.epoch, key_set=b64(last.digest), position=position, head=b64(head), period=period
    )


@dataclass
class Speaker:
    """An author that chains its own statements, as members and custodians do."""

    author: str
    key: SigningKey
    clock: Clock
    epoch: int = 1
    sequence: int = 0
    previous: bytes | None = None

    def say(self, body: AnyBody, *, key: SigningKey | None = None) -> SignedStatement:
        """Return `body` as this author's next statement; `said` moves on to the one after."""
        return sign_statement(
            key or self.key,
            body,
            alliance=ALLIANCE,
            epoch=self.epoch,
            author=self.author,
            sequence=self.sequence,
            previous=self.previous,
            signed_at=self.clock(),
        )

    def said(self, signed: SignedStatement) -> SignedStatement:
        """Note that a statement stands in the feed, and return it."""
        self.sequence, self.previous = signed.statement.sequence + 1, signed.digest()
        return signed


@dataclass
class Platform(Speaker):
    """A lending platform with its three keys."""

    name: str = ""
    recovery: SigningKey = field(default_factory=lambda: SigningKey(bytes(32)))
    sealing: SealingKey = field(default_factory=SealingKey.generate)
    portfolio: int = 100

    def enrolment(self) -> Enrolment:
        """Return how the platform introduces itself."""
        return Enrolment(
            member=self.name,
            signing=b64(self.key.public),
            recovery=b64(self.recovery.public),
            sealing=b64(self.sealing.public),
            control_group=self.name,
            declared_portfolio=self.portfolio,
        )


def platform(name: str, clock: Clock) -> Platform:
    """Return a platform of this name; the same name has the same signing keys."""
    return Platform(
        member_author(name),
        SigningKey(seed("signing", name)),
        clock,
        name=name,
        recovery=SigningKey(seed("recovery", name)),
    )


def custodian(index: int, ceremony: Ceremony, clock: Clock) -> Speaker:
    """Return custodian `index` as it speaks in the feed."""
    return Speaker(custodian_author(index), ceremony.witnesses[index - 1], clock)


def offer(session: Session, hub: Hub, terms: Terms, now: datetime) -> AgreementRow:
    """Offer terms that take effect with the member's signature, as made-up data may."""
    return agreements.offer_made_up(session, hub, terms, TEXT, now, activates_itself=True)


def terms_for(member: str, at: datetime, **changes: Any) -> Terms:
    """Return sound terms of one year from `at`, with some of them changed."""
    facts = {"agreement": "data-0001", "categories": (Category.EXPOSURE, Category.FLAGS)}
    return terms_of(member, at, **(facts | changes))

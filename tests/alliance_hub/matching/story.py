"""Four lenders with debtors in common, told so that a test reads as what happened."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from alliance_hub.agreements import service as agreements
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.matching import service as matching
from alliance_hub.matching.service import Signed
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Sender
from alliance_hub.settings import load_settings
from privacy.answers import SignedMatchAnswer, verify_answer
from privacy.encoding import b64, instant_text, unb64
from privacy.matching import Manifest, MatchRequest, Opening, open_opening, sign_match
from privacy.messages import parse_json
from privacy.records import Flag
from privacy.statements import CutSignature
from privacy.terms import sign_terms
from privacy.vocabulary import Category, Purpose
from tests.alliance_hub.builders import Platform, offer, seed, terms_for
from tests.alliance_hub.matching.custodian_double import CustodianDouble
from tests.alliance_hub.records.builders import pseudonym_of, record_of, sign_chunk, standing_key_of
from tests.alliance_hub.records.conftest import Alliance

SIGNED = Signed("the signature base", "sig=:the signature:")
ALL = (Category.EXPOSURE, Category.REACHABILITY, Category.FLAGS)


def flag_of(contract: str) -> Flag:
    """Return a flag on a contract."""
    return Flag(id=b64(seed("flag", contract)), version=1, category="absconded", sealed=b64(b"narrative"))


class Story:
    """An alliance whose lenders hold debtors and ask about them."""

    def __init__(self, alliance: Alliance, doubles: Sequence[CustodianDouble]) -> None:
        self.alliance, self.clock, self.doubles = alliance, alliance.clock, doubles
        addresses = tuple(double.address for double in doubles)
        settings = load_settings(alliance.hub.settings.home, custodians=addresses)
        self.hub: Hub = dataclasses.replace(alliance.hub, settings=settings)
        self.submitted = 0
        self.members: dict[str, Platform] = {}

    def tell(self) -> None:
        """Let North hold Lin and Mao, South reach Lin and flag it, and a cut take effect."""
        north, south = self.join("North"), self.join("South")
        self.hold(north, "Lin", "Mao")
        self.hold(south, "Lin", flag=flag_of("South"))
        self.cut()

    def know(self, member: Platform) -> None:
        """Note a lender, and to which key custodians seal what it may open."""
        self.members[member.name] = member
        for double in self.doubles:
            double.sealing[member.name] = member.sealing.public

    def join(self, name: str, **terms: Any) -> Platform:
        """Let a lender join with an agreement under its own name; `terms` change what it says."""
        member = self.alliance.join(name, agreed=False)
        self.agree(member, **{"categories": ALL, **terms})
        self.know(member)
        return member

    def agree(self, member: Platform, **changes: Any) -> None:
        """Let a lender sign terms; by default they name all that a match can tell."""
        terms = terms_for(member.name, self.clock(), **{"agreement": member.name, **changes})
        with self.hub.database.transaction() as session:
            offer(session, self.hub, terms, self.clock())
            row = membership.get(session, member.name)
            signature = sign_terms(member.key, terms)
            agreements.sign(session, self.hub, row, terms.agreement, terms.version, signature, self.clock())

    def hold(self, member: Platform, *debtors: str, **facts: Any) -> None:
        """Let a lender hand in one contract with each of these debtors."""
        self.submitted += 1
        records = [
            record_of(self.hub.key_set, f"{member.name}/{debtor}/{self.submitted}", debtor, **facts)
            for debtor in debtors
        ]
        chunk = sign_chunk(member, self.hub.key_set, records)
        done = self.alliance.submit(member, [chunk], reference=f"reference-{self.submitted}")
        assert (done.accepted, done.refused) == (len(debtors), 0)

    def cut(self) -> str:
        """Begin a period that all three custodians sign, and return its name."""
        with self.hub.database.transaction() as session:
            position = feed.cut(session, self.hub, self.clock()).position
            cut = feed.newest_cut(session)
        assert cut is not None
        body = CutSignature(
            period=cut.period, position=position, head=b64(cut.head), state_digest=b64(seed("state"))
        )
        for index, witness in enumerate(self.alliance.custodians, 1):
            signed = witness.said(witness.say(body))
            with self.hub.database.transaction() as session:
                sender = Sender.for_custodian(index)
                feed.receive(session, self.hub, signed, sender=sender, now=self.clock())
        return cut.period

    def manifest(self, member: Platform, *debtors: str, **changes: Any) -> Manifest:
        """Return what a lender asks about debtors, with some of it changed."""
        key_set = self.hub.key_set
        facts: dict[str, Any] = {
            "alliance": key_set.alliance,
            "epoch": key_set.epoch,
            "key_set": b64(key_set.digest),
            "request_id": "request-0001",
            "member": member.name,
            "agreement": member.name,
            "purpose": Purpose.POST_LOAN_MANAGEMENT.value,
            "case": "case 1",
            "period": "2026-11",
            "requested_at": instant_text(self.clock()),
            "unpacked": False,
            "subjects": tuple(b64(pseudonym_of(debtor)) for debtor in debtors),
        }
        return Manifest(**(facts | changes))

    def request(self, member: Platform, *debtors: str, **changes: Any) -> MatchRequest:
        """Return a signed question about debtors that the lender knows."""
        seeds = [standing_key_of(debtor).seed for debtor in debtors]
        return sign_match(member.key, self.manifest(member, *debtors, **changes), seeds)

    def match(self, member: Platform, request: MatchRequest) -> SignedMatchAnswer:
        """Ask, and return the answer once its signature and its openings have been checked."""
        document = matching.match(self.hub, member.name, request, SIGNED)
        signed = parse_json(SignedMatchAnswer, document)
        verify_answer(signed, self.hub.key_set.hub_key)
        return signed

    def ask(self, member: Platform, *debtors: str, **changes: Any) -> SignedMatchAnswer:
        """Ask about debtors that the lender knows."""
        return self.match(member, self.request(member, *debtors, **changes))

    def openings(self, member: Platform, signed: SignedMatchAnswer) -> list[Opening]:
        """Return what the custodians sealed to the asker."""
        return [
            open_opening(
                member.sealing,
                sealed,
                manifest_digest=unb64(signed.answer.manifest),
                witness=self.hub.key_set.witness(sealed.custodian),
            ).opening
            for sealed in signed.answer.openings
        ]

    def wait(self, **delta: float) -> None:
        """Let time go by."""
        self.clock.at += timedelta(**delta)

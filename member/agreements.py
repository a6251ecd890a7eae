"""A member's agreements: what is offered to it, its signature, its notice, and what they would allow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from member import wire
from member.errors import Refused, Untrusted
from member.member import Member
from privacy.encoding import parse_instant
from privacy.terms import Terms, sign_terms, text_digest
from privacy.vocabulary import Category

IN_EFFECT = frozenset({"active", "terminating"})
"""States in which an agreement holds: notice that was given runs until its end."""


def list_agreements(member: Member) -> list[wire.Offer]:
    """Return this member's agreements; raises Untrusted for terms that are another member's."""
    offers = wire.read(wire.Offers, member.hub.get("/v1/agreements"), member.hub.name).agreements
    if any(offer.terms.member != member.name for offer in offers):
        raise Untrusted("the hub shows another member's agreement")
    return offers


def find_offer(member: Member, agreement: str | None) -> Terms:
    """Return the newest terms that are offered, under the name `agreement` or, with None, under any name.

    Raises Refused when nothing is offered, or more than one agreement is and none was named.
    """
    named = [offer for offer in list_agreements(member) if agreement in (None, offer.terms.agreement)]
    offered = [offer.terms for offer in named if offer.state == "offered"]
    if len({terms.agreement for terms in offered}) > 1:
        raise Refused("more than one agreement is offered: name the one to sign", rule="agreement")
    if not offered:
        states = ", ".join(f"{o.terms.agreement} version {o.terms.version} is {o.state}" for o in named)
        raise Refused(f"nothing to sign: {states or 'no such agreement is offered'}", rule="agreement")
    return max(offered, key=lambda terms: terms.version)


def find_version(member: Member, agreement: str, version: int | None) -> wire.Offer:
    """Return one version of an agreement, with None the newest; raises Refused without one."""
    found = [
        offer
        for offer in list_agreements(member)
        if offer.terms.agreement == agreement and version in (None, offer.terms.version)
    ]
    if not found:
        raise Refused("no such agreement was offered: see alliance-member agreements list", rule="agreement")
    return max(found, key=lambda offer: offer.terms.version)


def text_of(member: Member, terms: Terms) -> str:
    """Return the Chinese text that prevails; raises Untrusted for another than the terms name."""
    answer = member.hub.get(f"/v1/agreements/texts/{terms.text}")
    text = wire.read(wire.AgreementText, answer, member.hub.name).text
    if text_digest(text) != terms.text:
        raise Untrusted("the hub shows another text than the terms name: sign nothing, tell the secretariat")
    return text


def sign_agreement(member: Member, terms: Terms) -> wire.Signed:
    """Sign the terms that were shown, and say how far the agreement is. Raises Refused."""
    document = {
        "agreement": terms.agreement,
        "version": terms.version,
        "signature": sign_terms(member.keys.signing, terms),
    }
    answer = member.hub.post("/v1/agreements/signatures", msgspec.json.encode(document))
    return wire.read(wire.Signed, answer, member.hub.name)


def terminate_agreement(member: Member, agreement: str) -> datetime:
    """Give notice, and return the first instant at which the agreement is over. Raises Refused."""
    document = msgspec.json.encode({"agreement": agreement})
    answer = member.hub.post("/v1/agreements/terminations", document)
    return parse_instant(wire.read(wire.Ending, answer, member.hub.name).ends_at)


def try_question(
    member: Member, agreement: str, purpose: str, categories: Sequence[Category], subjects: int
) -> wire.Decisions:
    """Ask the hub what it would decide; nothing is asked of anybody, logged or charged."""
    document = {
        "agreement": agreement,
        "purpose": purpose,
        "categories": [str(each) for each in categories],
        "subjects": subjects,
    }
    answer = member.hub.post("/v1/decisions", msgspec.json.encode(document))
    return wire.read(wire.Decisions, answer, member.hub.name)

"""How a member joins: it introduces itself, others admit and accept it, and it signs an agreement."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from member import wire
from member.errors import NotYet, Refused, Untrusted
from member.member import Member
from member.setup import card_of
from privacy.encoding import b64
from privacy.signing import same_fingerprint
from privacy.statements import Enrolment, SignedStatement, Terms, sign_terms


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a member has come: its fingerprint, and agreements that wait for its signature."""

    fingerprint: str
    offered: tuple[Terms, ...]
    in_force: tuple[Terms, ...]


def enrol(member: Member) -> Standing:
    """Introduce the member to the hub, or look how far its enrolment has come; may run any number of times.

    Raises NotYet with what is missing while others must act, Refused when the hub knows another of this
    name or has suspended the member.
    """
    member.alliance()
    enrolled = wire.read(
        wire.Enrolled,
        member.hub.post("/v1/enrolments", msgspec.json.encode(_introduction(member))),
        member.hub.name,
    )
    fingerprint = card_of(member.name, member.keys).fingerprint
    if not same_fingerprint(enrolled.fingerprint, fingerprint):
        raise Untrusted(
            "the hub shows another fingerprint for this member than its card: tell the secretariat"
        )
    _require_active(member, fingerprint)
    offers = list_agreements(member)
    return Standing(
        fingerprint,
        tuple(offer.terms for offer in offers if offer.state == "offered"),
        tuple(offer.terms for offer in offers if offer.state == "active"),
    )


def _introduction(member: Member) -> SignedStatement:
    """Return the member's first statement, signed now: an old one could not be admitted."""
    settings, keys = member.settings, member.keys
    body = Enrolment(
        member=settings.name,
        signing=b64(keys.signing.public),
        recovery=b64(keys.recovery.public),
        sealing=b64(keys.sealing.public),
        control_group=settings.control_group,
        declared_portfolio=settings.declared_portfolio,
    )
    return member.sign(body, sequence=0, previous=None)


def _require_active(member: Member, fingerprint: str) -> None:
    account = member.account()
    match account.state:
        case "active":
            return
        case "suspended":
            raise Refused("this member is suspended: ask the secretariat", rule="suspended")
        case "applied":
            raise NotYet("the secretariat has yet to admit this member: ask it, then run enrol again")
    accepted = len(account.acceptances)
    waiting = [str(i) for i in range(1, member.key_set.count + 1) if i not in account.acceptances]
    raise NotYet(
        f"{accepted} of the {member.key_set.threshold} custodians needed have accepted this member. "
        f"Read the fingerprint to the operators of custodians {', '.join(waiting)}, by telephone or in "
        f"person, and run enrol again: {fingerprint}"
    )


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


def sign_agreement(member: Member, terms: Terms) -> None:
    """Sign the terms that were shown; the secretariat then states the agreement. Raises Refused."""
    document = {
        "agreement": terms.agreement,
        "version": terms.version,
        "signature": sign_terms(member.keys.signing, terms),
    }
    member.hub.post("/v1/agreements/signatures", msgspec.json.encode(document))

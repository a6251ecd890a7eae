"""How a member joins: it introduces itself, others admit and accept it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from member import wire
from member.agreements import IN_EFFECT, list_agreements
from member.errors import NotYet, Refused, Untrusted
from member.member import Member
from member.setup import card_of
from privacy.encoding import b64
from privacy.signing import same_fingerprint
from privacy.statements import Enrolment, SignedStatement
from privacy.terms import Terms


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a member has come: its fingerprint, and its agreements.

    Those that wait for its signature, those that it has signed and two officers have yet to activate, and
    those in effect.
    """

    fingerprint: str
    offered: tuple[Terms, ...]
    signed: tuple[Terms, ...]
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
        offered=tuple(offer.terms for offer in offers if offer.state == "offered"),
        signed=tuple(offer.terms for offer in offers if offer.state == "signed"),
        in_force=tuple(offer.terms for offer in offers if offer.state in IN_EFFECT),
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

"""The facts of log entries and proposals in words: what each is called, and how its value reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from admin import i18n
from admin.entries import DEEDS, thing
from admin.objects import Text
from admin.parameters import UNITS, name_of
from admin.words import ROLES
from alliance_hub.approvals.models import Kind
from alliance_hub.people.roles import Role
from alliance_hub.policy import RegulatoryMode
from privacy.encoding import parse_instant
from privacy.errors import DeserializeError

KINDS: Mapping[Kind, Text] = {
    Kind.ADMISSION: lazy_gettext("Admit a member"),
    Kind.SUSPENSION: lazy_gettext("Suspend a member"),
    Kind.RESUMPTION: lazy_gettext("Let a member work again"),
    Kind.LEAVING: lazy_gettext("Let a member leave"),
    Kind.QUOTA: lazy_gettext("Change a member's quota"),
    Kind.ACTIVATION: lazy_gettext("Put a data agreement into effect"),
    Kind.AGREEMENT_SUSPENSION: lazy_gettext("Suspend a data agreement"),
    Kind.AGREEMENT_RESUMPTION: lazy_gettext("Resume a data agreement"),
    Kind.PARAMETER: lazy_gettext("Change a parameter"),
    Kind.MODE: lazy_gettext("Change the regulatory mode"),
    Kind.CEREMONY: lazy_gettext("Hold a key ceremony"),
    Kind.COURT_ORDER: lazy_gettext("Follow a court's order"),
    Kind.LOG_ERASURE: lazy_gettext("Erase a log entry"),
    Kind.INSPECTION: lazy_gettext("Let an inspector in"),
}
"""What the kinds of proposal are called."""

MODES: Mapping[RegulatoryMode, Text] = {
    RegulatoryMode.SYNTHETIC: lazy_gettext("Made-up data"),
    RegulatoryMode.POST_LOAN_MATCH: lazy_gettext("Post-loan matching"),
    RegulatoryMode.VIA_LICENSED_BUREAU: lazy_gettext("Via a licensed bureau"),
}

FACTS: Mapping[str, Text] = {
    "about": lazy_gettext("Complained of"),
    "accepted": lazy_gettext("Accepted rows"),
    "action": lazy_gettext("Act"),
    "address": lazy_gettext("Address"),
    "agreement": lazy_gettext("Data agreement"),
    "allowed": lazy_gettext("Allowed"),
    "application": lazy_gettext("Application"),
    "appointed": lazy_gettext("Lawyer appointed"),
    "at": lazy_gettext("At"),
    "author": lazy_gettext("Author"),
    "certificate": lazy_gettext("Digest of the certificate"),
    "channel": lazy_gettext("Channel"),
    "clause": lazy_gettext("Clause"),
    "complaint_kind": lazy_gettext("Kind"),
    "consultation": lazy_gettext("Consultation"),
    "court": lazy_gettext("Court"),
    "custodians": lazy_gettext("Custodians"),
    "declared_portfolio": lazy_gettext("Declared portfolio"),
    "delivered_at": lazy_gettext("Handed over"),
    "digest": lazy_gettext("Digest"),
    "dismissed": lazy_gettext("Lawyer dismissed"),
    "epoch": lazy_gettext("Epoch"),
    "fields": lazy_gettext("Changed facts"),
    "fingerprint": lazy_gettext("Fingerprint"),
    "from": lazy_gettext("From"),
    "in_time": lazy_gettext("In time"),
    "key": lazy_gettext("Public key"),
    "key_set": lazy_gettext("Key set"),
    "kind": lazy_gettext("What was done"),
    "leaf": lazy_gettext("Leaf"),
    "legal_name": lazy_gettext("Legal name"),
    "manifest": lazy_gettext("Digest of the manifest"),
    "manifests": lazy_gettext("Manifests of the job"),
    "matter": lazy_gettext("Matter"),
    "member": lazy_gettext("Member"),
    "member_kind": lazy_gettext("Kind of member"),
    "members": lazy_gettext("Members"),
    "name": lazy_gettext("Name"),
    "names_amounts": lazy_gettext("The opinion names amounts"),
    "new": lazy_gettext("New value"),
    "note": lazy_gettext("Note"),
    "number": lazy_gettext("Number"),
    "object": lazy_gettext("About"),
    "officer": lazy_gettext("Officer"),
    "old": lazy_gettext("Old value"),
    "on": lazy_gettext("Day"),
    "opinion_digest": lazy_gettext("Digest of the legal opinion"),
    "order": lazy_gettext("Court's order"),
    "ordered_on": lazy_gettext("Dated"),
    "organisation": lazy_gettext("Organisation"),
    "outcome": lazy_gettext("Outcome"),
    "population": lazy_gettext("Rows of the register"),
    "population_digest": lazy_gettext("SHA-256 of the register"),
    "position": lazy_gettext("Position in the feed"),
    "proposal": lazy_gettext("Proposal"),
    "purpose": lazy_gettext("Purpose"),
    "refused": lazy_gettext("Refused rows"),
    "register": lazy_gettext("Register"),
    "request": lazy_gettext("Digest of the request"),
    "role": lazy_gettext("Role"),
    "route": lazy_gettext("Page"),
    "rows": lazy_gettext("Rows"),
    "said": lazy_gettext("What it certifies"),
    "seal": lazy_gettext("Seal"),
    "sealed_at": lazy_gettext("Sealed"),
    "seed": lazy_gettext("Seed of the sample"),
    "sequence": lazy_gettext("Number in the author's chain"),
    "signature": lazy_gettext("Signature"),
    "signature_base": lazy_gettext("What the signature covers"),
    "state": lazy_gettext("State"),
    "subjects": lazy_gettext("Subjects asked about"),
    "submission": lazy_gettext("Submission"),
    "superseded": lazy_gettext("Why superseded"),
    "synthetic": lazy_gettext("Made-up data"),
    "terms": lazy_gettext("Digest of the terms"),
    "threshold": lazy_gettext("Custodians needed"),
    "to": lazy_gettext("In the hands of"),
    "type": lazy_gettext("Kind of statement"),
    "unchanged": lazy_gettext("Unchanged rows"),
    "unit": lazy_gettext("Unit"),
    "unpacked": lazy_gettext("Subjects opened singly"),
    "until": lazy_gettext("Until"),
    "version": lazy_gettext("Version"),
    "why": lazy_gettext("Why superseded"),
}
"""What the facts of entries and proposals are called."""


_FIRST = ("at", "kind", "officer", "organisation", "object")


def in_order(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's facts with those first that every entry has."""
    return {**{name: said[name] for name in _FIRST if name in said}, **said}


def fact(name: str) -> Text:
    """Return what a fact is called."""
    return FACTS.get(name, name)


def worded(name: str, value: Any) -> str:
    """Return a fact's value in words, as its name says how to read it."""
    match name, value:
        case "kind", str():
            return str(DEEDS.get(value, value))
        case "object", str():
            return thing(value)
        case "action", str() if value in set(Kind):
            return str(KINDS[Kind(value)])
        case "at" | "delivered_at" | "from" | "sealed_at" | "until", str():
            return _moment(value)
        case "name", str():
            return name_of(value)
        case "role", str() if value in set(Role):
            return str(ROLES[Role(value)])
        case "unit", str() if value in UNITS:
            return str(UNITS[value])
        case "old" | "new", str() if value in set(RegulatoryMode):
            return str(MODES[RegulatoryMode(value)])
        case "old" | "new" | "declared_portfolio", int():
            return i18n.number(value)
    return plain(value)


def plain(value: Any) -> str:
    """Return a fact's value as a page shows it."""
    match value:
        case None:
            return ""
        case bool():
            return str(gettext("yes") if value else gettext("no"))
        case list() | tuple():
            return ("、" if i18n.language() == "zh" else ", ").join(map(plain, value))
        case dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _moment(text: str) -> str:
    try:
        return i18n.instant(parse_instant(text), weekday=True)
    except DeserializeError:
        return text

"""What kinds and states of matters, certificates, and the reasons for superseding them are called."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from admin import facts
from admin.objects import Chip, Text
from alliance_hub.matters.kinds import CertificateKind, MatterState, Why
from privacy.evidence import MatterKind

KINDS: Mapping[MatterKind, Text] = {
    MatterKind.LITIGATION: lazy_gettext("Litigation"),
    MatterKind.ARBITRATION: lazy_gettext("Arbitration"),
    MatterKind.MEDIATION: lazy_gettext("Mediation"),
    MatterKind.ENFORCEMENT: lazy_gettext("Enforcement by a court"),
}

STATES: Mapping[MatterState, Chip] = {
    MatterState.OPEN: Chip(lazy_gettext("under way"), "good"),
    MatterState.CLOSED: Chip(lazy_gettext("closed"), "still"),
    MatterState.EXPIRED: Chip(lazy_gettext("expired"), "still"),
}

CERTIFICATES: Mapping[CertificateKind, Text] = {
    CertificateKind.AGREEMENT: lazy_gettext("Data agreement: under which terms the member took part"),
    CertificateKind.DECISION: lazy_gettext("Decisions: what the member asked about this debtor"),
    CertificateKind.RECORD: lazy_gettext("Records: that the contracts were handed in, and when"),
    CertificateKind.FLAG: lazy_gettext("Evasion flags that the member itself has set"),
    CertificateKind.SETTLEMENT: lazy_gettext("Settlement: which of the contracts have ended"),
    CertificateKind.NOTICE: lazy_gettext("Notice: digests of the consent and of the delivered notice"),
    CertificateKind.EXISTENCE: lazy_gettext("Existence: whether another member holds the debtor"),
}

WHYS: Mapping[Why, Text] = {
    Why.SETTLED: lazy_gettext("The member has said since that a contract is paid."),
    Why.WITHDRAWN: lazy_gettext("The member has taken a contract back since."),
    Why.MEMBER_SUSPENDED: lazy_gettext("The association has suspended the member since."),
    Why.AGREEMENT_CHANGED: lazy_gettext(
        "The data agreement was suspended, resumed, put under notice or has ended since."
    ),
    Why.HOLD: lazy_gettext("A contract was put on hold since, or its hold has ended."),
    Why.NEWER_RECORD: lazy_gettext("The member has handed in a newer record of a contract."),
    Why.FLAG_CHANGED: lazy_gettext("An evasion flag was set, changed or taken away since."),
    Why.EXPIRED: lazy_gettext("A contract's record has run out: it was not handed in again in time."),
    Why.CORRECTED: lazy_gettext("A later certificate of the same kind says more, or something else."),
}
"""Why a certificate or bundle no longer says enough."""

CURRENT = Chip(lazy_gettext("still holds"), "good")
SUPERSEDED = Chip(lazy_gettext("no longer current"), "bad")


def worded(name: str, value: object) -> str:
    """Return a fact of a log entry in words, those of matters included."""
    match name, value:
        case "said", str() if value in set(CertificateKind):
            return str(CERTIFICATES[CertificateKind(value)])
        case "superseded" | "why", str() if value in set(Why):
            return str(WHYS[Why(value)])
    return facts.worded(name, value)


def superseded_chip(why: Why | None) -> Chip:
    """Return whether a certificate or bundle still says enough, as a chip."""
    return CURRENT if why is None else SUPERSEDED


def bundle_warning(sealed_on: str, why: Why) -> str:
    """Return the warning above a matter whose newest bundle is superseded."""
    return str(
        gettext(
            "The bundle sealed on %(day)s is superseded. %(why)s Do not hand it in before the member has "
            "made a new one.",
            day=sealed_on,
            why=str(WHYS[why]),
        )
    )

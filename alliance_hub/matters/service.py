"""Everything that can be done with matters, under one name: `matters.get_for(...)`.

a member, signed   open_matter · get_own · list_own · certify · evidence · paper_of · report_bundle
                   deliver_bundle · close_own
the console        list_for · get_for · terms_for · accept_terms · download · confirm_bundle (lawyers)
                   appoint · dismiss · list_candidates · shorten · close (the member's own people)
                   list_orders · get_order · propose_existence (the secretariat)
"""

from __future__ import annotations

from alliance_hub.matters.acts import propose_existence
from alliance_hub.matters.bundles import deliver as deliver_bundle
from alliance_hub.matters.bundles import report as report_bundle
from alliance_hub.matters.certify import certify
from alliance_hub.matters.evidence import evidence
from alliance_hub.matters.kinds import ASKED_FOR, CertificateKind, MatterState, Why
from alliance_hub.matters.managing import appoint, close, close_own, dismiss, list_candidates, shorten
from alliance_hub.matters.opening import open_matter
from alliance_hub.matters.orders import OrderLine, get_order, is_waiting, list_orders
from alliance_hub.matters.presenting import present
from alliance_hub.matters.reading import get_own, list_own
from alliance_hub.matters.receiving import confirm as confirm_bundle
from alliance_hub.matters.receiving import download, paper_of
from alliance_hub.matters.seeing import accept_terms, get_for, list_for, terms_for
from alliance_hub.matters.shown import (
    BundleShown,
    CertificateShown,
    LawyerShown,
    MatterLine,
    MatterShown,
    OrderShown,
    TermsShown,
)
from alliance_hub.matters.terms import LawyerTerms

__all__ = [
    "ASKED_FOR",
    "BundleShown",
    "CertificateKind",
    "CertificateShown",
    "LawyerShown",
    "LawyerTerms",
    "MatterLine",
    "MatterShown",
    "MatterState",
    "OrderLine",
    "OrderShown",
    "TermsShown",
    "Why",
    "accept_terms",
    "appoint",
    "certify",
    "close",
    "close_own",
    "confirm_bundle",
    "deliver_bundle",
    "dismiss",
    "download",
    "evidence",
    "get_for",
    "get_order",
    "get_own",
    "is_waiting",
    "list_candidates",
    "list_for",
    "list_orders",
    "list_own",
    "open_matter",
    "paper_of",
    "present",
    "propose_existence",
    "report_bundle",
    "shorten",
    "terms_for",
]

"""What the pages call purposes, categories, roles and clauses: the words of the law where it has them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from alliance_hub.agreements.service import Clause
from privacy.terms import Handling
from privacy.vocabulary import Category, Purpose, RefusedPurpose

PURPOSES: Mapping[str, LazyString] = {
    Purpose.POST_LOAN_MANAGEMENT: lazy_gettext("Post-loan management"),
    Purpose.SKIP_TRACE: lazy_gettext("Finding a debtor that is lost"),
    Purpose.EVASION_FLAG: lazy_gettext("Evasion flag"),
    Purpose.LITIGATION: lazy_gettext("Litigation"),
    Purpose.ARBITRATION: lazy_gettext("Arbitration"),
    Purpose.MEDIATION: lazy_gettext("Mediation"),
    Purpose.ENFORCEMENT: lazy_gettext("Enforcement by a court"),
    Purpose.REGULATOR_REPORTING: lazy_gettext("Reporting to the regulator"),
    Purpose.DISPUTE_HANDLING: lazy_gettext("Handling an objection"),
    Purpose.DEBT_TRANSFER_NOTICE: lazy_gettext("Notice of a transferred debt"),
    Purpose.AGENCY_MISCONDUCT: lazy_gettext("Misconduct of a collection agency"),
    Purpose.AUDIT: lazy_gettext("Audit"),
    Purpose.AGGREGATE_STATISTICS: lazy_gettext("Aggregate statistics"),
}
"""The purposes that an agreement may name."""

REFUSED: Mapping[str, LazyString] = {
    RefusedPurpose.CREDIT_GRANTING: lazy_gettext("Granting credit"),
    RefusedPurpose.PRE_LOAN_SCREENING: lazy_gettext("Screening applicants before a loan"),
    RefusedPurpose.SCORING: lazy_gettext("Scoring a person"),
    RefusedPurpose.MARKETING: lazy_gettext("Marketing"),
    RefusedPurpose.EMPLOYMENT: lazy_gettext("Employment"),
    RefusedPurpose.TENANCY: lazy_gettext("Tenancy"),
    RefusedPurpose.INSURANCE_PRICING: lazy_gettext("Pricing insurance"),
    RefusedPurpose.PUBLIC_SHAMING: lazy_gettext("Publishing debtors"),
    RefusedPurpose.THIRD_PARTY_PRESSURE: lazy_gettext("Pressing third persons"),
    RefusedPurpose.RESALE: lazy_gettext("Resale"),
    RefusedPurpose.CONTACT_BOOK: lazy_gettext("Gathering a debtor's contacts"),
    RefusedPurpose.LOCATION_TRACKING: lazy_gettext("Tracking a debtor's location"),
    RefusedPurpose.MODEL_TRAINING: lazy_gettext("Training a model"),
    RefusedPurpose.CROSS_BORDER: lazy_gettext("Taking data across the border"),
}
"""The purposes that no agreement can allow."""

CATEGORIES: Mapping[str, LazyString] = {
    Category.FLAGS: lazy_gettext("Evasion flags"),
    Category.EXPOSURE: lazy_gettext("Total exposure at others"),
    Category.REACHABILITY: lazy_gettext("Reachable elsewhere or not"),
    Category.CONTACT_CHECK: lazy_gettext("Checking a known contact point"),
    Category.CONTACT_RELAY: lazy_gettext("Passing a message on"),
    Category.CONTACT_RELEASE: lazy_gettext("Release of the debtor's own contact point"),
    Category.EVIDENCE: lazy_gettext("Certificates as evidence"),
}

HANDLINGS: Mapping[str, LazyString] = {
    Handling.JOINT: lazy_gettext("joint handler (PIPL art. 20)"),
    Handling.ENTRUSTED: lazy_gettext("entrusts the association (PIPL art. 21)"),
    Handling.PROVIDER: lazy_gettext("provider (PIPL art. 23)"),
    Handling.RECIPIENT: lazy_gettext("recipient (PIPL art. 23)"),
}

CLAUSES: Mapping[str, LazyString] = {
    Clause.REFUSED_PURPOSES: lazy_gettext("Purposes that no agreement can allow"),
    Clause.REGULATORY_MODE: lazy_gettext("Regulatory mode"),
    Clause.PARTIES: lazy_gettext("Parties"),
    Clause.STATE: lazy_gettext("State of the agreement"),
    Clause.VALIDITY: lazy_gettext("Validity"),
    Clause.PURPOSES: lazy_gettext("Purposes"),
    Clause.CATEGORIES: lazy_gettext("Categories that the member receives"),
    Clause.RECIPROCITY: lazy_gettext("Reciprocity"),
    Clause.BATCH_CAP: lazy_gettext("Largest request"),
    Clause.QUOTA: lazy_gettext("Daily quota"),
}
"""What can deny a call."""


def clause(word: str) -> LazyString | str:
    """Return what a deciding clause is called; one that allows is named by its purpose."""
    name, _dot, named = word.partition(".")
    return purpose(named) if named else CLAUSES.get(name, word)


def purpose(word: str) -> LazyString | str:
    """Return what a purpose is called, also a refused one; a word that nobody knows stays as it is."""
    return PURPOSES.get(word) or REFUSED.get(word) or word

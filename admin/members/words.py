"""What the pages of membership call things."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from admin.objects import Chip, Text, Tone
from alliance_hub.membership.certificates import Remains, Stays
from alliance_hub.membership.checklist import Item
from alliance_hub.membership.keyring import Origin
from alliance_hub.membership.register import Standing
from alliance_hub.membership.vocabulary import (
    ApplicationState,
    ContactRole,
    ExitStage,
    LicenceKind,
    MemberKind,
)

KINDS: Mapping[MemberKind, LazyString] = {
    MemberKind.LENDING_PLATFORM: lazy_gettext("Lending platform"),
    MemberKind.LOAN_ASSIST: lazy_gettext("Loan-assist firm"),
    MemberKind.ASSET_DISPOSER: lazy_gettext("Asset disposer"),
}
LICENCES: Mapping[LicenceKind, LazyString] = {
    LicenceKind.FINANCIAL: lazy_gettext("Financial licence"),
    LicenceKind.SMALL_LOAN: lazy_gettext("Approval of a small-loan company"),
    LicenceKind.GUARANTEE: lazy_gettext("Financing guarantee licence"),
    LicenceKind.ASSET_MANAGEMENT: lazy_gettext("Approval of a local asset management company"),
    LicenceKind.FILING: lazy_gettext("Filing with the local financial regulator"),
    LicenceKind.BUSINESS: lazy_gettext("Business licence only"),
}
CONTACTS: Mapping[ContactRole, LazyString] = {
    ContactRole.BUSINESS: lazy_gettext("Business contact"),
    ContactRole.DATA_PROTECTION: lazy_gettext("Personal information protection officer"),
    ContactRole.TECHNICAL: lazy_gettext("Technical contact"),
}
STANDINGS: Mapping[Standing, tuple[LazyString, Tone]] = {
    Standing.APPLIED: (lazy_gettext("not admitted yet"), "wait"),
    Standing.ADMITTED: (lazy_gettext("admitted, awaiting custodians"), "wait"),
    Standing.ACTIVE: (lazy_gettext("at work"), "good"),
    Standing.SUSPENDED: (lazy_gettext("out of work"), "bad"),
    Standing.LEAVING: (lazy_gettext("leaving"), "wait"),
    Standing.LEFT: (lazy_gettext("has left"), "still"),
}
APPLICATIONS: Mapping[ApplicationState, tuple[LazyString, Tone]] = {
    ApplicationState.RECEIVED: (lazy_gettext("received"), "wait"),
    ApplicationState.IN_REVIEW: (lazy_gettext("under review"), "wait"),
    ApplicationState.RETURNED: (lazy_gettext("returned for correction"), "still"),
    ApplicationState.READY: (lazy_gettext("ready for admission"), "good"),
    ApplicationState.ADMITTED: (lazy_gettext("admitted"), "good"),
    ApplicationState.REFUSED: (lazy_gettext("turned down"), "bad"),
    ApplicationState.WITHDRAWN: (lazy_gettext("taken back by the applicant"), "still"),
}
STAGES: Mapping[ExitStage, LazyString] = {
    ExitStage.SUSPENDED: lazy_gettext("Its data are being put together"),
    ExitStage.EXPORTED: lazy_gettext("Its data can be fetched; the hub is erasing"),
    ExitStage.ERASED: lazy_gettext("Erased and certified; waiting for the copy's last day and for cuts"),
    ExitStage.CLOSED: lazy_gettext("Finished; the last certificate is signed"),
}
ITEMS: Mapping[Item, LazyString] = {
    Item.USCC_FREE: lazy_gettext("Social credit code is sound, and no other firm's"),
    Item.LICENCE_RUNS: lazy_gettext("Licence has not run out"),
    Item.KEYS_INTRODUCED: lazy_gettext("Introduced itself with the keys on its card"),
    Item.ENROLMENT_FRESH: lazy_gettext("Enrolment was signed within 24 hours"),
    Item.GROUP_FITS: lazy_gettext("Control group fits the controlling shareholder"),
    Item.LICENCE_SEEN: lazy_gettext("Licence seen in the issuing authority's public register"),
    Item.FINGERPRINT_READ: lazy_gettext(
        "Fingerprint read back by telephone, over a number found independently"
    ),
    Item.DOCUMENTS: lazy_gettext("Sealed application, business licence and authorisation are on file"),
    Item.CONTROLLER_SEEN: lazy_gettext("Controlling shareholder seen in the credit publicity system"),
    Item.CONSENT_TEXT: lazy_gettext(
        "Borrowers' consent and notice texts name recipients, purposes and items"
    ),
    Item.REGULATOR_ASKED: lazy_gettext("Local financial regulator was asked, or has filed the firm"),
}
SOURCES: Mapping[Item, LazyString] = {
    Item.USCC_FREE: lazy_gettext("GB 32100-2015"),
    Item.LICENCE_RUNS: lazy_gettext("Data agreement: parties hold a licence in force"),
    Item.KEYS_INTRODUCED: lazy_gettext("Protocol section 5, enrolment"),
    Item.ENROLMENT_FRESH: lazy_gettext("Protocol section 5, verdict"),
    Item.GROUP_FITS: lazy_gettext("Protocol section 1: members under one control count once"),
    Item.LICENCE_SEEN: lazy_gettext("Alliance's admission rules"),
    Item.FINGERPRINT_READ: lazy_gettext("Protocol section 5, acceptance"),
    Item.DOCUMENTS: lazy_gettext("Alliance's admission rules"),
    Item.CONTROLLER_SEEN: lazy_gettext("Protocol section 1: members under one control count once"),
    Item.CONSENT_TEXT: lazy_gettext("Credit Reporting Regulation arts. 15 and 29; PIPL art. 23"),
    Item.REGULATOR_ASKED: lazy_gettext(
        "Credit Reporting Regulation arts. 2 and 7; legal opinion of the mode"
    ),
}
ORIGINS: Mapping[Origin, LazyString] = {
    Origin.ENROLLED: lazy_gettext("enrolled; compared by the custodians' operators"),
    Origin.ROTATED: lazy_gettext("rotated by the member; recovery key kept"),
    Origin.REVOKED: lazy_gettext("all keys replaced by the recovery key"),
}
REMAINS: Mapping[Remains, LazyString] = {
    Remains.COPY: lazy_gettext("The archive with its own data, which it may fetch until its last day"),
    Remains.CONTACTS: lazy_gettext(
        "Names, mobile numbers and mail addresses of its people, until the same day"
    ),
    Remains.CHUNKS: lazy_gettext(
        "Sealed records of its chunks in the feed, until two further cuts are effective"
    ),
    Remains.CONTRACTS: lazy_gettext("Opaque references of its contracts, as long as the chunks"),
}
STAYS: Mapping[Stays, LazyString] = {
    Stays.STATEMENTS: lazy_gettext(
        "Its statements in the feed, without records: the custodians' state follows from all of them"
    ),
    Stays.AGREEMENTS: lazy_gettext("Its data agreements as signed: evidence of what was allowed"),
    Stays.LOG: lazy_gettext("Log entries about it, for three years: it must be known who asked what"),
    Stays.FILE: lazy_gettext("Name, code, licence and application in the register, without its people"),
    Stays.CUSTODIANS: lazy_gettext(
        "Records at the custodians: what it withdrew or settled is forgotten two cuts later; what "
        "was live when "
        "it left blocks its subjects for six cuts and is then forgotten. They certify it to the member."
    ),
}
FAULTS: tuple[LazyString, ...] = (
    lazy_gettext("this is needed"),
    lazy_gettext("this is not the card.json that alliance-member init wrote: upload that file unchanged"),
    lazy_gettext("the fingerprint is not that of the keys beside it: upload card.json unchanged"),
    lazy_gettext("signing and recovery key must differ: make a new vault with alliance-member init"),
    lazy_gettext(
        "the name on the card is not in Unicode's composed form (NFC): run alliance-member init again"
    ),
    lazy_gettext(
        "a unified social credit code has 18 digits and capital letters, and the last checks the others"
    ),
    lazy_gettext("a firm is not its own controlling shareholder: leave this empty if it has none"),
    lazy_gettext("choose one of those on offer"),
    lazy_gettext("between 2 and 120 visible characters"),
    lazy_gettext("between 1 and 64 visible characters"),
    lazy_gettext("a day such as 2027-12-31, or nothing for a licence without end"),
    lazy_gettext("the licence has run out: renew it first"),
    lazy_gettext("a whole number of contracts from 1 to 100,000,000"),
    lazy_gettext("a mainland mobile number of 11 digits"),
    lazy_gettext("an e-mail address such as name@example.com"),
    lazy_gettext("a member has this name: choose another with alliance-member init"),
    lazy_gettext("an application under this name is under way: use the link that it was given"),
    lazy_gettext("the card bears another name than this application: withdraw it and apply anew"),
    lazy_gettext("a member or another applicant has this code: find out which of them is the firm"),
    lazy_gettext("the licence has run out: return the application until it is renewed"),
    lazy_gettext("it has not introduced itself: let it run alliance-member enrol"),
    lazy_gettext("it introduced itself with other keys than those on its card: find out whose they are"),
    lazy_gettext(
        "custodians take no enrolment that was signed more than 24 hours ago: let it run enrol again"
    ),
    lazy_gettext("its control group is known once it has introduced itself"),
    lazy_gettext("the member is not at work: there is nothing to suspend"),
    lazy_gettext("the member is not suspended: there is no suspension to end"),
    lazy_gettext("the member is leaving: its suspension is for good"),
    lazy_gettext("the member is leaving already: its page shows how far that is"),
    lazy_gettext("the firm is not admitted: refuse its application instead"),
    lazy_gettext("only a member that is admitted and does not leave has a quota"),
    lazy_gettext("this member has no file yet: write down its facts first"),
    lazy_gettext("a firm under the same control stands in another group: let it enrol with that group"),
    lazy_gettext(
        "it enrolled with the group of a firm that is not under the same control: let it name its own"
    ),
)
"""Sentences of the rules of membership, so that the language's file knows them."""


def standing_chip(standing: Standing) -> Chip:
    """Return how a member stands, as a chip."""
    return Chip(*STANDINGS[standing])


def application_chip(state: ApplicationState) -> Chip:
    """Return how far an application is, as a chip."""
    return Chip(*APPLICATIONS[state])


def contact_label(role: str) -> Text:
    """Return what a contact is called by its stored role."""
    return CONTACTS[ContactRole(role)]


TABLES: Mapping[str, LazyString] = {
    "evasion_flags": lazy_gettext("Evasion flags"),
    "match_job_items": lazy_gettext("Questions of match jobs"),
    "match_jobs": lazy_gettext("Match jobs"),
    "match_openings": lazy_gettext("Further openings"),
    "matches": lazy_gettext("Questions and answers"),
    "member_export_parts": lazy_gettext("Pieces of the archive"),
    "member_quota_use": lazy_gettext("Days of quota use"),
    "record_references": lazy_gettext("Opaque references of contracts"),
    "records": lazy_gettext("Contents of records"),
    "submission_bodies": lazy_gettext("Bodies of submissions not yet judged"),
    "submission_chunks": lazy_gettext("Chunks of submissions"),
    "submission_rows": lazy_gettext("Rows of submissions that were not accepted"),
    "submissions": lazy_gettext("Submissions"),
}
"""What is erased of a leaving member, by table."""

"""What the hub's own answers and small requests look like: one form for each, read into the OpenAPI document.

What travels signed (statements, manifests, answers) has its forms in `privacy`; here stands the rest.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from alliance_hub.membership.certificates import SignedCertificate
from alliance_hub.membership.vocabulary import ContactRole, LicenceKind, MemberKind
from privacy.answers import SignedMatchAnswer
from privacy.ceremony import MemberCard
from privacy.keyset import SignedKeySet
from privacy.logged import LogReceipt
from privacy.messages import Bytes32, Bytes64, Count, Day, Index, Instant, Message, Name, Ordinal, Reference
from privacy.receipts import SignedDeletion
from privacy.statements import SignedStatement
from privacy.terms import Terms
from privacy.vocabulary import Category

Cursor = Count | None
"""Where the next page begins: give it as `after`; null when this was the last one."""


class Problem(Message, frozen=True):
    """RFC 9457. `type` ends in the short name of the case; some cases carry further members of their own."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldProblem, ...] = ()
    retry_at: Instant | None = None


class FieldProblem(Message, frozen=True):
    """Which field was refused, by its path, and why; never its value."""

    field: str
    reason: str


class FeedPosition(Message, frozen=True):
    """Where the feed ends."""

    position: Count


class CustodianAddress(Message, frozen=True):
    """Where a custodian is reached."""

    index: Index
    address: str


class Successor(Message, frozen=True):
    """The next epoch: its key set, endorsed by custodians of this one, and where its hub serves."""

    key_set: SignedKeySet
    address: str


class Alliance(Message, frozen=True):
    """What anybody may know: the signed key set, where the custodians are, what period is open.

    `successor` is null while this epoch goes on.
    """

    mode: str
    key_set: SignedKeySet
    custodians: tuple[CustodianAddress, ...]
    feed: FeedPosition
    period: str | None
    successor: Successor | None


class Enrolled(Message, frozen=True):
    """How far an enrolment is, and the fingerprint that operators compare with the member's card."""

    member: Name
    state: str
    fingerprint: str


class AgreementShown(Message, frozen=True):
    """One version of an agreement; `offered` ones wait for the member's signature.

    `ends_at` is the first instant at which it is over: before `valid_until` when it was terminated or
    replaced. `suspended_at` is null while it is not suspended.
    """

    terms: Terms
    state: str
    signed_at: Instant | None
    activated_at: Instant | None
    suspended_at: Instant | None
    terminated_at: Instant | None
    ends_at: Instant


class AgreementList(Message, frozen=True):
    """Every version that was offered to the member, the oldest first."""

    agreements: tuple[AgreementShown, ...]


class AgreementSignature(Message, frozen=True):
    """The member's signature over an offer's terms (label `agreement`)."""

    agreement: Name
    version: Ordinal
    signature: Bytes64


class AgreementSigned(Message, frozen=True):
    """How far the version is; `position` says where the feed states it, null until it is activated."""

    agreement: Name
    version: int
    state: str
    position: Count | None


class AgreementText(Message, frozen=True):
    """The Chinese text that prevails; SHA-256 of its UTF-8 bytes is `text` of the terms."""

    text: str


class AgreementNotice(Message, frozen=True):
    """The member gives notice for an agreement of its own."""

    agreement: Name


class AgreementEnding(Message, frozen=True):
    """When the agreement is over; until then it holds."""

    agreement: Name
    ends_at: Instant


class DecisionQuestion(Message, frozen=True):
    """What a match would ask: `subjects` is how many, 0 to leave quotas aside. No subject is named."""

    agreement: Name
    purpose: Annotated[str, msgspec.Meta(max_length=64)]
    categories: Annotated[tuple[Category, ...], msgspec.Meta(min_length=1, max_length=16)]
    subjects: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]


class DecisionShown(Message, frozen=True):
    """Whether one category would be answered, by which clause, why and since when.

    `version` is 0 where no such agreement is in effect. `entry` is the leaf of the log entry that brought
    the agreement into its present state; `retry_at` says when a quota begins anew, or the terms begin.
    """

    category: Category
    allowed: bool
    agreement: str
    version: Count
    clause: str
    reason: str
    since: Instant | None
    retry_at: Instant | None
    entry: Bytes32 | None


class Decisions(Message, frozen=True):
    """What would be decided at this instant; nothing was asked, logged or charged."""

    mode: str
    at: Instant
    decisions: tuple[DecisionShown, ...]


class FeedShown(Message, frozen=True):
    """The feed's head; `stamp` is null while the feed is empty."""

    position: Count
    head: Bytes32
    stamp: Instant | None


class CutShown(Message, frozen=True):
    """The newest cut, who has signed it, and how many records of the member's own it holds."""

    period: str
    position: Count
    stamp: Instant
    effective: bool
    signatures: tuple[Index, ...]
    live_records: Count


class CutSignatureShown(Message, frozen=True):
    """One custodian's signature under a cut, and where it stands in the feed."""

    position: Count
    statement: SignedStatement


class CutDetail(Message, frozen=True):
    """A cut, and every custodian's signature under it: check them with the key set's witness keys."""

    period: str
    position: Count
    stamp: Instant
    head: Bytes32
    signatures: tuple[CutSignatureShown, ...]


class CohortsShown(Message, frozen=True):
    """A custodian's commitment to the cohorts that it helped open, and the log entry of its appending."""

    position: Count
    stamp: Instant
    statement: SignedStatement
    receipt: LogReceipt


class Account(Message, frozen=True):
    """What the hub holds of a member: compare it with what the custodians say."""

    member: Name
    state: str
    next_sequence: Count
    previous: Bytes32 | None
    declared_portfolio: Count
    acceptances: tuple[Index, ...]
    agreements: tuple[AgreementShown, ...]
    feed: FeedShown
    cut: CutShown | None
    live_records: Count
    regulatory_mode: str


class StatementTaken(Message, frozen=True):
    """Where a statement stands in the feed, and the receipt of the log entry that says so."""

    position: Count
    stamp: Instant
    receipt: LogReceipt


class StatementShown(Message, frozen=True):
    """One of the member's own statements."""

    sequence: Count
    type: str
    position: Count
    stamp: Instant
    digest: Bytes32


class StatementPage(Message, frozen=True):
    """The member's own statements in order."""

    statements: tuple[StatementShown, ...]
    next: Cursor


class SubmissionTaken(Message, frozen=True):
    """A submission that is stored whole and will be processed."""

    id: str
    reference: Reference
    state: str


class ChunkShown(Message, frozen=True):
    """What became of one chunk of a submission."""

    sequence: Count
    state: str
    position: Count | None
    reason: str | None


class SubmissionShown(Message, frozen=True):
    """How far a submission is."""

    id: str
    reference: Reference
    as_of: Day
    state: str
    rows: Count
    accepted: Count
    unchanged: Count
    refused: Count
    chunks: tuple[ChunkShown, ...]


class SubmissionPage(Message, frozen=True):
    """The member's submissions, the oldest first."""

    submissions: tuple[SubmissionShown, ...]
    next: str | None


class RowShown(Message, frozen=True):
    """A row that was not accepted: `unchanged`, or `refused` with the reason."""

    chunk: Count
    index: Count
    contract_ref: Bytes32
    outcome: str
    reason: str | None


class RowPage(Message, frozen=True):
    """The rows of a submission that were not accepted, in order."""

    rows: tuple[RowShown, ...]
    next: Cursor


class FurtherOpeningRequest(Message, frozen=True):
    """Which custodian is to be asked as well."""

    custodian: Index


class JobTaken(Message, frozen=True):
    """A match job that is stored whole and will be answered."""

    id: str
    state: str


class FailedManifest(Message, frozen=True):
    """A manifest that was refused, with the problem that it would have met as a request of its own."""

    request_id: Reference
    problem: dict[str, Any]


class JobShown(Message, frozen=True):
    """How far a match job is."""

    id: str
    state: str
    manifests: Count
    answered: Count
    failed: tuple[FailedManifest, ...]


class AnswerPage(Message, frozen=True):
    """Answers of a match job, in the order in which its manifests were handed in."""

    answers: tuple[SignedMatchAnswer, ...]
    next: Cursor


class ContactForm(Message, frozen=True):
    """Somebody at an applicant, by its role there."""

    role: ContactRole
    name: str
    mobile: str
    email: str


class ApplicationForm(Message, frozen=True):
    """What an applicant says of itself; `card` is its card.json without the fingerprint."""

    card: MemberCard
    legal_name: str
    kind: MemberKind
    uscc: str
    licence_kind: LicenceKind
    licence_number: str
    licence_until: Day | None
    declared_portfolio: Ordinal
    controller_uscc: str | None
    contacts: tuple[ContactForm, ...]


class ApplicationTaken(Message, frozen=True):
    """An application as it stands, and the link on which a person follows it."""

    id: Ordinal
    member: Name
    state: str
    link: str


class ExitShown(Message, frozen=True):
    """How far a leaving is; nulls until the archive stands."""

    member: Name
    stage: str
    began_at: Instant
    deadline_at: Instant
    export_until: Instant | None
    export_sha256: Bytes32 | None
    export_bytes: Count | None
    certificates: tuple[SignedCertificate, ...]


class DeletionsHandedIn(Message, frozen=True):
    """Deletion certificates of custodians."""

    deletions: tuple[SignedDeletion, ...]

"""The plain answers of hub and custodians, as far as they are read here. More may come; these must fit.

Signed messages are not here: their forms are `privacy.statements` and `privacy.matching`, and exact.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec

from member.errors import Untrusted
from privacy.answers import SignedMatchAnswer
from privacy.errors import InvalidInputError
from privacy.keyset import SignedKeySet
from privacy.logged import LogReceipt
from privacy.messages import Instant, parse_json
from privacy.receipts import CohortReceipt, SignedDeletion
from privacy.statements import SignedStatement
from privacy.terms import Terms

T = TypeVar("T")

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] | int
"""What the hub calls a submission or a job: fit to stand in a path as it is."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of which only the named fields are read."""


class Address(Form, frozen=True):
    """Where a custodian serves."""

    index: int
    address: str


class Alliance(Form, frozen=True):
    """What the hub tells everybody."""

    mode: str
    key_set: SignedKeySet
    custodians: list[Address]
    period: str | None
    successor: Any = None
    """The next epoch, a `Successor` or null; read by `renewal` alone, because its rules may be newer."""


class Successor(Form, frozen=True):
    """The next epoch's key set, and where its hub serves."""

    key_set: SignedKeySet
    address: str


class Cut(Form, frozen=True):
    """The newest cut, and this member's live records at it."""

    period: str
    position: int
    effective: bool
    signatures: list[int]
    live_records: int


class FeedState(Form, frozen=True):
    """Where the hub's feed stands."""

    position: int
    head: str


class Account(Form, frozen=True):
    """This member as the hub sees it."""

    member: str
    state: str
    next_sequence: int | None = None
    previous: str | None = None
    declared_portfolio: int | None = None
    acceptances: list[int] = []
    feed: FeedState | None = None
    cut: Cut | None = None
    live_records: int = 0


class Use(Form, frozen=True):
    """A quota and what is used of it."""

    quota: int
    used: int


class Evaluations(Form, frozen=True):
    """Use of evaluations: in the epoch, and today."""

    epoch: Use
    day: Use


class Judged(Form, frozen=True):
    """What a custodian made of one of this member's statements."""

    sequence: int
    position: int
    type: str
    valid: bool
    reason: str | None = None
    digest: str | None = None


class CustodianAccount(Form, frozen=True):
    """This member as one custodian computes it from its own copy of the feed."""

    member: str
    state: str
    position: int
    head: str
    next_sequence: int
    previous: str | None
    evaluations: Evaluations
    openings: Use
    live_records: int
    cut: Cut | None
    cuts: list[Cut] = []
    """The newest ones, of which `cut` is the last."""
    last_statements: list[Judged] = []


class CutVote(Form, frozen=True):
    """A custodian's signature under a cut, where it stands in the feed."""

    position: int
    statement: SignedStatement


class SignedCut(Form, frozen=True):
    """A cut as the hub shows it, with what the custodians signed of it."""

    period: str
    position: int
    head: str
    signatures: list[CutVote]


class CohortsShown(Form, frozen=True):
    """A custodian's `cohorts` statement as the hub shows it, with its log entry."""

    position: int
    statement: SignedStatement
    receipt: LogReceipt


class Attested(Form, frozen=True):
    """A receipt with what shows it under its custodian's `cohorts` statement; nulls while the period runs."""

    receipt: CohortReceipt
    salt: str | None = None
    index: int | None = None
    size: int | None = None
    path: list[str] = []
    position: int | None = None


class Attestations(Form, frozen=True):
    """Everything that a custodian attests to this member about opened cohorts."""

    cohorts: list[Attested]


class Deletions(Form, frozen=True):
    """The deletion certificates of one custodian for this member."""

    deletions: list[SignedDeletion]


class HandedIn(Form, frozen=True):
    """What a custodian made of a statement that it was handed: where it stands, or that it waits for it."""

    position: int | None
    waiting: bool


class Enrolled(Form, frozen=True):
    """The hub's answer to an enrolment."""

    member: str
    state: str
    fingerprint: str


class Applied(Form, frozen=True):
    """The hub's answer to an application."""

    id: int
    state: str
    link: str


class Offer(Form, frozen=True):
    """An agreement as the hub holds it."""

    terms: Terms
    state: str
    ends_at: str | None = None


class Signed(Form, frozen=True):
    """How far a version is that was signed; `position` is null until it is activated."""

    state: str
    position: int | None = None


class AgreementText(Form, frozen=True):
    """The Chinese text of an agreement."""

    text: str


class Ending(Form, frozen=True):
    """When an agreement is over."""

    ends_at: Instant


class Decided(Form, frozen=True):
    """What the hub would decide about one category."""

    category: str
    allowed: bool
    agreement: str
    version: int
    clause: str
    reason: str
    since: str | None = None
    retry_at: str | None = None


class Decisions(Form, frozen=True):
    """What the hub would decide now."""

    mode: str
    decisions: list[Decided]


class Offers(Form, frozen=True):
    """This member's agreements."""

    agreements: list[Offer]


class Appended(Form, frozen=True):
    """Where a statement stands in the feed."""

    position: int
    receipt: LogReceipt


class ChunkState(Form, frozen=True):
    """What became of one chunk."""

    state: str
    reason: str | None = None


class Submission(Form, frozen=True):
    """A submission under way; chunks in the order in which they were sent."""

    id: Id
    state: str
    chunks: list[ChunkState] = []


class RowOutcome(Form, frozen=True):
    """A record that was not taken as new."""

    contract_ref: str
    outcome: str
    reason: str | None = None


class RowOutcomes(Form, frozen=True):
    """A page of such records."""

    rows: list[RowOutcome]
    next: str | int | None = None


class CheckpointShown(Form, frozen=True):
    """A checkpoint of the hub's log as a signed note, from the hub or from a custodian that cosigned it."""

    checkpoint: str


class ConsistencyShown(Form, frozen=True):
    """The nodes that show that a larger log begins with a smaller one."""

    path: list[str]


class InclusionShown(Form, frozen=True):
    """Where a leaf stands in the log, and the path from it to the root."""

    index: Annotated[int, msgspec.Meta(ge=0)]
    path: list[str]


class CosignatureTaken(Form, frozen=True):
    """Which custodians have cosigned the checkpoint by now."""

    custodians: list[int] = []


class Failed(Form, frozen=True):
    """A manifest of a job that was not answered, and why."""

    request_id: str
    problem: dict[str, Any]


class Job(Form, frozen=True):
    """A match job under way."""

    id: Id
    state: str
    answered: int = 0
    failed: list[Failed] = []


class JobAnswers(Form, frozen=True):
    """A page of a job's answers."""

    answers: list[SignedMatchAnswer]
    next: str | int | None = None


def read(form: type[T], body: bytes, name: str) -> T:
    """Read an answer of `name`; raises Untrusted naming the field that does not fit."""
    try:
        return parse_json(form, body)
    except InvalidInputError as error:
        where = f" at {error.field}" if error.field else ""
        raise Untrusted(f"the answer of {name} is not of the agreed form{where}") from error

"""What becomes of a row, and of its chunk: pure functions over values.

- A contract with a later `as_of` replaces what stands; an identical one changes nothing; the same day
  with other content, or an earlier day, is refused. Absence never settles.
- A contract is named once in a submission, and never again once it has ended.
- A row that is refused refuses its chunk: the member signed the chunk as a whole.
- What every custodian would void or ignore is refused here, where the member still learns why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from alliance_hub.errors import HubError
from alliance_hub.feed.rules import AuthorState, require_alliance, require_next, require_timely
from alliance_hub.policy import CONTRACTS_PER_PSEUDONYM, PORTFOLIOS_PER_PERIOD
from alliance_hub.records.models import RecordState, RowOutcome
from privacy.keyset import KeySet
from privacy.statements import Statement
from privacy.vocabulary import REFUSED_PRODUCTS, ProductClass


class RowReason(StrEnum):
    """Why a row is refused."""

    EPOCH = "epoch"
    """It was made for another epoch."""
    CONTRIBUTION = "contribution"
    """The contribution is no ciphertext under the key set's Paillier key."""
    PRIVATE_DIGEST = "private_digest"
    """The private rest and its salt do not give the digest that the record carries."""
    PRODUCT_CLASS = "product_class"
    """The alliance takes no such product, or the word is not one of its own."""
    FLAG = "flag"
    """The flag's category is unknown, or its narrative too long."""
    TWICE = "twice"
    """The submission names this contract before."""
    ENDED = "ended"
    """The contract was settled or withdrawn."""
    OTHER_CONTENT = "other_content"
    """The same contract and day stand with other content: a correction needs a later day."""
    OLDER = "older"
    """A later day of this contract stands already."""
    AHEAD = "ahead"
    """The day has not come yet."""
    TOO_MANY_CONTRACTS = "too_many_contracts"
    """The member holds as many contracts of this pseudonym as it may."""


class ChunkReason(StrEnum):
    """Why a chunk is refused."""

    CLOSED = "closed"
    """This epoch has ended: submit at its successor."""
    ALLIANCE = "alliance"
    """Its statement is made for another alliance or epoch."""
    SEQUENCE = "sequence"
    """Its statement is not its member's next: one before it was refused, or another came first."""
    SIGNATURE = "signature"
    """It is not signed with its member's key in force."""
    SIGNED_AT = "signed_at"
    """It was signed before the member's last statement, or more than 24 hours from now."""
    NOT_ACTIVE = "not_active"
    """The member is not active now."""
    KEY_SET = "key_set"
    """It names another key set than the one in force."""
    ROOT = "root"
    """Its records do not give its root."""
    PROOF = "proof"
    """It does not prove that its member knows what its contributions hold: make and sign it anew."""
    PORTFOLIO = "portfolio"
    """With it the period would hold more than twice the declared portfolio."""
    ROWS = "rows"
    """At least one of its rows is refused: drop those and sign the rest again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a row that is not accepted; only a refused one has a reason."""

    outcome: RowOutcome
    reason: RowReason | None

    @classmethod
    def refused(cls, reason: RowReason) -> Verdict:
        """Return the refusal for this reason."""
        return cls(RowOutcome.REFUSED, reason)


UNCHANGED = Verdict(RowOutcome.UNCHANGED, None)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is judged of one row; `place` is its index in the chunk."""

    place: int
    contract_ref: bytes
    pseudonym: bytes
    as_of: date
    content_digest: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What stands of the row's contract; `seen_here` when an earlier chunk of the submission named it.

    Without a pseudonym what it said is forgotten: nothing brings it back but a later day.
    """

    state: str
    pseudonym: bytes | None
    as_of: date
    content_digest: bytes
    seen_here: bool


def judge(
    rows: Iterable[Incoming],
    known: Mapping[int, Known],
    contracts: Mapping[bytes, int],
    *,
    latest: date | None,
) -> dict[int, Verdict]:
    """Return the verdict on each row, by place, that is not accepted.

    `known` by place; `contracts` counts the member's running contracts of each pseudonym; `latest` is the
    last admissible day, None with made-up data.
    """
    verdicts: dict[int, Verdict] = {}
    named: set[bytes] = set()
    running = Counter(contracts)
    for row in rows:
        standing = known.get(row.place)
        verdict = _judge(row, standing, twice=row.contract_ref in named, latest=latest)
        named.add(row.contract_ref)
        if verdict is None and not _has_room(running, row, standing):
            verdict = Verdict.refused(RowReason.TOO_MANY_CONTRACTS)
        if verdict is not None:
            verdicts[row.place] = verdict
    return verdicts


def _judge(row: Incoming, standing: Known | None, *, twice: bool, latest: date | None) -> Verdict | None:
    if twice or (standing is not None and standing.seen_here):
        return Verdict.refused(RowReason.TWICE)
    if latest is not None and row.as_of > latest:
        return Verdict.refused(RowReason.AHEAD)
    if standing is None or (standing.state == RecordState.LIVE and row.as_of > standing.as_of):
        return None
    if standing.state != RecordState.LIVE:
        return Verdict.refused(RowReason.ENDED)
    if row.as_of < standing.as_of:
        return Verdict.refused(RowReason.OLDER)
    same = row.content_digest == standing.content_digest
    return UNCHANGED if same else Verdict.refused(RowReason.OTHER_CONTENT)


def _has_room(running: Counter[bytes], row: Incoming, standing: Known | None) -> bool:
    """Count an accepted row's contract under its pseudonym, and say whether it may be one more there."""
    if standing is not None and standing.pseudonym is not None:
        running[standing.pseudonym] -= 1
    running[row.pseudonym] += 1
    return running[row.pseudonym] <= CONTRACTS_PER_PSEUDONYM


def is_taken_product(product_class: str) -> bool:
    """Say whether the alliance takes contracts of this class (domain section 4)."""
    return product_class in set(ProductClass) - REFUSED_PRODUCTS


def statement_fault(
    statement: Statement, key_set: KeySet, author: AuthorState, stamp: datetime
) -> ChunkReason | None:
    """Say what in a chunk's place in its member's chain every custodian would void."""
    checks = (
        (ChunkReason.ALLIANCE, lambda: require_alliance(statement, key_set)),
        (ChunkReason.SEQUENCE, lambda: require_next(statement, author)),
        (ChunkReason.SIGNED_AT, lambda: require_timely(statement, author, stamp)),
    )
    for reason, check in checks:
        try:
            check()
        except HubError:
            return reason
    return None


def exceeds_portfolio(taken: int, size: int, declared: int) -> bool:
    """Say whether `size` more rows are too many in a period that holds `taken` already."""
    return taken + size > PORTFOLIOS_PER_PERIOD * declared

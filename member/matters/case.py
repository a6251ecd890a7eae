"""What a matter claims, in figures and words: stands in the bundle as `evidence/case.json`.

The report and the filing's form are written from it, and the verifier adds it up again, so its fields change
only with the bundle's version. All of it is the creditor's own word: arithmetic can be checked, truth cannot.
It names people: it stands on the member's own disk and in the bundle, and never goes to the hub.

How the figures hang together, for each loan, in fen:

- an accrual's `amount` is `principal * rate * days / (1,000,000 * base)`, rounded half up to the fen, where
  the base is 365 or 360 and the days are counted as the loan's `day_count` says;
- a payment's four parts are its amount;
- `principal` = opened.principal - parts paid to the principal; `interest`, `penalty` = opened + accruals of
  that item - parts; `fees` = opened.fees + fees - parts;
- the loan's `claimed` is the sum of its claim lines, the case's `claimed` the sum over its loans.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from privacy.evidence import MAX_CONTRACTS, MatterKind
from privacy.identifiers import Kind
from privacy.messages import Bytes32, Count, Day, Line, Message, Name, Ordinal, Reference, exactly

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]

LongText = Annotated[str, msgspec.Meta(min_length=1, max_length=5_000)]

Fen = Count
"""An amount in fen."""

Rate = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
"""An annual rate in millionths: 154,000 is 15.4 %."""

ProfileName = Annotated[str, exactly("[a-z0-9][a-z0-9-]{1,62}[a-z0-9]")]


class DayCount(StrEnum):
    """How the days of an accrual are counted; its first day counts, its last does not."""

    ACTUAL_365 = "actual/365"
    """Calendar days, a year of 365."""
    ACTUAL_360 = "actual/360"
    """Calendar days, a year of 360."""
    THIRTY_360 = "30/360"
    """Months of 30 days, a year of 360: a 31st counts as the 30th (30E/360)."""


class ClaimKind(StrEnum):
    """What a claim line asks for."""

    PRINCIPAL = "principal"
    """What was lent and not paid back (本金)."""
    INTEREST = "interest"
    """Interest for the agreed time (利息)."""
    PENALTY = "penalty"
    """Interest for being late (逾期利息, 罚息)."""
    FEES = "fees"
    """What else the contract lets the creditor ask for: lawyer's fee, notary's fee (费用)."""


class PartyKind(StrEnum):
    """What a party is."""

    PERSON = "person"
    """A natural person (自然人)."""
    ORGANISATION = "organisation"
    """A legal person or another organisation (法人, 非法人组织)."""


class EventKind(StrEnum):
    """What interrupts a limitation period (民法典 195)."""

    DEMAND = "demand"
    """The creditor asked the debtor to perform."""
    ACKNOWLEDGEMENT = "acknowledgement"
    """The debtor agreed to perform: it paid a part, signed a statement, asked for time."""
    SUIT = "suit"
    """The creditor sued, or applied for arbitration or mediation."""


class LimitationState(StrEnum):
    """How a limitation period stands on the day when the case was prepared."""

    RUNNING = "running"
    """More than 90 days are left."""
    NEAR = "near"
    """It ends within 90 days."""
    PAST = "past"
    """Its last day is over: the debtor may refuse, the court does not ask by itself (民法典 192, 193)."""


class Words(Message, frozen=True):
    """One sentence in both languages."""

    zh: LongText
    en: LongText


class Party(Message, frozen=True):
    """One side, as the filing names it.

    The first respondent is the debtor: its `identifier`, in the spelling of `privacy.identifiers`, is the one
    that the identity opening shows (`input` is `v1|KIND|IDENTIFIER`).
    """

    kind: PartyKind
    name: Line
    identifier_kind: Kind
    identifier: Line
    address: Text | None
    phone: Line | None
    representative: Line | None
    """Who speaks for an organisation by law (法定代表人)."""


class Agent(Message, frozen=True):
    """Who goes to court for the creditor (委托诉讼代理人)."""

    name: Line
    firm: Line | None
    licence: Line | None
    phone: Line | None
    authority: Line
    """How far the power reaches, such as 特别授权."""


class Balance(Message, frozen=True):
    """What the creditor's books show at the beginning of a day; on the day of lending, the sum lent alone."""

    on: Day
    principal: Fen
    interest: Fen
    penalty: Fen
    fees: Fen


class Accrual(Message, frozen=True):
    """Interest or penalty over a stretch in which neither rate nor principal changed."""

    item: ClaimKind
    start: Day
    end: Day
    """The first day that does not count any more."""
    days: Count
    principal: Fen
    rate: Rate
    amount: Fen


class Payment(Message, frozen=True):
    """What the debtor paid, and to what it went: fees, interest, penalty, principal (民法典 561)."""

    on: Day
    amount: Fen
    fees: Fen
    interest: Fen
    penalty: Fen
    principal: Fen


class Fee(Message, frozen=True):
    """A cost that the contract lets the creditor ask for."""

    on: Day
    amount: Fen
    name: Text


class ClaimLine(Message, frozen=True):
    """One line of what is claimed: the formula in numbers, and in words."""

    item: ClaimKind
    amount: Fen
    formula: LongText
    words: Words


class Loan(Message, frozen=True):
    """One contract, and what is claimed under it."""

    contract: Text
    """The creditor's contract number."""
    contract_ref: Bytes32
    """As the matter request names it, in the same order."""
    name: Text
    signed_on: Day
    lent: Fen
    due_on: Day
    """The last day on which all had to be paid back."""
    rate: Rate
    penalty_rate: Rate
    day_count: DayCount
    opened: Balance
    fees: tuple[Fee, ...]
    payments: tuple[Payment, ...]
    """The oldest first, none before `opened.on`."""
    accruals: tuple[Accrual, ...]
    lines: Annotated[tuple[ClaimLine, ...], msgspec.Meta(min_length=4, max_length=4)]
    """Principal, interest, penalty, fees: always the four, in this order, zero or not."""
    claimed: Fen


class Event(Message, frozen=True):
    """Something that interrupted the limitation period, and the item of the evidence list that shows it."""

    kind: EventKind
    on: Day
    until: Day | None
    """When the proceedings ended; null for what takes one day, and while they last."""
    words: Text
    item: Ordinal | None


class Limitation(Message, frozen=True):
    """Until when the debtor cannot refuse because of time alone, for one loan or judgment."""

    about: Text
    """The contract's, judgment's or award's number."""
    years: Annotated[int, msgspec.Meta(ge=1, le=20)]
    began_on: Day
    """The day from which the period runs; itself not counted."""
    events: tuple[Event, ...]
    ends_on: Day
    """The last day, until 24:00 Asia/Shanghai."""
    judged_on: Day
    """The day on which `state` was judged."""
    state: LimitationState
    words: Words


class Judgment(Message, frozen=True):
    """What is to be enforced."""

    body: Line
    """The court or commission."""
    number: Text
    in_force_on: Day
    perform_by: Day
    """The last day for performing it."""


class Case(Message, frozen=True):
    """All that a filing says."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1)]
    matter: Reference
    member: Name
    kind: MatterKind
    profile: ProfileName
    """The filing profile by which it was prepared."""
    as_of: Day
    """The day up to which interest is counted; itself not counted."""
    forum: Line | None
    """The court, commission or mediator."""
    cause: Line
    """The cause of action (案由), such as 金融借款合同纠纷."""
    creditor: Party
    respondents: Annotated[tuple[Party, ...], msgspec.Meta(min_length=1, max_length=50)]
    agents: tuple[Agent, ...]
    loans: Annotated[tuple[Loan, ...], msgspec.Meta(min_length=1, max_length=MAX_CONTRACTS)]
    judgment: Judgment | None
    limitation: tuple[Limitation, ...]
    requests: Annotated[tuple[LongText, ...], msgspec.Meta(min_length=1)]
    """What the forum is asked to decide, in Chinese, one sentence each."""
    facts: Annotated[tuple[LongText, ...], msgspec.Meta(min_length=1)]
    """Facts and reasons, in Chinese, one paragraph each."""
    warnings: tuple[Words, ...]
    """What counsel should look at before the filing: rates above a line, a period that ends."""
    claimed: Fen

    @property
    def debtor(self) -> Party:
        """Whom the bundle's identity opening is about."""
        return self.respondents[0]

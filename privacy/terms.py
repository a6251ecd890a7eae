"""The terms of a data agreement: the member signs them (label `agreement`), the secretariat states them.

An adversary would sign one thing and show another: terms that one side reads more widely, a clause that
travels beside the signature, a Chinese text that was changed afterwards. So every clause that a program
enforces is a field here and under the signature, and so is the digest of the text that prevails between
the parties. Custodians judge contributors, purposes, categories, validity and version; the hub judges all.
Sources: domain of the alliance, section 6; 条例 is 征信业管理条例, PIPL 个人信息保护法.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated

import msgspec

from privacy.encoding import b64
from privacy.messages import Bytes32, Instant, Line, Message, Name, Ordinal, Uscc, exactly
from privacy.signing import SigningKey
from privacy.vocabulary import Category, Purpose

MAX_RETENTION_DAYS = 1_825
"""条例 16: five years at most."""

MAX_DISPUTE_DAYS = 20
"""条例 25: an objection is answered in writing within 20 days."""

MAX_EXIT_DAYS = 30
"""Domain section 6: data are returned or deleted within 30 days of leaving."""

Hours = Annotated[int, msgspec.Meta(ge=1, le=72)]
Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Subjects = Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]

Version = Annotated[str, exactly("[A-Za-z0-9][A-Za-z0-9._-]{0,31}")]
"""The version under which a text is kept, such as `2026-1`."""


class Handling(StrEnum):
    """As what the member handles personal information in one activity (PIPL 20 to 23)."""

    JOINT = "joint"
    """Member and association decide purpose and means together (PIPL 20)."""
    ENTRUSTED = "entrusted"
    """The association handles it on the member's behalf (PIPL 21)."""
    PROVIDER = "provider"
    """The member provides it to others that decide for themselves (PIPL 23)."""
    RECIPIENT = "recipient"
    """The member receives it from others and answers for its use (PIPL 23)."""


class Party(Message, frozen=True):
    """One side of an agreement, as the registers name it."""

    legal_name: Line
    uscc: Uscc
    licence: Line
    """Kind and number of the licence or registration under which it works."""


class Roles(Message, frozen=True):
    """The member's role in each activity."""

    submission: Handling
    """It hands in records of its contracts."""
    matching: Handling
    """It asks about its debtors and is answered."""
    contact: Handling
    """It looks for a debtor that it has lost, or helps another to reach one."""
    disputes: Handling
    """A debtor objects to what was reported."""


class Terms(Message, frozen=True):
    """Everything that one version of a data agreement says."""

    agreement: Name
    version: Ordinal
    member: Name
    association_party: Party
    member_party: Party
    roles: Roles
    purposes: tuple[Purpose, ...]
    contributes: tuple[Category, ...]
    """What the member lets others learn from its records."""
    receives: tuple[Category, ...]
    """What the member may learn from others: nothing that it does not contribute."""
    min_contributors: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    """Distinct other members without whose records no total opens."""
    subjects_per_day: Subjects
    """The quota: subjects that the member may ask about in one day of the alliance's."""
    subjects_per_request: Subjects
    """The batch cap: subjects in one request; a job counts as a whole."""
    retention_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_RETENTION_DAYS)]
    """How long a party keeps what it was answered."""
    consent_version: Version
    """The consent text under which the member may hand in records (条例 29)."""
    dispute_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_DISPUTE_DAYS)]
    """Within how many days the member answers an objection in writing."""
    incident_hours: Hours
    """Within how many hours a party tells the other of an incident."""
    audit_right: bool
    """Whether the association may audit how the member uses answers."""
    sub_processing: bool
    """Whether a law firm may handle answers on the member's behalf."""
    exit_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_EXIT_DAYS)]
    """Within how many days of its end data are returned or deleted."""
    notice_days: Days
    """How many days before it takes effect a termination is announced."""
    valid_from: Instant
    valid_until: Instant
    """The first instant at which it is no longer in force."""
    text: Bytes32
    """SHA-256 of the Chinese text (UTF-8), which prevails: `text_digest`."""

    def grants(self, category: Category) -> bool:
        """Say whether the member may receive a category: one that the terms name and it contributes."""
        return category in self.receives and category in self.contributes


def text_digest(text: str) -> str:
    """Return the digest that terms name their text by; `sha256sum` over the file finds the same bytes."""
    return b64(hashlib.sha256(text.encode()).digest())


def sign_terms(key: SigningKey, terms: Terms) -> str:
    """Return the member's signature over the terms of an agreement."""
    return key.sign_document("agreement", terms.document())

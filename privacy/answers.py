"""What the hub itself answers to a match, signed together with the log entry that records it.

An adversary at the hub would answer another question, or answer and leave no trace of it: so the answer names
the manifest by digest, and its signature covers the entry's leaf.
"""

from __future__ import annotations

from enum import StrEnum

from privacy import signing
from privacy.encoding import Json
from privacy.logged import LogReceipt
from privacy.matching import Decision, SealedOpening
from privacy.messages import Bytes32, Bytes64, Instant, Message, Name
from privacy.records import Flag
from privacy.signing import SigningKey


class Reachability(StrEnum):
    """Whether another member can still reach the subject."""

    YES = "yes"
    """At least one other member has not lost contact."""
    NO = "no"
    """Every other member that says anything has lost contact."""
    UNKNOWN = "unknown"
    """No other member says anything."""


class Freshness(StrEnum):
    """How old the newest information is; never whose."""

    D30 = "d30"
    """Up to 30 days."""
    D90 = "d90"
    """Up to 90 days."""
    D180 = "d180"
    """Up to 180 days."""
    OLDER = "older"
    """More than 180 days."""


class Reachable(Message, frozen=True):
    """Reachable elsewhere? Never who, never how many; `kinds` stays empty until contact points exist."""

    status: Reachability
    freshness: Freshness | None
    kinds: tuple[str, ...]


class SharedFlag(Message, frozen=True):
    """Another member's evasion flag; the narrative opens with the subject key."""

    member: Name
    flag: Flag


class SubjectAnswer(Message, frozen=True):
    """What the hub knows about one subject of a manifest, at the same position."""

    reachable: Reachable
    flags: tuple[SharedFlag, ...]


class MatchAnswer(Message, frozen=True):
    """The hub's answer to a match: its own knowledge, and the custodians' sealed openings."""

    manifest: Bytes32
    decision: Decision
    answered_at: Instant
    subjects: tuple[SubjectAnswer, ...]
    openings: tuple[SealedOpening, ...]


class SignedMatchAnswer(Message, frozen=True):
    """A match answer, the log entry that records it, and the hub's signature over answer and leaf."""

    answer: MatchAnswer
    receipt: LogReceipt
    signature: Bytes64


def sign_answer(key: SigningKey, answer: MatchAnswer, receipt: LogReceipt) -> SignedMatchAnswer:
    """Return the hub's signed answer."""
    signature = key.sign_document("match-answer", _answer_document(answer, receipt))
    return SignedMatchAnswer(answer=answer, receipt=receipt, signature=signature)


def verify_answer(signed: SignedMatchAnswer, hub: bytes) -> None:
    """Check the hub's signature over an answer and its log leaf; raises VerifyError."""
    signing.verify_document(
        hub, "match-answer", _answer_document(signed.answer, signed.receipt), signed.signature
    )


def _answer_document(answer: MatchAnswer, receipt: LogReceipt) -> Json:
    return {"answer": answer.document(), "leaf": receipt.leaf}

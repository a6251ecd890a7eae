"""What is complained of, through which channel, and how it ends; each kind of misconduct with its rule.

Marks as in the domain notes: [T] statute read, [P] secondary source, [S] the association's own documents,
[M] from memory, to be verified by counsel, [D] a choice of this software's.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a complaint is, which fixes by when it is answered."""

    DISPUTE = "dispute"
    """Somebody objects to data about itself (异议): verified and answered in writing."""
    MISCONDUCT = "misconduct"
    """A debt was collected as it must not be."""
    PERSONAL_INFORMATION = "personal_information"
    """Somebody asks to see, copy, correct or delete its personal information."""
    SERVICE = "service"
    """How a member or the alliance deals with people, and anything else."""


class Misconduct(StrEnum):
    """What must not happen in collecting a debt; what was complained of, also more than one."""

    QUIET_HOURS = "quiet_hours"
    """Contacted between 22:00 and 8:00 without having agreed to it."""
    TOO_MANY_CALLS = "too_many_calls"
    """More than three effective calls to a debtor, or six unanswered tries at a number, in one day."""
    THIRD_PERSON_PRESSED = "third_person_pressed"
    """Family, friends or colleagues were pressed, or told of the debt."""
    REFUSAL_IGNORED = "refusal_ignored"
    """A third person was contacted again after it had refused."""
    CONTACT_SOURCE = "contact_source"
    """A telephone number or address that no permitted source gave."""
    IMPERSONATION = "impersonation"
    """Posed as police, court, prosecutor, arbitrator or lawyer."""
    THREATS = "threats"
    """Threats, violence, stalking, or entering a home."""
    INSULTS = "insults"
    """Insults, or humiliation in front of others."""
    PUBLIC_SHAMING = "public_shaming"
    """A debtor's name, picture or debt was made public."""
    FALSE_STATEMENT = "false_statement"
    """False papers, or false words about what happens, such as a record for life."""
    PRIVATE_PAYMENT = "private_payment"
    """Money asked for to a private account, or charges that the contract does not know."""
    PAID_REPAIR = "paid_repair"
    """Credit repair was offered for money."""
    OTHER = "other"
    """None of these; the summary says what."""


SOURCES: Mapping[Misconduct, str] = {
    Misconduct.QUIET_HOURS: "GB/T 45251-2025 [P]",
    Misconduct.TOO_MANY_CALLS: "GB/T 45251-2025; 中国银行业协会 2026 指引 [P]",
    Misconduct.THIRD_PERSON_PRESSED: "GB/T 45251-2025 [P]; 个人信息保护法 art. 10 [M]",
    Misconduct.REFUSAL_IGNORED: "GB/T 45251-2025 [P]",
    Misconduct.CONTACT_SOURCE: "GB/T 45251-2025 [P]; 个人信息保护法 art. 13 [M]",
    Misconduct.IMPERSONATION: "刑法 art. 279; 治安管理处罚法 [M]",
    Misconduct.THREATS: "刑法 arts. 293, 293-1 [M]",
    Misconduct.INSULTS: "民法典 art. 1024; 刑法 art. 246 [M]",
    Misconduct.PUBLIC_SHAMING: "个人信息保护法 art. 25 [M]",
    Misconduct.FALSE_STATEMENT: "GB/T 45251-2025 [P]",
    Misconduct.PRIVATE_PAYMENT: "GB/T 45251-2025 [P]",
    Misconduct.PAID_REPAIR: "联盟文件 [S]",
    Misconduct.OTHER: "[D]",
}
"""Which rule forbids it."""


class Channel(StrEnum):
    """How a complaint arrived."""

    PHONE = "phone"
    """By telephone."""
    LETTER = "letter"
    """On paper."""
    MAIL = "mail"
    """By e-mail."""
    VISIT = "visit"
    """In person, at the counter."""
    ONLINE = "online"
    """Through a form on the web."""
    REGULATOR = "regulator"
    """Passed on by a supervisor or a government hotline."""
    MEMBER = "member"
    """Passed on by a member that received it."""


class Outcome(StrEnum):
    """How a complaint ended."""

    UPHELD = "upheld"
    """It was right."""
    PARTLY = "partly"
    """It was right in part."""
    NOT_UPHELD = "not_upheld"
    """It was not right, or nothing could be found."""
    PASSED_ON = "passed_on"
    """Whoever is in charge of it has it now."""
    WITHDRAWN = "withdrawn"
    """Whoever complained took it back."""


UPHELD = frozenset({Outcome.UPHELD, Outcome.PARTLY})
"""The outcomes by which misconduct is counted as found."""

UNANSWERED = frozenset({Outcome.WITHDRAWN})
"""The outcomes that need no reply: everybody else is told how it ended."""

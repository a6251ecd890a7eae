"""The clauses of an agreement in words, for whoever is to sign it: every one, in the order of the terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from privacy.encoding import parse_instant
from privacy.periods import SHANGHAI
from privacy.terms import Handling, Party, Terms

HANDLINGS = {
    Handling.JOINT: "jointly with the association",
    Handling.ENTRUSTED: "by the association on this member's behalf",
    Handling.PROVIDER: "this member provides it to others",
    Handling.RECIPIENT: "this member receives it and answers for its use",
}


def clauses(terms: Terms) -> list[tuple[str, str]]:
    """Return the name of each clause and what it says."""
    return [
        ("agreement", f"{terms.agreement}, version {terms.version}"),
        ("association", _party(terms.association_party)),
        ("member", f"{terms.member}: {_party(terms.member_party)}"),
        ("handing in records", HANDLINGS[terms.roles.submission]),
        ("asking", HANDLINGS[terms.roles.matching]),
        ("reaching debtors", HANDLINGS[terms.roles.contact]),
        ("disputes", HANDLINGS[terms.roles.disputes]),
        ("purposes", _listed(terms.purposes)),
        ("contributes", _listed(terms.contributes)),
        ("receives", f"{_listed(terms.receives)}; nothing that is not contributed"),
        ("totals open from", f"{terms.min_contributors} other contributors"),
        ("quota", f"{terms.subjects_per_day:,} subjects a day"),
        ("batch cap", f"{terms.subjects_per_request:,} subjects a request"),
        ("retention", f"answers are kept at most {terms.retention_days} days"),
        ("consent", f"debtors have agreed to the consent text {terms.consent_version}"),
        ("objections", f"answered in writing within {terms.dispute_days} days"),
        ("incidents", f"told within {terms.incident_hours} hours"),
        ("audit", f"the association {'may' if terms.audit_right else 'may not'} audit the use of answers"),
        ("law firms", f"{'may' if terms.sub_processing else 'may not'} handle answers for this member"),
        ("exit", f"data are returned or deleted within {terms.exit_days} days"),
        ("termination", f"either side, with {terms.notice_days} days' notice"),
        ("in force from", _moment(parse_instant(terms.valid_from))),
        ("until before", _moment(parse_instant(terms.valid_until))),
        ("Chinese text", f"prevails; its SHA-256 is {terms.text}"),
    ]


def _party(party: Party) -> str:
    return f"{party.legal_name} ({party.uscc}), {party.licence}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} Asia/Shanghai"

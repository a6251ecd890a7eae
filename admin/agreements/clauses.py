"""The terms of an agreement clause by clause, as an officer reads them: a heading, and what it says in words.

Each clause is named by its field of the terms, so that a difference, an error and a decision all point to the
same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from admin.agreements import words
from admin.i18n import instant, number
from admin.objects import Text
from alliance_hub.agreements.service import Change as Difference
from privacy.encoding import parse_instant
from privacy.terms import Party, Roles, Terms


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its field, its heading, and a line for each thing that it says."""

    name: str
    heading: Text
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses that belong together."""

    heading: Text
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a clause said and says."""

    name: str
    heading: str
    before: tuple[str, ...]
    after: tuple[str, ...]


HEADINGS: Mapping[str, LazyString] = {
    "agreement": lazy_gettext("Agreement"),
    "version": lazy_gettext("Version"),
    "member": lazy_gettext("Member"),
    "association_party": lazy_gettext("Party A (the association)"),
    "member_party": lazy_gettext("Party B (the member)"),
    "roles": lazy_gettext("Role of party B in each activity"),
    "purposes": lazy_gettext("Purposes"),
    "contributes": lazy_gettext("Categories that the member contributes"),
    "receives": lazy_gettext("Categories that the member receives"),
    "min_contributors": lazy_gettext("Contributors without whom nothing opens"),
    "subjects_per_day": lazy_gettext("Daily quota"),
    "subjects_per_request": lazy_gettext("Largest request"),
    "retention_days": lazy_gettext("Retention"),
    "consent_version": lazy_gettext("Consent text"),
    "dispute_days": lazy_gettext("Objections"),
    "incident_hours": lazy_gettext("Notice of incidents"),
    "audit_right": lazy_gettext("Audit"),
    "sub_processing": lazy_gettext("Law firms"),
    "exit_days": lazy_gettext("Return and deletion"),
    "notice_days": lazy_gettext("Termination"),
    "valid_from": lazy_gettext("In force from"),
    "valid_until": lazy_gettext("In force until"),
    "text": lazy_gettext("Text"),
}
"""What each field of the terms is called."""

GROUPS: Sequence[tuple[LazyString, tuple[str, ...]]] = (
    (lazy_gettext("Parties"), ("association_party", "member_party", "roles")),
    (lazy_gettext("What for and what"), ("purposes", "contributes", "receives")),
    (lazy_gettext("Limits"), ("min_contributors", "subjects_per_day", "subjects_per_request")),
    (lazy_gettext("Data and consent"), ("retention_days", "consent_version", "exit_days")),
    (lazy_gettext("Duties"), ("dispute_days", "incident_hours", "audit_right", "sub_processing")),
    (lazy_gettext("Time and text"), ("valid_from", "valid_until", "notice_days", "text")),
)
"""The clauses in the order in which they are read."""

ACTIVITIES: Mapping[str, LazyString] = {
    "submission": lazy_gettext("Handing in records"),
    "matching": lazy_gettext("Asking and being answered"),
    "contact": lazy_gettext("Reaching a lost debtor"),
    "disputes": lazy_gettext("Objections of debtors"),
}


PARTS: Mapping[str, LazyString] = {
    **ACTIVITIES,
    "legal_name": lazy_gettext("Legal name"),
    "uscc": lazy_gettext("Unified social credit code"),
    "licence": lazy_gettext("Licence or registration"),
}
"""What parts of clauses are called."""


def groups(terms: Terms) -> list[Group]:
    """Return all clauses of the terms, in groups."""
    return [Group(heading, tuple(clause(terms, name) for name in names)) for heading, names in GROUPS]


def clause(terms: Terms, name: str) -> Clause:
    """Return one clause by its field."""
    return Clause(name, HEADINGS[name], lines(name, getattr(terms, name)))


def changes(differing: Iterable[Difference]) -> list[Change]:
    """Return differences in words."""
    return [
        Change(
            each.clause, heading(each.clause), lines(each.clause, each.before), lines(each.clause, each.after)
        )
        for each in differing
    ]


def heading(path: str) -> str:
    """Return what a clause is called, also a part of one such as `roles.matching`."""
    name, _dot, part = path.partition(".")
    if not part:
        return str(HEADINGS[name])
    return str(_("%(clause)s: %(part)s", clause=HEADINGS[name], part=PARTS[part]))


def lines(path: str, value: Any) -> tuple[str, ...]:
    """Return what a clause, or a part of one, says with this value; nothing where there is none."""
    if value is None:
        return ()
    said = _SAYS.get(path, _say_part)(value)
    return (said,) if isinstance(said, str) else tuple(said)


def _say_part(value: str) -> str:
    return str(words.HANDLINGS.get(value, value))


def begins(terms: Terms) -> datetime:
    """Return the first instant at which the terms are in force."""
    return parse_instant(terms.valid_from)


def _party(party: Party) -> list[str]:
    return [
        party.legal_name,
        _("Unified social credit code %(uscc)s", uscc=party.uscc),
        _("Licence: %(licence)s", licence=party.licence),
    ]


def _roles(roles: Roles) -> list[str]:
    return [
        _("%(activity)s: %(role)s", activity=label, role=words.HANDLINGS[getattr(roles, activity)])
        for activity, label in ACTIVITIES.items()
    ]


def _purposes(purposes: Iterable[str]) -> list[str]:
    return [str(words.purpose(each)) for each in purposes]


def _categories(categories: Iterable[str]) -> list[str]:
    return [str(words.CATEGORIES[each]) for each in categories] or [_("none")]


def _contributors(least: int) -> str:
    return str(
        _("No total opens unless at least %(least)s other members contribute to it.", least=number(least))
    )


def _instant(text: str) -> str:
    return instant(parse_instant(text), weekday=True, seconds=True)


def _until(text: str) -> str:
    return str(_("before %(at)s; from that second on it is no longer in force", at=_instant(text)))


_SAYS: Mapping[str, Callable[[Any], str | Iterable[str]]] = {
    "agreement": str,
    "version": number,
    "member": str,
    "association_party": _party,
    "member_party": _party,
    "roles": _roles,
    "purposes": _purposes,
    "contributes": _categories,
    "receives": _categories,
    "min_contributors": _contributors,
    "subjects_per_day": lambda most: _("At most %(most)s subjects a day.", most=number(most)),
    "subjects_per_request": lambda most: _("At most %(most)s subjects in one request.", most=number(most)),
    "retention_days": lambda days: _("Answers are deleted after at most %(days)s days.", days=number(days)),
    "consent_version": lambda version: _(
        "Records come in only under consent text %(version)s, which names recipient, purpose and items.",
        version=version,
    ),
    "dispute_days": lambda days: _(
        "The member answers an objection in writing within %(days)s days.", days=number(days)
    ),
    "incident_hours": lambda hours: _(
        "A party tells the other of an incident within %(hours)s hours.", hours=number(hours)
    ),
    "audit_right": lambda may: (
        _("The association may audit how the member uses answers.")
        if may
        else _("The association has no right to audit.")
    ),
    "sub_processing": lambda may: (
        _("A law firm may handle answers on the member's behalf.")
        if may
        else _("Nobody but the member handles answers.")
    ),
    "exit_days": lambda days: _(
        "Data are returned or deleted within %(days)s days of the end.", days=number(days)
    ),
    "notice_days": lambda days: _("Either side may terminate with %(days)s days' notice.", days=number(days)),
    "valid_from": _instant,
    "valid_until": _until,
    "text": lambda digest: [
        _("The Chinese text prevails. Its SHA-256 (base64url):"),
        str(digest),
    ],
}

"""What the shell calls roles and modes, in words that the languages' files know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from alliance_hub.people.roles import Role
from alliance_hub.policy import RegulatoryMode

ROLES: Mapping[Role, LazyString] = {
    Role.SYSTEM_ADMIN: lazy_gettext("System administrator"),
    Role.SECURITY_ADMIN: lazy_gettext("Security administrator"),
    Role.AUDIT_ADMIN: lazy_gettext("Audit administrator"),
    Role.MEMBERSHIP_OFFICER: lazy_gettext("Membership officer"),
    Role.AGREEMENT_OFFICER: lazy_gettext("Agreement officer"),
    Role.FLAG_REVIEWER: lazy_gettext("Flag reviewer"),
    Role.DISPUTE_OFFICER: lazy_gettext("Dispute officer"),
    Role.RIGHTS_DESK: lazy_gettext("Rights desk"),
    Role.INSPECTOR: lazy_gettext("Inspector"),
    Role.MEMBER_ADMIN: lazy_gettext("Member's administrator"),
    Role.SUBMITTER: lazy_gettext("Submitter"),
    Role.REVIEWER: lazy_gettext("Reviewer"),
    Role.COLLECTOR: lazy_gettext("Collector"),
    Role.LAWYER: lazy_gettext("Lawyer"),
}

MODES: Mapping[RegulatoryMode, LazyString] = {
    RegulatoryMode.SYNTHETIC: lazy_gettext("Made-up data only: nothing here is about a real person"),
    RegulatoryMode.POST_LOAN_MATCH: lazy_gettext("Post-loan matching of one's own overdue contracts"),
    RegulatoryMode.VIA_LICENSED_BUREAU: lazy_gettext("A licensed bureau answers, not this hub"),
}
"""What the banner on every page says of the mode."""


def roles(held: Iterable[Role]) -> str:
    """Return roles as one text, in the order of the list above."""
    order = list(ROLES)
    return str(gettext(", ")).join(str(ROLES[role]) for role in sorted(set(held), key=order.index))

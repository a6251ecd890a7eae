"""What an officer may do, by role (domain section 8).

- Whoever holds one of the three administrators' roles holds no other role at all: none sees business data.
- A role belongs to one kind of organisation.
- Roles are held from an instant, and some only until one: the inspector's and the lawyer's always.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is to the alliance."""

    ASSOCIATION = "association"
    """The association itself, whose secretariat runs the hub."""
    MEMBER = "member"
    """A platform, loan-assist firm or asset disposer; its id is the member's name."""
    LAW_FIRM = "law_firm"
    """A firm whose lawyers export evidence for members."""


class Role(StrEnum):
    """What an officer is appointed to."""

    SYSTEM_ADMIN = "system_admin"
    """Looks after settings, custodians' health and key ceremonies."""
    SECURITY_ADMIN = "security_admin"
    """Appoints officers, resets their second factors, ends their sessions."""
    AUDIT_ADMIN = "audit_admin"
    """Reads what everybody did, and does nothing else."""
    MEMBERSHIP_OFFICER = "membership_officer"
    """Reviews applications and looks after members."""
    AGREEMENT_OFFICER = "agreement_officer"
    """Writes, offers, activates and ends data agreements."""
    FLAG_REVIEWER = "flag_reviewer"
    """Reviews evasion flags that members submit."""
    DISPUTE_OFFICER = "dispute_officer"
    """Answers complaints and disputes within their deadlines."""
    RIGHTS_DESK = "rights_desk"
    """Serves borrowers whose identity it has checked."""
    INSPECTOR = "inspector"
    """Reads all registers for a limited time and draws samples; each view is logged."""
    MEMBER_ADMIN = "member_admin"
    """Manages a member's own officers, agreements and keys."""
    SUBMITTER = "submitter"
    """Watches what a member hands in."""
    REVIEWER = "reviewer"
    """Checks a member's submissions and flags before they go out."""
    COLLECTOR = "collector"
    """Works on a member's own overdue contracts."""
    LAWYER = "lawyer"
    """Sees the matters that a member has appointed it to, until they expire."""


class Act(StrEnum):
    """One thing that a page or service of the console asks for."""

    VIEW_BUSINESS = "view_business"
    """See the alliance's work on the dashboard: records, matches, openings, clocks."""
    VIEW_SYSTEM = "view_system"
    """See the health of the hub and the custodians."""
    READ_MEMBERS = "read_members"
    """Read the registers of organisations, members and applications."""
    REVIEW_APPLICATIONS = "review_applications"
    """Tick an application's checklist, ask for more, or turn it down."""
    PROPOSE_MEMBERSHIP = "propose_membership"
    """Propose an admission, a suspension, a resumption or a leaving."""
    APPROVE_MEMBERSHIP = "approve_membership"
    """Approve what another proposed about a membership."""
    READ_AGREEMENTS = "read_agreements"
    """Read the register of data agreements, and try decisions without asking."""
    WRITE_AGREEMENTS = "write_agreements"
    """Draft, review, offer, amend and end data agreements."""
    PROPOSE_AGREEMENTS = "propose_agreements"
    """Propose to activate, suspend or resume a data agreement."""
    APPROVE_AGREEMENTS = "approve_agreements"
    """Approve what another proposed about a data agreement."""
    READ_OFFICERS = "read_officers"
    """Read the register of officers, their roles and deputies."""
    MANAGE_OFFICERS = "manage_officers"
    """Invite, change, lock and reset officers of the association and of law firms."""
    INVITE_MEMBER_ADMINS = "invite_member_admins"
    """Invite a member's first administrator."""
    PROPOSE_INSPECTION = "propose_inspection"
    """Propose an inspector with a last day."""
    APPROVE_INSPECTION = "approve_inspection"
    """Approve an inspector whom another proposed."""
    READ_CUSTODIANS = "read_custodians"
    """Read the key set and how the custodians stand."""
    PROPOSE_CEREMONY = "propose_ceremony"
    """Propose a key ceremony."""
    APPROVE_CEREMONY = "approve_ceremony"
    """Approve a key ceremony that another proposed."""
    READ_COMPLAINTS = "read_complaints"
    """Read the register of complaints."""
    WRITE_COMPLAINTS = "write_complaints"
    """Enter complaints, note what was done, close them."""
    READ_ACTIVITY = "read_activity"
    """Search what everybody did."""
    READ_SETTINGS = "read_settings"
    """Read every parameter with its source and history."""
    PROPOSE_SETTINGS = "propose_settings"
    """Propose another value of a parameter, or another regulatory mode."""
    APPROVE_SETTINGS = "approve_settings"
    """Approve a parameter or mode that another proposed."""
    PROPOSE_ERASURE = "propose_erasure"
    """Propose that what a log entry says be erased."""
    APPROVE_ERASURE = "approve_erasure"
    """Approve the erasure of a log entry that another proposed."""
    DRAW_SAMPLE = "draw_sample"
    """Draw a random sample from a register."""
    READ_OWN = "read_own"
    """Read one's own member's agreements, quota and keys."""
    READ_OWN_SUBMISSIONS = "read_own_submissions"
    """Read one's own member's submissions and their refused rows."""
    READ_OWN_MATCHES = "read_own_matches"
    """Read what one's own member asked, and what was decided."""
    READ_OWN_MATTERS = "read_own_matters"
    """Read one's own member's matters, their certificates and bundles."""
    MANAGE_OWN_MATTERS = "manage_own_matters"
    """Appoint and dismiss lawyers of one's own member's matters, shorten and close these."""
    READ_MATTERS = "read_matters"
    """Read the matters that one was appointed to, while they last."""
    PROPOSE_EXISTENCE = "propose_existence"
    """Propose, on a court's order, to certify whether another member holds a debtor."""
    APPROVE_EXISTENCE = "approve_existence"
    """Approve such a certificate that another proposed."""
    MANAGE_OWN_OFFICERS = "manage_own_officers"
    """Invite, change and lock officers of one's own member."""


FOUR_EYES = tuple(act for act in Act if act.startswith(("propose_", "approve_")))
"""Acts of which each needs the other, by somebody else."""

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""Mutually exclusive with each other and with every other role."""

EXPIRING = frozenset({Role.INSPECTOR, Role.LAWYER})
"""Held only until a stated instant."""

ROLES_OF: Mapping[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.MEMBER: frozenset({Role.MEMBER_ADMIN, Role.SUBMITTER, Role.REVIEWER, Role.COLLECTOR}),
    OrganisationKind.LAW_FIRM: frozenset({Role.LAWYER}),
    OrganisationKind.ASSOCIATION: frozenset(
        {
            Role.SYSTEM_ADMIN,
            Role.SECURITY_ADMIN,
            Role.AUDIT_ADMIN,
            Role.MEMBERSHIP_OFFICER,
            Role.AGREEMENT_OFFICER,
            Role.FLAG_REVIEWER,
            Role.DISPUTE_OFFICER,
            Role.RIGHTS_DESK,
            Role.INSPECTOR,
        }
    ),
}

_REGISTERS = frozenset(
    {
        Act.VIEW_BUSINESS,
        Act.VIEW_SYSTEM,
        Act.READ_MEMBERS,
        Act.READ_AGREEMENTS,
        Act.READ_OFFICERS,
        Act.READ_CUSTODIANS,
        Act.READ_COMPLAINTS,
        Act.READ_ACTIVITY,
        Act.READ_SETTINGS,
    }
)
_OWN = frozenset({Act.READ_OWN, Act.READ_OWN_SUBMISSIONS, Act.READ_OWN_MATCHES, Act.READ_OWN_MATTERS})

ACTS: Mapping[Role, frozenset[Act]] = {
    Role.SYSTEM_ADMIN: frozenset(
        {Act.VIEW_SYSTEM, Act.READ_CUSTODIANS, Act.PROPOSE_CEREMONY, Act.READ_SETTINGS, Act.PROPOSE_SETTINGS}
    ),
    Role.SECURITY_ADMIN: frozenset(
        {
            Act.VIEW_SYSTEM,
            Act.READ_OFFICERS,
            Act.MANAGE_OFFICERS,
            Act.PROPOSE_INSPECTION,
            Act.READ_CUSTODIANS,
            Act.APPROVE_CEREMONY,
            Act.READ_SETTINGS,
            Act.APPROVE_SETTINGS,
        }
    ),
    Role.AUDIT_ADMIN: frozenset(
        {
            Act.VIEW_SYSTEM,
            Act.READ_OFFICERS,
            Act.APPROVE_INSPECTION,
            Act.READ_CUSTODIANS,
            Act.READ_ACTIVITY,
            Act.READ_SETTINGS,
        }
    ),
    Role.MEMBERSHIP_OFFICER: frozenset(
        {
            Act.VIEW_BUSINESS,
            Act.READ_MEMBERS,
            Act.REVIEW_APPLICATIONS,
            Act.PROPOSE_MEMBERSHIP,
            Act.APPROVE_MEMBERSHIP,
            Act.INVITE_MEMBER_ADMINS,
            Act.READ_AGREEMENTS,
            Act.READ_COMPLAINTS,
            Act.READ_CUSTODIANS,
            Act.APPROVE_EXISTENCE,
            Act.APPROVE_ERASURE,
        }
    ),
    Role.AGREEMENT_OFFICER: frozenset(
        {
            Act.VIEW_BUSINESS,
            Act.READ_MEMBERS,
            Act.READ_AGREEMENTS,
            Act.WRITE_AGREEMENTS,
            Act.PROPOSE_AGREEMENTS,
            Act.APPROVE_AGREEMENTS,
        }
    ),
    Role.FLAG_REVIEWER: frozenset({Act.VIEW_BUSINESS, Act.READ_MEMBERS}),
    Role.DISPUTE_OFFICER: frozenset(
        {
            Act.VIEW_BUSINESS,
            Act.READ_MEMBERS,
            Act.READ_COMPLAINTS,
            Act.WRITE_COMPLAINTS,
            Act.PROPOSE_EXISTENCE,
            Act.PROPOSE_ERASURE,
        }
    ),
    Role.RIGHTS_DESK: frozenset({Act.READ_COMPLAINTS, Act.WRITE_COMPLAINTS}),
    Role.INSPECTOR: _REGISTERS | {Act.DRAW_SAMPLE},
    Role.MEMBER_ADMIN: _OWN | {Act.MANAGE_OWN_OFFICERS, Act.MANAGE_OWN_MATTERS},
    Role.SUBMITTER: frozenset({Act.READ_OWN, Act.READ_OWN_SUBMISSIONS}),
    Role.REVIEWER: _OWN,
    Role.COLLECTOR: frozenset({Act.READ_OWN, Act.READ_OWN_MATCHES, Act.READ_OWN_MATTERS}),
    Role.LAWYER: frozenset({Act.READ_MATTERS}),
}

# A small secretariat: administrators apart, and two officers who check each other in everything else.
FIVE_PERSONS: tuple[tuple[Role, ...], ...] = (
    (Role.SYSTEM_ADMIN,),
    (Role.SECURITY_ADMIN,),
    (Role.AUDIT_ADMIN,),
    (Role.MEMBERSHIP_OFFICER, Role.AGREEMENT_OFFICER, Role.FLAG_REVIEWER),
    (Role.MEMBERSHIP_OFFICER, Role.AGREEMENT_OFFICER, Role.DISPUTE_OFFICER),
)


def acts_of(roles: Collection[Role]) -> frozenset[Act]:
    """Return everything that somebody with these roles may do."""
    return frozenset().union(*(ACTS[role] for role in roles))


def excluded(roles: Collection[Role]) -> bool:
    """Say whether these roles may not be held together."""
    return len(set(roles)) > 1 and not ADMINISTRATORS.isdisjoint(roles)

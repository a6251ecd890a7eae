"""Who may ask the hub for what. The feed's rules and the agreements then judge the matter itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alliance_hub.errors import Forbidden
from alliance_hub.membership.rules import MemberState
from privacy.statements import custodian_author, member_author


class Permission(StrEnum):
    """One thing that a request asks for."""

    READ_OWN = "read_own"
    """Read its own account, agreements, statements, submissions and answers."""
    SIGN_AGREEMENT = "sign_agreement"
    """Sign the terms that the secretariat has offered to it."""
    END_AGREEMENT = "end_agreement"
    """Give notice for an agreement of its own."""
    STATE = "state"
    """Append a statement of its own to the feed."""
    SUBMIT_RECORDS = "submit_records"
    """Hand in records."""
    MATCH = "match"
    """Ask about its own subjects."""
    OPEN_MATTER = "open_matter"
    """Open a matter, be certified what stands on record, say which bundles were made of it."""
    READ_CUTS = "read_cuts"
    """Read what custodians signed for all members: cuts, and commitments to the cohorts they opened."""
    PULL_FEED = "pull_feed"
    """Copy the whole feed."""
    READ_LOG = "read_log"
    """Ask for the place of a log entry whose leaf it holds."""
    COSIGN_LOG = "cosign_log"
    """Cosign a checkpoint of the log that it has checked."""


_KNOWN = frozenset({MemberState.ADMITTED, MemberState.ACTIVE, MemberState.SUSPENDED})

# A suspended member still reads, and still says that a debt is paid: its debtors must not wait for it.
_MEMBERS: dict[Permission, frozenset[MemberState]] = {
    Permission.READ_OWN: frozenset(MemberState),
    Permission.SIGN_AGREEMENT: _KNOWN - {MemberState.SUSPENDED},
    # Whoever wants to leave is not kept by its suspension.
    Permission.END_AGREEMENT: _KNOWN,
    Permission.STATE: _KNOWN,
    Permission.SUBMIT_RECORDS: frozenset({MemberState.ACTIVE}),
    Permission.MATCH: frozenset({MemberState.ACTIVE}),
    # A suspended member may go to court with what it has; a mere applicant has nothing.
    Permission.OPEN_MATTER: frozenset({MemberState.ACTIVE, MemberState.SUSPENDED}),
    # A suspended member's records still stand in cohorts; a mere applicant has none.
    Permission.READ_CUTS: _KNOWN,
    Permission.PULL_FEED: frozenset(),
    # Whoever was given a receipt may hold the hub to it, in whatever state.
    Permission.READ_LOG: frozenset(MemberState),
    Permission.COSIGN_LOG: _KNOWN,
}

_CUSTODIANS = frozenset({Permission.STATE, Permission.PULL_FEED, Permission.READ_LOG, Permission.COSIGN_LOG})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signed a request: a member with its state, or a custodian with its index; never both."""

    author: str
    member: str | None = None
    state: MemberState | None = None
    custodian: int | None = None

    @classmethod
    def for_member(cls, name: str, state: MemberState) -> Sender:
        """Return the sender that is member `name`."""
        return cls(member_author(name), member=name, state=state)

    @classmethod
    def for_custodian(cls, index: int) -> Sender:
        """Return the sender that is custodian `index`."""
        return cls(custodian_author(index), custodian=index)


def require_permission(sender: Sender, permission: Permission) -> None:
    """Raise Forbidden unless this sender, in its present state, may ask for this."""
    if sender.state is None:
        if permission not in _CUSTODIANS:
            raise Forbidden("this is for members, not for custodians")
    elif not _MEMBERS[permission]:
        raise Forbidden("this is for custodians, not for members")
    elif sender.state not in _MEMBERS[permission]:
        raise Forbidden(
            f"a member that is {sender.state} may not do this: ask the secretariat", slug="not-active"
        )

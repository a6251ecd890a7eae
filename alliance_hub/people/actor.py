"""Who acts: an officer with the roles in force at this instant, its own and those it deputises in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alliance_hub.errors import Forbidden
from alliance_hub.people.roles import ACTS, Act, OrganisationKind, Role, acts_of


@dataclass(frozen=True, slots=True)
class Actor:
    """An officer as it stands now: a value, so that services need no session of the console."""

    officer: int
    ref: str
    """`organisation/staff number`: what log entries name."""
    name: str
    organisation: str
    kind: OrganisationKind
    roles: frozenset[Role]
    """Its own."""
    deputised: Mapping[Role, int]
    """Roles that it holds only as a deputy, each with its principal's officer id."""

    @property
    def member(self) -> str | None:
        """The name of the member it works for, or None."""
        return self.organisation if self.kind is OrganisationKind.MEMBER else None

    def may(self, act: Act) -> bool:
        """Say whether any of its roles allows this."""
        return act in acts_of(self.roles) or bool(self.principals(act))

    def principals(self, act: Act) -> frozenset[int]:
        """Return for whom it would do this; empty when it may by a role of its own."""
        if act in acts_of(self.roles):
            return frozenset()
        return frozenset(whom for role, whom in self.deputised.items() if act in ACTS[role])


def require_act(actor: Actor, act: Act) -> None:
    """Raise Forbidden unless this officer may do this."""
    if not actor.may(act):
        raise Forbidden(f"none of your roles allows {act}: ask your administrator", slug="role")

"""What every act on a version shares: find it, take the step, write the log entry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance_hub.agreements.lifecycle import AgreementState, Step, require_step, state_after
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.errors import NotFound
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, b64, unb64

OPERATOR = Actor(
    officer=0,
    ref="operator",
    name="operator",
    organisation=ASSOCIATION,
    kind=OrganisationKind.ASSOCIATION,
    roles=frozenset({Role.AGREEMENT_OFFICER}),
    deputised={},
)
"""Whoever runs the command line: no officer, and logged as such."""


def get_row(session: Session, agreement: str, version: int) -> AgreementRow:
    """Return a version, read anew; raises NotFound."""
    row = session.get(AgreementRow, (agreement, version), populate_existing=True)
    if row is None:
        raise NotFound("there is no such version of an agreement")
    return row


def take(row: AgreementRow, step: Step, *, now: datetime, officer: str | None = None) -> None:
    """Take a step, or raise Conflict or Forbidden naming the rule."""
    life = row.life_at(now)
    require_step(life, step, officer=officer)
    after = state_after(life, step)
    if after is not row.state:
        row.state, row.changed_at = after, now


def record(
    session: Session, actor: Actor | None, kind: str, row: AgreementRow, now: datetime, **more: object
) -> None:
    """Write what was done to a version; None is the member itself. The row remembers the entry."""
    facts: Json = {
        "member": row.member,
        "agreement": row.agreement,
        "version": row.version,
        "terms": b64(row.terms.sha256()),
        **more,
    }
    if actor is None:
        receipt = transparency.record_entry(session, kind, facts, now=now)
    else:
        about = f"agreement/{row.agreement}"
        receipt = transparency.record_act(session, actor, kind, object=about, facts=facts, now=now)
    row.log_leaf = unb64(receipt.leaf)
    session.flush()


def versions_of(session: Session, agreement: str) -> list[AgreementRow]:
    """Return every version of an agreement, the oldest first."""
    own = select(AgreementRow).where(AgreementRow.agreement == agreement).order_by(AgreementRow.version)
    return list(session.scalars(own))


def current(session: Session, agreement: str, *, at: datetime) -> AgreementRow | None:
    """Return the activated version that is in force at `at`, or else is the next to begin; None without."""
    stated = [row for row in versions_of(session, agreement) if row.position is not None and row.ends_at > at]
    begun = [row for row in stated if row.valid_from <= at]
    return begun[-1] if begun else next(iter(stated), None)


def next_version(session: Session, agreement: str) -> int:
    """Return the version that a further one of this agreement carries; 1 for the first."""
    newest = select(func.max(AgreementRow.version)).where(AgreementRow.agreement == agreement)
    return (session.scalar(newest) or 0) + 1


def next_name(session: Session) -> str:
    """Return a name for a further agreement that none has: `data-0001` and so on."""
    taken = session.scalar(select(func.count(func.distinct(AgreementRow.agreement)))) or 0
    while next_version(session, name := f"data-{taken + 1:04d}") > 1:
        taken += 1
    return name


UNDER_WAY = (AgreementState.DRAFT, AgreementState.REVIEW, AgreementState.OFFERED, AgreementState.SIGNED)
"""States of a version that has yet to take effect."""


def find_under_way(session: Session, agreement: str, *, at: datetime) -> AgreementRow | None:
    """Return the version of an agreement that has yet to take effect, if there is one."""
    rows = versions_of(session, agreement)
    return next((row for row in reversed(rows) if row.life_at(at).state in UNDER_WAY), None)

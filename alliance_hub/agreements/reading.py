"""Read agreements: one version as its page shows it, a member's own, and the register of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, defer

from alliance_hub.agreements.keeping import get_row
from alliance_hub.agreements.lifecycle import EFFECTIVE, SHOWN_TO_MEMBER, AgreementState, Life, state_at
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.errors import NotFound
from alliance_hub.membership.models import Member
from privacy.terms import Terms
from privacy.vocabulary import Purpose

# Some kilobytes each, which no register shows.
_TEXTS = (defer(AgreementRow.text), defer(AgreementRow.wording))


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One version of an agreement, at an instant."""

    terms: Terms
    state: AgreementState
    text: str
    wording: str
    author: str
    drafted_at: datetime
    given_back: str | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    offered_at: datetime | None
    signature: str | None
    signed_at: datetime | None
    position: int | None
    activated_at: datetime | None
    suspended_at: datetime | None
    terminated_at: datetime | None
    terminated_by: str | None
    ends_at: datetime
    changed_at: datetime
    leaf: bytes | None
    campaign: int | None

    @property
    def life(self) -> Life:
        """What its next step depends on: give it to `lifecycle.steps_now`."""
        return Life(self.state, self.author, self.reviewed_by, self.terminated_at)


@dataclass(frozen=True, slots=True)
class AgreementQuery:
    """Which versions a register shows; what is left out filters nothing."""

    state: AgreementState | None = None
    member: str | None = None
    purpose: Purpose | None = None
    expiring_before: datetime | None = None
    """Only versions in effect that are over before then."""
    text: str = ""
    """Part of the agreement's or the member's name."""
    newest_only: bool = False
    """Only the newest version of each agreement."""
    sort: str = "changed_at"
    """`changed_at`, `ends_at`, `agreement` or `member`."""
    descending: bool = True
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Some versions, and how many the query finds altogether."""

    versions: Sequence[AgreementView]
    total: int


def get_version(session: Session, agreement: str, version: int, *, at: datetime) -> AgreementView:
    """Return one version; raises NotFound."""
    return view(get_row(session, agreement, version), at)


def get_own(session: Session, member: str, agreement: str, version: int, *, at: datetime) -> AgreementView:
    """Return a version that was offered to the member; raises NotFound for anything else."""
    row = session.get(AgreementRow, (agreement, version))
    if row is None or row.member != member or not _is_shown(row, at):
        raise NotFound("no such agreement was offered to this member")
    return view(row, at)


def list_versions(session: Session, agreement: str, *, at: datetime) -> list[AgreementView]:
    """Return every version of an agreement, the newest first; raises NotFound."""
    own = select(AgreementRow).where(AgreementRow.agreement == agreement)
    rows = session.scalars(own.order_by(AgreementRow.version.desc())).all()
    if not rows:
        raise NotFound("there is no agreement of this name")
    return [view(row, at) for row in rows]


def list_for(session: Session, member: Member, *, at: datetime) -> list[AgreementView]:
    """Return every version that was offered to the member, oldest first, with its state at `at`."""
    own = select(AgreementRow).where(AgreementRow.member == member.name, AgreementRow.offered_at.is_not(None))
    rows = session.scalars(own.order_by(AgreementRow.agreement, AgreementRow.version))
    return [view(row, at) for row in rows if _is_shown(row, at)]


def list_all(session: Session, query: AgreementQuery, *, at: datetime) -> AgreementPage:
    """Return a page of the register, and how many there are; texts and wordings are left out (empty)."""
    wanted = _conditions(query, at)
    total = session.scalar(select(func.count()).select_from(AgreementRow).where(*wanted)) or 0
    column = {
        "agreement": AgreementRow.agreement,
        "member": AgreementRow.member,
        "ends_at": AgreementRow.ends_at,
    }.get(query.sort, AgreementRow.changed_at)
    order = column.desc() if query.descending else column.asc()
    page = (
        select(AgreementRow)
        .where(*wanted)
        .order_by(order, AgreementRow.agreement, AgreementRow.version.desc())
    )
    rows = session.scalars(page.options(*_TEXTS).offset(query.offset).limit(query.limit))
    return AgreementPage([view(row, at, texts=False) for row in rows], total)


def count_states(session: Session, *, at: datetime) -> dict[AgreementState, int]:
    """Return how many versions are in each state at `at`."""
    over = and_(_runs_out(), AgreementRow.ends_at <= at)
    grouped = select(AgreementRow.state, over, func.count()).group_by(AgreementRow.state, over)
    counts = dict.fromkeys(AgreementState, 0)
    for state, is_over, count in session.execute(grouped):
        counts[AgreementState.ENDED if is_over else state] += count
    return counts


def find_text(session: Session, member: str, digest: str) -> str | None:
    """Return the text with this digest that was offered to the member, if there is one."""
    own = select(AgreementRow).where(AgreementRow.member == member, AgreementRow.offered_at.is_not(None))
    return next((row.text for row in session.scalars(own) if row.terms.text == digest), None)


def view(row: AgreementRow, at: datetime, *, texts: bool = True) -> AgreementView:
    """Return a version as a value that outlives its session, in a register without its texts."""
    return AgreementView(
        terms=row.terms,
        state=state_at(row.state, row.ends_at, at),
        text=row.text if texts else "",
        wording=row.wording if texts else "",
        author=row.author,
        drafted_at=row.drafted_at,
        given_back=row.given_back,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        offered_at=row.offered_at,
        signature=row.signature,
        signed_at=row.signed_at,
        position=row.position,
        activated_at=row.activated_at,
        suspended_at=row.suspended_at,
        terminated_at=row.terminated_at,
        terminated_by=row.terminated_by,
        ends_at=row.ends_at,
        changed_at=row.changed_at,
        leaf=row.log_leaf,
        campaign=row.campaign,
    )


def _is_shown(row: AgreementRow, at: datetime) -> bool:
    return row.offered_at is not None and state_at(row.state, row.ends_at, at) in SHOWN_TO_MEMBER


def _conditions(query: AgreementQuery, at: datetime) -> list[ColumnElement[bool]]:
    conditions = [
        None if query.state is None else _is_in(query.state, at),
        None if query.member is None else AgreementRow.member == query.member,
        None if query.purpose is None else AgreementRow.purposes.contains(f",{query.purpose},"),
        None if query.expiring_before is None else _expires(at, query.expiring_before),
        _named(query.text) if query.text else None,
        _is_newest() if query.newest_only else None,
    ]
    return [each for each in conditions if each is not None]


def _is_in(state: AgreementState, at: datetime) -> ColumnElement[bool]:
    """Find what `state_at` calls by this state."""
    over = and_(_runs_out(), AgreementRow.ends_at <= at)
    if state is AgreementState.ENDED:
        return or_(AgreementRow.state == state, over)
    return and_(AgreementRow.state == state, not_(over))


def _runs_out() -> ColumnElement[bool]:
    return AgreementRow.state.not_in((AgreementState.DRAFT, AgreementState.REVIEW))


def _expires(at: datetime, before: datetime) -> ColumnElement[bool]:
    return and_(AgreementRow.state.in_(EFFECTIVE), AgreementRow.ends_at > at, AgreementRow.ends_at < before)


def _named(text: str) -> ColumnElement[bool]:
    return or_(
        AgreementRow.agreement.icontains(text, autoescape=True),
        AgreementRow.member.icontains(text, autoescape=True),
    )


def _is_newest() -> ColumnElement[bool]:
    later = aliased(AgreementRow)
    newer = select(later.version).where(
        later.agreement == AgreementRow.agreement, later.version > AgreementRow.version
    )
    return ~newer.exists()

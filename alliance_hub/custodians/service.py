"""What the hub's own books say of the custodians: acceptances, signatures under cuts, ceremonies decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from alliance_hub.approvals.models import Kind, Proposal, ProposalState
from alliance_hub.errors import Conflict
from alliance_hub.feed.models import CutRow, CutSignatureRow
from alliance_hub.hub import Hub
from alliance_hub.membership.models import Acceptance
from privacy.encoding import unb64
from privacy.keyset import KeySet, witness_fingerprint


@dataclass(frozen=True, slots=True)
class Custodian:
    """One custodian by the hub's books."""

    index: int
    address: str | None
    """Where it is reached; null where no address is configured."""
    fingerprint: str
    acceptances: int
    last_signed: str | None
    """The period of the newest cut that it signed."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut and who signed it."""

    period: str
    position: int
    begun_at: datetime
    effective_at: datetime | None
    signed: tuple[int, ...]
    missing: tuple[int, ...]


def list_custodians(session: Session, hub: Hub) -> list[Custodian]:
    """Return all custodians of the epoch by their index."""
    accepted = dict(
        session.execute(select(Acceptance.custodian, func.count()).group_by(Acceptance.custodian)).all()
    )
    signed = dict(session.execute(_last_signed()).all())
    addresses = dict(enumerate(hub.settings.custodians, 1))
    return [
        Custodian(
            index=index,
            address=addresses.get(index),
            fingerprint=witness_fingerprint(unb64(witness)),
            acceptances=accepted.get(index, 0),
            last_signed=signed.get(index),
        )
        for index, witness in enumerate(hub.key_set.witnesses, 1)
    ]


def list_cuts(session: Session, hub: Hub, *, limit: int) -> list[Cut]:
    """Return the newest cuts, the newest first, each with who signed it and who has not."""
    cuts = session.scalars(select(CutRow).order_by(CutRow.position.desc()).limit(limit)).all()
    signatures = _signatures(session, [cut.position for cut in cuts])
    return [_cut(cut, signatures.get(cut.position, ()), hub.key_set.count) for cut in cuts]


def list_ceremonies(session: Session, epoch: int) -> Sequence[Proposal]:
    """Return the decided and open ceremonies for an epoch, the newest first."""
    about = select(Proposal).where(Proposal.kind == Kind.CEREMONY, Proposal.object == object_of(epoch))
    return session.scalars(about.order_by(Proposal.id.desc())).all()


def object_of(epoch: int) -> str:
    """Return what the log calls an epoch's key set."""
    return f"key-set/{epoch}"


def require_ceremony(session: Session, key_set: KeySet) -> None:
    """Raise Conflict unless two officers decided the ceremony from which this key set comes.

    Made-up data need no two officers.
    """
    if key_set.policy.synthetic:
        return
    made = (key_set.count, key_set.threshold)
    for proposal in list_ceremonies(session, key_set.epoch):
        plan = (proposal.facts["custodians"], proposal.facts["threshold"])
        if proposal.state is ProposalState.APPROVED and plan == made:
            return
    raise Conflict(
        f"no two officers have decided a key ceremony for epoch {key_set.epoch} with {key_set.threshold} of "
        f"{key_set.count} custodians: let them do so in the console, under Custodians",
        slug="ceremony-undecided",
    )


def _last_signed() -> Select[int, str]:
    newest = (
        select(CutSignatureRow.custodian, func.max(CutSignatureRow.cut_position).label("cut"))
        .group_by(CutSignatureRow.custodian)
        .subquery()
    )
    return select(newest.c.custodian, CutRow.period).join(CutRow, CutRow.position == newest.c.cut)


def _signatures(session: Session, cuts: Sequence[int]) -> dict[int, tuple[int, ...]]:
    rows = session.execute(
        select(CutSignatureRow.cut_position, CutSignatureRow.custodian)
        .where(CutSignatureRow.cut_position.in_(cuts))
        .order_by(CutSignatureRow.custodian)
    )
    found: dict[int, tuple[int, ...]] = {}
    for cut, custodian in rows:
        found[cut] = (*found.get(cut, ()), custodian)
    return found


def _cut(cut: CutRow, signed: tuple[int, ...], count: int) -> Cut:
    missing = tuple(index for index in range(1, count + 1) if index not in signed)
    return Cut(cut.period, cut.position, cut.stamp, cut.effective_at, signed, missing)

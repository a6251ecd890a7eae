"""How the log stands: what waits, what was signed and cosigned when, and what somebody should look at.

- The integrator stands still when an entry has waited for `STILL`.
- Witnesses are missing when the offered checkpoint has been short of `threshold` of them for `LONELY`.
- Nothing is signed while the tables do not continue what was signed last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance_hub.errors import HubError
from alliance_hub.hub import Hub
from alliance_hub.transparency import anchoring, keeping
from alliance_hub.transparency.models import ONLY_TREE, AnchorRow, CheckpointRow, LogRow, TreeRow

STILL = timedelta(minutes=1)
"""After so long without its place in the log an entry is proof of misconduct (protocol section 9)."""

LONELY = timedelta(minutes=10)
"""As long as custodians go without the hub's feed before they serve nothing any more; [D]."""

UNANCHORED = timedelta(hours=48)
"""Two days: one failed morning is mended by the next; [D]."""


class Warning(StrEnum):
    """What somebody should look at."""

    REFUSED = "refused"
    """Nothing is signed: the database does not continue what was signed last."""
    STILL = "still"
    """Entries have waited for more than a minute."""
    LONELY = "lonely"
    """Too few custodians have cosigned for more than ten minutes."""
    UNANCHORED = "unanchored"
    """The time-stamping authority is set, and its last token is two days old."""


@dataclass(frozen=True, slots=True)
class Health:
    """The log at an instant."""

    size: int
    waiting: int
    """Entries without a number."""
    waiting_since: datetime | None
    """When the first of them was written."""
    signed_at: datetime | None
    """When the newest checkpoint was signed."""
    offered: int | None
    """The size of the checkpoint that custodians are shown."""
    short_since: datetime | None
    """Since when fewer than `threshold` custodians have cosigned it; None once it counts."""
    anchored_at: datetime | None
    trouble: HubError | None
    """Why nothing is signed at present."""
    warnings: tuple[Warning, ...]


def health(session: Session, hub: Hub, now: datetime) -> Health:
    """Return how the log stands at `now`."""
    tree = session.get_one(TreeRow, ONLY_TREE)
    waiting, since = session.execute(
        select(func.count(), func.min(LogRow.at)).where(LogRow.number.is_(None))
    ).one()
    signed_at = session.scalar(select(CheckpointRow.at).order_by(CheckpointRow.size.desc()).limit(1))
    anchored_at = session.scalar(select(AnchorRow.at).order_by(AnchorRow.size.desc()).limit(1))
    short_since, trouble = _short_since(session, hub, tree), keeping.find_trouble(session, hub)
    late = {
        Warning.REFUSED: trouble is not None,
        Warning.STILL: since is not None and now >= since + STILL,
        Warning.LONELY: short_since is not None and now >= short_since + LONELY,
        Warning.UNANCHORED: anchoring.is_overdue(session, hub, now, UNANCHORED),
    }
    warnings = tuple(warning for warning, holds in late.items() if holds)
    return Health(
        tree.size, waiting, since, signed_at, tree.offered, short_since, anchored_at, trouble, warnings
    )


def _short_since(session: Session, hub: Hub, tree: TreeRow) -> datetime | None:
    if tree.offered is None:
        return None
    cosigned = session.scalar(select(CheckpointRow.custodians).where(CheckpointRow.size == tree.offered)) or 0
    return tree.offered_at if cosigned < hub.key_set.threshold else None

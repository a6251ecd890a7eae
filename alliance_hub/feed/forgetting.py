"""Forget the records of chunks that every custodian holds: they stood in the feed to be copied.

The hub's own tables keep what matching needs of the records that count; the ciphertexts were never the
hub's. Which are gone follows from the cuts alone, so that a custodian hears the same while the erasing job
is still at work.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from alliance_hub.errors import Forgotten
from alliance_hub.feed.cuts import forgotten_cut
from alliance_hub.feed.models import AttachmentRow


def require_remembered(session: Session, after: int) -> None:
    """Raise Forgotten when the feed behind position `after` is not served whole any more."""
    over = forgotten_cut(session)
    if over is not None and after < over.position:
        raise Forgotten(
            f"the records up to position {over.position} are erased: start from a checkpoint of a fellow "
            "custodian",
            extra={"position": over.position},
        )


def erase_oldest_records(session: Session, up_to: int) -> bool:
    """Erase the records of the oldest chunk at a position up to `up_to`; say whether there was one."""
    oldest = select(func.min(AttachmentRow.position)).where(AttachmentRow.position <= up_to)
    erased = delete(AttachmentRow).where(AttachmentRow.position == oldest.scalar_subquery())
    return session.execute(erased.returning(AttachmentRow.position)).first() is not None

"""Once a day the log is anchored: an authority outside the alliance stamps the time on a checkpoint.

Hub and t custodians together could write another past; not one that an authority has seen. What is stamped is
the newest checkpoint that counts, or the one that waits for its cosignatures.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, HubError
from alliance_hub.hub import Hub
from alliance_hub.transparency import checkpoints, proofs, stamping
from alliance_hub.transparency.checkpoints import Shown
from alliance_hub.transparency.models import AnchorRow
from privacy.encoding import b64, instant_text
from privacy.evidence import Anchor
from privacy.periods import day_of

log = logging.getLogger(__name__)


def anchor_day(hub: Hub, now: datetime) -> None:
    """Anchor the log, unless that was done today, there is nothing new, or no authority is set."""
    if not hub.settings.timestamp_url:
        return
    with hub.database.reading() as session:
        newest = list_newest(session, 1)
    if newest and day_of(newest[0].at) == day_of(now):
        return
    try:
        anchor(hub)
    except HubError as error:
        # The daily work tries again, and says no more than that this failed.
        log.warning("the log is not anchored: %s", error)
        raise


def anchor(hub: Hub) -> AnchorRow | None:
    """Have the newest checkpoint stamped and keep the token; None when it was anchored before.

    The authority is asked between two transactions. Raises Conflict when none is set, or there is no
    checkpoint yet, Invalid for roots that cannot be read, Unavailable for an authority that does not answer,
    or whose answer does not hold.
    """
    url, roots = hub.settings.timestamp_url, hub.settings.timestamp_roots
    if not url or roots is None:
        raise Conflict("no authority is set: set timestamp_url and timestamp_roots in settings.toml")
    with hub.database.reading() as session:
        shown = _newest(session, hub)
        if session.get(AnchorRow, shown.size) is not None:
            return None
    with _client(url) as http:
        found = stamping.stamp(http, url, stamping.read_roots(roots), shown.note.checkpoint.text().encode())
    authority = urlsplit(url).hostname or ""
    row = AnchorRow(size=shown.size, at=found.at, authority=authority, token=found.response)
    with hub.database.transaction() as session:
        # Two workers begin a day at once: the first token stays.
        if session.get(AnchorRow, shown.size) is not None:
            return None
        session.add(row)
    return row


def list_newest(session: Session, limit: int) -> Sequence[AnchorRow]:
    """Return the newest anchors, the newest first."""
    return session.scalars(select(AnchorRow).order_by(AnchorRow.size.desc()).limit(limit)).all()


def find(session: Session, size: int) -> AnchorRow | None:
    """Return the anchor of the checkpoint of this size."""
    return session.get(AnchorRow, size)


def evidence_for(session: Session, size: int) -> Anchor | None:
    """Return the newest anchor in a log of `size` entries, as evidence holds it; None when there is none.

    Its consistency proof leads from the anchored checkpoint to the log of `size` entries.
    """
    within = select(AnchorRow).where(AnchorRow.size <= size).order_by(AnchorRow.size.desc())
    row = session.scalar(within.limit(1))
    shown = None if row is None else checkpoints.find(session, row.size)
    if row is None or shown is None:
        return None
    return Anchor(
        note=shown.note.text(),
        token=b64(row.token),
        anchored_at=instant_text(row.at),
        consistency=tuple(map(b64, proofs.consistency(session, row.size, size))),
    )


def is_overdue(session: Session, hub: Hub, now: datetime, after: timedelta) -> bool:
    """Say whether something has waited for an anchor for so long, where an authority is set."""
    offered = checkpoints.offered(session)
    if not hub.settings.timestamp_url or offered is None:
        return False
    newest = list_newest(session, 1)
    if not newest:
        return offered.at + after <= now
    return newest[0].size < offered.size and newest[0].at + after <= now


def _newest(session: Session, hub: Hub) -> Shown:
    shown = checkpoints.newest_counted_shown(session, hub.key_set) or checkpoints.offered(session)
    if shown is None:
        raise Conflict("the log has no checkpoint yet: there is nothing to anchor")
    return shown


def _client(url: str) -> httpx.Client:
    # Reading all certificates takes 80 ms, and within one machine there is none to check.
    return httpx.Client(timeout=stamping.TIMEOUT, trust_env=False, verify=url.startswith("https:"))

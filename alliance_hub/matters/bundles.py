"""What the member says of its bundles: sealed, delivered. The hub keeps the seal's digest, nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.feed import service as feed
from alliance_hub.matters.models import MatterBundle, MatterRow
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64, instant_text, unb64
from privacy.logged import LogReceipt

CLOCKS_DIFFER = timedelta(minutes=5)
"""So far may a member's clock be ahead of the hub's."""


def report(session: Session, row: MatterRow, seal: bytes, sealed_at: datetime, now: datetime) -> LogReceipt:
    """Note that the member has sealed a bundle; the same again returns the same receipt.

    Raises Invalid for an instant before the matter was opened or after now, Conflict for another instant.
    """
    feed.lock(session)
    known = session.get(MatterBundle, (row.id, seal))
    if known is not None:
        if known.sealed_at != sealed_at:
            raise Conflict("this seal was reported with another instant", slug="seal-known")
        return transparency.get_receipt(session, known.log_leaf)
    _require_time(sealed_at, row.opened_at, now, field="sealed_at")
    receipt = _log(session, "bundle", row, seal, {"sealed_at": instant_text(sealed_at)}, now)
    bundle = MatterBundle(
        matter=row.id,
        seal=seal,
        sealed_at=sealed_at,
        certificates=row.handed_out,
        reported_at=now,
        log_leaf=unb64(receipt.leaf),
        delivered_at=None,
        delivery_leaf=None,
        superseded_at=None,
        why=None,
    )
    session.add(bundle)
    session.flush()
    return receipt


def deliver(
    session: Session, row: MatterRow, seal: bytes, delivered_at: datetime, now: datetime
) -> LogReceipt:
    """Note that a bundle was handed over; the same again returns the same receipt.

    Raises NotFound for a seal that was not reported, Conflict for another instant.
    """
    feed.lock(session)
    bundle = get(session, row, seal)
    if bundle.delivery_leaf is not None:
        if bundle.delivered_at != delivered_at:
            raise Conflict("this bundle's delivery was reported with another instant", slug="delivered")
        return transparency.get_receipt(session, bundle.delivery_leaf)
    _require_time(delivered_at, bundle.sealed_at, now, field="delivered_at")
    more = {"delivered_at": instant_text(delivered_at)}
    receipt = _log(session, "bundle_delivered", row, seal, more, now)
    bundle.delivered_at, bundle.delivery_leaf = delivered_at, unb64(receipt.leaf)
    session.flush()
    return receipt


def get(session: Session, row: MatterRow, seal: bytes) -> MatterBundle:
    """Return a bundle of the matter by its seal; raises NotFound."""
    bundle = session.get(MatterBundle, (row.id, seal))
    if bundle is None:
        raise NotFound("no bundle with this seal was reported for the matter")
    return bundle


def _require_time(at: datetime, earliest: datetime, now: datetime, *, field: str) -> None:
    if not earliest.replace(microsecond=0) <= at <= now + CLOCKS_DIFFER:
        raise Invalid("later than what it follows, and not in the future: look at your clock", field=field)


def _log(
    session: Session, kind: str, row: MatterRow, seal: bytes, more: dict[str, str], now: datetime
) -> LogReceipt:
    facts = {"member": row.member, "matter": row.reference, "object": row.object, "seal": b64(seal)}
    return transparency.record_entry(session, kind, {**facts, **more}, now=now)

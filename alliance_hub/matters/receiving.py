"""What a lawyer takes with it: a certificate as paper, with a receipt; its word that it holds a bundle."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.matters import bundles, paper, reading, superseding
from alliance_hub.matters.models import BundleReceived, MatterRow
from alliance_hub.matters.seeing import row_for
from alliance_hub.people.actor import Actor
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, b64
from privacy.logged import LogReceipt


def download(
    session: Session, hub: Hub, actor: Actor, matter: int, number: int, now: datetime
) -> tuple[bytes, LogReceipt]:
    """Return a certificate as a PDF, and the receipt of the entry that says who took it.

    Raises NotFound as `seeing.get_for` does, Forgotten.
    """
    row = row_for(session, actor, matter, now)
    page = paper_of(session, hub, row, number)
    superseded = superseding.look(session, hub, row, now).get(number)
    facts: Json = {"member": row.member, "matter": row.reference, "number": number}
    if superseded is not None:
        facts["superseded"] = str(superseded.why)
    receipt = transparency.record_act(
        session, actor, "certificate_downloaded", object=row.object, facts=facts, now=now
    )
    return page, receipt


def paper_of(session: Session, hub: Hub, row: MatterRow, number: int) -> bytes:
    """Return a certificate as a PDF: always the same bytes for the same certificate."""
    signed = reading.certificate_of(reading.get_certificate(session, row, number))
    return paper.render(signed, synthetic=hub.key_set.policy.synthetic)


def confirm(session: Session, actor: Actor, matter: int, seal: bytes, now: datetime) -> LogReceipt | None:
    """Note a lawyer's word that it holds the bundle with this seal; None when it has said so before.

    Raises NotFound for a matter that it does not see, or a seal that was not reported.
    """
    row = row_for(session, actor, matter, now)
    bundle = bundles.get(session, row, seal)
    key = (row.id, bundle.seal, actor.officer)
    if session.get(BundleReceived, key) is not None:
        return None
    session.add(BundleReceived(matter=row.id, seal=bundle.seal, officer=actor.officer, at=now))
    facts: Json = {"member": row.member, "matter": row.reference, "seal": b64(seal)}
    return transparency.record_act(session, actor, "bundle_received", object=row.object, facts=facts, now=now)

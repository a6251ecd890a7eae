"""A member leaves: out of work for good, its data returned, erased, and a certificate of it.

    suspended -> exported -> erased -> closed

Suspension, archive and first certificate take minutes. Two things take their time, and the certificate says
so: the member may fetch its archive until the deadline, and the feed serves the sealed records of its chunks
until two further cuts are effective, because a custodian that lags behind needs them. Then the last
certificate is signed. Custodians forget by the cuts, and certify it to the member themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid, NotFound, Unavailable
from alliance_hub.faults import reached
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.service import Lease
from alliance_hub.membership import directory, service
from alliance_hub.membership.certificates import (
    REMAINS,
    STAYS,
    Certificate,
    Erased,
    Note,
    Remains,
    sign_certificate,
)
from alliance_hub.membership.erasing import erase, erase_contracts, erase_copy, is_served
from alliance_hub.membership.exporting import export
from alliance_hub.membership.models import Exit, ExitCertificate
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ExitStage
from alliance_hub.parameters import service as parameters
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64, instant_text
from privacy.errors import VerifyError
from privacy.messages import parse
from privacy.receipts import SignedDeletion, verify_deletion

LEAVE = "leaving"
"""The kind of the job that brings a leaving to its end."""

LOOK_AGAIN = timedelta(hours=1)
"""How often a leaving looks whether the cuts that it waits for are effective."""

CUSTODIANS_AT_MOST = 1_000


def begin(session: Session, hub: Hub, name: str, now: datetime) -> Exit:
    """Take a member out of work for good, and enqueue what follows.

    Raises NotFound, Conflict for a mere applicant or one that leaves already.
    """
    feed.lock(session)
    member = directory.get(session, name)
    require_may_leave(session, name)
    if member.state is not MemberState.SUSPENDED:
        service.suspend(session, hub, name, now)
    assert member.suspended_at is not None  # it is suspended
    job = jobs.enqueue(session, LEAVE, {"member": name}, now=now)
    leaving = Exit(
        member=name,
        stage=ExitStage.SUSPENDED,
        began_at=now,
        deadline_at=now + timedelta(days=parameters.value(session, "exit_days")),
        position=member.suspended_at,
        job=job.id,
        counts={},
        custodians=[],
    )
    session.add(leaving)
    session.flush()
    return leaving


def require_may_leave(session: Session, name: str) -> None:
    """Raise NotFound or Conflict unless this member can begin to leave."""
    if directory.get(session, name).state is MemberState.APPLIED:
        raise Conflict("the firm is not admitted: refuse its application instead")
    if session.get(Exit, name) is not None:
        raise Conflict("the member is leaving already: its page shows how far that is")


def find_exit(session: Session, name: str) -> Exit | None:
    """Return how a member leaves, or None while it stays."""
    return session.get(Exit, name)


def get_exit(session: Session, name: str) -> Exit:
    """Return how a member leaves; raises NotFound while it stays."""
    leaving = find_exit(session, name)
    if leaving is None:
        raise NotFound("this member is not leaving")
    return leaving


def require_copy(session: Session, name: str, now: datetime) -> Exit:
    """Return the leaving whose archive can be fetched now; raises NotFound, or Conflict saying why not."""
    leaving = get_exit(session, name)
    if leaving.exported_at is None or leaving.export_until is None:
        raise Conflict("the archive is being put together: ask again in some minutes", slug="not-ready")
    if now >= leaving.export_until:
        raise Conflict("the archive could be fetched until its deadline and is erased", slug="erased")
    return leaving


def list_certificates(session: Session, name: str) -> Sequence[ExitCertificate]:
    """Return what was certified of a leaving, the newest first."""
    own = select(ExitCertificate).where(ExitCertificate.member == name)
    return session.scalars(own.order_by(ExitCertificate.number.desc())).all()


def go_on(hub: Hub, name: str, lease: Lease) -> None:
    """Bring a leaving as far as it comes now; raises Unavailable while it must wait, LeaseLost."""
    while (stage := _stage(hub, name)) is not ExitStage.CLOSED:
        if stage is ExitStage.SUSPENDED:
            export(hub, name, lease)
        elif stage is ExitStage.EXPORTED:
            erase(hub, name, lease)
            _erase_contracts_unless_served(hub, name, lease)
            _certify(hub, name, lease, ExitStage.ERASED)
        else:
            _close(hub, name, lease)


def hand_in(session: Session, hub: Hub, name: str, signed: Sequence[SignedDeletion], now: datetime) -> Exit:
    """Keep the custodians' deletion certificates that a leaving member hands in; the same again is nothing.

    Where a certificate of the hub stands already, another is signed that names them. Raises NotFound,
    Invalid for one that is not a custodian's about this member.
    """
    leaving = get_exit(session, name)
    for each in signed:
        _require_genuine(hub, name, each)
    new = [each.document() for each in signed if each.document() not in leaving.custodians]
    if len(leaving.custodians) + len(new) > CUSTODIANS_AT_MOST:
        raise Invalid("more certificates than cuts can have given", field="deletions")
    if new:
        leaving.custodians = leaving.custodians + new
        if leaving.stage in {ExitStage.ERASED, ExitStage.CLOSED}:
            _issue(session, hub, leaving, now)
    return leaving


def _stage(hub: Hub, name: str) -> ExitStage:
    with hub.database.reading() as session:
        return get_exit(session, name).stage


def _close(hub: Hub, name: str, lease: Lease) -> None:
    """Erase what has had its time; sign the last certificate when that is all."""
    with hub.database.reading() as session:
        leaving = get_exit(session, name)
    assert leaving.export_until is not None  # it was exported
    fetchable = hub.clock() < leaving.export_until
    served = _erase_contracts_unless_served(hub, name, lease)
    if not fetchable:
        erase_copy(hub, name, lease)
    if served or fetchable:
        again = hub.clock() + LOOK_AGAIN
        raise Unavailable(
            "the archive may be fetched still, or the feed still serves the member's chunks",
            slug="waits-for-copy" if fetchable and not served else "waits-for-cuts",
            retry_at=min(again, leaving.export_until) if fetchable else again,
        )
    reached("exit.all_erased")
    _certify(hub, name, lease, ExitStage.CLOSED)


def _erase_contracts_unless_served(hub: Hub, name: str, lease: Lease) -> bool:
    """Erase that contracts were known if the feed serves none of the records; say whether it does."""
    with hub.database.reading() as session:
        served = is_served(session, name)
    if not served:
        erase_contracts(hub, name, lease)
    return served


def _certify(hub: Hub, name: str, lease: Lease, stage: ExitStage) -> None:
    with hub.database.transaction() as session:
        now = hub.clock()
        lease.renew(session, now)
        leaving = session.get_one(Exit, name, with_for_update=True)
        leaving.stage = stage
        if stage is ExitStage.CLOSED:
            leaving.closed_at = now
        _issue(session, hub, leaving, now)
    reached(f"exit.{stage}")


def _issue(session: Session, hub: Hub, leaving: Exit, now: datetime) -> None:
    own = select(func.count()).where(ExitCertificate.member == leaving.member)
    number = 1 + (session.scalar(own) or 0)
    signed = sign_certificate(hub.keys.secretariat, _certificate(session, hub, leaving, number, now))
    final = leaving.stage is ExitStage.CLOSED
    document = msgspec.json.encode(signed)
    session.add(ExitCertificate(member=leaving.member, number=number, final=final, at=now, document=document))
    facts = {
        "object": f"member/{leaving.member}",
        "number": number,
        "final": final,
        "digest": b64(signed.certificate.sha256()),
    }
    transparency.record_entry(session, "member_exit_certified", facts, now=now)


def _certificate(session: Session, hub: Hub, leaving: Exit, number: int, now: datetime) -> Certificate:
    assert leaving.export_until is not None
    assert leaving.export_digest is not None
    assert leaving.export_size is not None
    custodians = (parse(SignedDeletion, each) for each in leaving.custodians)
    return Certificate(
        alliance=hub.key_set.alliance,
        epoch=hub.key_set.epoch,
        member=leaving.member,
        number=number,
        final=leaving.stage is ExitStage.CLOSED,
        issued_at=instant_text(now),
        position=feed.head(session).position,
        suspended_position=leaving.position,
        export_until=instant_text(leaving.export_until),
        export_sha256=b64(leaving.export_digest),
        export_bytes=leaving.export_size,
        erased=tuple(Erased(table, rows) for table, rows in sorted(leaving.counts.items())),
        custodians=tuple(custodians),
        remains=tuple(Note(str(what), REMAINS[what]) for what in _remains(session, leaving)),
        stays=tuple(Note(str(what), why) for what, why in STAYS.items()),
    )


def _remains(session: Session, leaving: Exit) -> list[Remains]:
    if leaving.stage is ExitStage.CLOSED:
        return []
    waiting = [Remains.CHUNKS, Remains.CONTRACTS] if is_served(session, leaving.member) else []
    return [Remains.COPY, Remains.CONTACTS, *waiting]


def _require_genuine(hub: Hub, name: str, signed: SignedDeletion) -> None:
    said, key_set = signed.deletion, hub.key_set
    if (said.alliance, said.epoch, said.member) != (key_set.alliance, key_set.epoch, name):
        raise Invalid("a certificate is of another alliance, epoch or member", field="deletions")
    if not 1 <= said.custodian <= key_set.count:
        raise Invalid(f"custodians have the numbers 1 to {key_set.count}", field="deletions")
    try:
        verify_deletion(signed, key_set.witness(said.custodian))
    except VerifyError as error:
        raise Invalid("a certificate is not signed by its custodian", field="deletions") from error

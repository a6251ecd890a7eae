"""Tell which certificates and bundles say no longer what is on record, since when and why.

It is computed whenever a matter is read, and written down once a day and whenever the member asks: what was
superseded once stays so, also when a hold has ended again. A fresh certificate then says it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.matters import reading, rules
from alliance_hub.matters.certifying import record
from alliance_hub.matters.certifying.facts import Case, Fact, case_of, latest, stamp_at
from alliance_hub.matters.certifying.issuing import CERTIFIERS
from alliance_hub.matters.kinds import CertificateKind, Why
from alliance_hub.matters.models import MatterBundle, MatterCertificate, MatterRow
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, b64


@dataclass(frozen=True, slots=True)
class Superseded:
    """Since when something says no longer enough, and why."""

    at: datetime
    why: Why


def look(session: Session, hub: Hub, row: MatterRow, now: datetime) -> dict[int, Superseded]:
    """Return which certificates of a matter are superseded, by number; nothing is written."""
    if row.forgotten_at is not None:
        return _stored(reading.certificates_of(session, row))
    case = case_of(session, hub, row, now)
    certificates = reading.certificates_of(session, row)
    facts = {kind: CERTIFIERS[kind](session, case) for kind in _open_kinds(certificates)}
    found = _stored(certificates)
    for each in certificates:
        if each.superseded_at is None and (fresh := _superseded(session, case, each, facts)):
            found[each.number] = fresh
    return found


def of_bundle(bundle: MatterBundle, found: Mapping[int, Superseded]) -> Superseded | None:
    """Return since when a bundle is superseded: with the first of the certificates in it."""
    if bundle.superseded_at is not None and bundle.why is not None:
        return Superseded(bundle.superseded_at, bundle.why)
    inside = [found[number] for number in bundle.certificates if number in found]
    return min(inside, key=lambda each: (each.at, list(Why).index(each.why)), default=None)


def mark(session: Session, hub: Hub, row: MatterRow, now: datetime) -> dict[int, Superseded]:
    """Write down, and log, what is superseded, and return it."""
    found = look(session, hub, row, now)
    for certificate in reading.certificates_of(session, row):
        fresh = found.get(certificate.number)
        if fresh is not None and certificate.superseded_at is None:
            certificate.superseded_at, certificate.why = fresh.at, fresh.why
            _log(session, row, {"number": certificate.number, "why": str(fresh.why)}, now)
    for bundle in reading.bundles_of(session, row):
        gone = of_bundle(bundle, found)
        if gone is not None and bundle.superseded_at is None:
            bundle.superseded_at, bundle.why = gone.at, gone.why
            _log(session, row, {"seal": b64(bundle.seal), "why": str(gone.why)}, now)
    session.flush()
    return found


def mark_open(hub: Hub, now: datetime) -> int:
    """Write down what is superseded in every matter that runs, one transaction each; return how many run.

    A matter that is over warns no more: nobody may still use what was certified in it.
    """
    with hub.database.reading() as session:
        running = select(MatterRow.id).where(MatterRow.closed_at.is_(None), MatterRow.until > now)
        ids = session.scalars(running.order_by(MatterRow.id)).all()
    for id in ids:
        # Looked at first without anybody waiting: on most days there is nothing to write.
        with hub.database.reading() as session:
            is_news = _is_news(session, hub, reading.get_row(session, id), now)
        if is_news:
            with hub.database.transaction() as session:
                mark(session, hub, reading.get_row(session, id), now)
    return len(ids)


def _is_news(session: Session, hub: Hub, row: MatterRow, now: datetime) -> bool:
    """Say whether something is superseded that is not written down."""
    found = look(session, hub, row, now)
    bundles = reading.bundles_of(session, row)
    return found.keys() != _stored(reading.certificates_of(session, row)).keys() or any(
        bundle.superseded_at is None and of_bundle(bundle, found) for bundle in bundles
    )


def _stored(certificates: Iterable[MatterCertificate]) -> dict[int, Superseded]:
    return {
        each.number: Superseded(each.superseded_at, each.why)
        for each in certificates
        if each.superseded_at is not None and each.why is not None
    }


def _open_kinds(certificates: Iterable[MatterCertificate]) -> set[CertificateKind]:
    kinds = {each.kind for each in certificates if each.superseded_at is None}
    # More questions make none of those before untrue: a later certificate says more, where it is asked for.
    return kinds & CERTIFIERS.keys() - {CertificateKind.DECISION}


def _superseded(
    session: Session,
    case: Case,
    row: MatterCertificate,
    facts: Mapping[CertificateKind, list[Fact]],
) -> Superseded | None:
    same = (each for each in facts.get(row.kind, ()) if each.subject == row.subject)
    after = next(same, None)
    why = rules.change(reading.certificate_of(row).certificate.said, None if after is None else after.said)
    found = _suspended(session, case, row)
    if why is not None:
        since = (_gone(session, case) if after is None else after.since) or case.now
        found.append(Superseded(max(since, row.issued_at), why))
    return min(found, key=lambda each: each.at, default=None)


def _gone(session: Session, case: Case) -> datetime | None:
    """Return when what is on record no more went: with the last change of the contracts' records."""
    return latest(each.since for each in record.certify(session, case))


def _suspended(session: Session, case: Case, row: MatterCertificate) -> list[Superseded]:
    """Tell that the member was suspended after this was issued."""
    position = case.member.suspended_at
    if position is None or position <= row.position:
        return []
    at = stamp_at(session, position) or case.now
    return [Superseded(max(at, row.issued_at), Why.MEMBER_SUSPENDED)]


def _log(session: Session, row: MatterRow, facts: Json, now: datetime) -> None:
    about: Json = {"member": row.member, "matter": row.reference, "object": row.object}
    transparency.record_entry(session, "matter_superseded", {**about, **facts}, now=now)

"""Certify the terms under which the member asked, handed in its records and opened the matter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements.lifecycle import state_at
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.feed.models import FeedRow
from alliance_hub.matters.certifying.decision import versions
from alliance_hub.matters.certifying.facts import Case, Fact, latest, records_of
from privacy.certificates import AgreementSaid
from privacy.encoding import b64, instant_text


def certify(session: Session, case: Case) -> list[Fact]:
    """Return each version of an agreement that counted for the matter, its decisions or its records."""
    named = {(case.row.agreement, case.row.version), *versions(session, case)}
    stamps = [entry.stamp for _, entry in session.execute(records_of(case))]
    stated = (
        select(AgreementRow, FeedRow)
        .join(FeedRow, FeedRow.position == AgreementRow.position)
        .where(AgreementRow.member == case.row.member)
        .order_by(AgreementRow.agreement, AgreementRow.version)
    )
    return [
        _fact(row, entry, case.now)
        for row, entry in session.execute(stated)
        if (row.agreement, row.version) in named or any(_was_in_force(row, at) for at in stamps)
    ]


def _was_in_force(row: AgreementRow, at: datetime) -> bool:
    # Stamps are whole seconds; an agreement that took effect within the same one allowed the record.
    activated_at = (row.activated_at or row.valid_from).replace(microsecond=0)
    return max(activated_at, row.valid_from) <= at < row.ends_at


def _fact(row: AgreementRow, entry: FeedRow, now: datetime) -> Fact:
    said = AgreementSaid(
        terms=row.terms,
        member_signature=row.signature or "",
        position=entry.position,
        stamp=instant_text(entry.stamp),
        state=str(state_at(row.state, row.ends_at, now)),
        leaf=b64(entry.log_leaf),
    )
    ended = row.ends_at if row.ends_at <= now else None
    return Fact(said, subject=f"{row.agreement}/{row.version}", since=latest([row.changed_at, ended]))

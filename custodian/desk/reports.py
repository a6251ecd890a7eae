"""What this custodian did in a month, for its own file and for whoever supervises it; signed.

The signature covers the figures. They are read from the ledger, so that the report is what this custodian
says of itself: what it said on the feed (acceptances, cuts, cohorts) anybody can compare.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Final

from custodian.desk import books, pauses
from custodian.errors import OperatorError
from custodian.ledger import Ledger
from privacy import periods, signing
from privacy.encoding import b64, instant_text
from privacy.errors import InvalidInputError, VerifyError
from privacy.keyset import KeySet
from privacy.messages import Bytes32, Bytes64, Count, Index, Instant, Message, Name
from privacy.periods import Period
from privacy.signing import SigningKey

_LABEL: Final = "monthly-report"


class Figures(Message, frozen=True):
    """What one member asked, or what was asked on one day: elements evaluated, manifests, subjects opened."""

    of: str
    evaluations: Count
    manifests: Count
    opened: Count


class Said(Message, frozen=True):
    """One thing that this custodian said on the feed: whom it accepted, or which period it signed."""

    at: Instant
    position: Count
    about: str


class Raised(Message, frozen=True):
    """One alarm."""

    at: Instant
    kind: str
    detail: str


class Report(Message, frozen=True):
    """A custodian's month; days are those of Asia/Shanghai, members are named by their enrolment."""

    alliance: Name
    epoch: Count
    key_set: Bytes32
    custodian: Index
    synthetic: bool
    month: str
    made_at: Instant
    members: tuple[Figures, ...]
    days: tuple[Figures, ...]
    acceptances: tuple[Said, ...]
    cuts: tuple[Said, ...]
    cohorts: tuple[Said, ...]
    alarms: tuple[Raised, ...]
    pauses: tuple[pauses.Pause, ...]


class SignedReport(Message, frozen=True):
    """A report with the signature of the custodian's witness key over it."""

    report: Report
    signature: Bytes64


def make(
    db: sqlite3.Connection, ledger: Ledger, key_set: KeySet, *, custodian: int, month: str, now: datetime
) -> Report:
    """Gather a month; raises OperatorError for a month that is none or has not begun."""
    start, end = _bounds(month, now)
    between = (instant_text(start), instant_text(end))
    return Report(
        alliance=key_set.alliance,
        epoch=key_set.epoch,
        key_set=b64(key_set.digest),
        custodian=custodian,
        synthetic=key_set.policy.synthetic,
        month=month,
        made_at=instant_text(now),
        members=_figures(books.counts(ledger, start, end, by_day=False)),
        days=_figures(books.counts(ledger, start, end, by_day=True)),
        acceptances=_said(books.accepted(db, custodian, start, end)),
        cuts=_said(books.cuts_signed(db, custodian, start, end)),
        cohorts=_said(books.cohorts_committed(db, custodian, start, end)),
        alarms=tuple(Raised(a.at, a.kind, a.detail) for a in books.alarms(ledger, start, end)),
        pauses=tuple(
            each
            for each in pauses.pauses(ledger)
            if each.since < between[1] and (each.until or between[1]) > between[0]
        ),
    )


def sign(key: SigningKey, report: Report) -> SignedReport:
    """Sign a report with the witness key."""
    return SignedReport(report=report, signature=key.sign_document(_LABEL, report.document()))


def verify(signed: SignedReport, key_set: KeySet) -> None:
    """Check that the custodian which the report names signed it in this epoch; raises VerifyError."""
    report = signed.report
    if (report.alliance, report.epoch, report.key_set) != (
        key_set.alliance,
        key_set.epoch,
        b64(key_set.digest),
    ):
        raise VerifyError("the report is of another alliance or epoch: give the key set of its epoch")
    witness = key_set.witness(report.custodian)
    signing.verify_document(witness, _LABEL, report.document(), signed.signature)


def as_html(signed: SignedReport) -> str:
    """Return the report as a page for the printer."""
    # Here and not above: templates take long to import, and many a command looks at figures alone.
    from custodian.desk import printing

    return printing.render("report.html", signed=signed, report=signed.report, digest=_digest(signed))


def as_text(signed: SignedReport) -> str:
    """Return the report as plain text."""
    from custodian.desk import printing  # as above

    return printing.render("report.txt", signed=signed, report=signed.report, digest=_digest(signed))


def _digest(signed: SignedReport) -> str:
    return b64(signed.report.sha256())


def _bounds(month: str, now: datetime) -> tuple[datetime, datetime]:
    try:
        start, end = periods.bounds(Period.MONTH, month)
    except InvalidInputError as error:
        raise OperatorError("give the month as 2026-10") from error
    if start > now:
        raise OperatorError(f"{month} has not begun")
    return start, end


def _figures(counts: list[books.Count]) -> tuple[Figures, ...]:
    return tuple(Figures(each.key, each.evaluations, each.manifests, each.opened) for each in counts)


def _said(acts: list[books.Act]) -> tuple[Said, ...]:
    return tuple(Said(act.at, act.position, act.about) for act in acts)

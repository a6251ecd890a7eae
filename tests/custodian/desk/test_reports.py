"""The monthly report: the figures of one month of Shanghai, under the witness key's signature."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from custodian.desk import pauses, reports
from custodian.desk.reports import Report, SignedReport
from custodian.errors import OperatorError
from privacy.errors import VerifyError
from privacy.messages import parse_json
from tests.custodian.conftest import INDEX, Office
from tests.feeds import BY_THE_DAY, START, made

LATER = START + timedelta(days=40)


@pytest.fixture
def busy(office: Office) -> Office:
    """A custodian that accepted a member, evaluated, opened, was paused, and had an alarm."""
    office.alliance.enrols("北辰", accepted_by=(INDEX, 2))
    office.custodian.follow()
    ledger = office.custodian.ledger
    ledger.charge_evaluation("北辰", "request", b"", 1_234, epoch=1, quota=(9_999, 9_999), now=START)
    ledger.charge_opening("北辰", b"m", 56, period="2026-11-01", quota=99, retry_at=START, now=START)
    ledger.raise_alarm("hand-in", "北辰 <waits>", b"", now=START)
    pauses.pause(ledger, START)
    pauses.pause(ledger, START + timedelta(minutes=1))
    pauses.resume(ledger, START + timedelta(hours=3))
    return office


def report(office: Office, month: str = "2026-11") -> Report:
    with office.custodian.feed() as db:
        return reports.make(
            db,
            office.custodian.ledger,
            office.alliance.key_set,
            custodian=INDEX,
            month=month,
            now=LATER,
        )


def test_a_month_has_its_figures(busy: Office) -> None:
    made_ = report(busy)
    (member,), (day,) = made_.members, made_.days
    assert (member.of, member.evaluations, member.manifests, member.opened) == ("北辰", 1_234, 1, 56)
    assert (day.of, day.evaluations, day.opened) == ("2026-11-01", 1_234, 56)
    assert [(act.about, act.position) for act in made_.acceptances] == [("北辰", 2)]
    assert [(alarm.kind, alarm.detail) for alarm in made_.alarms] == [("hand-in", "北辰 <waits>")]
    (pause,) = made_.pauses
    assert (pause.since, pause.until) == ("2026-10-31T16:30:00Z", "2026-10-31T19:30:00Z")


def test_another_month_has_none_of_them(busy: Office) -> None:
    """The story begins at half past midnight of 1 November in Shanghai, still October in UTC."""
    made_ = report(busy, "2026-10")
    assert (made_.members, made_.days, made_.acceptances, made_.alarms, made_.pauses) == ((), (), (), (), ())


def test_the_signature_covers_every_figure(busy: Office) -> None:
    signed = reports.sign(busy.custodian.key, report(busy))
    reports.verify(parse_json(SignedReport, signed.canonical()), busy.alliance.key_set)
    fewer = msgspec.structs.replace(signed.report.members[0], evaluations=1)
    changed = msgspec.structs.replace(signed.report, members=(fewer,))
    with pytest.raises(VerifyError, match="does not hold"):
        reports.verify(SignedReport(changed, signed.signature), busy.alliance.key_set)
    by_another = msgspec.structs.replace(signed.report, custodian=2)
    with pytest.raises(VerifyError, match="does not hold"):
        reports.verify(SignedReport(by_another, signed.signature), busy.alliance.key_set)
    with pytest.raises(VerifyError, match="another alliance or epoch"):
        reports.verify(signed, made(BY_THE_DAY, 4, 3)[0].key_set)


def test_page_and_text_say_the_same_and_bear_the_signature(busy: Office) -> None:
    signed = reports.sign(busy.custodian.key, report(busy))
    page, text = reports.as_html(signed), reports.as_text(signed)
    for each in (page, text):
        assert signed.signature in each
        assert "2026-11-01 00:30" in each
        assert "made-up data only" in each.lower()
    assert "1,234" in page
    assert "1234" in text
    assert "北辰 <waits>" in text
    assert "北辰 &lt;waits&gt;" in page


@pytest.mark.parametrize(
    ("month", "why"), [("2026-13", "as 2026-10"), ("last", "as 2026-10"), ("2027-01", "begun")]
)
def test_a_month_that_is_none(office: Office, month: str, why: str) -> None:
    with pytest.raises(OperatorError, match=why):
        report(office, month)

"""Lawyers see the matters that they were appointed to, while these last and once they accepted the terms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.matters import service as matters
from alliance_hub.matters import terms
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64
from privacy.logged import LogReceipt, verify_receipt
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matters.court import CONTRACT, Court
from tests.alliance_hub.matters.stage import Stage
from tests.alliance_hub.records.builders import reference_of


def a_matter_is_opened(court: Court) -> None:
    court.found_firm("North", OrganisationKind.MEMBER)
    court.hire("North", "N-1", Role.MEMBER_ADMIN)
    court.open()
    court.certify(CertificateKind.RECORD)


@pytest.fixture
def opened(stage: Stage) -> Court:
    """A matter whose lawyer L-1 is, and whose record is certified; North has an administrator."""
    return stage.after(a_matter_is_opened)


def lawyer(court: Court, number: str = "L-1") -> Actor:
    return court.now("Firm", number)


def admin(court: Court) -> Actor:
    return court.now("North", "N-1")


def accept(court: Court, actor: Actor) -> None:
    with court.hub.database.transaction() as session:
        matters.accept_terms(session, actor, 1, court.clock())


def lines(court: Court, actor: Actor) -> list[matters.MatterLine]:
    with court.hub.database.reading() as session:
        return matters.list_for(session, actor, court.clock())


def logged(court: Court, kind: str) -> list[LogRow]:
    with court.hub.database.reading() as session:
        return list(session.scalars(select(LogRow).where(LogRow.kind == kind).order_by(LogRow.id)))


def test_nothing_is_shown_before_the_terms_are_accepted(opened: Court) -> None:
    (line,) = lines(opened, lawyer(opened))
    assert (line.reference, line.member, line.accepted) == ("matter-0001", "North", False)
    assert (line.kind, line.certificates) == (None, 0)
    with pytest.raises(NotFound):
        opened.shown(lawyer(opened))
    with opened.hub.database.reading() as session:
        shown = matters.terms_for(session, lawyer(opened), 1, opened.clock())
    assert not shown.is_accepted
    assert shown.terms == terms.CURRENT


def test_the_acceptance_names_the_text_and_is_logged_once(opened: Court) -> None:
    accept(opened, lawyer(opened))
    accept(opened, lawyer(opened))

    (row,) = logged(opened, "matter_terms_accepted")
    assert (row.actor, row.object) == ("Firm/L-1", "matter/matter-0001")
    with opened.hub.database.reading() as session:
        entry = transparency.get_receipt(session, row.leaf).entry
    assert (entry["terms"], entry["digest"]) == ("2026-1", terms.CURRENT.digest)
    (line,) = lines(opened, lawyer(opened))
    assert (line.kind, line.accepted, line.certificates) == ("litigation", True, 1)


def test_terms_of_a_later_version_are_accepted_anew(opened: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(opened, lawyer(opened))
    later = terms.LawyerTerms("2027-1", ("另一文本。",), ("Another text.",))
    monkeypatch.setattr("alliance_hub.matters.seeing.CURRENT", later)
    with pytest.raises(NotFound):
        opened.shown(lawyer(opened))


def test_a_matter_as_its_lawyer_sees_it(opened: Court) -> None:
    accept(opened, lawyer(opened))

    shown = opened.shown(lawyer(opened))

    assert (shown.member, shown.kind, shown.law_firm) == ("North", "litigation", "Firm")
    assert shown.contracts == (reference_of(CONTRACT),)
    assert [each.number for each in shown.lawyers] == ["L-1"]
    assert [(each.number, each.kind, each.why) for each in shown.certificates] == [(1, "record", None)]


def test_the_first_look_of_a_day_is_logged(opened: Court) -> None:
    accept(opened, lawyer(opened))
    opened.shown(lawyer(opened))
    opened.clock.move(hours=2)
    opened.shown(lawyer(opened))
    assert [row.actor for row in logged(opened, "matter_viewed")] == ["Firm/L-1"]
    opened.clock.move(days=1)
    opened.shown(lawyer(opened))
    assert len(logged(opened, "matter_viewed")) == 2
    # The member's own people look at what is theirs.
    opened.shown(admin(opened))
    assert len(logged(opened, "matter_viewed")) == 2


def expire(court: Court) -> None:
    court.clock.move(days=90)


def close(court: Court) -> None:
    with court.hub.database.transaction() as session:
        matters.close(session, admin(court), 1, court.clock())


def dismiss(court: Court) -> None:
    with court.hub.database.transaction() as session:
        officer = lawyer(court).officer
        matters.dismiss(session, admin(court), 1, officer, court.clock())


def shorten(court: Court) -> None:
    until = court.clock() + timedelta(hours=1)
    with court.hub.database.transaction() as session:
        matters.shorten(session, admin(court), 1, until, court.clock())
    court.clock.move(hours=1)


@pytest.mark.parametrize("ends", [expire, close, dismiss, shorten])
def test_what_is_over_is_not_there(opened: Court, ends: Callable[[Court], None]) -> None:
    accept(opened, lawyer(opened))
    opened.shown(lawyer(opened))

    ends(opened)

    assert lines(opened, lawyer(opened)) == []
    with pytest.raises(NotFound):
        opened.shown(lawyer(opened))
    with opened.hub.database.transaction() as session:
        for act in (matters.terms_for, matters.accept_terms):
            with pytest.raises(NotFound):
                act(session, lawyer(opened), 1, opened.clock())
        with pytest.raises(NotFound):
            matters.download(session, opened.hub, lawyer(opened), 1, 1, opened.clock())
    # Its member still reads it.
    assert opened.shown(admin(opened)).reference == "matter-0001"


def test_nobody_else_sees_it(opened: Court) -> None:
    opened.found_firm("South", OrganisationKind.MEMBER)
    opened.found_firm("Another")
    strangers = [
        lawyer(opened, "L-2"),
        opened.hire("Another", "L-1", Role.LAWYER),
        opened.hire("South", "S-1", Role.MEMBER_ADMIN),
        opened.hire("North", "N-2", Role.SUBMITTER),
        opened.hire(ASSOCIATION, "001", Role.DISPUTE_OFFICER),
        opened.hire(ASSOCIATION, "002", Role.INSPECTOR),
    ]
    for stranger in strangers:
        assert lines(opened, stranger) == []
        with pytest.raises(NotFound):
            opened.shown(stranger)


def test_a_lawyer_whose_role_is_over_sees_nothing(opened: Court) -> None:
    accept(opened, lawyer(opened))
    opened.clock.move(days=181)
    assert lines(opened, lawyer(opened)) == []


def test_a_download_gives_paper_and_receipt(opened: Court) -> None:
    accept(opened, lawyer(opened))
    with opened.hub.database.transaction() as session:
        page, receipt = matters.download(session, opened.hub, lawyer(opened), 1, 1, opened.clock())
        own = matters.paper_of(session, opened.hub, opened.row(session), 1)
    assert page == own
    verify_receipt(receipt)
    entry = receipt.entry
    assert (entry["kind"], entry["officer"], entry["number"]) == ("certificate_downloaded", "Firm/L-1", 1)
    with opened.hub.database.transaction() as session, pytest.raises(NotFound):
        matters.download(session, opened.hub, lawyer(opened), 1, 2, opened.clock())


def test_a_lawyer_says_that_it_holds_a_bundle(opened: Court) -> None:
    accept(opened, lawyer(opened))
    now = opened.clock()
    with opened.hub.database.transaction() as session:
        matters.report_bundle(session, opened.row(session), seed("seal"), now, now)

    def confirm(seal: bytes) -> LogReceipt | None:
        with opened.hub.database.transaction() as session:
            return matters.confirm_bundle(session, lawyer(opened), 1, seal, opened.clock())

    receipt = confirm(seed("seal"))
    assert receipt is not None
    assert (receipt.entry["kind"], receipt.entry["seal"]) == ("bundle_received", b64(seed("seal")))
    assert confirm(seed("seal")) is None
    with pytest.raises(NotFound):
        confirm(seed("another"))
    assert opened.shown(lawyer(opened)).bundles[0].received == (("Officer L-1", now),)


def appoint(court: Court, actor: Actor, *numbers: str) -> None:
    with court.hub.database.transaction() as session:
        matters.appoint(session, actor, 1, list(numbers), court.clock())


def test_an_administrator_appoints_and_dismisses(opened: Court) -> None:
    with opened.hub.database.reading() as session:
        found = matters.list_candidates(session, admin(opened), 1, opened.clock())
    assert [officer.staff_number for officer in found] == ["L-2"]

    appoint(opened, admin(opened), "L-2")
    dismiss(opened)

    assert [each.number for each in opened.shown(admin(opened)).lawyers] == ["L-2"]
    with opened.hub.database.reading() as session:
        entries = [
            transparency.get_receipt(session, row.leaf).entry for row in logged(opened, "matter_lawyers")
        ]
    assert [entry.get("appointed", entry.get("dismissed")) for entry in entries] == ["Firm/L-2", "Firm/L-1"]


def test_who_was_dismissed_accepts_the_terms_anew(opened: Court) -> None:
    accept(opened, lawyer(opened))
    dismiss(opened)
    appoint(opened, admin(opened), "L-1")
    (line,) = lines(opened, lawyer(opened))
    assert not line.accepted


def test_appointments_have_their_refusals(opened: Court) -> None:
    with pytest.raises(Conflict):
        appoint(opened, admin(opened), "L-1")
    with pytest.raises(Invalid) as refused:
        appoint(opened, admin(opened), "L-2", "L-9")
    assert refused.value.field == "lawyers[1]"
    reviewer = opened.hire("North", "N-3", Role.REVIEWER)
    assert opened.shown(reviewer).reference == "matter-0001"
    with pytest.raises(Forbidden):
        appoint(opened, reviewer, "L-2")
    with pytest.raises(NotFound):
        appoint(opened, lawyer(opened), "L-2")
    close(opened)
    with pytest.raises(Conflict) as over:
        appoint(opened, admin(opened), "L-2")
    assert over.value.slug == "matter-over"


def test_a_matter_is_only_shortened(opened: Court) -> None:
    until = opened.shown(admin(opened)).until
    opened.clock.move(seconds=1)
    with opened.hub.database.transaction() as session:
        for wrong in (opened.clock(), until.replace(year=2027, month=12)):
            with pytest.raises(Invalid):
                matters.shorten(session, admin(opened), 1, wrong, opened.clock())


def test_every_version_of_the_terms_stands_in_both_languages() -> None:
    assert len({each.version for each in terms.VERSIONS}) == len(terms.VERSIONS)
    for each in terms.VERSIONS:
        assert len(each.zh) == len(each.en) > 0

"""What time makes of a matter: its clocks, what is forgotten long after, and what older databases bring."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from alliance_hub import schema
from alliance_hub.clocks import service as clocks
from alliance_hub.clocks.registry import ClockKind
from alliance_hub.errors import Forgotten
from alliance_hub.jobs.daily import _WORKS
from alliance_hub.matters import forgetting, rules, tasks
from alliance_hub.matters import service as matters
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.matters.models import MatterContract, MatterRow
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION
from alliance_hub.people.roles import OrganisationKind, Role
from privacy.encoding import b64
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.matters.court import Court
from tests.alliance_hub.records.builders import pseudonym_of


def told(court: Court, actor: Actor, days: int = 30) -> list[tuple[str, str | None]]:
    """Return which matters run out for an officer, and whose they are."""
    now = court.clock()
    with court.hub.database.reading() as session:
        found = clocks.list_for(
            session, actor, now=now, until=now + timedelta(days=days), kinds={ClockKind.MATTER_EXPIRES}
        )
    return [(clock.object, clock.organisation) for clock in found]


def test_who_is_told_that_a_matter_ends(court: Court) -> None:
    court.found_firm("North", OrganisationKind.MEMBER)
    people = {
        "administrator": court.hire("North", "N-1", Role.MEMBER_ADMIN),
        "submitter": court.hire("North", "N-2", Role.SUBMITTER),
        "lawyer": court.now("Firm", "L-1"),
        "other lawyer": court.now("Firm", "L-2"),
        "dispute officer": court.hire(ASSOCIATION, "001", Role.DISPUTE_OFFICER),
    }
    court.open()
    court.clock.move(days=70)
    assert [name for name, who in people.items() if told(court, who)] == ["administrator"]
    assert told(court, people["administrator"]) == [("matter/matter-0001", "North")]
    with court.hub.database.transaction() as session:
        matters.accept_terms(session, people["lawyer"], 1, court.clock())
    assert told(court, people["lawyer"]) == [("matter/matter-0001", "Firm")]
    assert told(court, people["administrator"], days=5) == []
    court.clock.move(days=20)
    assert told(court, people["administrator"]) == []


def test_a_closed_matter_ends_no_more(court: Court) -> None:
    court.found_firm("North", OrganisationKind.MEMBER)
    administrator = court.hire("North", "N-1", Role.MEMBER_ADMIN)
    court.open()
    with court.hub.database.transaction() as session:
        matters.close_own(session, court.row(session), court.clock())
    assert told(court, administrator, days=200) == []


def test_what_names_the_debtor_is_forgotten_three_years_after_the_end(court: Court) -> None:
    row = court.open()
    court.certify(CertificateKind.RECORD)
    court.clock.at = row.until + rules.KEPT_AFTER
    assert forgetting.forget_over(court.hub, court.clock()) == 0
    court.clock.move(seconds=1)

    assert forgetting.forget_over(court.hub, court.clock()) == 1
    assert forgetting.forget_over(court.hub, court.clock()) == 0

    with court.hub.database.reading() as session:
        gone = court.row(session)
        assert (gone.pseudonym, gone.standing_key, gone.forgotten_at) == (None, None, court.clock())
        assert session.scalar(select(func.count()).select_from(MatterContract)) == 0
        with pytest.raises(Forgotten):
            matters.paper_of(session, court.hub, gone, 1)
    with pytest.raises(Forgotten):
        court.evidence()
    # That there was one stays, with its certificates by number.
    assert [each.number for each in court.detail().certificates] == [1]


def test_a_leaving_members_matters_are_forgotten_at_once(court: Court) -> None:
    court.open()
    court.open(matter="matter-0002")
    with court.hub.database.transaction() as session:
        assert forgetting.forget_own(session, "South", court.clock()) == 0
        assert forgetting.forget_own(session, "North", court.clock()) == 2
    with court.hub.database.reading() as session:
        states = [row.state_at(court.clock()) for row in session.scalars(select(MatterRow))]
    assert states == ["closed", "closed"]


def test_both_works_are_done_every_day() -> None:
    assert tasks
    assert {"matters_superseded", "matters_forgotten"} <= _WORKS.keys()


def test_questions_of_before_are_found_after_the_migration(court: Court) -> None:
    court.story.ask(court.north, "Mao", "Lin")
    schema.downgrade(court.hub.database, "0010")

    schema.upgrade(court.hub.database)

    with court.hub.database.reading() as session:
        found = session.execute(text("SELECT match, place, pseudonym FROM match_subjects ORDER BY place"))
        assert [tuple(row) for row in found] == [(1, 0, pseudonym_of("Mao")), (1, 1, pseudonym_of("Lin"))]


def test_an_erased_match_takes_its_subjects_along(court: Court) -> None:
    court.story.ask(court.north, "Mao", "Lin")
    with court.hub.database.transaction() as session:
        session.execute(text("DELETE FROM matches"))
        assert session.scalar(text("SELECT count(*) FROM match_subjects")) == 0


def test_on_either_database(either_story: Story) -> None:
    court = Court(either_story, either_story.members["North"])
    court.agree()
    either_story.ask(court.north, "Mao", "Lin")
    court.open(law_firm=None, lawyers=())
    court.certify()
    court.cosign(1, 2)

    evidence = court.evidence()

    kinds = [each.certificate.said.document()["kind"] for each in evidence.certificates]
    assert kinds == ["agreement", "agreement", "decision", "record", "notice"]
    now = court.clock()
    with court.hub.database.transaction() as session:
        receipt = matters.report_bundle(session, court.row(session), seed("seal"), now, now)
    assert receipt.entry["seal"] == b64(seed("seal"))
    assert court.why() == {}

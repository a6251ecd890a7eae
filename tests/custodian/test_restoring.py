"""A custodian that has forgotten what it charged: it serves nobody, and then counts it all as spent."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from custodian import restoring
from custodian.errors import Stopped
from custodian.ledger import Ledger
from privacy.encoding import instant_text
from privacy.signing import SigningKey
from privacy.statements import Cohorts, CutSignature
from tests.custodian.conftest import INDEX, Office
from tests.custodian.test_evaluations import PATH as EVALUATIONS
from tests.custodian.test_evaluations import batch, slug
from tests.custodian.test_openings import PATH as OPENINGS
from tests.custodian.test_openings import opened, request
from tests.feeds import LI, Member


@pytest.fixture
def north(office: Office) -> Member:
    """Two others hold Li; a period runs."""
    alliance = office.alliance
    north, south, west = (alliance.enrols(name, portfolio=100) for name in ("北辰", "南山", "西河"))
    north.agrees()
    for number, member in enumerate((north, south, west)):
        member.submits(member.record(LI, str(number)))
    office.begins_period()
    return north


class Drawer:
    """Where an old ledger lies until somebody puts it back."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.live = folder / "ledger.db"
        self.kept = folder / "kept"
        with office.custodian.ledger.transaction() as db:
            db.execute("CREATE TABLE marker (only_row)")  # so that everything is in the file
        shutil.copyfile(self.live, self.kept)

    def is_put_back(self) -> None:
        for leftover in self.live.parent.glob("ledger.db-*"):
            leftover.unlink()
        shutil.copyfile(self.kept, self.live)


@pytest.fixture
def drawer(office: Office, north: Member, tmp_path: Path) -> Drawer:
    return Drawer(office, tmp_path)


def evaluates(office: Office, north: Member, name: str) -> TestResponse:
    return office.ask("POST", EVALUATIONS, north.key, batch(office, request_id=f"request-{name}"))


def quotas(office: Office, north: Member) -> dict[str, Any]:
    account = office.ask("GET", "/v1/account", north.key)
    assert account.status_code == 200, account.text
    return {
        **{name: account.json["evaluations"][name]["used"] for name in ("epoch", "day")},
        "openings": account.json["openings"]["used"],
    }


def is_restored(office: Office, since: timedelta) -> None:
    """What the command `restore` leaves: the fact, and an old ledger."""
    backed_up_at = instant_text(office.alliance.now - since)
    restoring.remember(office.custodian.ledger, restoring.Restored(backed_up_at, None))


def test_it_serves_nobody_and_says_nothing_before_it_has_heard_its_fellows(
    office: Office, north: Member
) -> None:
    is_restored(office, timedelta(0))
    office.alliance.passes(days=1)
    office.alliance.cuts()
    office.custodian.follow()
    said = len(office.hub.published)
    for response in (
        evaluates(office, north, "1"),
        office.ask("POST", OPENINGS, office.alliance.hub.key, request(office, north.asks(LI))),
        office.ask("GET", "/v1/account", north.key),
        office.ask("GET", "/v1/cohorts", north.key),
        office.ask("GET", "/v1/deletions", north.key),
        office.ask("POST", "/v1/statements", north.key, b"{}"),
    ):
        assert (response.status_code, slug(response)) == (503, "restored")
    assert office.asker.get("/v1/head").status_code == 200
    office.hears_fellows(2, 3)
    office.custodian.follow()
    assert isinstance(office.hub.published[said].statement.body, CutSignature)
    assert office.ask("GET", "/v1/account", north.key).status_code == 200


@pytest.mark.parametrize(
    "tell",
    [
        lambda office: None,
        lambda office: office.hears_fellows(2),
        lambda office: office.hears_fellows(2, 2),
        lambda office: office.hears_fellows(INDEX, 2),
        lambda office: office.hears_fellows(2, 3, position=len(office.alliance.entries) + 1, head=bytes(32)),
    ],
    ids=["nobody", "one", "one twice", "itself", "two that are further on"],
)
def test_too_few_fellows_are_not_enough(office: Office, north: Member, tell: Any) -> None:
    is_restored(office, timedelta(0))
    tell(office)
    office.custodian.follow()
    assert slug(evaluates(office, north, "1")) == "restored"


def test_a_fellows_forged_head_counts_for_nothing(office: Office, north: Member) -> None:
    is_restored(office, timedelta(0))
    office.hears_fellows(2, 3)
    office.alliance.custodians[3].key = SigningKey(bytes(32))
    office.hub.fellows.pop()
    office.hears_fellows(3)
    office.custodian.follow()
    assert slug(evaluates(office, north, "1")) == "restored"


def test_a_fellow_behind_is_fine(office: Office, north: Member) -> None:
    is_restored(office, timedelta(0))
    office.hears_fellows(2, 3, position=len(office.alliance.entries) - 1)
    office.custodian.follow()
    assert office.custodian.ledger.fact("restored") is None


def test_a_fellow_with_another_feed_stops_it(office: Office, north: Member) -> None:
    is_restored(office, timedelta(0))
    office.hears_fellows(2)
    office.hears_fellows(3, position=len(office.alliance.entries) - 1, head=bytes(32))
    with pytest.raises(Stopped):
        office.custodian.follow()
    assert office.alarms() == ["fork"]


def test_the_day_and_the_period_count_as_spent(office: Office, north: Member) -> None:
    """Two days of 200 each: the quota of the epoch, 400, is gone with them."""
    is_restored(office, timedelta(hours=20))
    office.hears_fellows(2, 3)
    office.custodian.follow()
    assert quotas(office, north) == {"epoch": 400, "day": 200, "openings": 400}
    response = office.ask("POST", OPENINGS, office.alliance.hub.key, request(office, north.asks(LI)))
    assert (response.status_code, slug(response)) == (429, "quota-exceeded")
    assert slug(evaluates(office, north, "1")) == "quota-exceeded"


def test_what_was_charged_before_counts_towards_it(office: Office, north: Member) -> None:
    evaluates(office, north, "1")
    opened(office, north, north.asks(LI))
    is_restored(office, timedelta(0))
    office.hears_fellows(2, 3)
    office.custodian.follow()
    assert quotas(office, north) == {"epoch": 200, "day": 200, "openings": 400}
    opened(office, north, north.asks(LI))  # paid before


def test_days_and_periods_before_the_gap_and_after_it_are_free(office: Office, north: Member) -> None:
    office.alliance.passes(days=1)
    office.begins_period()
    office.alliance.passes(hours=1)
    is_restored(office, timedelta(minutes=30))
    office.hears_fellows(2, 3)
    office.custodian.follow()
    ledger = office.custodian.ledger
    assert ledger.openings_used("北辰", period="2026-11-01") == 0
    assert ledger.openings_used("北辰", period="2026-11-02") == 400
    office.alliance.passes(days=1)
    office.begins_period()
    assert quotas(office, north) == {"epoch": 200, "day": 0, "openings": 0}
    assert evaluates(office, north, "1").status_code == 200


def test_when_nobody_knows_since_when_everything_counts_as_spent(office: Office, north: Member) -> None:
    restoring.remember(office.custodian.ledger, restoring.Restored(None, None))
    office.hears_fellows(2, 3)
    office.custodian.follow()
    assert quotas(office, north) == {"epoch": 400, "day": 400, "openings": 400}


def test_it_finds_out_by_itself(office: Office, north: Member, drawer: Drawer) -> None:
    """The machine was rolled back by one that knows nothing of ledgers."""
    evaluates(office, north, "1")
    office.alliance.passes(days=1)
    office.begins_period()
    evaluates(office, north, "2")
    drawer.is_put_back()
    office.custodian.follow()
    assert office.alarms() == ["restored"]
    assert slug(evaluates(office, north, "2")) == "restored"
    office.hears_fellows(2, 3)
    for _ in range(3):
        office.custodian.follow()
    assert office.alarms() == ["restored"]
    assert quotas(office, north) == {"epoch": 400, "day": 200, "openings": 400}


def test_it_misses_its_own_cohorts_too(office: Office, north: Member, drawer: Drawer, tmp_path: Path) -> None:
    """It knows the cut, but not that it has closed the period before and said so."""
    opened(office, north, north.asks(LI))
    office.alliance.passes(days=1)
    office.begins_period()
    assert isinstance(office.hub.published[-1].statement.body, Cohorts)
    cut = office.hub.published[-2].statement.body
    assert isinstance(cut, CutSignature)
    drawer.is_put_back()
    Ledger(tmp_path / "ledger.db").sign_once(cut.period, cut.canonical())
    office.custodian.follow()
    assert office.alarms() == ["restored"]
    office.hears_fellows(2, 3)
    office.custodian.follow()
    assert sum(isinstance(each.statement.body, Cohorts) for each in office.hub.published) == 1


def test_no_account_is_given_of_a_period_whose_openings_were_forgotten(
    office: Office, north: Member, drawer: Drawer
) -> None:
    opened(office, north, north.asks(LI))
    drawer.is_put_back()
    is_restored(office, timedelta(0))
    office.hears_fellows(2, 3)
    office.custodian.follow()
    office.alliance.passes(days=1)
    office.begins_period()
    office.custodian.follow()
    assert not any(isinstance(each.statement.body, Cohorts) for each in office.hub.published)

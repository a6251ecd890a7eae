"""What contributors are told of the totals that their records went into, and that it stands on the feed."""

from __future__ import annotations

from typing import Any

import pytest

from custodian import cohorts, faults
from privacy import merkle
from privacy.encoding import b64, unb64
from privacy.matching import MatchRequest
from privacy.messages import parse
from privacy.receipts import CohortReceipt
from privacy.signing import SigningKey
from privacy.statements import Cohorts
from tests.custodian.conftest import INDEX, Office
from tests.custodian.test_evaluations import slug
from tests.custodian.test_openings import PATH as OPENINGS
from tests.custodian.test_openings import opened, request
from tests.feeds import LI, WANG, Member

PATH = "/v1/cohorts"


class Lenders:
    """North asks; South and West hold Li and are opened; East holds only Wang, who stays closed."""

    def __init__(self, office: Office) -> None:
        alliance = office.alliance
        self.north, self.south, self.west, self.east = (
            alliance.enrols(name) for name in ("北辰", "南山", "西河", "东桥")
        )
        self.north.agrees()
        self.north.submits(self.north.record(LI, "N-1"), self.north.record(WANG, "N-2"))
        self.south.submits(self.south.record(LI, "S-1"), self.south.record(LI, "S-2"))
        self.west.submits(self.west.record(LI, "W-1"))
        self.east.submits(self.east.record(WANG, "E-1"))
        office.begins_period()


@pytest.fixture
def lenders(office: Office) -> Lenders:
    return Lenders(office)


def told(office: Office, member: Member) -> list[dict[str, Any]]:
    response = office.ask("GET", PATH, member.key)
    assert response.status_code == 200, response.text
    return list(response.json["cohorts"])


def counts(entry: dict[str, Any]) -> dict[str, int]:
    return {each["contract_ref"]: each["openings"] for each in entry["receipt"]["records"]}


def a_period_later(office: Office) -> None:
    office.alliance.passes(days=1)
    office.begins_period()
    office.custodian.follow()


def said(office: Office) -> list[Cohorts]:
    bodies = [signed.statement.body for signed in office.hub.published]
    return [body for body in bodies if isinstance(body, Cohorts)]


def asks_twice_and_once_more(office: Office, north: Member) -> MatchRequest:
    match = north.asks(LI, WANG)
    opened(office, north, match)
    opened(office, north, match)
    opened(office, north, north.asks(LI, request_id="request-0002"))
    return match


def test_each_contributor_learns_its_records_and_how_often_and_nothing_else(
    office: Office, lenders: Lenders
) -> None:
    period = office.alliance.period
    asks_twice_and_once_more(office, lenders.north)
    (entry,) = told(office, lenders.south)
    assert counts(entry) == {lenders.south.ref("S-1"): 2, lenders.south.ref("S-2"): 2}
    assert entry["receipt"] | {"records": None} == {
        "alliance": "测试联盟",
        "epoch": 1,
        "custodian": INDEX,
        "period": period,
        "member": "南山",
        "records": None,
    }
    assert {key: entry[key] for key in entry if key != "receipt"} == {
        "salt": None,
        "index": None,
        "size": None,
        "path": [],
        "position": None,
    }
    assert counts(told(office, lenders.west)[0]) == {lenders.west.ref("W-1"): 2}
    assert told(office, lenders.east) == told(office, lenders.north) == []


def test_when_a_later_period_runs_the_root_stands_on_the_feed_and_every_receipt_under_it(
    office: Office, lenders: Lenders
) -> None:
    asks_twice_and_once_more(office, lenders.north)
    assert said(office) == []
    a_period_later(office)
    (body,) = said(office)
    assert body.size == 2
    position = next(
        each.position for each in office.alliance.entries if each.statement.statement.body == body
    )
    for member in (lenders.south, lenders.west):
        (entry,) = told(office, member)
        assert (entry["position"], entry["size"]) == (position, 2)
        leaf = parse(CohortReceipt, entry["receipt"]).leaf(unb64(entry["salt"]))
        path = [unb64(node) for node in entry["path"]]
        merkle.verify_inclusion(leaf, entry["index"], entry["size"], path, unb64(body.root))
    salts = {told(office, member)[0]["salt"] for member in (lenders.south, lenders.west)}
    assert len(salts) == 2


def test_it_is_said_once(office: Office, lenders: Lenders) -> None:
    opened(office, lenders.north, lenders.north.asks(LI))
    a_period_later(office)
    a_period_later(office)
    assert len(said(office)) == 1


def test_a_period_without_openings_is_not_spoken_of(office: Office, lenders: Lenders) -> None:
    a_period_later(office)
    a_period_later(office)
    assert said(office) == []


def test_the_same_root_is_said_after_a_crash_between_deciding_and_sending(
    office: Office, lenders: Lenders, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(BaseException):
        """The process ends here."""

    def dies(point: str) -> None:
        if point == "cohorts.closed":
            raise Crash

    opened(office, lenders.north, lenders.north.asks(LI))
    office.alliance.passes(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(faults, "reached", dies)
        with pytest.raises(Crash):
            office.begins_period()
    with office.custodian.ledger.transaction() as db:
        (root,) = db.execute("SELECT root FROM cohort_roots").fetchone()
    assert said(office) == []
    office.alliance.now += cohorts.RESEND
    office.custodian.follow()
    assert [body.root for body in said(office)] == [b64(root)]


def test_nothing_is_opened_in_a_period_whose_counts_are_closed(office: Office, lenders: Lenders) -> None:
    """The feed moved on between the judgement and the charge: what is said on the feed must stay true."""
    match = lenders.north.asks(LI)
    accounts = cohorts.Accounts(office.custodian.ledger, office.alliance.key_set, INDEX, bytes(32))
    assert accounts.close(office.alliance.period) is None
    response = office.ask("POST", OPENINGS, office.alliance.hub.key, request(office, match))
    assert (response.status_code, slug(response)) == (409, "period")
    assert office.ask("GET", "/v1/account", lenders.north.key).json["openings"]["used"] == 0


def test_a_hub_that_refuses_them_raises_an_alarm_once_and_keeps_nothing_else_from_work(
    office: Office, lenders: Lenders
) -> None:
    opened(office, lenders.north, lenders.north.asks(LI))
    office.alliance.passes(days=1)
    office.alliance.cuts()
    office.custodian.follow()
    office.hub.refuses = "permission"
    office.alliance.signs_cut(office.hub.published[-1].statement.body, by=(2, 3))  # type: ignore[arg-type]
    for _ in range(3):
        office.custodian.follow()
        office.alliance.now += cohorts.RESEND
    assert office.alarms() == ["cohorts"]
    office.hub.refuses = None
    office.custodian.follow()
    assert len(said(office)) == 1


def test_only_active_members_are_told(office: Office, lenders: Lenders) -> None:
    assert office.ask("GET", PATH, SigningKey(bytes(32))).status_code == 401
    office.alliance.suspends(lenders.south)
    office.custodian.follow()
    response = office.ask("GET", PATH, lenders.south.key)
    assert (response.status_code, slug(response)) == (403, "not-active")

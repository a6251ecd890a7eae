"""What a member is given as proof that a custodian says to have forgotten its ended records."""

from __future__ import annotations

import pytest

from privacy import merkle
from privacy.encoding import b64
from privacy.messages import parse
from privacy.receipts import SignedDeletion, verify_deletion
from privacy.signing import SigningKey
from tests.custodian.conftest import INDEX, Office
from tests.feeds import LI, WANG, Member

PATH = "/v1/deletions"


@pytest.fixture
def north(office: Office) -> Member:
    """Of three contracts two are settled before the second period, and the third runs on."""
    north = office.alliance.enrols("北辰")
    office.alliance.enrols("南山")
    return north


def certified(office: Office, member: Member) -> list[SignedDeletion]:
    response = office.ask("GET", PATH, member.key)
    assert response.status_code == 200, response.text
    return [parse(SignedDeletion, each) for each in response.json["deletions"]]


def test_two_cuts_after_they_ended_their_leaves_are_certified(office: Office, north: Member) -> None:
    records = [north.record(LI, "N-1"), north.record(WANG, "N-2"), north.record(LI, "N-3")]
    north.submits(*records)
    office.begins_period()
    north.settles("N-1")
    north.withdraws("N-3")
    office.alliance.passes(days=1)
    office.begins_period()
    assert certified(office, north) == []
    office.alliance.passes(days=1)
    office.begins_period()
    (signed,) = certified(office, north)
    verify_deletion(signed, office.alliance.key_set.witness(INDEX))
    said = signed.deletion
    # The last of the two other signatures made the cut effective.
    entry = office.alliance.entries[said.position - 1]
    assert entry.statement.statement.author == "custodian/3"
    assert (said.member, said.custodian, said.epoch, said.size) == ("北辰", INDEX, 1, 2)
    assert said.period == office.alliance.period
    assert said.root == b64(merkle.root([records[0].leaf(), records[2].leaf()]))


def test_nobody_gets_anothers(office: Office, north: Member) -> None:
    assert office.ask("GET", PATH, SigningKey(bytes(32))).status_code == 401
    office.custodian.follow()
    assert certified(office, north) == []

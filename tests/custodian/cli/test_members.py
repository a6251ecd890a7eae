"""The member directory and quotas at the keyboard."""

from __future__ import annotations

from tests.custodian.cli.conftest import Station


def test_a_member_is_accepted_by_the_fingerprint_on_its_card_alone(station: Station) -> None:
    north = station.alliance.enrols("北辰", accepted_by=(2,))
    accept = ["directory", "accept", "北辰", "--fingerprint"]
    said = station.run(1, *accept, "AAAA " * 10, code=4)
    assert "do NOT accept" in said
    assert station.hub.published == []
    assert "accepted by custodian 1" in station.run(1, *accept, north.card.fingerprint)
    assert "was accepted before" in station.run(1, *accept, north.card.fingerprint)
    assert len(station.hub.published) == 1
    assert "no member of that name" in station.run(1, *accept[:2], "南山", "--fingerprint", "A", code=4)
    assert "1, 2" in station.run(1, "directory", "list")


def test_a_quota_is_shown_set_and_taken_back(station: Station) -> None:
    station.alliance.enrols("北辰", portfolio=10)
    station.follow(1)
    set_ = ["quota", "北辰", "--kind", "evaluations_per_day"]
    assert "20" in station.run(1, "quota", "北辰")
    station.run(1, *set_, "--value", "777")
    assert "777" in station.run(1, "quota", "北辰")
    assert "777" not in station.run(1, *set_)
    assert "unknown quota" in station.run(1, "quota", "北辰", "--kind", "everything", code=4)

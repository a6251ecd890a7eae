"""A custodian that follows: it signs each cut once, and stops for good when the hub shows another feed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from custodian import faults, state
from custodian.errors import Forgotten, HubRefused, HubUnreachable, OperatorError, Stopped
from privacy.encoding import b64
from privacy.feed import verify_head
from privacy.statements import CutSignature
from tests.custodian.conftest import Office
from tests.custodian.test_evaluations import slug
from tests.feeds import LI, Alliance


def position(office: Office) -> int:
    with office.custodian.feed() as db:
        return state.head(db).position


def other_feed() -> Alliance:
    """The same alliance, told another story by the same hub."""
    alliance = Alliance()
    alliance.enrols("南山")
    return alliance


def test_it_follows_and_signs_where_it_is(office: Office) -> None:
    office.alliance.enrols("北辰")
    office.custodian.follow()
    with office.custodian.feed() as db:
        signed = office.custodian.follower.signed_head(db)
    verify_head(signed, office.alliance.key_set.witness(1))
    assert signed.head.position == len(office.alliance.entries)
    assert signed.head.head == b64(office.alliance.head())


def test_it_signs_a_cut_once(office: Office) -> None:
    north = office.alliance.enrols("北辰")
    north.submits(north.record(LI, "N-1"))
    office.alliance.cuts()
    for _ in range(3):
        office.custodian.follow()
    signed = [each.statement.body for each in office.hub.published]
    assert [type(each) for each in signed] == [CutSignature]


def test_after_a_crash_before_sending_it_signs_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(BaseException):
        """The process ends here."""

    def dies(point: str) -> None:
        assert point == "cut.signed"
        raise Crash

    office.alliance.cuts()
    with monkeypatch.context() as patch:
        patch.setattr(faults, "reached", dies)
        with pytest.raises(Crash):
            office.custodian.follow()
    assert office.hub.published == []
    with office.custodian.ledger.transaction() as db:
        (body,) = db.execute("SELECT body FROM signed_cuts").fetchone()
    office.custodian.follow()
    assert [each.statement.body.canonical() for each in office.hub.published] == [body]


def test_it_never_signs_another_cut_of_the_same_period(office: Office) -> None:
    office.custodian.ledger.sign_once(office.alliance.period, b"something else")
    office.alliance.cuts()
    with pytest.raises(Stopped):
        office.custodian.follow()
    assert office.hub.published == []
    assert office.custodian.ledger.alarms()[0].kind == "cut"


def test_a_hub_that_does_not_answer_is_no_alarm(office: Office) -> None:
    office.hub.silent = True
    with pytest.raises(HubUnreachable):
        office.custodian.follow()
    assert office.custodian.ledger.alarms() == []


def test_two_feeds_stop_it_for_good(office: Office) -> None:
    office.alliance.enrols("北辰")
    office.custodian.follow()
    before = position(office)
    told = other_feed()
    office.hub.lines = office.hub.feed([], told.heartbeat())
    with pytest.raises(Stopped):
        office.custodian.follow()
    (alarm,) = office.custodian.ledger.alarms()
    assert alarm.kind == "fork"
    assert b64(told.head()) in alarm.detail
    assert b64(office.alliance.head()) in alarm.detail
    office.hub.lines = None
    with pytest.raises(Stopped):
        office.custodian.follow()
    assert position(office) == before
    north = office.alliance.enrols("西河")
    response = office.ask("POST", "/v1/evaluations", north.key, b"{}")
    assert (response.status_code, slug(response)) == (503, "stopped")


def test_a_shortened_feed_stops_it(office: Office) -> None:
    office.alliance.enrols("北辰")
    office.custodian.follow()
    office.hub.lines = office.hub.feed([], office.alliance.heartbeat(1))
    with pytest.raises(Stopped):
        office.custodian.follow()


def while_another_process_follows(office: Office, lines: list[bytes], patch: pytest.MonkeyPatch) -> None:
    """Let the hub answer with `lines`, which another process of this custodian overtakes on their way."""
    pull = office.hub.pull

    def slowly(after: int, limit: int) -> Iterator[bytes]:
        patch.setattr(office.hub, "pull", pull)
        office.alliance.enrols("西河")
        office.custodian.follower.pull()
        yield from lines

    patch.setattr(office.hub, "pull", slowly)
    office.custodian.follow()


def test_an_answer_that_another_process_has_overtaken_is_no_fork(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.alliance.enrols("北辰")
    office.custodian.follow()
    while_another_process_follows(office, office.hub.feed([], office.alliance.heartbeat()), monkeypatch)
    assert position(office) == len(office.alliance.entries)
    assert office.custodian.ledger.alarms() == []


def test_another_head_in_an_answer_that_was_overtaken_is_a_fork(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.alliance.enrols("北辰")
    office.custodian.follow()
    told = other_feed()
    with pytest.raises(Stopped):
        while_another_process_follows(office, office.hub.feed([], told.heartbeat()), monkeypatch)
    (alarm,) = office.custodian.ledger.alarms()
    assert b64(told.head()) in alarm.detail


def test_a_gap_stops_it_and_nothing_behind_it_counts(office: Office) -> None:
    office.alliance.enrols("北辰")
    office.hub.lines = office.hub.feed(office.alliance.entries[1:])
    with pytest.raises(Stopped):
        office.custodian.follow()
    assert position(office) == 0


def test_records_that_are_not_the_chunks_stop_it(office: Office) -> None:
    north = office.alliance.enrols("北辰")
    entry = north.submits(north.record(LI, "N-1"))
    swapped = msgspec.structs.replace(entry, records=(north.record(LI, "N-2"),))
    office.hub.lines = office.hub.feed([*office.alliance.entries[:-1], swapped])
    with pytest.raises(Stopped):
        office.custodian.follow()
    assert position(office) == len(office.alliance.entries) - 1


def test_a_malformed_line_stops_it(office: Office) -> None:
    office.hub.lines = [b'{"entry": {"position": "one"}}']
    with pytest.raises(Stopped):
        office.custodian.follow()


def test_a_heartbeat_that_the_hub_did_not_sign_stops_it(office: Office) -> None:
    office.alliance.enrols("北辰")
    forged = office.alliance.heartbeat(key=office.alliance.secretariat.key)
    office.hub.lines = office.hub.feed(office.alliance.entries, forged)
    with pytest.raises(Stopped):
        office.custodian.follow()


def test_a_feed_that_the_hub_has_erased_leads_to_a_fellows_checkpoint(office: Office) -> None:
    def erased(after: int, limit: int) -> Iterator[bytes]:
        raise HubRefused("forgotten", "start from a checkpoint")
        yield b""

    office.hub.pull = erased  # type: ignore[method-assign]
    with pytest.raises(Forgotten, match="checkpoint import"):
        office.custodian.follow()
    assert office.alarms() == []


def test_an_epoch_that_has_ended_is_followed_and_nothing_is_added(office: Office) -> None:
    north = office.alliance.enrols("北辰")
    office.alliance.cuts()
    office.custodian.ledger.set_fact("closed", "epoch 2 follows")
    office.custodian.follow()
    assert position(office) == len(office.alliance.entries)
    assert office.hub.published == []
    with pytest.raises(OperatorError, match="epoch has ended"):
        office.custodian.follower.accept(north.enrolment)

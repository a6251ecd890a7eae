"""What a member is told about itself."""

from __future__ import annotations

import pytest

from custodian import state
from custodian.errors import Refused
from privacy.encoding import b64
from tests.custodian.state.watch import Watch
from tests.feeds import LI, WANG, Alliance


def test_an_account_of_a_new_member() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰", accepted_by=[])
    watch = Watch(alliance)
    watch.follows()
    assert state.account(watch.db, "北辰") == {
        "member": "北辰",
        "state": "admitted",
        "position": 1,
        "head": b64(alliance.head()),
        "next_sequence": 1,
        "previous": b64(north.enrolment),
        "live_records": 0,
        "cut": None,
        "cuts": [],
        "last_statements": [
            {
                "sequence": 0,
                "position": 1,
                "type": "enrolment",
                "digest": b64(north.enrolment),
                "valid": True,
                "reason": None,
            }
        ],
    }


def test_an_account_shows_verdicts_and_the_newest_cut() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    north.submits(north.record(LI, "1"), north.record(WANG, "2"))
    cut = alliance.cuts().position
    void, valid = north.settles("9"), north.settles("1")
    watch = Watch(alliance)
    watch.follows()
    body = state.cut_to_sign(watch.db, 2)
    assert body is not None
    alliance.signs_cut(body, by=[2])
    watch.follows()

    account = state.account(watch.db, "北辰")

    assert account["cut"] == {
        "period": "2026-11-01",
        "position": cut,
        "stamp": "2026-10-31T16:30:00Z",
        "effective": False,
        "signatures": [2],
        "live_records": 2,
    }
    assert account["live_records"] == 1
    assert account["last_statements"][:2] == [
        {
            "sequence": 3,
            "position": 7,
            "type": "settlement",
            "digest": b64(valid.statement.digest()),
            "valid": True,
            "reason": None,
        },
        {
            "sequence": 2,
            "position": 6,
            "type": "settlement",
            "digest": b64(void.statement.digest()),
            "valid": False,
            "reason": "unknown_contract",
        },
    ]


def test_an_account_shows_the_last_twelve_cuts_with_their_signatures_and_live_records() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    for number in range(13):
        north.submits(north.record(LI, str(number)))
        watch.opens_period(days=1)
    alliance.passes(days=1)
    alliance.cuts()
    watch.follows()

    account = state.account(watch.db, "北辰")

    newest, *others = [(cut["period"], cut["live_records"], cut["signatures"]) for cut in account["cuts"]]
    assert newest == ("2026-11-15", 13, [])
    assert others == [(f"2026-11-{day:02}", day - 1, [1, 2, 3]) for day in range(14, 3, -1)]
    assert account["cut"] == account["cuts"][0]


def test_an_account_names_statements_put_under_a_members_name() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    alliance.appends(north.signs(north.rotation("stolen"), key=alliance.hub.key))
    watch = Watch(alliance)
    watch.follows()
    newest, *_ = state.account(watch.db, "北辰")["last_statements"]
    assert (newest["position"], newest["valid"], newest["reason"]) == (4, False, "signature")


def test_an_account_shows_the_last_fifty_statements() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    for _ in range(60):
        north.settles("9")
    watch = Watch(alliance)
    watch.follows()
    sequences = [each["sequence"] for each in state.account(watch.db, "北辰")["last_statements"]]
    assert sequences == list(range(60, 10, -1))


def test_nobody_has_no_account() -> None:
    with pytest.raises(Refused):
        state.account(Watch(Alliance()).db, "无名")

"""The end of an epoch at the keyboard: final heads, the successor's ceremony, endorsements, no way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from custodian.ledger import Ledger
from privacy.encoding import b64
from privacy.keyset import SignedKeySet, verify_succession
from privacy.messages import parse_json
from tests.custodian.cli.conftest import Station

NEXT = "ceremony-2/key-set.unsigned.json"


@pytest.fixture
def ended(station: Station) -> Station:
    """A cut of 2026-11-01 is in effect, and custodians 1 and 2 have followed the feed to its end."""
    station.alliance.enrols("北辰")
    station.alliance.cuts()
    station.follow(1)
    station.alliance.signs_cut(station.hub.published[-1].statement.body, by=(2, 3))  # type: ignore[arg-type]
    for index in (1, 2):
        station.follow(index)
    Path("key-set.json").write_bytes(station.alliance.signed_key_set.canonical())
    for index in (1, 2):
        station.run(index, "head", "--out", f"head-{index}.json")
    return station


def introduce(station: Station) -> list[str]:
    """Make new homes for three custodians; return the ceremony's card options."""
    for name in ("x", "y", "z"):
        station.command("init", f"Body {name}", "--home", name)
    hub, secretariat = station.alliance.hub.key.public, station.alliance.secretariat.key.public
    card = {"role": "association", "alliance": "测试联盟", "hub": b64(hub), "secretariat": b64(secretariat)}
    Path("association.json").write_text(json.dumps(card))
    cards = ["x/card.json", "y/card.json", "z/card.json", "association.json"]
    return [word for each in cards for word in ("--card", each)]


def hold(station: Station, *options: str, code: int = 0) -> str:
    last = ["--successor-of", "key-set.json", "--final-head", "head-1.json", "--final-head", "head-2.json"]
    words = [*introduce(station), "--threshold", "2", "--out", "ceremony-2", *last, *options]
    return station.command("ceremony", *words, code=code)


def receive(station: Station, index: int) -> None:
    share = f"ceremony-2/share-{index}.sealed"
    station.command("receive", "--share", share, "--from", "ceremony-2", "--home", "xyz"[index - 1])


def test_an_epoch_ends_at_one_head_and_its_custodians_say_who_follows(ended: Station) -> None:
    hold(ended, "--last-period", "2026-11-01")
    for index in (1, 2):
        receive(ended, index)
    assert "custodian 3 has not signed yet" in ended.run(1, "endorse", "--key-set", NEXT, code=4)
    assert Ledger(ended.home(1).ledger).fact("closed") is None
    receive(ended, 3)
    publish = ["publish", "--from", "ceremony-2", "--last", "key-set.json"]
    ended.run(1, "endorse", "--key-set", NEXT)
    assert "2 custodians of epoch 1 must endorse" in ended.command(*publish, code=4)
    ended.run(2, "endorse", "--key-set", NEXT)
    assert "give that one's key set with --last" in ended.command(*publish[:3], code=4)
    ended.command(*publish)
    signed = parse_json(SignedKeySet, Path("ceremony-2/key-set.json").read_bytes())
    verify_succession(ended.alliance.signed_key_set, signed)
    named = signed.key_set.predecessor
    assert named is not None
    assert (signed.key_set.epoch, named.epoch, named.period) == (2, 1, "2026-11-01")
    assert (named.position, named.head) == (len(ended.alliance.entries), b64(ended.alliance.head()))
    assert signed.key_set.policy == ended.alliance.key_set.policy
    assert "CLOSED: epoch 2 follows" in ended.run(1, "status")


def test_heads_that_differ_end_no_epoch(ended: Station) -> None:
    ended.alliance.passes(hours=1)
    ended.alliance.enrols("南山")
    ended.follow(2)
    Path("head-2.json").unlink()
    ended.run(2, "head", "--out", "head-2.json")
    assert "the final heads differ" in hold(ended, code=4)
    assert not Path("ceremony-2").exists()

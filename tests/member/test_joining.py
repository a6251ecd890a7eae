"""How a member joins, step by step, and what it is told while others must act."""

from __future__ import annotations

import msgspec
import pytest

from member import (
    Declined,
    Member,
    NotYet,
    Refused,
    Untrusted,
    enrol,
    find_offer,
    list_agreements,
    sign_agreement,
)
from member.setup import card_of
from privacy.keyset import SignedKeySet
from privacy.statements import Enrolment
from tests.member.conftest import SOUTH, Alliance


def test_an_enrolment_introduces_the_member(alliance: Alliance, south: Member) -> None:
    alliance.hub.forgets()

    standing = enrol(south)

    body = alliance.hub.enrolment
    assert isinstance(body, Enrolment)
    assert (body.member, body.control_group, body.declared_portfolio) == (SOUTH, SOUTH, 100)
    card = card_of(SOUTH, south.keys)
    assert (body.signing, body.recovery, body.sealing) == (card.signing, card.recovery, card.sealing)
    assert standing.fingerprint == card.fingerprint
    assert [terms.agreement for terms in standing.in_force] == ["数据共享协议"]


def test_enrolling_again_says_the_same(alliance: Alliance, south: Member) -> None:
    assert enrol(south) == enrol(south)


@pytest.mark.parametrize(
    ("state", "acceptances", "missing"),
    [
        ("applied", [], "secretariat has yet to admit"),
        ("admitted", [], "0 of the 2 custodians .* custodians 1, 2, 3, by telephone"),
        ("admitted", [2], "1 of the 2 custodians .* custodians 1, 3, by telephone"),
    ],
)
def test_it_says_what_is_missing(
    alliance: Alliance, south: Member, state: str, acceptances: list[int], missing: str
) -> None:
    alliance.hub.state, alliance.hub.acceptances = state, acceptances

    with pytest.raises(NotYet, match=missing) as caught:
        enrol(south)

    assert caught.value.exit_code == 3


def test_the_fingerprint_is_there_to_be_read_out(alliance: Alliance, south: Member) -> None:
    alliance.hub.state = "admitted"

    with pytest.raises(NotYet) as caught:
        enrol(south)

    assert card_of(SOUTH, south.keys).fingerprint in str(caught.value)


def test_a_suspended_member_is_told_so(alliance: Alliance, south: Member) -> None:
    alliance.hub.state = "suspended"

    with pytest.raises(Refused, match="suspended"):
        enrol(south)


def test_a_name_that_is_taken_is_refused(alliance: Alliance, south: Member) -> None:
    assert alliance.hub.enrolment
    alliance.hub.enrolment = msgspec.structs.replace(alliance.hub.enrolment, control_group="别人")

    with pytest.raises(Declined) as caught:
        enrol(south)

    assert caught.value.rule == "name-taken"


def test_another_fingerprint_at_the_hub_is_shouted(alliance: Alliance, south: Member) -> None:
    honest = alliance.hub.enrol
    alliance.hub.routes[("POST", "/v1/enrolments")] = lambda received: (
        honest(received) | {"fingerprint": "0000 " * 10}
    )

    with pytest.raises(Untrusted, match="another fingerprint"):
        enrol(south)


def test_a_hub_with_another_key_set_is_not_spoken_to(alliance: Alliance, south: Member) -> None:
    other = msgspec.structs.replace(alliance.key_set, epoch=2)
    alliance.hub.signed = SignedKeySet(key_set=other, signatures=alliance.signed.signatures)
    before = len(alliance.hub.received)

    with pytest.raises(Untrusted, match="another key set"):
        enrol(south)

    assert all(each.path == "/v1/alliance" for each in alliance.hub.received[before:])


def test_an_offered_agreement_is_signed(alliance: Alliance, south: Member) -> None:
    alliance.agrees(SOUTH, agreement="新协议", state="offered")
    assert [terms.agreement for terms in enrol(south).offered] == ["新协议"]

    terms = find_offer(south, "新协议")
    sign_agreement(south, terms)

    assert {offer.terms.agreement: offer.state for offer in list_agreements(south)} == {
        "数据共享协议": "active",
        "新协议": "active",
    }


def test_the_newest_version_that_is_offered_is_found(alliance: Alliance, south: Member) -> None:
    for version, state in ((1, "active"), (2, "offered"), (3, "offered")):
        alliance.agrees(SOUTH, agreement="协议", version=version, state=state)

    assert find_offer(south, "协议").version == 3


@pytest.mark.parametrize(
    ("name", "reason"), [("数据共享协议", "version 1 is active"), ("没有", "no such agreement")]
)
def test_what_is_not_offered_is_not_signed(alliance: Alliance, south: Member, name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        find_offer(south, name)


def test_the_only_offer_needs_no_name(alliance: Alliance, south: Member) -> None:
    alliance.agrees(SOUTH, agreement="新协议", state="offered")

    assert find_offer(south, None).agreement == "新协议"


def test_one_of_several_offers_must_be_named(alliance: Alliance, south: Member) -> None:
    for name in ("甲", "乙"):
        alliance.agrees(SOUTH, agreement=name, state="offered")

    with pytest.raises(Refused, match="name the one to sign"):
        find_offer(south, None)


def test_another_members_terms_are_not_shown(alliance: Alliance, south: Member) -> None:
    alliance.agrees("北辰")

    with pytest.raises(Untrusted, match="another member's agreement"):
        list_agreements(south)

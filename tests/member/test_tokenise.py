"""Identifiers become tokens through custodians that answer well, whatever the others do, and once only."""

from __future__ import annotations

import pytest

from member import Declined, Member, NotYet, QuotaExceeded, Unavailable, Untrusted
from member.accusing import fault_of, list_accusations
from member.tokenise import pseudonym_of, standing_seed_of, subject_key_of, tokenise
from member.vault import tokens
from member.vault.tokens import Batch
from privacy import oprf
from privacy.accusations import FalseEvaluation
from tests.member.conftest import Alliance, Heard
from tests.member.custodian import Manner
from tests.member.people import identifier

LI = identifier(1).oprf_input
WANG = identifier(2).oprf_input

MISBEHAVIOUR = [
    Manner.FALSE_PROOF,
    Manner.OTHER_SHARE,
    Manner.OTHER_SIGNATURE,
    Manner.IN_ANOTHER_NAME,
    Manner.GARBLED,
]


def test_the_output_is_that_of_one_server_under_the_joint_key(alliance: Alliance, south: Member) -> None:
    outputs = tokenise(south, [LI, WANG])

    assert outputs == {LI: alliance.output_of(LI), WANG: alliance.output_of(WANG)}


def test_an_output_is_parted_as_the_protocol_says() -> None:
    output = bytes(range(64))

    assert (pseudonym_of(output), standing_seed_of(output)) == (bytes(range(32)), bytes(range(32, 64)))
    assert subject_key_of(output) == bytes(range(32))


def test_nothing_is_asked_twice(alliance: Alliance, south: Member) -> None:
    first = tokenise(south, [LI, LI, WANG])
    again = tokenise(south, [WANG, LI])

    assert again == first
    assert sum(custodian.elements for custodian in alliance.custodians.values()) == 2 * 2


def test_no_custodian_receives_anything_that_shows_the_identifier(alliance: Alliance, south: Member) -> None:
    tokenise(south, [LI])

    plain = identifier(1).value.encode()
    bodies = [each.body for custodian in alliance.custodians.values() for each in custodian.received]
    assert len(bodies) == 2
    assert all(plain not in body for body in bodies)


def test_more_than_a_batch_goes_in_batches(alliance: Alliance, south: Member) -> None:
    inputs = [identifier(number).oprf_input for number in range(1_005)]

    outputs = tokenise(south, inputs)

    assert len(outputs) == 1_005
    assert sorted(custodian.elements for custodian in alliance.custodians.values())[-2:] >= [1_000, 1_000]
    assert outputs[inputs[-1]] == alliance.output_of(inputs[-1])


def test_one_custodian_down_is_replaced(alliance: Alliance, south: Member, heard: Heard) -> None:
    alliance.custodians[2].close()

    for number in range(3):
        data = identifier(number).oprf_input
        assert tokenise(south, [data]) == {data: alliance.output_of(data)}

    assert all("custodian 2" in text for text in heard.warned)


@pytest.mark.parametrize("manner", MISBEHAVIOUR)
@pytest.mark.parametrize("index", [1, 2, 3])
def test_an_answer_that_does_not_hold_is_not_used(
    alliance: Alliance, south: Member, heard: Heard, manner: Manner, index: int
) -> None:
    alliance.custodians[index].manner = manner

    outputs = tokenise(south, [LI])

    assert outputs == {LI: alliance.output_of(LI)}
    asked = {number for number, custodian in alliance.custodians.items() if custodian.received}
    assert bool(heard.warned) == (index in asked)
    assert all(f"custodian {index}" in text for text in heard.warned)


@pytest.mark.parametrize("manner", [Manner.FALSE_PROOF, Manner.OTHER_SHARE])
def test_a_falsehood_that_is_signed_is_kept(
    alliance: Alliance, south: Member, heard: Heard, manner: Manner
) -> None:
    for custodian in alliance.custodians.values():
        custodian.manner = manner

    with pytest.raises(Untrusted):
        tokenise(south, [LI])

    kept = [each.accusation for each in list_accusations(south)]
    assert all(isinstance(each, FalseEvaluation) for each in kept)
    faults = [fault_of(south, each) for each in kept]
    assert sorted(text[: len("custodian 1")] for text in faults) == [f"custodian {i}" for i in (1, 2, 3)]
    assert all(any(text.startswith(fault) for text in heard.warned) for fault in faults)


@pytest.mark.parametrize("manner", [Manner.OTHER_SIGNATURE, Manner.IN_ANOTHER_NAME, Manner.GARBLED])
def test_what_the_custodian_did_not_sign_blames_nobody(
    alliance: Alliance, south: Member, manner: Manner
) -> None:
    for custodian in alliance.custodians.values():
        custodian.manner = manner

    with pytest.raises(Untrusted) as caught:
        tokenise(south, [LI])

    assert list_accusations(south) == []
    assert (manner is Manner.GARBLED) != ("nobody is blamed" in str(caught.value))


@pytest.mark.parametrize("manner", MISBEHAVIOUR)
def test_two_that_do_not_hold_are_refused(alliance: Alliance, south: Member, manner: Manner) -> None:
    for index in (1, 3):
        alliance.custodians[index].manner = manner

    with pytest.raises(Untrusted, match="1 of the 2 custodians needed"):
        tokenise(south, [LI])

    assert tokens.find(south.vault, south.epoch, [LI]) == {}


def test_two_down_lose_nothing(alliance: Alliance, south: Member) -> None:
    known = tokenise(south, [LI])
    for index in (1, 2):
        alliance.custodians[index].close()

    with pytest.raises(Unavailable, match="nothing is lost") as caught:
        tokenise(south, [LI, WANG])

    assert caught.value.exit_code == 3
    assert "custodian 1 does not answer" in str(caught.value)
    assert tokenise(south, [LI]) == known


def test_a_spent_quota_says_when_to_return(alliance: Alliance, south: Member) -> None:
    for custodian in alliance.custodians.values():
        custodian.manner = Manner.OUT_OF_QUOTA

    with pytest.raises(QuotaExceeded) as caught:
        tokenise(south, [LI])

    assert caught.value.retry_at is not None
    assert (caught.value.retry_at.hour, caught.value.exit_code) == (16, 3)


def test_a_quota_that_waiting_does_not_mend_has_no_hour(alliance: Alliance, south: Member) -> None:
    for custodian in alliance.custodians.values():
        custodian.manner = Manner.EPOCH_SPENT

    with pytest.raises(QuotaExceeded, match="ask the secretariat") as caught:
        tokenise(south, [LI])

    assert caught.value.retry_at is None


def test_one_spent_quota_is_another_custodians_turn(alliance: Alliance, south: Member) -> None:
    alliance.custodians[1].manner = Manner.OUT_OF_QUOTA

    assert tokenise(south, [LI]) == {LI: alliance.output_of(LI)}


def test_custodians_that_have_not_heard_of_an_active_member_are_asked_later(
    alliance: Alliance, south: Member
) -> None:
    for custodian in alliance.custodians.values():
        custodian.manner = Manner.UNAWARE

    with pytest.raises(NotYet, match="yet to hear"):
        tokenise(south, [LI])


def test_custodians_refuse_a_member_that_is_suspended(alliance: Alliance, south: Member) -> None:
    alliance.hub.state = "suspended"
    for custodian in alliance.custodians.values():
        custodian.manner = Manner.UNAWARE

    with pytest.raises(Declined) as caught:
        tokenise(south, [LI])

    assert (caught.value.rule, caught.value.exit_code) == ("not-active", 4)


def test_an_interrupted_batch_is_asked_again_under_its_own_id(alliance: Alliance, south: Member) -> None:
    blinded = oprf.blind(LI)
    left = Batch("left-behind-1", [LI], [blinded.blind], [blinded.element])
    tokens.remember(south.vault, south.epoch, left)

    outputs = tokenise(south, [LI, WANG])

    assert outputs == {LI: alliance.output_of(LI), WANG: alliance.output_of(WANG)}
    asked = {request_id for custodian in alliance.custodians.values() for request_id in custodian.charged}
    assert "left-behind-1" in asked
    assert len(asked) == 2
    assert tokens.unanswered(south.vault, south.epoch) == []


def test_a_batch_that_was_charged_but_not_answered_is_charged_once(alliance: Alliance, south: Member) -> None:
    for index in (1, 2):
        alliance.custodians[index].manner = Manner.FALSE_PROOF
    with pytest.raises(Untrusted):
        tokenise(south, [LI])
    assert [custodian.elements for custodian in alliance.custodians.values()] == [1, 1, 1]
    for custodian in alliance.custodians.values():
        custodian.manner = Manner.HONEST

    assert tokenise(south, [LI]) == {LI: alliance.output_of(LI)}
    assert [custodian.elements for custodian in alliance.custodians.values()] == [1, 1, 1]


def test_what_was_left_behind_of_others_is_not_handed_out(alliance: Alliance, south: Member) -> None:
    blinded = oprf.blind(WANG)
    tokens.remember(
        south.vault, south.epoch, Batch("left-behind-2", [WANG], [blinded.blind], [blinded.element])
    )

    assert set(tokenise(south, [LI])) == {LI}
    assert set(tokens.find(south.vault, south.epoch, [WANG])) == {WANG}


def test_a_custodian_without_an_address_is_not_asked(alliance: Alliance, south: Member) -> None:
    del alliance.hub.addresses[3]

    assert tokenise(south, [LI]) == {LI: alliance.output_of(LI)}
    assert not alliance.custodians[3].received

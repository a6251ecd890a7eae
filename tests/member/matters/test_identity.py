"""A debtor's identity opening: asked for once, kept before it is asked for, and worth nothing if it lies."""

from __future__ import annotations

import msgspec
import pytest

from member import Home, Member, open_member
from member.errors import Refused, Unavailable, Untrusted
from member.matters import keeping
from member.matters.identity import open_debtor, subject_of
from member.tokenise import tokenise
from privacy.evidence import open_identity
from privacy.signing import SigningKey
from tests.member.conftest import PASSPHRASE, Alliance, Heard
from tests.member.custodian import Manner
from tests.member.people import identifier

MATTER = "south-2026-0001"


def charged(alliance: Alliance) -> int:
    return sum(custodian.elements for custodian in alliance.custodians.values())


def test_an_opening_shows_what_a_single_server_would_compute(alliance: Alliance, south: Member) -> None:
    debtor = identifier(1)

    opening = open_debtor(south, MATTER, debtor)

    output = alliance.output_of(debtor.oprf_input)
    assert open_identity(opening, alliance.key_set) == output
    assert subject_of(opening, south) == (output[:32], SigningKey(output[32:]).public)
    assert opening.input == f"v1|RESIDENT_ID|{debtor.value}"


def test_it_is_asked_for_once_and_kept(alliance: Alliance, south: Member) -> None:
    first = open_debtor(south, MATTER, identifier(1))
    again = open_debtor(south, MATTER, identifier(1))

    assert again == first
    assert charged(alliance) == 2
    stored = south.vault.db.execute("SELECT reference, sealed FROM matters").fetchall()
    assert [reference for reference, _ in stored] == [MATTER]
    assert all(identifier(1).value.encode() not in sealed for _, sealed in stored)


def test_a_run_that_was_killed_asks_the_same_again(
    alliance: Alliance, south: Member, home: Home, heard: Heard
) -> None:
    for index in (1, 2):
        alliance.custodians[index].manner = Manner.GARBLED
    with pytest.raises(Untrusted):
        open_debtor(south, MATTER, identifier(1))
    asked = keeping.get(south.vault, MATTER).asked
    south.close()

    alliance.custodians[2].manner = Manner.HONEST
    with open_member(home, PASSPHRASE, clock=alliance.clock, report=heard) as member:
        opening = open_debtor(member, MATTER, identifier(1))

    assert {each.request_id for each in opening.evaluations} == {asked.request_id}
    assert (opening.blind, opening.element) == (asked.blind, asked.element)
    assert charged(alliance) == 2


def test_a_silent_custodian_is_passed_over_and_asked_last_the_next_time(
    alliance: Alliance, south: Member
) -> None:
    south.custodians()
    alliance.custodians[1].close()
    silent: set[int] = set()

    first = open_debtor(south, MATTER, identifier(1), silent=silent)
    second = open_debtor(south, "south-2026-0002", identifier(2), silent=silent)

    for opening in (first, second):
        assert [each.custodian for each in opening.evaluations] == [2, 3]
    assert silent <= {1}


def test_too_few_custodians_are_said_and_nothing_is_opened(alliance: Alliance, south: Member) -> None:
    south.custodians()
    for index in (1, 2):
        alliance.custodians[index].close()

    with pytest.raises(Unavailable, match="1 of the 2 custodians needed"):
        open_debtor(south, MATTER, identifier(1))
    assert keeping.get(south.vault, MATTER).opening is None


@pytest.mark.parametrize(
    "manner", [Manner.FALSE_PROOF, Manner.OTHER_SHARE, Manner.OTHER_SIGNATURE, Manner.IN_ANOTHER_NAME]
)
def test_a_custodian_that_lies_is_not_used(alliance: Alliance, south: Member, manner: Manner) -> None:
    alliance.custodians[2].manner = manner

    opening = open_debtor(south, MATTER, identifier(1))

    assert [each.custodian for each in opening.evaluations] == [1, 3]
    assert open_identity(opening, alliance.key_set) == alliance.output_of(identifier(1).oprf_input)


def test_a_signed_falsehood_is_kept_as_an_accusation(alliance: Alliance, south: Member, heard: Heard) -> None:
    for index in (1, 2, 3):
        alliance.custodians[index].manner = Manner.FALSE_PROOF

    with pytest.raises(Untrusted):
        open_debtor(south, MATTER, identifier(1))

    assert sum("accusations list" in text for text in heard.warned) == 3


def test_a_matter_stays_about_its_debtor(south: Member) -> None:
    open_debtor(south, MATTER, identifier(1))

    with pytest.raises(Refused, match="another debtor"):
        open_debtor(south, MATTER, identifier(2))


def test_another_pseudonym_than_before_stops_the_matter(south: Member) -> None:
    debtor = identifier(1)
    tokenise(south, [debtor.oprf_input])
    ((epoch, mark),) = south.vault.db.execute("SELECT epoch, mark FROM tokens").fetchall()
    with south.vault.db as db:
        forged = south.vault.seal("tokens", bytes(64), context=mark)
        db.execute("UPDATE tokens SET sealed = ? WHERE epoch = ?", (forged, epoch))

    with pytest.raises(Untrusted, match="another pseudonym than before"):
        open_debtor(south, MATTER, debtor)


def test_a_kept_row_opens_for_its_own_matter_only(south: Member) -> None:
    open_debtor(south, MATTER, identifier(1))
    with south.vault.db as db:
        db.execute("UPDATE matters SET reference = 'south-2026-0009'")

    with pytest.raises(Refused, match="changed or is damaged"):
        keeping.find(south.vault, "south-2026-0009")


def test_a_matter_that_nobody_began_is_refused(south: Member) -> None:
    assert keeping.find(south.vault, MATTER) is None
    with pytest.raises(Refused, match="matters open"):
        keeping.get(south.vault, MATTER)


def test_an_opening_of_another_blind_does_not_open(alliance: Alliance, south: Member) -> None:
    opening = open_debtor(south, MATTER, identifier(1))
    other = open_debtor(south, "south-2026-0002", identifier(1))

    moved = msgspec.structs.replace(opening, blind=other.blind)
    with pytest.raises(Exception, match="another identifier"):
        open_identity(moved, alliance.key_set)

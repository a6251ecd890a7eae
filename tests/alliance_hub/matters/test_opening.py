"""A matter is opened as its member signed it, or refused naming what is wrong; a denial is logged too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.matters.models import MatterRow
from alliance_hub.membership import service as membership
from alliance_hub.people import directory
from alliance_hub.people.models import OfficerState, Organisation
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, instant_text
from privacy.evidence import MatterKind, verify_matter
from privacy.logged import verify_receipt
from privacy.statements import Settlement
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matters.court import CONTRACT, Court
from tests.alliance_hub.matters.stage import Stage
from tests.alliance_hub.records.builders import pseudonym_of, reference_of, standing_key_of


def entries(court: Court, kind: str) -> list[dict[str, Any]]:
    with court.hub.database.reading() as session:
        leaves = session.scalars(select(LogRow.leaf).where(LogRow.kind == kind).order_by(LogRow.id))
        return [transparency.get_receipt(session, leaf).entry for leaf in leaves]


def test_a_matter_is_logged_by_its_digest_and_the_members_signature(court: Court) -> None:
    signed = court.request()

    row = court.post(signed)

    with court.hub.database.reading() as session:
        receipt = transparency.get_receipt(session, row.log_leaf)
    verify_receipt(receipt)
    assert receipt.entry == {
        "kind": "matter",
        "at": instant_text(court.clock()),
        "member": "North",
        "matter": "matter-0001",
        "object": "matter/matter-0001",
        "request": b64(signed.request.sha256()),
        "signature": signed.signature,
        "key": b64(court.north.key.public),
    }
    verify_matter(signed, court.north.key.public)
    assert (row.agreement, row.version) == ("court", 1)


def test_the_same_request_again_opens_nothing(court: Court) -> None:
    signed = court.request()
    first = court.post(signed)
    court.clock.move(days=3)

    again = court.post(signed)

    assert again.id == first.id
    assert len(entries(court, "matter")) == 1


def test_another_request_under_the_same_reference(court: Court) -> None:
    court.open()
    with pytest.raises(Conflict) as refused:
        court.open(kind=MatterKind.ARBITRATION)
    assert refused.value.slug == "reference-taken"


def test_two_members_may_choose_one_reference(court: Court) -> None:
    court.open()
    south = Court(court.story, court.story.members["South"])
    south.agree(agreement="souths")

    row = south.open(contracts=(b64(reference_of("South/Lin/2")),), law_firm=None, lawyers=())

    assert row.member == "South"


def test_matter_against_a_contract_that_was_paid(court: Court) -> None:
    court.story.alliance.state(court.north, Settlement(contract_ref=b64(reference_of(CONTRACT))))
    assert court.open().member == "North"


MAO = {"pseudonym": b64(pseudonym_of("Mao")), "standing_key": b64(standing_key_of("Mao").public)}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another alliance": ({"alliance": "Another"}, "request.alliance"),
    "another member": ({"member": "South"}, "request.member"),
    "another debtor's pseudonym": ({"pseudonym": MAO["pseudonym"]}, "request.contracts[0]"),
    "another debtor's standing key": ({"standing_key": MAO["standing_key"]}, "request.contracts[0]"),
    "another debtor": (MAO, "request.contracts[0]"),
    "a contract nobody has": (
        {"contracts": (b64(reference_of(CONTRACT)), b64(seed("none")))},
        "request.contracts[1]",
    ),
    "another member's contract": ({"contracts": (b64(reference_of("South/Lin/2")),)}, "request.contracts[0]"),
    "a contract twice": ({"contracts": (b64(reference_of(CONTRACT)),) * 2}, "request.contracts[1]"),
    "a firm that is none": ({"law_firm": "Nobody"}, "request.law_firm"),
    "a member for a firm": ({"law_firm": "Bank", "lawyers": ()}, "request.law_firm"),
    "a closed firm": ({"law_firm": "Closed", "lawyers": ()}, "request.law_firm"),
    "a lawyer of no firm": ({"law_firm": None}, "request.lawyers[0]"),
    "a lawyer that is none": ({"lawyers": ("L-1", "L-9")}, "request.lawyers[1]"),
    "a lawyer twice": ({"lawyers": ("L-1", "L-1")}, "request.lawyers[1]"),
    "an officer without the role": ({"lawyers": ("L-3",)}, "request.lawyers[0]"),
    "a disabled lawyer": ({"lawyers": ("L-4",)}, "request.lawyers[0]"),
    "over at once": ({"until": "2026-11-01T18:00:00Z"}, "request.until"),
    "longer than three years": ({"until": "2029-11-05T18:00:00Z"}, "request.until"),
    "made two days ago": ({"opened_at": "2026-10-30T18:00:00Z"}, "request.opened_at"),
    "made in the future": ({"opened_at": "2026-11-03T18:00:00Z"}, "request.opened_at"),
}


def others_are_there(court: Court) -> None:
    court.found_firm("Bank", OrganisationKind.MEMBER)
    court.found_firm("Closed")
    court.hire("Firm", "L-3")
    court.hire("Firm", "L-4", Role.LAWYER)
    with court.hub.database.transaction() as session:
        session.get_one(Organisation, "Closed").closed_at = court.clock()
        directory.get_by_ref(session, "Firm/L-4").state = OfficerState.DISABLED


@pytest.mark.parametrize(("changes", "field"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named(stage: Stage, changes: dict[str, Any], field: str) -> None:
    court = stage.after(others_are_there)

    with pytest.raises(Invalid) as refused:
        court.open(**changes)

    assert refused.value.field == field
    with court.hub.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(MatterRow)) == 0


def test_a_lawyer_whose_appointment_is_over(court: Court) -> None:
    court.clock.move(days=181)
    with pytest.raises(Invalid) as refused:
        court.open()
    assert refused.value.field == "request.lawyers[0]"


def test_other_keys(court: Court) -> None:
    with pytest.raises(Conflict) as refused:
        court.open(key_set=b64(seed("another")))
    assert refused.value.slug == "key-set"


def test_another_members_signature(court: Court) -> None:
    south = Court(court.story, court.story.members["South"]).request(member="North")
    with pytest.raises(Invalid) as refused:
        court.post(msgspec.structs.replace(court.request(), signature=south.signature))
    assert (refused.value.field, refused.value.slug) == ("signature", "signature")


def test_a_purpose_that_no_agreement_names_is_denied_and_logged(court: Court) -> None:
    signed = court.request(kind=MatterKind.ENFORCEMENT)

    with pytest.raises(Forbidden) as refused:
        court.post(signed)

    assert refused.value.extra["clause"] == "purposes"
    (denied,) = entries(court, "matter_denied")
    assert refused.value.extra["receipt"]["entry"] == denied
    assert (denied["request"], denied["clause"]) == (b64(signed.request.sha256()), "purposes")
    assert entries(court, "matter") == []


def test_an_agreement_that_is_over_denies(court: Court) -> None:
    court.clock.move(days=366)
    with pytest.raises(Forbidden) as refused:
        court.open(law_firm=None, lawyers=())
    assert refused.value.extra["clause"] == "validity"


def test_a_law_firm_only_where_the_agreement_lets_it_handle_answers(court: Court) -> None:
    south = Court(court.story, court.story.members["South"])
    south.agree(agreement="souths", sub_processing=False)
    contracts = (b64(reference_of("South/Lin/2")),)

    with pytest.raises(Forbidden) as refused:
        south.open(contracts=contracts)

    assert refused.value.extra["clause"] == "sub_processing"
    assert south.open(contracts=contracts, law_firm=None, lawyers=()).law_firm is None


def test_a_suspended_member_may_still_go_to_court(court: Court) -> None:
    with court.hub.database.transaction() as session:
        membership.suspend(session, court.hub, "North", court.clock())
    assert court.open().member == "North"


def test_until_three_years_ahead_is_taken(court: Court) -> None:
    until = court.clock() + timedelta(days=3 * 366)
    assert court.open(until=instant_text(until)).until == until

"""Whether another member holds a debtor is certified on a court's order alone, by two officers."""

from __future__ import annotations

import msgspec
import pytest

from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Proposal
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.matters import service as matters
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION
from alliance_hub.people.roles import Role
from alliance_hub.transparency.search import Search, search
from privacy.certificates import CourtOrder, ExistenceSaid, verify_certificate
from privacy.encoding import b64, unb64
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matters.court import COURT_ORDER, Court
from tests.alliance_hub.records.builders import pseudonym_of, reference_of, standing_key_of

EXISTENCE = CertificateKind.EXISTENCE


def ask(court: Court, order: CourtOrder = COURT_ORDER) -> list[ExistenceSaid]:
    """Ask for the existence of a match, and return what is certified of it."""
    found = court.ask(EXISTENCE, order=order)
    assert bool(found.certificates) is not bool(found.waiting)
    said = [each.certificate.said for each in found.certificates]
    return [each for each in said if isinstance(each, ExistenceSaid)]


@pytest.fixture
def disputes(court: Court) -> Actor:
    return court.hire(ASSOCIATION, "001", Role.DISPUTE_OFFICER)


@pytest.fixture
def membership(court: Court) -> Actor:
    return court.hire(ASSOCIATION, "002", Role.MEMBERSHIP_OFFICER)


def propose(court: Court, actor: Actor, order: int = 1) -> Proposal:
    with court.hub.database.transaction() as session:
        return matters.propose_existence(
            session, court.hub, actor, order, reason="the court asks", now=court.clock()
        )


def approve(court: Court, actor: Actor, proposal: int = 1) -> None:
    with court.hub.database.transaction() as session:
        approvals.approve(session, court.hub, actor, proposal, court.clock())


def test_two_officers_certify_what_a_court_ordered(court: Court, disputes: Actor, membership: Actor) -> None:
    court.open()
    assert ask(court) == []
    propose(court, disputes)
    assert ask(court) == []

    approve(court, membership)

    (said,) = ask(court)
    assert said.order == COURT_ORDER
    assert said.held_elsewhere is True
    (signed,) = court.ask(EXISTENCE, order=COURT_ORDER).certificates
    verify_certificate(signed, court.hub.key_set.hub_key)
    with court.hub.database.reading() as session:
        (entry,) = search(session, Search(kind="existence_certified"), limit=2).entries
    assert entry.actor == "association/002"
    assert b"held" not in (entry.entry or b"")
    court.cosign(1, 2)
    leaves = [unb64(proof.receipt.leaf) for proof in court.evidence().proofs]
    assert unb64(signed.leaf) in leaves


def test_no_when_nobody_else_holds_the_debtor(court: Court, disputes: Actor, membership: Actor) -> None:
    court.open(
        contracts=(b64(reference_of("North/Mao/1")),),
        pseudonym=b64(pseudonym_of("Mao")),
        standing_key=b64(standing_key_of("Mao").public),
    )
    ask(court)
    propose(court, disputes)
    approve(court, membership)
    (said,) = ask(court)
    assert said.held_elsewhere is False


def test_one_officer_is_not_enough(court: Court, disputes: Actor, membership: Actor) -> None:
    court.open()
    ask(court)
    with pytest.raises(Forbidden):
        propose(court, membership)
    propose(court, disputes)
    both = court.hire(ASSOCIATION, "003", Role.DISPUTE_OFFICER, Role.MEMBERSHIP_OFFICER)
    with pytest.raises(Forbidden):
        approve(court, disputes)
    approve(court, both)
    assert len(ask(court)) == 1


def test_an_order_is_followed_once(court: Court, disputes: Actor, membership: Actor) -> None:
    court.open()
    ask(court)
    propose(court, disputes)
    approve(court, membership)
    with pytest.raises(Conflict) as refused:
        propose(court, disputes)
    assert refused.value.slug == "certified"


def test_nothing_is_certified_in_a_matter_that_was_closed_meanwhile(
    court: Court, disputes: Actor, membership: Actor
) -> None:
    court.open()
    ask(court)
    propose(court, disputes)
    with court.hub.database.transaction() as session:
        matters.close_own(session, court.row(session), court.clock())
    with pytest.raises(Conflict) as refused:
        approve(court, membership)
    assert refused.value.slug == "matter-over"


def test_officers_see_of_the_matter_only_what_they_need(court: Court, disputes: Actor) -> None:
    court.open()
    ask(court)
    with court.hub.database.reading() as session:
        (line,) = matters.list_orders(session, disputes, court.clock())
        assert matters.get_order(session, disputes, 1, court.clock()) == line
        assert matters.is_waiting(line)
    assert (line.reference, line.member, line.kind) == ("matter-0001", "North", "litigation")
    assert (line.order.court, line.object) == (COURT_ORDER.court, "court_order/1")
    stranger = court.hire(ASSOCIATION, "009", Role.FLAG_REVIEWER)
    with court.hub.database.reading() as session:
        assert matters.list_orders(session, stranger, court.clock()) == []
        with pytest.raises(NotFound):
            matters.get_order(session, stranger, 1, court.clock())


def test_an_order_of_tomorrow(court: Court) -> None:
    court.open()
    with pytest.raises(Invalid) as refused:
        ask(court, msgspec.structs.replace(COURT_ORDER, ordered_on="2026-11-03"))
    assert refused.value.field == "order.ordered_on"


def test_the_same_scan_under_another_number(court: Court) -> None:
    court.open()
    ask(court)
    with pytest.raises(Conflict) as refused:
        ask(court, msgspec.structs.replace(COURT_ORDER, number="another"))
    assert refused.value.slug == "order-known"


def test_a_second_order_is_a_certificate_of_its_own(court: Court, disputes: Actor, membership: Actor) -> None:
    court.open()
    other = msgspec.structs.replace(COURT_ORDER, digest=b64(seed("another order")))
    for number, order in enumerate((COURT_ORDER, other), 1):
        ask(court, order)
        propose(court, disputes, number)
        approve(court, membership, number)
    (signed,) = court.ask(EXISTENCE, order=other).certificates
    assert (signed.certificate.number, signed.certificate.supersedes) == (2, None)
    assert court.why() == {}

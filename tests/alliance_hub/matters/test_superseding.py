"""What the register says by now supersedes what was certified: since when, why, and every bundle with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from alliance_hub.agreements import service as agreements
from alliance_hub.matters import rules, superseding
from alliance_hub.matters import service as matters
from alliance_hub.matters.kinds import CertificateKind, Why
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.records import service as records
from alliance_hub.transparency.search import Search, search
from privacy.encoding import b64
from privacy.statements import Hold, Release, Settlement, Withdrawal
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matching.story import flag_of
from tests.alliance_hub.matters.court import CONTRACT, Court, hand_in
from tests.alliance_hub.matters.stage import Stage
from tests.alliance_hub.records.builders import NOVEMBER, reference_of

REF = b64(reference_of(CONTRACT))
SEAL = seed("seal")


def settle(court: Court) -> None:
    court.story.alliance.state(court.north, Settlement(contract_ref=REF))


def withdraw(court: Court) -> None:
    court.story.alliance.state(court.north, Withdrawal(contract_ref=REF))


def hold(court: Court) -> None:
    court.story.alliance.state(court.north, Hold(member="North", contract_ref=REF))


def hold_as_secretariat(court: Court) -> None:
    with court.hub.database.transaction() as session:
        records.hold_as_secretariat(session, court.hub, "North", reference_of(CONTRACT), court.clock())


def suspend(court: Court) -> None:
    with court.hub.database.transaction() as session:
        membership.suspend(session, court.hub, "North", court.clock())


def give_notice(court: Court) -> None:
    with court.hub.database.transaction() as session:
        member = session.get_one(Member, "North")
        agreements.terminate_own(session, member, "court", court.clock())


def hand_in_again(court: Court) -> None:
    hand_in(court, flag=flag_of("North"))


def change_the_flag(court: Court) -> None:
    hand_in(court, flag=flag_of("another"))


def drop_the_flag(court: Court) -> None:
    hand_in(court)


EVENTS: dict[str, tuple[Callable[[Court], None], dict[str, str]]] = {
    "settled": (settle, {"record": "settled", "flag": "flag_changed"}),
    "withdrawn": (withdraw, {"record": "withdrawn", "flag": "flag_changed"}),
    "held by its member": (hold, {"record": "hold"}),
    "held by the secretariat": (hold_as_secretariat, {"record": "hold"}),
    "a newer record": (hand_in_again, {"record": "newer_record"}),
    "another flag": (change_the_flag, {"record": "newer_record", "flag": "flag_changed"}),
    "no flag any more": (drop_the_flag, {"record": "newer_record", "flag": "flag_changed"}),
    "the agreement's notice": (give_notice, {"court/1": "agreement_changed"}),
    "the member's suspension": (
        suspend,
        dict.fromkeys(("North/1", "court/1", "record", "flag", "notice"), "member_suspended"),
    ),
}


def everything_is_certified(court: Court) -> None:
    hand_in(court, as_of=NOVEMBER - timedelta(days=20), flag=flag_of("North"))
    court.open()
    court.certify()
    court.cosign(1, 2)
    court.evidence()
    report(court)
    court.clock.move(hours=1)


@pytest.fixture
def certified(stage: Stage) -> Court:
    """North's contract with Lin bears a flag, and everything on record is certified and in a bundle."""
    return stage.after(everything_is_certified)


def report(court: Court, seal: bytes = SEAL) -> None:
    with court.hub.database.transaction() as session:
        now = court.clock().replace(microsecond=0)
        matters.report_bundle(session, court.row(session), seal, now, court.clock())


def test_nothing_is_superseded_while_nothing_happens(certified: Court) -> None:
    certified.clock.move(days=3)
    assert certified.why() == {}
    assert certified.detail().bundles[0].why is None


@pytest.mark.parametrize(("event", "why"), EVENTS.values(), ids=EVENTS.keys())
def test_what_happens_supersedes(
    certified: Court, event: Callable[[Court], None], why: dict[str, str]
) -> None:
    event(certified)
    at = certified.clock()
    certified.clock.move(days=1)

    assert certified.why() == why
    detail = certified.detail()
    assert {each.superseded_at for each in detail.certificates if each.why} == {at}
    (bundle,) = detail.bundles
    assert (bundle.superseded_at, bundle.why) == (at, min(map(Why, why.values()), key=list(Why).index))


def test_what_happened_before_is_certified_as_it_is(certified: Court) -> None:
    hold(certified)
    certified.certify()
    assert certified.why() == {"record": "hold"}
    certified.clock.move(days=1)
    certificates = certified.detail().certificates
    assert [each.number for each in certificates if each.kind == "record" and each.why is None] == [6]


def test_a_suspension_of_before_supersedes_nothing(court: Court) -> None:
    suspend(court)
    court.open()
    court.certify()
    court.clock.move(days=1)
    assert court.why() == {}


def test_what_was_superseded_once_stays_so(certified: Court) -> None:
    hold(certified)
    mark(certified)
    certified.story.alliance.state(certified.north, Release(member="North", contract_ref=REF))
    assert certified.why() == {"record": "hold"}
    # Asked again the register says the same as at first, and a fresh certificate says so.
    (fresh,) = certified.certify(CertificateKind.RECORD)
    assert (fresh.certificate.number, fresh.certificate.supersedes) == (6, 3)


def mark(court: Court) -> None:
    superseding.mark_open(court.hub, court.clock())


def test_the_daily_work_writes_it_down_and_logs_it_once(certified: Court) -> None:
    settle(certified)
    at = certified.clock()
    certified.clock.move(days=1)

    mark(certified)
    mark(certified)

    with certified.hub.database.reading() as session:
        found = search(session, Search(kind="matter_superseded"), limit=10).entries
        rows = {row.number: row for row in matters_of(certified)}
    assert len(found) == 3  # record, flag, bundle
    assert (rows[3].superseded_at, rows[3].why) == (at, Why.SETTLED)


def matters_of(court: Court) -> list[matters.CertificateShown]:
    return list(court.detail().certificates)


def test_a_corrected_certificate_supersedes_the_bundles_with_the_old_one(certified: Court) -> None:
    certified.story.ask(certified.north, "Lin")
    certified.certify(CertificateKind.DECISION)
    # A certificate that was not in the bundle tells nothing about it.
    assert certified.detail().bundles[0].why is None
    certified.cosign(1, 2)
    certified.evidence()
    report(certified, seed("second"))
    certified.clock.move(hours=1)
    certified.story.ask(certified.north, "Lin", request_id="request-0002")

    certified.certify(CertificateKind.DECISION)

    first, second = certified.detail().bundles
    assert (first.why, second.why) == (None, Why.CORRECTED)
    assert second.superseded_at == certified.clock()


def test_a_matter_that_is_over_is_left_alone(certified: Court) -> None:
    settle(certified)
    with certified.hub.database.transaction() as session:
        matters.close_own(session, certified.row(session), certified.clock())
    assert superseding.mark_open(certified.hub, certified.clock()) == 0


def test_the_weightiest_reason_is_told() -> None:
    assert rules.weightiest([Why.CORRECTED, Why.NEWER_RECORD, Why.SETTLED, Why.HOLD]) is Why.SETTLED
    assert rules.weightiest([]) is None


def test_a_record_that_ran_out_supersedes(certified: Court) -> None:
    # Made-up records live for a hundred years; the feed's head must have gone on besides.
    certified.clock.at = datetime.fromisoformat("2126-11-04T00:00:00+00:00")
    hold_of_another(certified)
    assert certified.why()["record"] == "expired"


def hold_of_another(court: Court) -> None:
    south = court.story.members["South"]
    ref = b64(reference_of("South/Lin/2"))
    court.story.alliance.state(south, Hold(member="South", contract_ref=ref))

"""What is sealed nobody sees: a lender would seal less than nothing, or more than its own slots hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest

from custodian.desk import auditing
from custodian.desk.auditing import Finding
from custodian.errors import OperatorError
from custodian.state import Contributor
from privacy import contributions, exposure
from privacy.accusations import UnsoundTotal
from privacy.contributions import SignedContributionOpening
from privacy.errors import VerifyError
from privacy.exposure import Exposure
from privacy.keyset import KeySet
from privacy.records import Record
from privacy.signing import SigningKey
from tests.attacks.alliance import OWES, Lenders, lenders
from tests.attacks.asker import TRUE_TOTAL, Asker, total_of
from tests.attacks.attack import Scene, attack
from tests.feeds import LI, WANG, Member, secret

FOUND = "reopened alone Wang's total is right, and South's own opening (M, r) shows who spoilt Li's"
SPOILT = {
    "negative": -(10_000_00 << exposure.SLOT_BITS),
    "oversized": 1 << exposure.SLOTS_BITS + 2 * exposure.SLOT_BITS - 1,
    "agreeing": Exposure(1, 5_00, *[0] * 8).pack() << exposure.SLOTS_BITS,
}
"""What South adds to the plaintext of its contract with Li: less than nothing, or what Wang's slots hold."""


def always_sane(total: Exposure) -> bool:
    """Show every total."""
    return True


@attack(
    "{kind} plaintext",
    by="member South",
    goal="Wang's total is false, and South had no part in it",
    stopped=FOUND,
    off={"privacy.exposure.is_sane": always_sane},
)
@pytest.mark.parametrize("kind", ["negative", "oversized"])
def test_a_plaintext_that_spills_into_the_neighbours_slots(scene: Scene, kind: str) -> None:
    """Li and Wang share a ciphertext; South has no contract with Wang, and seals what overflows into it."""
    town = lenders()
    town.alliance.passes(days=1)
    town.north.submits(town.north.record(WANG, "2"))
    for member in (town.west, town.east):
        member.submits(member.record(WANG, "2", outstanding=1_00))
    spoilt = spoils(town.south, kind)
    town.watch.opens_period()
    north = Asker(town)

    packed = north.opens(town.north.asks(LI, WANG))
    wang = packed[1].total

    scene.ends(
        reached=wang is not None and (wang.contracts, wang.outstanding) != (2, 2_00),
        seen=reopened(north, spoilt) if wang is None else "shown as it is",
    )


def test_what_stays_possible_a_spill_that_agrees_with_itself() -> None:
    """South adds to Wang's slots one contract of five yuan, as an honest contributor of Wang's might.

    No arithmetic on totals sees that, wherever Li stands before Wang in a ciphertext. It is seen where Li is
    the last in its ciphertext, or stands alone.
    """
    town = lenders()
    town.alliance.passes(days=1)
    town.north.submits(town.north.record(WANG, "2"))
    for member in (town.west, town.east):
        member.submits(member.record(WANG, "2", outstanding=1_00))
    spoils(town.south, "agreeing")
    town.watch.opens_period()
    north = Asker(town)

    first, last = north.opens(town.north.asks(LI, WANG)), north.opens(town.north.asks(WANG, LI))

    assert [total_of(judged) for judged in first] == [TRUE_TOTAL, 2_00 + 5_00]
    assert [total_of(judged) for judged in last] == [None, None]
    (alone,) = north.opens(town.north.asks(LI, unpacked=True))
    assert total_of(alone) is None


def spoils(south: Member, kind: str) -> SignedContributionOpening:
    """Submit Li's contract with a plaintext that no honest tool seals; return what South can show of it."""
    key_set = south.alliance.key_set
    plaintext = (Exposure(1, OWES[south.name], *[0] * 8).pack() + SPOILT[kind]) % key_set.public_key.n
    contribution = south.seals(plaintext, "1", south.alliance.today)
    record = south.record(LI, "1", contribution=contribution)
    south.submits(record)
    return shows(south, record)


def shows(member: Member, record: Record) -> SignedContributionOpening:
    """Open a record to the auditor, as its member's tool does."""
    m, r = member.openings[record.contribution]
    key_set = member.alliance.key_set
    opening = contributions.open_contribution(record, plaintext=m, randomness=r, key_set=key_set)
    return contributions.sign_contribution(member.key, opening)


def audited(town: Lenders, shown: SignedContributionOpening) -> str:
    """Return what a custodian finds out about an opening."""
    town.watch.follows()
    try:
        auditing.check(town.watch.db, town.alliance.key_set, shown)
    except (VerifyError, OperatorError) as error:
        return str(error).partition(":")[0]
    return "sound"


def reopened(north: Asker, shown: SignedContributionOpening) -> str:
    """Ask again, each subject alone, and have South open its contribution to the auditor."""
    li, wang = north.opens(north.town.north.asks(LI, WANG, unpacked=True, request_id="request-0002"))
    accused = ["at least one contributor to subject 1" in fault for fault in north.faults]
    verdict = audited(north.town, shown)
    right = (total_of(li), total_of(wang), accused) == (None, 2_00, [True])
    if not right or verdict != "the contribution is unsound":
        return f"{total_of(li)} {total_of(wang)} {north.faults} {verdict}"
    return FOUND


def any_record_stands(db: sqlite3.Connection, contract_ref: str, leaf: bytes) -> auditing.Standing:
    """Believe that South submitted whatever South shows."""
    return auditing.Standing("南山", 1, (SigningKey(secret("member/南山", "signing")).public,))


@attack(
    "innocent opening (M, r)",
    by="member South, which has spoilt a total",
    goal="the auditor finds South's contribution in order",
    stopped="this record does not stand on the feed as this custodian holds it",
    off={"custodian.desk.auditing._find": any_record_stands},
)
def test_the_poisoner_shows_a_record_that_it_never_submitted(scene: Scene) -> None:
    """South seals Li's contract once more, honestly this time, and opens that to the auditor."""
    town = lenders()
    town.alliance.passes(days=1)
    spoils(town.south, "oversized")

    said = audited(town, shows(town.south, town.south.record(LI, "1", outstanding=OWES["南山"])))

    scene.ends(reached=said == "sound", seen=said)


def any_record_will_do(
    db: sqlite3.Connection,
    key_set: KeySet,
    accusation: UnsoundTotal,
    shown: Sequence[SignedContributionOpening],
) -> list[Finding]:
    """Audit each opening by itself, whatever total is accused."""
    return [
        Finding(Contributor("", "", b"", ""), bool(auditing.check(db, key_set, each)), "") for each in shown
    ]


@attack(
    "innocent contract opened",
    by="member South, which has spoilt a total",
    goal="the auditor finds nothing unsound, and nobody left to ask",
    stopped="an opening is of no record behind this total",
    off={"custodian.desk.auditing.audit": any_record_will_do},
)
def test_the_poisoner_shows_another_of_its_records(scene: Scene) -> None:
    """What South spoilt is Li's contract. It opens its contract with Wang, which is in order."""
    town = lenders()
    town.alliance.passes(days=1)
    spoils(town.south, "oversized")
    innocent = town.south.record(WANG, "2")
    town.south.submits(innocent)
    town.watch.opens_period()
    north = Asker(town)
    north.opens(town.north.asks(LI, unpacked=True))
    (accusation,) = north.accusations
    assert isinstance(accusation, UnsoundTotal)

    try:
        shown = [shows(town.south, innocent)]
        findings = auditing.audit(town.watch.db, town.alliance.key_set, accusation, shown)
        reached, said = True, f"{len(findings)} found"
    except OperatorError as error:
        reached, said = False, str(error).partition(":")[0]

    scene.ends(reached=reached, seen=said)


def test_the_auditor_sees_who_has_not_opened_and_who_spoilt_the_total() -> None:
    town = lenders()
    town.alliance.passes(days=1)
    spoilt = spoils(town.south, "oversized")
    town.watch.opens_period()
    north = Asker(town)
    north.opens(town.north.asks(LI, unpacked=True))
    (accusation,) = north.accusations
    assert isinstance(accusation, UnsoundTotal)
    others = sorted(set(OWES) - {town.south.name})

    findings = auditing.audit(town.watch.db, town.alliance.key_set, accusation, [spoilt])

    assert {each.contributor.member: each.sound for each in findings} == {
        town.south.name: False,
        **dict.fromkeys(others),
    }
    assert {each.contributor.contract_ref for each in findings} == {
        member.ref("1") for member in (town.south, town.west, town.east) if member.name in OWES
    }

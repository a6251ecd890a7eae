"""A total opens only over enough others, each counted where it counts, and only to who knows the debtor."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import msgspec

from custodian.state import MemberState, judgement
from custodian.state.judgement import _Held
from privacy.encoding import b64
from privacy.matching import Status, Verdict, standing_message
from privacy.signing import SigningKey
from tests.attacks.alliance import OWES, Heard, hear, lenders, reason, totals, word
from tests.attacks.attack import Scene, attack
from tests.custodian.state.watch import Watch
from tests.feeds import LI, ZHANG, Alliance, Borrower, secret

_judged = judgement._verdict


def over_the_manifest(stands: bool, cohort: Sequence[_Held], minimum: int) -> Verdict:
    """Judge a subject when the manifest as a whole has named contributors enough."""
    return _judged(stands, cohort, 1)


@attack(
    "naked packing",
    by="member North",
    goal="each of six members' amounts stands alone in its position",
    stopped="6 of 6 withheld: too_few_contributors",
    off={"custodian.state.judgement._verdict": over_the_manifest},
)
def test_six_positions_of_one_contributor_each(scene: Scene) -> None:
    """Six debtors, each held by one other member: six contributors in the manifest, one in each position."""
    alliance = Alliance()
    debtors = [Borrower(f"第{number}人") for number in range(6)]
    north = alliance.enrols("北辰")
    north.agrees()
    north.submits(*(north.record(each, each.name) for each in debtors))
    for number, debtor in enumerate(debtors):
        other = alliance.enrols(f"第{number}家")
        other.submits(other.record(debtor, "1", outstanding=(number + 1) * 100_00))
    watch = Watch(alliance)
    watch.opens_period()

    judged = watch.judges(north.asks(*debtors))

    (said,) = set(map(word, judged.verdicts))
    naked = [total.outstanding for total in totals(alliance, judged)]
    scene.ends(reached=naked == [100_00, 200_00, 300_00, 400_00, 500_00, 600_00], seen=f"6 of 6 {said}")


def always_active(*_: object) -> MemberState:
    """Ask no operator: who has enrolled may work."""
    return MemberState.ACTIVE


@attack(
    "sybil member",
    by="hub, secretariat and one custodian's operator, for member North",
    goal="West's amount is read beside an invented contributor's zero",
    stopped="void: not_active",
    off={"custodian.state.directory._state": always_active},
)
def test_a_hub_that_enrols_alone_invents_contributors(scene: Scene) -> None:
    """The hub makes keys for a lender that does not exist; nobody read its card to a second operator."""
    alliance = Alliance()
    north, west = alliance.enrols("北辰"), alliance.enrols("西河")
    north.agrees()
    north.submits(north.record(LI, "1"))
    west.submits(west.record(LI, "1", outstanding=OWES["西河"]))
    ghost = alliance.enrols("不存在的公司", accepted_by=[3])
    ghost.submits(ghost.record(LI, "1", outstanding=0))
    watch = Watch(alliance)
    said = reason(watch)
    watch.opens_period()

    heard = hear(watch, north.asks(LI))

    scene.ends(reached=heard.total == OWES["西河"], seen=said)


# "Leave the asker out", in place of "leave the asker's control group out": North's group bears its name.
ASKER_ALONE = judgement._COHORT.replace(
    "members.control_group <> :control_group", "members.name <> :control_group"
)


@attack(
    "same control group",
    by="member North with its own subsidiary",
    goal="West's amount is the total minus the subsidiary's",
    stopped="withheld: too_few_contributors",
    off={"custodian.state.judgement._COHORT": ASKER_ALONE},
)
def test_a_contributor_of_the_askers_own_group(scene: Scene) -> None:
    """North's subsidiary makes up the number, and what it put in is taken off again."""
    alliance = Alliance()
    north, west = alliance.enrols("北辰"), alliance.enrols("西河")
    subsidiary = alliance.enrols("北辰二", control_group="北辰")
    north.agrees()
    for member, amount in ((north, 0), (subsidiary, 9_00), (west, OWES["西河"])):
        member.submits(member.record(LI, "1", outstanding=amount))
    watch = Watch(alliance)
    watch.opens_period()

    heard = hear(watch, north.asks(LI))

    scene.ends(reached=heard.total == OWES["西河"] + 9_00, seen=heard)


def every_record_counts(stands: bool, cohort: Sequence[_Held], minimum: int) -> Verdict:
    """Count contracts where control groups should be counted."""
    return _judged(
        stands, [dataclasses.replace(held, control_group=str(held.record)) for held in cohort], minimum
    )


@attack(
    "one group, two contributors",
    by="member North",
    goal="the total of a single group opens",
    stopped="withheld: too_few_contributors",
    off={"custodian.state.judgement._verdict": every_record_counts},
)
def test_two_members_of_one_group_count_once(scene: Scene) -> None:
    """Two licences of the same lender hold Li: the total would be one competitor's."""
    alliance = Alliance()
    north = alliance.enrols("北辰")
    north.agrees()
    north.submits(north.record(LI, "1"))
    for name in ("西河", "西河二"):
        west = alliance.enrols(name, control_group="西河")
        west.submits(west.record(LI, "1", outstanding=50_00))
    watch = Watch(alliance)
    watch.opens_period()

    heard = hear(watch, north.asks(LI))

    scene.ends(reached=heard.total == 100_00, seen=heard)


def any_signature_will_do(*_: object) -> bool:
    """Take a standing signature for good."""
    return True


@attack(
    "requester without standing",
    by="hub and member South",
    goal="the total of a debtor opens whose identifier South never held",
    stopped="withheld: no_standing",
    off={"custodian.state.judgement._signed": any_signature_will_do},
)
def test_a_pseudonym_from_the_hub_is_not_the_debtor(scene: Scene) -> None:
    """Pseudonym and public standing key stand in the feed: South copies both into a record of its own."""
    town = lenders()
    for member in (town.west, town.east):
        member.submits(member.record(ZHANG, "2", outstanding=7_00))
    south = town.south
    south.agrees()
    south.submits(south.record(ZHANG, "2"))
    town.watch.opens_period(days=1)
    asked = south.asks(ZHANG)
    invented = SigningKey(secret("invented")).sign(standing_message(asked.manifest.sha256(), 0))

    heard: Heard = hear(town.watch, msgspec.structs.replace(asked, standing=(b64(invented),)))

    scene.ends(reached=(heard.word, heard.total) == (Status.OPEN, 14_00), seen=heard)

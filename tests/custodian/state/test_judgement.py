"""The verdict on each subject, and the ciphertexts of what opens."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import pytest

from custodian import state
from custodian.errors import Refused
from custodian.state import Judgement
from privacy import exposure, paillier, threshold_paillier
from privacy.ceremony import paillier_share
from privacy.encoding import b64
from privacy.exposure import Exposure
from privacy.keyset import Policy
from privacy.matching import Reason, Status, Verdict, standing_message
from privacy.periods import Period
from privacy.signing import SigningKey
from tests.custodian.state.watch import Watch
from tests.feeds import BY_THE_DAY, LI, WANG, ZHANG, Alliance, Borrower, Member, secret


class Story(NamedTuple):
    """North asks; it holds Li, Wang and Zhang. Li is held by two others, Wang by one, Zhang by none."""

    watch: Watch
    north: Member
    south: Member
    west: Member

    @property
    def alliance(self) -> Alliance:
        return self.watch.alliance

    def answer(self, at: int | None = None) -> list[Status | Reason]:
        """What North hears about Li, Wang and Zhang."""
        return self.watch.says(self.north.asks(LI, WANG, ZHANG), at)

    def about_li(self, at: int | None = None) -> Status | Reason:
        return self.answer(at)[0]


def begin(policy: Policy = BY_THE_DAY) -> Story:
    """The story up to its first effective cut."""
    alliance = Alliance(policy)
    north, south, west = (alliance.enrols(name) for name in ("北辰", "南山", "西河"))
    north.submits(*(north.record(who, who.name) for who in (LI, WANG, ZHANG)))
    south.submits(south.record(LI, "1", outstanding=300), south.record(WANG, "2"))
    west.submits(west.record(LI, "1", outstanding=20), west.record(LI, "2", outstanding=4))
    north.agrees()
    watch = Watch(alliance)
    watch.opens_period()
    return Story(watch, north, south, west)


@pytest.fixture
def story() -> Story:
    return begin()


def opened(story: Story, judgement: Judgement) -> list[Exposure]:
    """Open every total, as two custodians together could."""
    public, count = story.alliance.key_set.public_key, story.alliance.key_set.count
    shares = {i: paillier_share(story.alliance.shares[i]) for i in (1, 3)}
    totals = []
    for ciphertexts in judgement.contributions:
        total = paillier.product(public, ciphertexts)
        partials = {i: threshold_paillier.partial(public, count, share, total) for i, share in shares.items()}
        totals.append(Exposure.unpack(threshold_paillier.combine(public, count, partials)))
    return totals


def test_open_too_few_and_none(story: Story) -> None:
    assert story.answer() == [Status.OPEN, Reason.TOO_FEW_CONTRIBUTORS, Status.NONE]


def test_what_opens_is_the_total_of_the_others(story: Story) -> None:
    judgement = story.watch.judges(story.north.asks(ZHANG, LI))
    assert judgement.verdicts == (Verdict(Status.NONE, None), Verdict(Status.OPEN, None))
    (total,) = opened(story, judgement)
    assert (total.contracts, total.outstanding) == (3, 324)
    assert exposure.is_sane(total)


def test_open_subjects_come_in_the_manifests_order(story: Story) -> None:
    alliance = story.alliance
    for member, number, outstanding in ((story.south, "3", 1_000), (story.west, "3", 7)):
        member.submits(member.record(ZHANG, number, outstanding=outstanding))
    story.watch.opens_period(days=1)
    for order, expected in (((LI, ZHANG), [324, 1_007]), ((ZHANG, WANG, LI), [1_007, 324])):
        judgement = story.watch.judges(story.north.asks(*order))
        assert [total.outstanding for total in opened(story, judgement)] == expected
    assert alliance.key_set.policy.min_contributors == 2


def test_what_opens_names_whose_records_stood_in_it(story: Story) -> None:
    for member, number in ((story.south, "3"), (story.west, "3")):
        member.submits(member.record(ZHANG, number))
    story.watch.opens_period(days=1)
    judgement = story.watch.judges(story.north.asks(ZHANG, WANG, LI))
    assert judgement.cohorts == (
        (("南山", story.south.ref("3")), ("西河", story.west.ref("3"))),
        (("南山", story.south.ref("1")), ("西河", story.west.ref("1")), ("西河", story.west.ref("2"))),
    )
    assert [len(cohort) for cohort in judgement.contributions] == [2, 3]


# Standing


def test_who_has_no_record_of_a_subject_has_no_standing(story: Story) -> None:
    stranger = Borrower("陌")
    assert story.watch.says(story.north.asks(stranger, LI)) == [Reason.NO_STANDING, Status.OPEN]


def test_a_pseudonym_without_its_standing_key_gives_nothing(story: Story) -> None:
    """Who got a pseudonym from the hub, and not from the identifier, has no key of that subject."""
    story.south.agrees()
    invented = SigningKey(secret("invented"))
    story.south.submits(story.south.record(ZHANG, "9", standing_key=b64(invented.public)))
    story.watch.opens_period(days=1)
    assert story.watch.says(story.south.asks(ZHANG)) == [Reason.NO_STANDING]

    asked = story.south.asks(ZHANG)
    signature = invented.sign(standing_message(asked.manifest.sha256(), 0))
    asked = msgspec.structs.replace(asked, standing=(b64(signature),))
    assert story.watch.says(asked) == [Status.NONE]  # it stands, but nobody else holds that key


def test_a_standing_signature_is_for_its_position_and_manifest(story: Story) -> None:
    asked = story.north.asks(LI, WANG)
    swapped = msgspec.structs.replace(asked, standing=asked.standing[::-1])
    assert story.watch.says(swapped) == [Reason.NO_STANDING] * 2

    other = story.north.asks(LI, WANG, case="另一案")
    moved = msgspec.structs.replace(asked, standing=other.standing)
    assert story.watch.says(moved) == [Reason.NO_STANDING] * 2


def test_the_askers_own_record_must_be_live_at_the_position(story: Story) -> None:
    before = len(story.alliance.entries)
    story.north.settles(LI.name)
    assert story.about_li() is Reason.NO_STANDING
    assert story.about_li(before) is Status.OPEN


def test_a_record_that_moves_to_another_subject_takes_its_standing_along(story: Story) -> None:
    before = len(story.alliance.entries)
    day = story.alliance.today.replace(day=2)
    moved = story.north.submits(story.north.record(WANG, LI.name, as_of=day)).position
    assert story.about_li(before) is Status.OPEN
    assert story.about_li(moved) is Reason.NO_STANDING


def test_the_asker_may_have_joined_after_the_cut() -> None:
    story = begin()
    east = story.alliance.enrols("东桥")
    east.agrees()
    east.submits(east.record(LI, "1"))
    assert story.watch.says(east.asks(LI)) == [Status.OPEN]


def test_an_expired_record_gives_no_standing() -> None:
    policy: Policy = msgspec.structs.replace(BY_THE_DAY, record_days=3)
    story = begin(policy)
    story.alliance.passes(days=2)
    for member in (story.south, story.west):
        member.submits(member.record(LI, "1"))
    story.watch.opens_period()
    assert story.about_li() is Status.OPEN
    story.alliance.passes(days=1, seconds=1)
    story.alliance.suspends(story.alliance.enrols("东桥"))  # so that the feed's clock moves
    assert story.watch.says(story.north.asks(LI, period="2026-11-03")) == [Reason.NO_STANDING]


def test_a_cohort_is_of_one_standing_key(story: Story) -> None:
    """A record under the right pseudonym and a wrong standing key is no contributor."""
    east = story.alliance.enrols("东桥")
    east.submits(east.record(WANG, "1", standing_key=ZHANG.standing_key))
    story.watch.opens_period(days=1)
    assert story.answer()[1] is Reason.TOO_FEW_CONTRIBUTORS
    east.submits(east.record(WANG, "2"))
    story.watch.opens_period(days=1)
    assert story.answer()[1] is Status.OPEN


# Control groups


def test_the_askers_control_group_is_left_out_of_count_and_product(story: Story) -> None:
    sister = story.alliance.enrols("北辰二", control_group="北辰")
    sister.submits(*(sister.record(who, who.name, outstanding=50_000) for who in (LI, WANG, ZHANG)))
    story.watch.opens_period(days=1)
    assert story.answer() == [Status.OPEN, Reason.TOO_FEW_CONTRIBUTORS, Status.NONE]
    assert opened(story, story.watch.judges(story.north.asks(LI)))[0].outstanding == 324


def test_members_of_one_control_group_count_once(story: Story) -> None:
    sister = story.alliance.enrols("南山二", control_group="南山")
    sister.submits(sister.record(WANG, "1"))
    story.watch.opens_period(days=1)
    assert story.answer()[1] is Reason.TOO_FEW_CONTRIBUTORS


def test_an_agreement_may_ask_for_more_contributors(story: Story) -> None:
    story.north.agrees(version=2, min_contributors=3)
    assert story.answer() == [Reason.TOO_FEW_CONTRIBUTORS, Reason.TOO_FEW_CONTRIBUTORS, Status.NONE]


def test_real_data_need_three_contributors() -> None:
    story = begin(Policy.for_real_data(Period.DAY))
    assert story.about_li() is Reason.TOO_FEW_CONTRIBUTORS


# Changed since the cut


def test_an_end_since_the_cut_closes_the_subject_until_the_next(story: Story) -> None:
    west = story.west
    west.settles("1")
    assert story.about_li() is Reason.CHANGED
    story.watch.opens_period(days=1)
    assert story.about_li() is Status.OPEN
    west.withdraws("2")
    assert story.about_li() is Reason.CHANGED
    story.watch.opens_period(days=1)
    assert story.about_li() is Reason.TOO_FEW_CONTRIBUTORS


def test_a_hold_closes_the_subject_and_its_release_does_not_open_it_before_the_next_cut(story: Story) -> None:
    story.west.holds("1")
    assert story.about_li() is Reason.CHANGED
    story.west.releases("1")
    assert story.about_li() is Reason.CHANGED
    story.watch.opens_period(days=1)
    assert story.about_li() is Status.OPEN


def test_a_record_held_before_the_cut_stays_in_the_cohort_and_blocks(story: Story) -> None:
    story.alliance.holds(story.west, "1")
    story.watch.opens_period(days=1)
    assert story.about_li() is Reason.CHANGED
    story.alliance.releases(story.west, "1")  # held for a part of this period
    assert story.about_li() is Reason.CHANGED
    story.watch.opens_period(days=1)
    assert story.about_li() is Status.OPEN


def test_a_hold_released_right_behind_the_cut_stood_at_the_cut(story: Story) -> None:
    story.west.holds("1")
    story.alliance.passes(days=1)
    cut = story.alliance.cuts().position
    assert story.west.releases("1").position == cut + 1
    story.watch.follows()
    body = state.cut_to_sign(story.watch.db, 1)
    assert body is not None
    story.alliance.signs_cut(body)
    assert story.about_li() is Reason.CHANGED


def test_a_suspension_closes_the_subjects_of_its_member(story: Story) -> None:
    story.alliance.suspends(story.south)
    assert story.answer() == [Reason.CHANGED, Reason.TOO_FEW_CONTRIBUTORS, Status.NONE]
    story.watch.opens_period(days=1)
    assert story.about_li() is Reason.CHANGED
    story.alliance.resumes(story.south)
    assert story.about_li() is Reason.CHANGED
    story.watch.opens_period(days=1)
    assert story.about_li() is Status.OPEN


def test_too_few_is_said_before_changed(story: Story) -> None:
    story.south.settles("2")
    assert story.answer()[1] is Reason.TOO_FEW_CONTRIBUTORS
    story.south.settles("1")
    assert story.about_li() is Reason.CHANGED


def test_what_only_the_asker_ends_changes_nothing(story: Story) -> None:
    story.north.submits(story.north.record(LI, "second"))
    story.north.settles(LI.name)
    assert story.about_li() is Status.OPEN


def test_later_and_newer_records_join_at_the_next_cut(story: Story) -> None:
    before = story.watch.judges(story.north.asks(LI))
    story.alliance.passes(hours=1)
    day = story.alliance.today.replace(day=2)
    story.south.submits(story.south.record(LI, "1", as_of=day, outstanding=5))
    story.west.submits(story.west.record(LI, "3", outstanding=80_000))
    east = story.alliance.enrols("东桥")
    east.submits(east.record(WANG, "1"))

    assert story.watch.judges(story.north.asks(LI)) == before
    assert story.answer()[1] is Reason.TOO_FEW_CONTRIBUTORS

    story.watch.opens_period(days=1)
    assert opened(story, story.watch.judges(story.north.asks(LI)))[0].outstanding == 80_029
    assert story.answer()[1] is Status.OPEN


def test_a_record_that_ended_before_the_cut_is_in_no_cohort(story: Story) -> None:
    story.west.settles("1")
    story.watch.opens_period(days=1)
    (total,) = opened(story, story.watch.judges(story.north.asks(LI)))
    assert (total.contracts, total.outstanding) == (2, 304)


def test_a_record_that_moved_to_another_pseudonym_is_counted_there(story: Story) -> None:
    day = story.alliance.today.replace(day=2)
    story.west.submits(*(story.west.record(WANG, number, as_of=day) for number in "12"))
    story.watch.opens_period(days=1)
    assert story.answer() == [Reason.TOO_FEW_CONTRIBUTORS, Status.OPEN, Status.NONE]


# Positions


def test_the_position_decides_and_the_head_may_see_more(story: Story) -> None:
    asked = story.north.asks(LI, WANG, ZHANG)
    before = len(story.alliance.entries)
    then = story.watch.judges(asked, before)
    story.south.settles("1")
    assert story.watch.judges(asked, before) == then
    assert story.watch.judges(asked) != then


def test_a_judgement_reads_only(story: Story) -> None:
    story.watch.follows()
    before = state.state_digest(story.watch.db)
    story.answer()
    with pytest.raises(Refused):
        story.watch.judges(story.north.asks(LI, period="2000-01-01"))
    assert not story.watch.db.in_transaction
    assert state.state_digest(story.watch.db) == before


def test_many_subjects_take_few_queries(story: Story) -> None:
    borrowers = [Borrower(f"第{number}人") for number in range(300)]
    for member in (story.north, story.south, story.west):
        member.submits(*(member.record(who, who.name) for who in borrowers))
    story.watch.opens_period(days=1)
    asked = story.north.asks(*borrowers)
    queries: list[str] = []
    story.watch.db.set_trace_callback(queries.append)
    judgement = story.watch.judges(asked)
    story.watch.db.set_trace_callback(None)

    assert [len(cohort) for cohort in judgement.contributions] == [2] * 300
    assert len(queries) < 30

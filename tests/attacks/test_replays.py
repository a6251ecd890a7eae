"""A hub can say again what was once said well, and say in others' names what they never said."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from custodian import state
from custodian.state import MemberState
from privacy.encoding import b64
from privacy.feed import FeedEntry
from privacy.keyset import Policy
from privacy.sealing import SealingKey
from privacy.signing import SigningKey
from privacy.statements import Cut, Rotation
from tests.attacks.alliance import OWES, THREE_NEEDED, Lenders, lenders, reason
from tests.attacks.attack import Scene, attack, lets_pass
from tests.feeds import BY_THE_DAY, LI, secret


def in_time(*_: object) -> bool:
    """Take any date of signing for good."""
    return True


ONCE_IS_ALWAYS = {
    "custodian.state.enter._require_next": lets_pass,
    "custodian.state.enter._is_timely": in_time,
}
"""What a statement's author said last, and when, is not asked."""


def replayed(town: Lenders, entry: FeedEntry) -> str:
    """Have the hub append an old statement once more, an hour later; return what became of it."""
    town.alliance.passes(hours=1)
    town.alliance.appends(entry.statement)
    return reason(town.watch)


@attack(
    "old release replayed",
    by="hub",
    goal="a contract that East holds back is opened again",
    stopped="void: sequence",
    off=ONCE_IS_ALWAYS,
)
def test_an_old_release(scene: Scene) -> None:
    """East released a contract once and has put it on hold again since: Li disputes it."""
    town = lenders()
    town.east.holds("1")
    release = town.east.releases("1")
    town.east.holds("1")

    said = replayed(town, release)

    town.watch.opens_period(days=1)
    scene.ends(reached=town.hear().total == sum(OWES.values()), seen=said)


@attack(
    "old resumption replayed",
    by="hub, for member East",
    goal="a suspended member works again",
    stopped="void: sequence",
    off=ONCE_IS_ALWAYS,
)
def test_an_old_resumption(scene: Scene) -> None:
    """The secretariat has suspended East a second time; the hub has its first resumption still."""
    town = lenders()
    town.alliance.suspends(town.east)
    resumption = town.alliance.resumes(town.east)
    town.alliance.suspends(town.east)

    said = replayed(town, resumption)

    standing = state.get_member(town.watch.db, town.east.name).state
    scene.ends(reached=standing is MemberState.ACTIVE, seen=said)


@attack(
    "old rotation replayed",
    by="hub and a thief of East's old keys",
    goal="the stolen key signs in East's name again",
    stopped="void: sequence",
    off=ONCE_IS_ALWAYS,
)
def test_an_old_rotation(scene: Scene) -> None:
    """East replaced keys that were stolen, by its recovery key; an older rotation had put them in force."""
    town = lenders()
    to_the_stolen = town.east.rotates("stolen", by=town.east.recovery)
    stolen = town.east.key
    town.east.rotates("safe", by=town.east.recovery)

    said = replayed(town, to_the_stolen)

    in_force = state.get_member(town.watch.db, town.east.name).signing
    scene.ends(reached=in_force == stolen.public, seen=said)


def keys_of_the_hub(*, recovery: bytes) -> Rotation:
    """Return a rotation to keys that the hub made."""
    return Rotation(
        signing=b64(SigningKey(secret("hub's own")).public),
        recovery=b64(recovery),
        sealing=b64(SealingKey(secret("hub's own box")).public),
    )


@attack(
    "forged rotation",
    by="hub",
    goal="the hub asks as North, and the total is sealed to the hub",
    stopped="void: signature",
    off="custodian.state.enter._require_signature",
)
def test_a_hub_that_rotates_keys_asks_as_any_member(scene: Scene) -> None:
    """The hub states North's rotation itself; then it asks with the key that it made."""
    town = lenders()
    north = town.north
    forged = north.signs(keys_of_the_hub(recovery=north.recovery.public), key=town.alliance.hub.key)
    town.alliance.appends(forged)
    said = reason(town.watch)
    north.key = SigningKey(secret("hub's own"))

    heard = town.hear()

    sealed_to = state.get_member(town.watch.db, north.name).sealing
    reached = heard.total == sum(OWES.values()) and sealed_to == SealingKey(secret("hub's own box")).public
    scene.ends(reached=reached, seen=said)


def any_key(*_: object) -> bool:
    """Take every signature for the recovery key's."""
    return True


@attack(
    "recovery key replaced by a thief",
    by="a thief of North's signing key",
    goal="North is locked out of its own name for good",
    stopped="void: recovery",
    off={"custodian.state.membership.is_signed_with": any_key},
)
def test_only_the_recovery_key_replaces_the_recovery_key(scene: Scene) -> None:
    """With the signing key a thief may sign for a while; North must be able to take its name back."""
    town = lenders()
    thief = SigningKey(secret("thief's recovery"))
    town.north.says(keys_of_the_hub(recovery=thief.public))

    said = reason(town.watch)

    in_force = state.get_member(town.watch.db, town.north.name).recovery
    scene.ends(reached=in_force == thief.public, seen=said)


@attack(
    "{when} cut",
    by="hub",
    goal="the hub begins a period at the moment that suits it",
    stopped="void: {void}",
    off="custodian.state.cuts._require_period",
)
@pytest.mark.parametrize(
    ("when", "hours", "period", "void"),
    [
        ("past", 24, "2026-10-30", "period"),
        ("late", 24 + 3, "2026-11-02", "late"),
    ],
)
def test_a_cut_out_of_its_time(scene: Scene, when: str, hours: float, period: str, void: str) -> None:
    """Real data: a day's cut lies in its first tenth, and days come in their order."""
    town = lenders(THREE_NEEDED)
    town.alliance.passes(hours=hours)
    town.alliance.hub.says(Cut(period=period))

    said = reason(town.watch)

    scene.ends(reached=state.cut_to_sign(town.watch.db, 1) is not None, seen=said)


THREE_DAYS: Policy = msgspec.structs.replace(BY_THE_DAY, record_days=3)


@attack(
    "chunk {how}",
    by="{whom}",
    goal="East's record counts days after it should",
    stopped="void: signed_at",
    off={"custodian.state.enter._is_timely": in_time},
)
@pytest.mark.parametrize(
    ("how", "whom", "signed", "stamped"),
    [("held back", "hub", 0, 2), ("dated ahead", "member East", 30, 0)],
)
def test_a_statement_far_from_its_stamp(scene: Scene, how: str, whom: str, signed: int, stamped: int) -> None:
    """A chunk that the hub lets stand on the feed days later, and one that would not expire for a month."""
    town = lenders(THREE_DAYS)
    town.watch.follows()
    days = timedelta(days=signed)
    chunk = town.east.record(LI, "2")
    statement = town.east.signs(town.east.chunk([chunk]), signed_at=town.alliance.now + days)
    town.alliance.passes(days=stamped)
    town.alliance.appends(statement, [chunk])
    said = reason(town.watch)
    town.alliance.passes(days=4 - stamped if signed else 0)
    town.alliance.suspends(town.west)  # so that the feed's clock moves

    live = town.watch.live(town.east.name)

    scene.ends(reached=live == (1 if signed else 2), seen=said)

"""Witnesses hand in cosignatures: only their own, only under what was signed and shown, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.hub import Hub
from alliance_hub.membership.rules import MemberState
from alliance_hub.permissions import Sender
from alliance_hub.transparency import checkpoints, cosigning, integrator
from alliance_hub.transparency import service as transparency
from privacy import checkpoint as notes
from privacy.checkpoint import Checkpoint, cosign, custodian_name, member_name, verify_counted
from privacy.errors import VerifyError
from tests.alliance_hub.builders import Ceremony, Clock, Platform
from tests.alliance_hub.transparency.telling import grown, line_of, offered, witness

ONE = Sender.for_custodian(1)
NORTH = Sender.for_member("North Bank", MemberState.ACTIVE)

Join = Callable[..., Platform]


@pytest.fixture
def shown(hub: Hub) -> Checkpoint:
    grown(hub, 3)
    with hub.database.reading() as session:
        return offered(session)


def hand_in(hub: Hub, sender: Sender, size: int, line: str) -> list[int]:
    with hub.database.transaction() as session:
        return cosigning.receive(session, hub, sender, size, line, hub.clock())


def counted(hub: Hub, min_size: int = 0) -> notes.Note | None:
    with hub.database.reading() as session:
        return checkpoints.newest_counted(session, hub.key_set, min_size=min_size)


def test_t_custodians_make_it_count(hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock) -> None:
    assert counted(hub) is None
    assert witness(hub, ceremony, 3) == [3]
    assert counted(hub) is None

    clock.move(seconds=2)
    assert witness(hub, ceremony, 1) == [1, 3]

    note = counted(hub)
    assert note is not None
    assert verify_counted(notes.read_note(note.text()), hub.key_set) == {
        1: clock(),
        3: clock() - timedelta(seconds=2),
    }
    assert counted(hub, min_size=3) == note
    assert counted(hub, min_size=4) is None


def test_the_older_one_stands_until_the_newer_counts(hub: Hub, ceremony: Ceremony, shown: Checkpoint) -> None:
    witness(hub, ceremony, 1, 2, 3)
    grown(hub, 2)
    witness(hub, ceremony, 2)

    note = counted(hub)
    assert note is not None
    assert note.checkpoint == shown


def test_the_same_again_changes_nothing(
    hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock
) -> None:
    witness(hub, ceremony, 1)
    clock.move(seconds=9)

    assert witness(hub, ceremony, 1) == [1]

    with hub.database.reading() as session:
        found = checkpoints.find(session, 3)
    assert found is not None
    assert found.custodians == {1: clock() - timedelta(seconds=9)}
    assert counted(hub) is None


def test_who_comes_late_is_noted_too(hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock) -> None:
    witness(hub, ceremony, 1, 2)
    clock.move(seconds=9)
    grown(hub, 1)

    assert hand_in(hub, Sender.for_custodian(3), 3, line_of(ceremony, 3, shown, clock())) == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda at: replace(at, root=bytes(32)), id="another-root"),
        pytest.param(lambda at: replace(at, size=4), id="another-size"),
        pytest.param(lambda at: replace(at, origin="alliance-hub/other"), id="another-log"),
    ],
)
def test_a_line_under_something_else_is_refused(
    hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock, change: Callable[[Checkpoint], Checkpoint]
) -> None:
    line = cosign(ceremony.witnesses[0], custodian_name(shown.origin, 1), change(shown), at=clock()).text()
    with pytest.raises(Invalid, match="compare the roots") as refusal:
        hand_in(hub, ONE, 3, line)

    assert (refusal.value.slug, refusal.value.field) == ("cosignature", "line")


def test_nobody_cosigns_for_another(hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock) -> None:
    line = line_of(ceremony, 2, shown, clock())
    with pytest.raises(Invalid, match="not your cosignature"):
        hand_in(hub, ONE, 3, line)
    forged = cosign(ceremony.witnesses[1], custodian_name(shown.origin, 1), shown, at=clock()).text()
    with pytest.raises(Invalid, match="not your cosignature"):
        hand_in(hub, ONE, 3, forged)


@pytest.mark.parametrize("line", ["", "nonsense", "— a AAAA", "— a AAAAAAAA\n"])
def test_what_is_no_line_is_refused(hub: Hub, shown: Checkpoint, line: str) -> None:
    with pytest.raises(Invalid) as refusal:
        hand_in(hub, ONE, 3, line)
    assert refusal.value.field == "line"


def test_a_cosignature_of_the_future_is_refused(
    hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock
) -> None:
    ahead = timedelta(minutes=5)
    assert hand_in(hub, ONE, 3, line_of(ceremony, 1, shown, clock() + ahead)) == [1]
    second = Sender.for_custodian(2)
    with pytest.raises(Invalid, match="future"):
        hand_in(hub, second, 3, line_of(ceremony, 2, shown, clock() + ahead + timedelta(seconds=1)))


def test_only_what_was_shown_is_cosigned(
    hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock
) -> None:
    """The newest one may be replaced in two seconds, and whoever cosigned it would have cosigned alone."""
    grown(hub, 2)
    with hub.database.reading() as session:
        newest = checkpoints.newest(session)
    assert newest is not None
    for size, under in ((5, newest.note.checkpoint), (4, replace(shown, size=4)), (99, shown)):
        with pytest.raises(Conflict) as refusal:
            hand_in(hub, ONE, size, line_of(ceremony, 1, under, clock()))
        assert refusal.value.slug == "no-checkpoint"


def test_members_cosign_and_are_not_counted(hub: Hub, session: Session, join: Join, clock: Clock) -> None:
    """Their lines stand beside the note, not in it: a thousand would make it too long to read."""
    north = join("North Bank")
    transparency.record_entry(session, "test", {}, now=clock())
    session.commit()
    integrator.turn(hub, clock())
    with hub.database.reading() as reading:
        shown = offered(reading)
    line = cosign(north.key, member_name(shown.origin, north.key.public), shown, at=clock()).text()

    assert hand_in(hub, NORTH, shown.size, line) == []

    with hub.database.reading() as reading:
        found = checkpoints.find(reading, shown.size)
    assert found is not None
    assert (found.members, found.custodians) == ({"North Bank": clock()}, {})
    assert len(found.note.lines) == 1
    with pytest.raises(VerifyError):
        verify_counted(found.note, hub.key_set)


def test_the_newest_are_listed_with_who_cosigned_what(
    hub: Hub, ceremony: Ceremony, shown: Checkpoint, clock: Clock
) -> None:
    witness(hub, ceremony, 3, 2, 1)
    grown(hub, 1)
    witness(hub, ceremony, 2)

    with hub.database.reading() as session:
        found = checkpoints.list_newest(session, 5)
        assert [each.size for each in checkpoints.list_newest(session, 1)] == [4]

    assert [(each.size, list(each.custodians)) for each in found] == [(4, [2]), (3, [1, 2, 3])]

"""Registers of members and applications, and members under one control."""

from __future__ import annotations

import msgspec
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.membership import keyring, register, service
from alliance_hub.membership.keyring import Origin
from alliance_hub.membership.models import Profile
from alliance_hub.membership.register import Standing
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ExitStage, LicenceKind, MemberKind
from alliance_hub.permissions import Sender
from privacy.encoding import b64
from privacy.periods import day_of
from privacy.signing import SigningKey, fingerprint
from privacy.statements import Rotation
from tests.alliance_hub.builders import Clock, platform, seed
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.membership.conftest import Apply


def member(
    session: Session, hub: Hub, clock: Clock, name: str, group: str, code: str, controller: str
) -> None:
    firm = platform(name, clock)
    body = msgspec.structs.replace(firm.enrolment(), control_group=group)
    service.apply(session, hub, firm.say(body), clock())
    service.admit(session, hub, name, clock())
    session.add(
        Profile(
            member=name,
            legal_name=f"{name} Ltd",
            kind=MemberKind.LOAN_ASSIST,
            uscc=code,
            licence_kind=LicenceKind.BUSINESS,
            licence_number="1",
            declared_portfolio=10,
            controller_uscc=controller or None,
            contacts=[],
            admitted_at=clock(),
        )
    )
    session.flush()


def names(session: Session, clock: Clock, text: str = "", **filters: str) -> list[str]:
    page = register.list_members(
        session, filters, text, today=day_of(clock()), sort="name", descending=False, offset=0, limit=50
    )
    assert page.total == len(page.lines)
    return [line.name for line in page.lines]


def test_members_are_found_by_state_kind_group_and_text(
    session: Session, hub: Hub, clock: Clock, join: Join
) -> None:
    join("North")
    member(session, hub, clock, "East", "H", "E1", "HOLD")
    west = platform("West", clock)
    service.apply(session, hub, west.say(west.enrolment()), clock())
    service.suspend(session, hub, "East", clock())

    assert names(session, clock) == ["East", "North", "West"]
    assert names(session, clock, standing="active") == ["North"]
    assert names(session, clock, standing="suspended") == ["East"]
    assert names(session, clock, standing="applied") == ["West"]
    assert names(session, clock, standing="leaving") == []
    assert names(session, clock, kind="loan_assist") == ["East"]
    assert names(session, clock, group="h") == ["East", "North"]  # a part of a group's name is enough
    assert names(session, clock, "E1") == ["East"]
    assert names(session, clock, "east ltd") == ["East"]
    assert names(session, clock, "%") == []


def test_one_control_in_two_groups_is_shown(session: Session, hub: Hub, clock: Clock) -> None:
    member(session, hub, clock, "East", "H", "E1", "HOLD")
    member(session, hub, clock, "West", "H", "W1", "HOLD")
    member(session, hub, clock, "South", "South", "S1", "HOLD")
    member(session, hub, clock, "Stray", "H", "X1", "")
    member(session, hub, clock, "Alone", "Alone", "A1", "")

    found = {group.name: group for group in register.list_groups(session)}

    assert set(found) == {"H", "South"}
    assert found["H"].members == ("East", "Stray", "West")
    assert (found["H"].elsewhere, found["South"].elsewhere) == (("South",), ("H",))
    assert (found["H"].unexplained, found["South"].unexplained) == (True, False)


def test_applications_are_listed_with_their_ticks(session: Session, applies: Apply) -> None:
    applies("南山", 1)
    applies("东桥", 2, kind="asset_disposer")

    page = register.list_applications(
        session, {"kind": "asset_disposer"}, "", sort="id", descending=False, offset=0, limit=50
    )

    (line,) = page.lines
    assert (line.member, line.ticked, page.total) == ("东桥", 0, 1)


def test_a_standing_is_of_the_state_and_of_the_leaving() -> None:
    assert register.standing_of(MemberState.ACTIVE, None) is Standing.ACTIVE
    assert register.standing_of(MemberState.SUSPENDED, ExitStage.ERASED) is Standing.LEAVING
    assert register.standing_of(MemberState.SUSPENDED, ExitStage.CLOSED) is Standing.LEFT


def test_keys_are_read_from_the_members_own_statements(
    session: Session, hub: Hub, clock: Clock, join: Join
) -> None:
    north = join("North")
    fresh, recovery = SigningKey(seed("fresh")), SigningKey(seed("fresh recovery"))
    for signer, kept in ((north.key, north.recovery), (north.recovery, recovery)):
        body = Rotation(
            signing=b64(fresh.public), recovery=b64(kept.public), sealing=b64(north.sealing.public)
        )
        signed = north.say(body, key=signer)
        sender = Sender.for_member("North", service.get(session, "North").state)
        feed.receive(session, hub, signed, sender=sender, now=clock())
        north.said(signed)

    found = keyring.list_keys(session, service.get(session, "North"))

    assert [keys.origin for keys in found] == [Origin.REVOKED, Origin.ROTATED, Origin.ENROLLED]
    keys = (fresh.public, recovery.public, north.sealing.public)
    assert found[0].fingerprint == fingerprint("North", *keys)
    assert found[2].position == 1

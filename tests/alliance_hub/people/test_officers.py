"""What administrators do about officers, and what nobody may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.people import factors, founding, grants, officers, passkeys, places, search, sessions
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import Officer, OfficerState, Passkey
from alliance_hub.people.passwords import is_right
from alliance_hub.people.roles import FIVE_PERSONS, OrganisationKind, Role
from alliance_hub.people.search import Wanted
from alliance_hub.people.service import Person
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.people.hiring import PASSWORD, QUICK, Staff

SOMEBODY = Person("900", "Somebody New")
MEMBER_ADMIN = {Role.MEMBER_ADMIN: None}
REVIEWER = {Role.FLAG_REVIEWER: None}


@pytest.fixture
def people(staff: Staff) -> dict[str, Actor]:
    """One of each kind; North has an administrator and South has nobody who can log in."""
    found = {
        "security": staff.hire(Role.SECURITY_ADMIN),
        "audit": staff.hire(Role.AUDIT_ADMIN),
        "membership": staff.hire(Role.MEMBERSHIP_OFFICER),
        "north": staff.hire(Role.MEMBER_ADMIN, at="North"),
        "submitter": staff.hire(Role.SUBMITTER, at="North"),
        "south": staff.hire(Role.MEMBER_ADMIN, at="South"),
        "lawyer": staff.hire(Role.LAWYER, at="Li", kind=OrganisationKind.LAW_FIRM),
    }
    staff.row(found["south"]).state = OfficerState.INVITED
    return found


INVITATIONS = {
    "the association's by the security administrator": ("security", "association", REVIEWER, None),
    "somebody without a role": ("security", "association", {}, None),
    "an inspector by one officer": ("security", "association", {Role.INSPECTOR: None}, Invalid),
    "a lawyer until a day": ("security", "Li", {Role.LAWYER: timedelta(days=30)}, None),
    "a lawyer without an end": ("security", "Li", {Role.LAWYER: None}, Invalid),
    "a member's by the security administrator": ("security", "North", MEMBER_ADMIN, Forbidden),
    "the association's by its auditor": ("audit", "association", REVIEWER, Forbidden),
    "a member's first administrator": ("membership", "South", MEMBER_ADMIN, None),
    "a member's first submitter": ("membership", "South", {Role.SUBMITTER: None}, Invalid),
    "a member's second administrator": ("membership", "North", MEMBER_ADMIN, Forbidden),
    "a colleague by the membership officer": ("membership", "association", REVIEWER, NotFound),
    "one's own people": ("north", "North", {Role.SUBMITTER: None, Role.COLLECTOR: None}, None),
    "another member's people": ("north", "South", MEMBER_ADMIN, NotFound),
    "the association's by a member": ("north", "association", REVIEWER, NotFound),
    "one's own by a submitter": ("submitter", "North", {Role.SUBMITTER: None}, NotFound),
    "at no organisation": ("security", "nowhere", MEMBER_ADMIN, NotFound),
}  # fmt: skip


@pytest.mark.parametrize(("who", "where", "roles", "refused"), INVITATIONS.values(), ids=INVITATIONS.keys())
def test_who_invites_whom(
    session: Session,
    clock: Clock,
    people: dict[str, Actor],
    who: str,
    where: str,
    roles: dict[Role, timedelta | None],
    refused: type[HubError] | None,
) -> None:
    terms = {role: None if lasts is None else clock() + lasts for role, lasts in roles.items()}
    if refused is not None:
        with pytest.raises(refused):
            officers.invite(session, people[who], where, SOMEBODY, terms, clock())
        return
    made = officers.invite(session, people[who], where, SOMEBODY, terms, clock())
    assert made.officer.state is OfficerState.INVITED
    assert {row.role: row.until_at for row in grants.list_held(session, made.officer.id, clock())} == terms
    entry = session.scalars(select(LogRow).where(LogRow.kind == "officer_invited")).one()
    assert (entry.actor, entry.object) == (people[who].ref, f"officer/{where}/900")


Act = Callable[[Session, Actor, int, datetime], object]
ACTS: dict[str, Act] = {
    "reset": officers.reset,
    "disable": officers.disable,
    "unlock": officers.unlock,
    "end the session": officers.end_session,
    "change roles": lambda session, actor, id, now: officers.change_roles(
        session, actor, id, MEMBER_ADMIN, now
    ),
}
ABOUT = {
    "another member's administrator": ("north", "south", NotFound),
    "a member, as its submitter": ("submitter", "north", NotFound),
    "a member, as the security administrator": ("security", "north", Forbidden),
    "a colleague, as the auditor": ("audit", "membership", Forbidden),
    "a member's active administrator, as the membership officer": ("membership", "north", Forbidden),
    "oneself, as a member's administrator": ("north", "north", Forbidden),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize(("who", "whom", "refused"), ABOUT.values(), ids=ABOUT.keys())
def test_who_may_not_change_whom(
    session: Session,
    clock: Clock,
    people: dict[str, Actor],
    act: Act,
    who: str,
    whom: str,
    refused: type[HubError],
) -> None:
    with pytest.raises(refused):
        act(session, people[who], people[whom].officer, clock())


def test_a_reset_takes_every_way_in(session: Session, staff: Staff, hub: Hub, clock: Clock) -> None:
    admin, anne = staff.hire(Role.SECURITY_ADMIN), staff.hire(Role.FLAG_REVIEWER)
    factors.renew_recovery_codes(session, hub, anne.officer)
    session.add(
        Passkey(
            credential=b"id", officer=anne.officer, public_key=b"key", sign_count=0, label="key",
            created_at=clock(), used_at=None,
        )
    )  # fmt: skip
    secret = sessions.begin(session, staff.row(anne), clock())
    officers.reset(session, admin, anne.officer, clock())
    row = staff.row(anne)
    assert (row.state, row.password, row.totp) == (OfficerState.INVITED, None, None)
    assert factors.count_recovery_codes(session, anne.officer) == 0
    assert not passkeys.list_of(session, anne.officer)
    assert sessions.find(session, secret, clock()) is sessions.Ending.ENDED
    assert staff.now(anne).roles == {Role.FLAG_REVIEWER}, "it comes back as what it was"


def test_a_members_first_administrator_is_invited_anew_until_it_has_come(
    session: Session, people: dict[str, Actor], clock: Clock
) -> None:
    made = officers.reset(session, people["membership"], people["south"].officer, clock())
    assert made.officer.id == people["south"].officer


def test_who_is_disabled_is_out_and_comes_back_as_it_was(
    session: Session, staff: Staff, clock: Clock
) -> None:
    admin, anne = staff.hire(Role.SECURITY_ADMIN), staff.hire(Role.FLAG_REVIEWER)
    secret = sessions.begin(session, staff.row(anne), clock())
    officers.disable(session, admin, anne.officer, clock())
    assert sessions.find(session, secret, clock()) is sessions.Ending.ENDED
    with pytest.raises(Conflict):
        officers.reset(session, admin, anne.officer, clock())
    officers.enable(session, admin, anne.officer, clock())
    assert staff.row(anne).state is OfficerState.ACTIVE
    assert is_right(staff.row(anne).password, PASSWORD, QUICK)


def test_roles_change_from_now_and_what_stays_is_not_touched(
    session: Session, staff: Staff, clock: Clock
) -> None:
    admin, anne = staff.hire(Role.SECURITY_ADMIN), staff.hire(Role.FLAG_REVIEWER, Role.DISPUTE_OFFICER)
    began = clock()
    clock.move(days=1)
    end = clock() + timedelta(days=30)
    officers.change_roles(
        session, admin, anne.officer, {Role.FLAG_REVIEWER: None, Role.RIGHTS_DESK: end}, clock()
    )
    held = {row.role: (row.from_at, row.until_at) for row in grants.list_held(session, anne.officer, clock())}
    assert held == {Role.FLAG_REVIEWER: (began, None), Role.RIGHTS_DESK: (clock(), end)}
    assert staff.now(anne).roles == {Role.FLAG_REVIEWER, Role.RIGHTS_DESK}
    clock.move(days=30)
    assert staff.now(anne).roles == {Role.FLAG_REVIEWER}
    kinds = session.scalars(select(LogRow.kind).where(LogRow.actor == admin.ref)).all()
    assert kinds == ["role_ended", "role_granted"]


def test_an_administrator_does_not_gain_business(session: Session, staff: Staff, clock: Clock) -> None:
    admin, audit = staff.hire(Role.SECURITY_ADMIN), staff.hire(Role.AUDIT_ADMIN)
    both = {Role.AUDIT_ADMIN: None, Role.FLAG_REVIEWER: None}
    with pytest.raises(Invalid, match="holds no other role"):
        officers.change_roles(session, admin, audit.officer, both, clock())
    with pytest.raises(Invalid, match="appointed by two officers"):
        officers.change_roles(session, admin, audit.officer, {Role.INSPECTOR: clock()}, clock())
    with pytest.raises(Invalid, match="holds no other role"):
        grants.grant(session, "proposal/1", staff.row(audit), Role.FLAG_REVIEWER, clock(), None, clock())


def test_the_last_security_administrator_stays(session: Session, staff: Staff, clock: Clock) -> None:
    anne, ben = staff.hire(Role.SECURITY_ADMIN), staff.hire(Role.SECURITY_ADMIN)
    staff.row(ben).state = OfficerState.DISABLED
    # Ben is out, but holds a page that he opened before.
    with pytest.raises(Conflict, match="last active security administrator"):
        officers.disable(session, ben, anne.officer, clock())
    with pytest.raises(Conflict, match="last active security administrator"):
        officers.change_roles(session, ben, anne.officer, {Role.FLAG_REVIEWER: None}, clock())
    staff.row(ben).state = OfficerState.ACTIVE
    officers.change_roles(session, ben, anne.officer, {Role.FLAG_REVIEWER: None}, clock())


def test_a_mobile_number_has_one_officer(session: Session, staff: Staff, clock: Clock) -> None:
    admin = staff.hire(Role.SECURITY_ADMIN, mobile="13800138000")
    with pytest.raises(Conflict, match="belongs to an officer already"):
        officers.invite(session, admin, "association", Person("1", "B", "+86 138 0013 8000"), {}, clock())
    with pytest.raises(Invalid) as refused:
        officers.invite(session, admin, "association", Person("1", "B", "12345"), {}, clock())
    assert refused.value.field == "mobile"


def test_the_register_shows_whom_one_may_read_about(
    session: Session, people: dict[str, Actor], clock: Clock
) -> None:
    def seen(who: str, **wanted: object) -> set[int]:
        found, total = search.list_officers(session, people[who], Wanted(**wanted), clock())  # type: ignore[arg-type]
        assert total == len(found)
        return {each.officer.id for each in found}

    ids = {name: actor.officer for name, actor in people.items()}
    assert seen("security") == set(ids.values())
    assert seen("north") == {ids["north"], ids["submitter"]}
    assert seen("membership") == {ids["membership"], ids["north"], ids["submitter"], ids["south"]}
    assert seen("security", role=Role.MEMBER_ADMIN) == {ids["north"], ids["south"]}
    assert seen("security", text="nor") == {ids["north"], ids["submitter"]}
    assert seen("security", text="%") == set()
    assert seen("security", state=OfficerState.INVITED) == {ids["south"]}


def test_one_administrator_is_there_before_all_others(session: Session, staff: Staff, clock: Clock) -> None:
    def found(number: str, *, again: bool = False) -> int:
        person = Person(number, "Somebody")
        return founding.found(session, person, alliance="Test alliance", again=again, now=clock()).officer.id

    first = found("1")
    with pytest.raises(Conflict, match="--again"):
        found("2")
    second = found("2", again=True)
    for id in (first, second):
        assert [row.role for row in grants.list_held(session, id, clock())] == [Role.SECURITY_ADMIN]
    session.get_one(Officer, second).state = OfficerState.ACTIVE
    with pytest.raises(Conflict, match="an active security administrator exists"):
        found("3", again=True)


def test_five_people_make_a_secretariat(session: Session, staff: Staff, clock: Clock) -> None:
    admin = staff.hire(Role.SECURITY_ADMIN)
    people = {place: Person(f"90{place}", f"Somebody {place}") for place in (1, 3, 4, 5)}
    made = founding.staff(session, admin, people, clock())
    held = [tuple(row.role for row in grants.list_held(session, each.officer.id, clock())) for each in made]
    assert held == [FIVE_PERSONS[0], *FIVE_PERSONS[2:]]
    with pytest.raises(Forbidden):
        founding.staff(session, staff.hire(Role.AUDIT_ADMIN), people, clock())
    with pytest.raises(Invalid):
        founding.staff(session, admin, {6: SOMEBODY}, clock())


def test_a_closed_law_firm_lets_nobody_in(
    session: Session, people: dict[str, Actor], staff: Staff, clock: Clock
) -> None:
    secret = sessions.begin(session, staff.row(people["lawyer"]), clock())
    places.close(session, people["membership"], "Li", clock())
    assert sessions.find(session, secret, clock()) is sessions.Ending.ENDED
    with pytest.raises(Conflict, match="closed"):
        officers.invite(
            session, people["security"], "Li", SOMEBODY, {Role.LAWYER: clock() + timedelta(9)}, clock()
        )
    for refused in ("North", "association"):
        with pytest.raises(Forbidden):
            places.close(session, people["security"], refused, clock())
    with pytest.raises(Forbidden):
        places.enter_law_firm(
            session, people["north"], id="Zhao", name="Zhao and Partners", uscc="", now=clock()
        )
    places.open_again(session, people["security"], "Li", clock())

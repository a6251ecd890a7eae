"""What officers may be, who may change them, and which passwords are refused: one line for each case."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.people import rules
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.people.rules import Standing

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ASSOCIATION, MEMBER, LAW_FIRM = (
    OrganisationKind.ASSOCIATION,
    OrganisationKind.MEMBER,
    OrganisationKind.LAW_FIRM,
)

KNOWN = ("A-017", "8613800138000", "13800138000", "王小明", "Wang Xiaoming")

PASSWORDS = {
    "several words": ("heron over the moat", True),
    "Chinese words": ("苍鹭飞过城壕白塔映入水中", True),
    "twelve characters": ("mossy-crate4", True),
    "eleven are too few": ("mossy-crate", False),
    "129 are too many": ("moss" * 32 + "y", False),
    "the staff number": ("heron a-017 moat", False),
    "the staff number without its hyphen": ("heron A017 moat", False),
    "the mobile number": ("heron13800138000", False),
    "the name": ("我是王小明没有错呀真的没错", False),
    "the name in other letters": ("wangXIAOMING2026", False),
    "a common beginning": ("Password-2026!", False),
    "a common beginning, varied": ("P a s s w o r d 2 0 2 6", False),
    "one that counts up": ("012345678901", False),
    "and down": ("987654321098", False),
    "a row of the keyboard": ("qwertyuiopas", False),
    "few letters again and again": ("abababababab", False),
    "nothing but signs": ("!!!!!!!!!!!!", False),
}


@pytest.mark.parametrize(("password", "good"), PASSWORDS.values(), ids=PASSWORDS.keys())
def test_passwords(password: str, good: bool) -> None:
    if good:
        rules.require_password(password, known=KNOWN)
        return
    with pytest.raises(Invalid) as refused:
        rules.require_password(password, known=KNOWN)
    assert refused.value.field == "password"
    assert password not in str(refused.value)


STAFF_NUMBERS = {
    "digits": ("007", "007"),
    "with a hyphen": ("A-017", "A-017"),
    "full-width digits": ("００７", "007"),
    "with space around": (" 007 ", "007"),
    "a slash would make another ref": ("007/8", None),
    "empty": ("", None),
    "only a hyphen": ("-", None),
    "Chinese": ("王小明", None),
    "33 characters": ("1" * 33, None),
}


@pytest.mark.parametrize(("text", "kept"), STAFF_NUMBERS.values(), ids=STAFF_NUMBERS.keys())
def test_staff_numbers(text: str, kept: str | None) -> None:
    if kept is not None:
        assert rules.require_staff_number(text) == kept
        return
    with pytest.raises(Invalid):
        rules.require_staff_number(text)


ROLES = {
    "an administrator alone": (ASSOCIATION, {Role.SECURITY_ADMIN}, ""),
    "two administrators' roles": (ASSOCIATION, {Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}, "exclusive"),
    "an administrator who does business": (ASSOCIATION, {Role.SYSTEM_ADMIN, Role.RIGHTS_DESK}, "exclusive"),
    "all of the business": (
        ASSOCIATION,
        {Role.MEMBERSHIP_OFFICER, Role.AGREEMENT_OFFICER, Role.FLAG_REVIEWER, Role.DISPUTE_OFFICER},
        "",
    ),
    "an inspector alone": (ASSOCIATION, {Role.INSPECTOR}, ""),
    "an inspector who does business": (ASSOCIATION, {Role.INSPECTOR, Role.FLAG_REVIEWER}, "exclusive"),
    "nothing yet, at the association": (ASSOCIATION, set(), ""),
    "nothing yet, at a member": (MEMBER, set(), "invalid"),
    "a member's person at the association": (ASSOCIATION, {Role.COLLECTOR}, "foreign-role"),
    "an officer of the association at a member": (MEMBER, {Role.MEMBERSHIP_OFFICER}, "foreign-role"),
    "all of a member's roles": (
        MEMBER,
        {Role.MEMBER_ADMIN, Role.SUBMITTER, Role.REVIEWER, Role.COLLECTOR},
        "",
    ),
    "a lawyer at a member": (MEMBER, {Role.LAWYER}, "foreign-role"),
    "a lawyer": (LAW_FIRM, {Role.LAWYER}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "roles", "slug"), ROLES.values(), ids=ROLES.keys())
def test_roles_held_together(kind: OrganisationKind, roles: set[Role], slug: str) -> None:
    if not slug:
        rules.require_roles(kind, roles)
        return
    with pytest.raises(Invalid) as refused:
        rules.require_roles(kind, roles)
    assert (refused.value.slug, refused.value.field) == (slug, "roles")


TERMS = {
    "without an end": (Role.FLAG_REVIEWER, NOW, None, True),
    "until a day": (Role.FLAG_REVIEWER, NOW, NOW + DAY, True),
    "for years": (Role.FLAG_REVIEWER, NOW, NOW + 3_000 * DAY, True),
    "an inspector without an end": (Role.INSPECTOR, NOW, None, False),
    "a lawyer without an end": (Role.LAWYER, NOW, None, False),
    "an inspector for a year": (Role.INSPECTOR, NOW, NOW + 366 * DAY, True),
    "an inspector for longer": (Role.INSPECTOR, NOW, NOW + 367 * DAY, False),
    "backwards": (Role.FLAG_REVIEWER, NOW + 2 * DAY, NOW + DAY, False),
    "over already": (Role.FLAG_REVIEWER, NOW - 2 * DAY, NOW, False),
}


@pytest.mark.parametrize(("role", "begin", "end", "good"), TERMS.values(), ids=TERMS.keys())
def test_for_how_long(role: Role, begin: datetime, end: datetime | None, good: bool) -> None:
    if good:
        rules.require_term(role, begin, end, now=NOW)
        return
    with pytest.raises(Invalid) as refused:
        rules.require_term(role, begin, end, now=NOW)
    assert refused.value.field == "until"


ANNE = Standing(1, "association", True, frozenset({Role.MEMBERSHIP_OFFICER}), frozenset())
REVIEWER = frozenset({Role.FLAG_REVIEWER})
NOTHING: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Case:
    """Somebody is to stand in for an officer; in what, from when until when, and what comes of it."""

    deputy: Standing
    principal: Standing = ANNE
    role: Role = Role.MEMBERSHIP_OFFICER
    begin: datetime = NOW
    end: datetime = NOW + 7 * DAY
    refused: str = field(default="")


def of(roles: frozenset[Role], **more: Any) -> Standing:
    usual = Standing(2, "association", True, roles, NOTHING)
    return replace(usual, **more)


SECURITY = Standing(1, "association", True, frozenset({Role.SECURITY_ADMIN}), frozenset())
DEPUTIES = {
    "a colleague": Case(of(REVIEWER)),
    "somebody without any role": Case(of(NOTHING)),
    "itself": Case(ANNE, refused="deputy"),
    "somebody of another organisation": Case(of(REVIEWER, organisation="North"), refused="deputy"),
    "somebody who is disabled": Case(of(REVIEWER, active=False), refused="deputy"),
    "who holds the role itself": Case(of(ANNE.roles), refused="deputy"),
    "in a role that the officer does not hold": Case(of(NOTHING), role=Role.RIGHTS_DESK, refused="role"),
    "in a role that it only deputises": Case(
        of(NOTHING),
        Standing(1, "association", True, NOTHING, frozenset({Role.RIGHTS_DESK})),
        Role.RIGHTS_DESK,
        refused="role",
    ),
    "an administrator in business": Case(of(frozenset({Role.AUDIT_ADMIN})), refused="deputy"),
    "business in an administrator's role": Case(
        of(REVIEWER), SECURITY, Role.SECURITY_ADMIN, refused="deputy"
    ),
    "a deputy in business in an administrator's role": Case(
        of(NOTHING, deputised=REVIEWER), SECURITY, Role.SECURITY_ADMIN, refused="deputy"
    ),
    "nobody in particular in an administrator's role": Case(of(NOTHING), SECURITY, Role.SECURITY_ADMIN),
    "an inspector's deputy": Case(
        of(NOTHING),
        Standing(1, "association", True, frozenset({Role.INSPECTOR}), NOTHING),
        Role.INSPECTOR,
        refused="role",
    ),
    "for 92 days": Case(of(REVIEWER), end=NOW + 92 * DAY),
    "for longer": Case(of(REVIEWER), end=NOW + 93 * DAY, refused="until"),
    "backwards": Case(of(REVIEWER), begin=NOW + 8 * DAY, refused="until"),
    "over already": Case(of(REVIEWER), begin=NOW - 2 * DAY, end=NOW, refused="until"),
}


@pytest.mark.parametrize("case", DEPUTIES.values(), ids=DEPUTIES.keys())
def test_deputies(case: Case) -> None:
    def appoint() -> None:
        rules.require_deputy(case.principal, case.deputy, case.role, case.begin, case.end, now=NOW)

    if not case.refused:
        appoint()
        return
    with pytest.raises(Invalid) as refused:
        appoint()
    assert refused.value.field == case.refused


def actor(role: Role, organisation: str = "association", kind: OrganisationKind = ASSOCIATION) -> Actor:
    return Actor(7, f"{organisation}/007", "Somebody", organisation, kind, frozenset({role}), {})


ADMIN = actor(Role.SECURITY_ADMIN)
MEMBERSHIP = actor(Role.MEMBERSHIP_OFFICER)
NORTHS = actor(Role.MEMBER_ADMIN, "North", MEMBER)
MANAGING = {
    "the security administrator, the association": (ADMIN, "association", ASSOCIATION, "sees manages"),
    "a law firm": (ADMIN, "Li", LAW_FIRM, "sees manages"),
    "a member": (ADMIN, "North", MEMBER, "sees"),
    "the audit administrator": (actor(Role.AUDIT_ADMIN), "association", ASSOCIATION, "sees"),
    "the system administrator": (actor(Role.SYSTEM_ADMIN), "association", ASSOCIATION, ""),
    "a membership officer, a member": (MEMBERSHIP, "North", MEMBER, "sees first"),
    "a membership officer, its colleagues": (MEMBERSHIP, "association", ASSOCIATION, ""),
    "an agreement officer": (actor(Role.AGREEMENT_OFFICER), "North", MEMBER, ""),
    "a member's administrator, its own": (NORTHS, "North", MEMBER, "sees manages"),
    "another member's": (NORTHS, "South", MEMBER, ""),
    "the association's": (NORTHS, "association", ASSOCIATION, ""),
    "a member's submitter": (actor(Role.SUBMITTER, "North", MEMBER), "North", MEMBER, ""),
    "an inspector": (actor(Role.INSPECTOR), "North", MEMBER, "sees"),
}


@pytest.mark.parametrize(("who", "place", "kind", "may"), MANAGING.values(), ids=MANAGING.keys())
def test_who_sees_and_manages_whom(who: Actor, place: str, kind: OrganisationKind, may: str) -> None:
    found = {
        "sees": rules.may_see(who, place, kind),
        "manages": rules.may_manage(who, place, kind),
        "first": rules.may_invite_first(who, kind, administrators=0),
    }
    assert " ".join(word for word, allowed in found.items() if allowed) == may


def test_a_member_that_has_an_administrator_invites_the_next_itself() -> None:
    assert not rules.may_invite_first(actor(Role.MEMBERSHIP_OFFICER), MEMBER, administrators=1)


def test_nobody_changes_itself() -> None:
    rules.require_other(actor(Role.SECURITY_ADMIN), 8)
    with pytest.raises(Forbidden, match="nobody changes its own"):
        rules.require_other(actor(Role.SECURITY_ADMIN), 7)


@pytest.mark.parametrize(
    ("active", "without", "left"),
    [([7], 7, False), ([7, 8], 7, True), ([8], 7, True), ([], 7, True), ([7, 7], 7, False)],
    ids=["the last", "one of two", "another", "none so far", "the last, twice appointed"],
)
def test_somebody_who_appoints_is_left(active: list[int], without: int, left: bool) -> None:
    if left:
        rules.require_one_left(active, without=without)
        return
    with pytest.raises(Conflict, match="last active security administrator"):
        rules.require_one_left(active, without=without)

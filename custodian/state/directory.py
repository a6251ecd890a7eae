"""The members as they stand at the head: keys in force, standing, chain."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

import msgspec

from custodian.errors import Refused
from custodian.state.schema import NEVER
from custodian.state.values import MemberState, MemberView
from privacy.statements import member_author

_MEMBERS: Final = f"""
    SELECT members.name, members.active_from,
        EXISTS (SELECT 1 FROM suspensions WHERE member = members.id AND until_position = {NEVER}),
        (SELECT json_group_array(custodian) FROM acceptances WHERE member = members.id),
        members.id, keys.signing, keys.recovery, keys.sealing,
        members.control_group, members.declared_portfolio, members.enrolment,
        authors.next_sequence, authors.previous
    FROM members
    JOIN keys ON keys.member = members.id
        AND keys.from_position = (SELECT max(from_position) FROM keys WHERE member = members.id)
    JOIN authors ON authors.author = '{member_author("")}' || members.name
"""


def members(db: sqlite3.Connection) -> list[MemberView]:
    """Return all enrolled members in the order of their enrolment."""
    return list(_views(db, f"{_MEMBERS} ORDER BY members.id", ()))


def find_member(db: sqlite3.Connection, name: str) -> MemberView | None:
    """Return the enrolled member of that name."""
    return next(_views(db, f"{_MEMBERS} WHERE members.name = ?", (name,)), None)


def get_member(db: sqlite3.Connection, name: str) -> MemberView:
    """Return the enrolled member of that name; raises Refused."""
    member = find_member(db, name)
    if member is None:
        raise Refused("unknown-member", "no member of that name has enrolled")
    return member


def find_member_by_key_id(db: sqlite3.Connection, key_id: str) -> MemberView | None:
    """Return the member whose signing key in force has this `signing.key_id`.

    Nothing proves possession of a key that a rotation names, so two members may name one: then it belongs
    to the one that named it first, and who copied it has locked itself out.
    """
    named = "SELECT min(from_position) FROM keys AS named WHERE member = members.id AND key_id = keys.key_id"
    return next(_views(db, f"{_MEMBERS} WHERE keys.key_id = ? ORDER BY ({named}) LIMIT 1", (key_id,)), None)


def pending_acceptances(db: sqlite3.Connection, custodian: int) -> list[MemberView]:
    """Return the members that `custodian` has not accepted."""
    return [member for member in members(db) if custodian not in member.acceptances]


def _views(db: sqlite3.Connection, query: str, values: tuple[str, ...]) -> Iterator[MemberView]:
    for name, active_from, suspended, accepted, *rest in db.execute(query, values):
        acceptances = sorted(msgspec.json.decode(accepted, type=list[int]))
        yield MemberView(name, _state(active_from, suspended), tuple(acceptances), *rest)


def _state(active_from: int, suspended: int) -> MemberState:
    if suspended:
        return MemberState.SUSPENDED
    return MemberState.ADMITTED if active_from == NEVER else MemberState.ACTIVE

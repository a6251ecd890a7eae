"""Asking every custodian the same thing, each directly: what one says is no word of another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from member.errors import MemberError, Refused
from member.http import Line
from member.member import Member

T = TypeVar("T")

Addresses = Mapping[int, str]
"""Where custodians serve, by index, as they said themselves."""


@dataclass(slots=True)
class Round(Generic[T]):
    """What came of asking everybody: answers and failures, by custodian."""

    answers: dict[int, T] = field(default_factory=dict)
    failures: dict[int, MemberError] = field(default_factory=dict)


@contextmanager
def lines_to_custodians(member: Member, addresses: Addresses) -> Iterator[dict[int, Line]]:
    """Give a line to each custodian: at `addresses`, and for those not named there where the hub says.

    A hub that lies could name servers of its own: who suspects it asks the custodians for their addresses.
    Raises Refused for an index or address that is none, RetryLater when nobody can say where they are.
    """
    indices = range(1, member.key_set.count + 1)
    if not set(addresses) <= set(indices):
        raise Refused(f"the key set has custodians 1 to {member.key_set.count}", rule="custodian")
    own = {index: _line(member, index, address) for index, address in addresses.items()}
    try:
        others = {} if len(own) == len(indices) else _others(member, bool(own))
        found = others | own
        yield {index: found[index] for index in indices if index in found}
    finally:
        for line in own.values():
            line.close()


def ask_all(lines: Mapping[int, Line], ask: Callable[[int, Line], T]) -> Round[T]:
    """Ask over every line, one after the other; who fails does not keep the others from being asked."""
    found: Round[T] = Round()
    for index, line in lines.items():
        try:
            found.answers[index] = ask(index, line)
        except MemberError as error:
            found.failures[index] = error
    return found


def _line(member: Member, index: int, address: str) -> Line:
    return Line(f"custodian {index}", address, member.keys.signing, member.clock, member.sleep)


def _others(member: Member, some_are_known: bool) -> dict[int, Line]:
    try:
        return member.custodians()
    except MemberError as error:
        if not some_are_known:
            raise
        member.report.warn(f"only the custodians that you named are asked. {error}")
        return {}

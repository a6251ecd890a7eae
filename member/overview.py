"""How the hub and every custodian see this member, side by side; what differs is named.

The custodians compute it from their own copies of the feed. A hub that hides a statement, or adds one, shows
here: at the same position all must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from member import wire
from member.errors import MemberError
from member.http import Line, printable
from member.member import Member
from member.vault import contracts


@dataclass(frozen=True, slots=True)
class Status:
    """This member as everybody sees it."""

    hub: wire.Account
    custodians: dict[int, wire.CustodianAccount]
    silent: dict[int, str]
    """Custodians that gave no account, and why."""
    agreements: list[wire.Offer]
    live_in_vault: int
    differences: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 when something differs: a person must look at it."""
        return 1 if self.differences else 0


def status(member: Member) -> Status:
    """Ask the hub and every custodian for this member's account, and compare.

    Raises RetryLater when the hub does not answer. A custodian that does not is listed as silent.
    """
    member.alliance()
    accounts: dict[int, wire.CustodianAccount] = {}
    silent: dict[int, str] = {}
    for index, line in member.custodians().items():
        try:
            accounts[index] = _account(member, line)
        except MemberError as error:
            silent[index] = str(error)
    hub = member.account()
    return Status(
        hub=hub,
        custodians=accounts,
        silent=silent,
        agreements=enrolled_agreements(member, hub),
        live_in_vault=contracts.count_live(member.vault),
        differences=[text for index, seen in accounts.items() for text in differences(hub, index, seen)],
    )


def enrolled_agreements(member: Member, hub: wire.Account) -> list[wire.Offer]:
    """Return the member's agreements; a member that is not active yet has none."""
    if hub.state == "applied":
        return []
    return wire.read(wire.Offers, member.hub.get("/v1/agreements"), member.hub.name).agreements


def _account(member: Member, line: Line) -> wire.CustodianAccount:
    return wire.read(wire.CustodianAccount, line.get("/v1/account"), line.name)


def differences(hub: wire.Account, index: int, seen: wire.CustodianAccount) -> Iterator[str]:
    """Yield what custodian `index` sees otherwise than the hub says, where both speak of the same moment."""
    who = f"custodian {index}"
    for statement in seen.last_statements:
        if not statement.valid:
            reason = printable(statement.reason or "no reason given")
            yield f"{who} found your {printable(statement.type)} number {statement.sequence} void: {reason}"
    if hub.feed is not None and hub.feed.position == seen.position:
        pairs = {
            "the feed's head": (hub.feed.head, seen.head),
            "your state": (hub.state, seen.state),
            "your next sequence number": (hub.next_sequence, seen.next_sequence),
            "your last statement": (hub.previous, seen.previous),
            "your live records": (hub.live_records, seen.live_records),
        }
        yield from _unequal(who, pairs, f"at position {seen.position}")
    if hub.cut is not None and seen.cut is not None and hub.cut.period == seen.cut.period:
        pairs = {
            "its position": (hub.cut.position, seen.cut.position),
            "your live records at it": (hub.cut.live_records, seen.cut.live_records),
        }
        yield from _unequal(who, pairs, f"of the cut of {hub.cut.period}")


def _unequal(who: str, pairs: Mapping[str, tuple[object, object]], where: str) -> Iterator[str]:
    for what, (hub, custodian) in pairs.items():
        if hub != custodian:
            yield f"{who} sees {what} {where} as {custodian}, the hub as {hub}"

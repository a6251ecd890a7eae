"""A member checks the others: what hub and custodians say of it, of the feed, the log, and under the cuts.

Whoever finds that the hub withholds one of its statements hands it to every custodian: none signs a cut
while it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from member import checks, log, seeking, wire
from member.checks import LIFE, Check, Seen, Verdict
from member.checks.log import Outcome
from member.errors import MemberError, RetryLater, Untrusted
from member.http import Line
from member.member import Member
from member.rounds import Addresses, Round, ask_all, lines_to_custodians
from member.vault import contracts, outbox, statements
from member.vault.statements import Kept
from privacy.encoding import parse_instant
from privacy.errors import VerifyError
from privacy.feed import HandIn, SignedHead, verify_head
from privacy.statements import custodian_author

_FRESH = timedelta(minutes=10)
"""How far the time in a signed head may lie from this machine's: an older one may be replayed."""


@dataclass(slots=True)
class Checked:
    """What came of checking everybody."""

    checks: list[Check]
    missing: list[Kept]
    """Statements that should be on the feed and are not."""
    enough: bool
    """Whether as many custodians answered as are needed for anything."""
    evidence: dict[str, Any] = field(repr=False)
    """What everybody said and signed, for whoever must be convinced."""

    @property
    def exit_code(self) -> int:
        """1 while an alarm stands, 3 when too few custodians answered to say much, else 0."""
        return checks.exit_code(self.checks) or (0 if self.enough else RetryLater.exit_code)


def check(member: Member, *, addresses: Addresses | None = None, hand_in: bool = False) -> Checked:
    """Ask the hub and every custodian, and compare what they say with each other and with the vault.

    `addresses` are custodians' own, by index; for the others the hub is asked. With `hand_in` what the hub
    withholds is handed to every custodian. Raises RetryLater when nobody says where custodians are, Refused
    for an index that none has, Untrusted when the hub serves another key set.
    """
    with lines_to_custodians(member, addresses or {}) as lines:
        hub = _hub(member)
        heads = ask_all(lines, lambda index, line: _head(member, index, line))
        accounts = ask_all(lines, lambda index, line: _account(member, line))
        seen = Seen(
            key_set=member.key_set,
            hub=None if isinstance(hub, MemberError) else hub,
            accounts=accounts.answers,
            heads={index: signed.head for index, signed in heads.answers.items()},
        )
        shown = {period: _cut(member, period) for period in checks.effective_cuts(seen)}
        kept = statements.list_statements(member.vault, member.epoch)
        missing = checks.find_missing(seen, kept, now=member.clock())
        found = [*_failures(hub, heads, accounts), *_compared(member, seen, shown, kept, missing)]
        followed = log.follow(member)
        found += [*followed.checks, *log.compare_custodians(member, lines, followed)]
        looked = seeking.look_for_receipts(member, followed)
        found += looked.checks
        if hand_in:
            found += _hand_in(member, lines, missing)
    return Checked(
        found,
        missing,
        min(len(heads.answers), len(accounts.answers)) >= member.key_set.threshold,
        {
            **_evidence(hub, heads, accounts, shown, missing),
            "log": looked.evidence(only={Outcome.MISSING}),
        },
    )


# Asking


def _hub(member: Member) -> wire.Account | MemberError:
    try:
        return member.account()
    except MemberError as error:
        return error


def _head(member: Member, index: int, line: Line) -> SignedHead:
    signed = wire.read(SignedHead, line.get("/v1/head"), line.name)
    head, key_set = signed.head, member.key_set
    try:
        verify_head(signed, key_set.witness(index))
    except VerifyError as error:
        raise Untrusted(f"the head that {line.name} shows is not signed with its witness key") from error
    if (signed.custodian, head.alliance, head.epoch) != (index, key_set.alliance, key_set.epoch):
        raise Untrusted(f"the head that {line.name} shows is of another custodian, alliance or epoch")
    if abs(parse_instant(head.at) - member.clock()) > _FRESH:
        raise Untrusted(f"the head that {line.name} shows is of another time: replayed, or a clock is off")
    return signed


def _account(member: Member, line: Line) -> wire.CustodianAccount:
    account = wire.read(wire.CustodianAccount, line.get("/v1/account"), line.name)
    if account.member != member.name:
        raise Untrusted(f"{line.name} answers for another member")
    return account


def _cut(member: Member, period: str) -> wire.SignedCut | MemberError:
    try:
        answer = member.hub.get(f"/v1/cuts/{quote(period, safe=':')}")
        return wire.read(wire.SignedCut, answer, member.hub.name)
    except MemberError as error:
        return error


# Comparing


def _compared(
    member: Member,
    seen: Seen,
    shown: Mapping[str, wire.SignedCut | MemberError],
    kept: Sequence[Kept],
    missing: Sequence[Kept],
) -> Iterator[Check]:
    yield from checks.compare_heads(seen)
    yield from checks.compare_with_hub(seen)
    yield from checks.compare_cuts(seen, shown)
    under_way = _under_way(member, kept)
    yield from checks.compare_statements(seen, kept, under_way)
    yield from checks.compare_missing(missing, under_way, now=member.clock())
    yield from checks.compare_live(seen, contracts.count_live(member.vault))


def _failures(
    hub: wire.Account | MemberError, heads: Round[SignedHead], accounts: Round[wire.CustodianAccount]
) -> Iterator[Check]:
    if isinstance(hub, MemberError):
        yield Check("the hub", checks.weight(hub), str(hub))
    yield from checks.failures(heads.failures)
    # Who is silent is silent twice; to say it once is enough.
    yield from checks.failures(
        {index: error for index, error in accounts.failures.items() if index not in heads.failures}
    )


def _under_way(member: Member, kept: Sequence[Kept]) -> set[bytes]:
    """Return the digests of statements that an interrupted command would send again."""
    chunks = [each for each in kept if each.type == "chunk"] if outbox.header(member.vault) else []
    return statements.list_drafted(member.vault) | {each.signed.digest() for each in chunks}


# Handing in


def _hand_in(member: Member, lines: Mapping[int, Line], missing: Sequence[Kept]) -> Iterator[Check]:
    """Give every missing statement to every custodian, and yield what each of them says."""
    what = "handed in"
    fresh = [each for each in missing if member.clock() - each.at <= LIFE]
    if not fresh:
        yield Check(what, Verdict.NOTE, "nothing: no statement is missing that could still count")
    for each in fresh:
        for index, line in lines.items():
            yield Check(what, *_handed(member, index, line, each))


def _handed(member: Member, index: int, line: Line, kept: Kept) -> tuple[Verdict, str]:
    body = HandIn(
        recipient=custodian_author(index),
        epoch=member.epoch,
        key_set=member.key_set_digest,
        statement=kept.signed,
    )
    which = f"statement {kept.sequence} to {line.name}"
    try:
        taken = wire.read(wire.HandedIn, line.post("/v1/statements", msgspec.json.encode(body)), line.name)
    except MemberError as error:
        return Verdict.NOTE, f"{which} failed: {error}"
    if taken.position is not None:
        return Verdict.FINE, f"{which}: it stands at position {taken.position} by now"
    if taken.waiting:
        return Verdict.FINE, f"{which}: it signs no cut until the feed carries it"
    return Verdict.NOTE, f"{which}: it does not wait for it, that number has passed"


def _evidence(
    hub: wire.Account | MemberError,
    heads: Round[SignedHead],
    accounts: Round[wire.CustodianAccount],
    shown: Mapping[str, wire.SignedCut | MemberError],
    missing: Sequence[Kept],
) -> dict[str, Any]:
    return {
        "hub": str(hub) if isinstance(hub, MemberError) else hub,
        "heads": list(heads.answers.values()),
        "accounts": {str(index): account for index, account in accounts.answers.items()},
        "cuts": [cut for cut in shown.values() if not isinstance(cut, MemberError)],
        "missing": [each.signed for each in missing],
    }

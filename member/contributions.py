"""Which of this member's records stood in totals that custodians opened: counts by period, never who asked.

A custodian gives a receipt and commits to all receipts of a period by a root on the feed. The receipt is
checked against that root, which the hub shows: a custodian cannot tell each member something else, and a hub
cannot open without those whose records were in it hearing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from member import checks, wire
from member.checks import Check, Verdict
from member.errors import Declined, MemberError, Refused, RetryLater, Untrusted
from member.files import Subject, read_subjects
from member.http import Line, printable
from member.member import Member
from member.rounds import Addresses, ask_all, lines_to_custodians
from member.vault import contracts, receipts
from privacy import merkle, periods
from privacy.encoding import b64, unb64
from privacy.errors import InvalidInputError, PrivacyError, VerifyError
from privacy.logged import verify_receipt
from privacy.receipts import CohortReceipt
from privacy.statements import Cohorts


@dataclass(frozen=True, slots=True)
class Verified:
    """A receipt that holds; `shown` is the statement that it stands under, None while its period runs."""

    attested: wire.Attested
    shown: wire.CohortsShown | None

    @property
    def receipt(self) -> CohortReceipt:
        """What the custodian attests."""
        return self.attested.receipt


@dataclass(frozen=True, slots=True)
class Contribution:
    """How often a contract's record stood in a total opened in a period, by custodian that opened it.

    Every opening takes several custodians, so the numbers overlap and do not add up.
    """

    contract_ref: str
    period: str
    openings: Mapping[int, int]
    provisional: frozenset[int]
    """The custodians for which the period still runs: their number may grow, and nothing binds them yet."""


@dataclass(slots=True)
class Contributed:
    """What the custodians attest, and what came of checking it."""

    receipts: list[Verified] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    answered: int = 0

    @property
    def contributions(self) -> list[Contribution]:
        """The contracts by period, the newest period first."""
        found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
        running: dict[str, set[int]] = defaultdict(set)
        for each in self.receipts:
            receipt = each.receipt
            if each.shown is None:
                running[receipt.period].add(receipt.custodian)
            for record in receipt.records:
                found[(receipt.period, record.contract_ref)][receipt.custodian] = record.openings
        return [
            Contribution(ref, period, openings, frozenset(running[period] & openings.keys()))
            for (period, ref), openings in sorted(found.items(), reverse=True)
        ]

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """Everything with which another can check the receipts."""
        return [{"attested": each.attested, "shown": each.shown} for each in self.receipts]

    @property
    def exit_code(self) -> int:
        """1 while an alarm stands, 3 when no custodian answered, else 0."""
        return checks.exit_code(self.checks) or (0 if self.answered else RetryLater.exit_code)


def list_contributions(
    member: Member, *, period: str | None = None, addresses: Addresses | None = None
) -> Contributed:
    """Ask every custodian for this member's receipts, of one period or of all, and check each.

    Raises RetryLater when nobody says where custodians are, Refused for an index that
    none has or a period that is none.
    """
    if period is not None:
        _require_period(member, period)
    found = Contributed()
    with lines_to_custodians(member, addresses or {}) as lines:
        asked = ask_all(lines, lambda index, line: _ask(line))
    found.answered = len(asked.answers)
    found.checks += checks.failures(asked.failures)
    for index, attestations in asked.answers.items():
        wanted = [each for each in attestations if period in (None, each.receipt.period)]
        found.checks += _judged(member, index, wanted, found.receipts)
    return found


def name_contracts(
    member: Member, portfolio: Path, *, mapping: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the contract numbers in a file by the reference under which others know each.

    References are keyed hashes: the vault finds one from its number, and no number from it. Raises FileError.
    """
    rows = read_subjects(portfolio, mapping=mapping, synthetic=member.key_set.policy.synthetic)
    return {
        b64(contracts.ref(member.vault, row.contract)): row.contract
        for row in rows
        if isinstance(row, Subject) and row.contract
    }


def _require_period(member: Member, period: str) -> None:
    try:
        periods.bounds(member.key_set.policy.period, period)
    except InvalidInputError as error:
        raise Refused(f"{error}, of which this alliance has one at a time", rule="period") from error


def _ask(line: Line) -> list[wire.Attested]:
    return wire.read(wire.Attestations, line.get("/v1/cohorts"), line.name).cohorts


def _judged(
    member: Member, index: int, attested: list[wire.Attested], verified: list[Verified]
) -> Iterator[Check]:
    """Yield what came of checking a custodian's receipts; those that hold go to `verified`."""
    what = f"custodian {index}"
    bound: list[str] = []
    for each in attested:
        period = printable(each.receipt.period)
        try:
            shown = _verify(member, index, each)
        except MemberError as error:
            yield Check(what, checks.weight(error), f"period {period}: {error}")
            continue
        verified.append(Verified(each, shown))
        if shown is None:
            yield _unbound(member, what, each.receipt.period)
        else:
            bound.append(period)
    if bound:
        yield Check(what, Verdict.FINE, f"{', '.join(bound)}: what it told stands under the root on the feed")
    if not attested:
        yield Check(what, Verdict.FINE, "attests no opening with a record of yours")


def _unbound(member: Member, what: str, period: str) -> Check:
    """Judge numbers that stand under no root: a period that is over has no excuse."""
    if member.alliance().period in (None, period):
        return Check(what, Verdict.NOTE, f"period {period} still runs: its numbers are provisional")
    told = f"period {printable(period)} is over, and its numbers are bound to nothing on the feed"
    return Check(what, Verdict.ALARM, f"{told}: run this again in ten minutes, then tell every custodian")


def _verify(member: Member, index: int, attested: wire.Attested) -> wire.CohortsShown | None:
    """Return the statement under which a receipt stands, None for a running period.

    Raises Untrusted naming who is at fault, RetryLater when the hub does not answer.
    """
    _require_own(member, index, attested.receipt)
    if attested.position is None:
        return None
    shown = _shown(member, index, attested.position)
    body = shown.statement.statement.body
    author = checks.author_of(member.key_set, shown.statement)
    if not isinstance(body, Cohorts) or (author, body.period) != (index, attested.receipt.period):
        raise Untrusted(
            f"custodian {index} names position {attested.position}, where another statement stands: it is "
            "bound to nothing"
        )
    try:
        leaf = attested.receipt.leaf(unb64(attested.salt, length=32))
        path = [unb64(node, length=32) for node in attested.path]
        if attested.size != body.size or attested.index is None:
            raise VerifyError("the tree has another size")
        merkle.verify_inclusion(leaf, attested.index, body.size, path, unb64(body.root))
    except PrivacyError as error:
        raise Untrusted(
            f"custodian {index} told you something else than it committed to on the feed: {error}"
        ) from error
    return shown


def _require_own(member: Member, index: int, receipt: CohortReceipt) -> None:
    key_set = member.key_set
    named = (receipt.alliance, receipt.epoch, receipt.custodian, receipt.member)
    if named != (key_set.alliance, key_set.epoch, index, member.name):
        raise Untrusted(f"custodian {index} gave a receipt of another alliance, epoch, custodian or member")
    refs = [record.contract_ref for record in receipt.records]
    if refs != sorted(set(refs)):
        raise Untrusted(f"custodian {index} gave a receipt that names a contract twice or out of order")


def _shown(member: Member, index: int, position: int) -> wire.CohortsShown:
    """Return a `cohorts` statement as the hub shows it, its log entry checked and kept."""
    try:
        answer = member.hub.get(f"/v1/cohorts/{position}")
    except Declined as error:
        raise Untrusted(
            f"the hub does not show the statement of custodian {index} that it names at position {position}: "
            f"one of the two is hiding something, tell every custodian. {error}"
        ) from error
    shown = wire.read(wire.CohortsShown, answer, member.hub.name)
    try:
        checks.author_of(member.key_set, shown.statement)
        verify_receipt(shown.receipt)
        _require_logged(shown, position)
    except PrivacyError as error:
        raise Untrusted(f"the hub shows a statement or a log entry that does not hold: {error}") from error
    receipts.keep(member.vault, shown.receipt, at=member.clock())
    return shown


def _require_logged(shown: wire.CohortsShown, position: int) -> None:
    entry = shown.receipt.entry
    named = (shown.position, entry.get("position"), entry.get("digest"))
    if named != (position, position, b64(shown.statement.digest())):
        raise VerifyError("its log entry is of another statement")

"""What several stories share: four lenders with one debtor in common, and what the asker hears of it.

North asks about Li. South, West and East hold Li too; who of them is a victim and who an accomplice is the
story's to say. Everybody's keys and ciphertexts are real; two custodians open what the state gives out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from custodian.errors import Refused
from custodian.state import Judgement
from privacy import paillier, threshold_paillier
from privacy.ceremony import paillier_share
from privacy.exposure import Exposure
from privacy.keyset import Policy
from privacy.matching import MatchRequest, Status, Verdict
from privacy.periods import Period
from tests.custodian.state.watch import Watch
from tests.feeds import BY_THE_DAY, LI, Alliance, Borrower, Member

THREE_NEEDED = Policy.for_real_data(Period.DAY)
"""Three contributors, records that expire, cuts early in the day; the keys stay small."""

OWES = {"南山": 300_00, "西河": 20_00, "东桥": 4_567_89}
"""What Li owes to each of the others, in fen."""


class Heard(NamedTuple):
    """What an asker hears of one subject: one word, and the total where it opened."""

    word: str
    total: int | None

    def __str__(self) -> str:
        return self.word


@dataclass
class Lenders:
    """An alliance at work, followed by an honest custodian."""

    watch: Watch
    north: Member
    south: Member
    west: Member
    east: Member

    @property
    def alliance(self) -> Alliance:
        return self.watch.alliance

    def hear(self, borrower: Borrower = LI, *, by: Sequence[int] = (1, 2)) -> Heard:
        """Have North ask about a borrower, and custodians open what they find."""
        return hear(self.watch, self.north.asks(borrower), by=by)

    def chunk_of(self, member: Member) -> int:
        """Return the position of a member's first chunk."""
        entries = self.alliance.entries
        return next(
            each.position
            for each in entries
            if each.records and each.statement.statement.author == member.author
        )

    def hear_of(self, period: str) -> Heard:
        """Have North ask about Li in a period that the hub named."""
        return hear(self.watch, self.north.asks(LI, period=period))


def lenders(policy: Policy = BY_THE_DAY) -> Lenders:
    """Return the lenders with their first period open."""
    town = gather(Alliance(policy))
    town.watch.opens_period()
    return town


def gather(alliance: Alliance, *, without: str | None = None) -> Lenders:
    """Return the lenders with their contracts on the feed, but for one of them, before any cut."""
    north, south, west, east = (alliance.enrols(name) for name in ("北辰", *OWES))
    north.agrees()
    north.submits(north.record(LI, "1"))
    for member in (each for each in (south, west, east) if each.name != without):
        member.submits(member.record(LI, "1", outstanding=OWES[member.name]))
    return Lenders(Watch(alliance), north, south, west, east)


def hear(watch: Watch, match: MatchRequest, *, by: Sequence[int] = (1, 2), at: int | None = None) -> Heard:
    """Judge a question about one subject, and open its total with the shares of custodians `by`."""
    try:
        judgement = watch.judges(match, at)
    except Refused as refusal:
        return Heard(f"refused: {refusal.slug}", None)
    return told(watch.alliance, judgement, by=by)


def told(alliance: Alliance, judgement: Judgement, *, by: Sequence[int] = (1, 2)) -> Heard:
    """Return what a judgement of one subject comes to."""
    (verdict,) = judgement.verdicts
    if verdict.status is not Status.OPEN:
        return Heard(word(verdict), None)
    (total,) = totals(alliance, judgement, by=by)
    return Heard(verdict.status, total.outstanding)


def word(verdict: Verdict) -> str:
    """Return a verdict as the table shows it."""
    return verdict.status if verdict.reason is None else f"{verdict.status}: {verdict.reason}"


def totals(alliance: Alliance, judgement: Judgement, *, by: Sequence[int] = (1, 2)) -> list[Exposure]:
    """Open every total of a judgement, as two custodians together can."""
    public, count = alliance.key_set.public_key, alliance.key_set.count
    shares = {index: paillier_share(alliance.shares[index]) for index in by}
    opened = []
    for ciphertexts in judgement.contributions:
        c = paillier.product(public, ciphertexts)
        partials = {i: threshold_paillier.partial(public, count, share, c) for i, share in shares.items()}
        opened.append(Exposure.unpack(threshold_paillier.combine(public, count, partials)))
    return opened


def reason(watch: Watch) -> str:
    """Follow the feed and return what became of its newest statement, as the table shows it."""
    void = watch.verdict()
    return "valid" if void is None else f"void: {void}"

"""Random feeds: what parties might do, and a narrator that has them do it, rightly and wrongly.

A plot is a list of steps, each a function name of the narrator with plain arguments, so that a failing
example reads as a story. The narrator notes what only it knows: which statements were spoiled on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from custodian import state
from privacy import statements
from privacy.encoding import b64, encode_integer
from privacy.keyset import Policy
from privacy.periods import SHANGHAI, Period
from privacy.statements import AnyBody, CutSignature, SignedStatement
from privacy.terms import sign_terms
from tests.custodian.state.watch import Watch
from tests.feeds import Alliance, Borrower, Party

BORROWERS = [Borrower(name) for name in ("赵", "钱", "孙")]
QUOTAS = Policy.for_synthetic_data().quotas
POLICIES = {
    "made up": Policy(synthetic=True, min_contributors=2, period=Period.DAY, record_days=8, quotas=QUOTAS),
    "real": Policy(synthetic=False, min_contributors=3, period=Period.DAY, record_days=8, quotas=QUOTAS),
}

Step = tuple[str, tuple[Any, ...]]
Plot = tuple[str, list[Step]]


def _step(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(name), st.tuples(*arguments))


_member = st.integers(0, 5)
_number = st.sampled_from("123")
_rows = st.lists(st.tuples(st.integers(0, 2), _number, st.integers(-2, 1)), min_size=1, max_size=5)

_STEPS: dict[st.SearchStrategy[Step], int] = {
    _step("submit", _member, _rows): 8,
    _step("periods", st.integers(1, 4)): 5,
    _step("end", _member, _number, st.booleans()): 2,
    _step("hold", _member, _number, st.booleans()): 2,
    _step("release", _member, _number, st.booleans()): 2,
    _step("wait", st.sampled_from([1, 11, 24, 47])): 2,
    _step("suspend", _member): 1,
    _step("resume", _member): 2,
    _step("accept", st.integers(1, 3), _member): 1,
    _step("rotate", _member, st.booleans(), st.booleans()): 1,
    _step("agree", _member, st.integers(1, 4), st.integers(2, 4), st.booleans()): 1,
    _step("cut"): 1,
    _step("commit", st.integers(1, 3), st.integers(0, 5)): 1,
    _step("sign", st.integers(1, 3), st.booleans()): 1,
    _step("spoil_chunk", _member, st.sampled_from(["epoch", "ciphertext", "key_set", "proof", "lent"])): 1,
    _step("mumble", _member, st.sampled_from(["key", "gap", "chain", "alliance", "clock", "type"])): 2,
}

plots: st.SearchStrategy[Plot] = st.tuples(
    st.sampled_from(list(POLICIES)),
    st.lists(
        st.one_of([step for step, weight in _STEPS.items() for _ in range(weight)]), min_size=12, max_size=40
    ),
)


class Narrator:
    """Has an alliance of six members live through a plot."""

    def __init__(self, plot: Plot) -> None:
        policy, steps = plot
        self.alliance = Alliance(POLICIES[policy])
        self.watch = Watch(self.alliance)
        self.unheard: set[int] = set()
        """Positions whose statement was spoiled before anybody asks what it says."""
        self.unproved: set[int] = set()
        """Positions of chunks whose member does not show that it knows what it submits."""
        self.cut_periods: list[str] = []
        self.members = [
            self.alliance.enrols("北辰", portfolio=6),
            self.alliance.enrols("南山", portfolio=6),
            self.alliance.enrols("南山二", control_group="南山", portfolio=6),
            self.alliance.enrols("西河", portfolio=6),
            self.alliance.enrols("东桥", portfolio=6),
            self.alliance.enrols("新丰", portfolio=6, accepted_by=[3]),
        ]
        for member in self.members:
            member.agrees()
            member.submits(member.record(BORROWERS[0], "1"), member.record(BORROWERS[1], "2"))
        for name, arguments in steps:
            getattr(self, name)(*arguments)
        self.watch.follows()

    def submit(self, who: int, rows: Sequence[tuple[int, str, int]]) -> None:
        member = self.members[who]
        day = self.alliance.today
        member.submits(
            *(
                member.record(BORROWERS[borrower], number, as_of=day + timedelta(days=days))
                for borrower, number, days in rows
            )
        )

    def spoil_chunk(self, who: int, how: str) -> None:
        member, other = self.members[who], self.members[who - 1]
        octets = 2 * self.alliance.key_set.public_key.bits // 8
        spoiled: dict[str, dict[str, Any]] = {
            "epoch": {"epoch": 2},
            "ciphertext": {"contribution": encode_integer(self.alliance.key_set.public_key.n, octets)},
            "lent": {"contribution": other.record(BORROWERS[1], "2").contribution},
        }
        about: dict[str, dict[str, Any]] = {"key_set": {"key_set": b64(bytes(32))}, "proof": {"proof": None}}
        records = [member.record(BORROWERS[0], "1"), member.record(BORROWERS[1], "2", **spoiled.get(how, {}))]
        entry = member.says(member.chunk(records, **about.get(how, {})), records)
        if how in ("proof", "lent"):
            self.unproved.add(entry.position)

    def end(self, who: int, number: str, withdraw: bool) -> None:
        member = self.members[who]
        (member.withdraws if withdraw else member.settles)(number)

    def hold(self, who: int, number: str, secretariat: bool) -> None:
        member = self.members[who]
        self.alliance.holds(member, number) if secretariat else member.holds(number)

    def release(self, who: int, number: str, secretariat: bool) -> None:
        member = self.members[who]
        self.alliance.releases(member, number) if secretariat else member.releases(number)

    def suspend(self, who: int) -> None:
        self.alliance.suspends(self.members[who])

    def resume(self, who: int) -> None:
        self.alliance.resumes(self.members[who])

    def accept(self, custodian: int, who: int) -> None:
        self.alliance.accepts(custodian, self.members[who])

    def rotate(self, who: int, recovery: bool, by_recovery: bool) -> None:
        member, word = self.members[who], str(len(self.alliance.entries))
        if recovery and not by_recovery:  # void
            member.says(member.rotation(word, recovery=True))
        else:
            member.rotates(word, by=member.recovery if by_recovery else None, recovery=recovery)

    def agree(self, who: int, version: int, minimum: int, signed: bool) -> None:
        member = self.members[who]
        terms = member.terms(version=version, min_contributors=minimum)
        key = member.key if signed else self.alliance.secretariat.key
        body = statements.Agreement(terms=terms, member_signature=sign_terms(key, terms))
        self.alliance.secretariat.says(body)

    def cut(self) -> None:
        self.alliance.cuts()
        self.cut_periods.append(self.alliance.period)

    def sign(self, custodian: int, honest: bool) -> None:
        self.watch.follows()
        body = state.cut_to_sign(self.watch.db, custodian)
        if body is None:
            body = CutSignature(
                period=self.alliance.period, position=1, head=b64(bytes(32)), state_digest=b64(bytes(32))
            )
        if not honest:
            body = msgspec.structs.replace(body, state_digest=b64(bytes(32)))
        self.alliance.signs_cut(body, by=[custodian])

    def periods(self, count: int) -> None:
        """Days pass as they should: a cut after midnight, and all custodians sign."""
        for _ in range(count):
            early = self.alliance.now.astimezone(SHANGHAI).replace(hour=1, minute=0, second=0)
            self.alliance.now = (early + timedelta(days=1)).astimezone(UTC)
            self.cut()
            for custodian in self.alliance.custodians:
                self.sign(custodian, honest=True)

    def commit(self, custodian: int, period: int) -> None:
        """A custodian commits to the cohorts of one of the periods that were, or of the running one."""
        named = [*self.cut_periods, self.alliance.period][period:][:1] or [self.alliance.period]
        body = statements.Cohorts(period=named[0], root=b64(bytes(32)), size=1)
        self.alliance.custodians[custodian].says(body)

    def wait(self, hours: int) -> None:
        self.alliance.passes(hours=hours)

    def mumble(self, who: int, how: str) -> None:
        """Somebody says something that is not heard."""
        member = self.members[who]
        body: AnyBody = statements.Settlement(contract_ref=member.ref("1"))
        signed = {
            "key": lambda: member.signs(body, key=self.alliance.hub.key),
            "gap": lambda: member.signs(body, sequence=member.sequence + 1),
            "chain": lambda: member.signs(body, previous=bytes(32)),
            "alliance": lambda: member.signs(body, alliance="别的联盟"),
            "clock": lambda: self._heard(member, body, signed_at=self.alliance.now + timedelta(days=2)),
            "type": lambda: self._heard(member, statements.Suspension(member=member.name)),
        }[how]()
        self.unheard.add(self.alliance.appends(signed).position)

    def _heard(self, party: Party, body: AnyBody, **changes: Any) -> SignedStatement:
        """Sign a statement that is void but advances its author."""
        return party.said(party.signs(body, **changes))

"""What custodians and hub tell a member that checks them: the truth, and whatever a test bends of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from member import Member
from privacy import statements
from privacy.encoding import b64, instant_text
from privacy.feed import HandIn, Head, SignedHead, sign_head
from privacy.messages import parse_json
from privacy.signing import SigningKey
from privacy.statements import CutSignature, SignedStatement, custodian_author
from tests.feeds import secret
from tests.member.conftest import Alliance
from tests.member.server import Problem, Received

HEAD = b64(secret("a head"))
OTHER = b64(secret("another head"))
PERIOD = "2026-11"
CUT_AT = 30


def witness(index: int) -> SigningKey:
    """Return custodian `index`'s witness key."""
    return SigningKey(secret(custodian_author(index), "signing"))


@dataclass
class Witnesses:
    """Gives the fakes of an alliance their answers; what a test changes here is what they say."""

    alliance: Alliance
    member: Member
    positions: dict[int, int] = field(default_factory=lambda: {1: 40, 2: 40, 3: 40})
    heads: dict[int, str] = field(default_factory=lambda: {1: HEAD, 2: HEAD, 3: HEAD})
    head_keys: dict[int, SigningKey] = field(default_factory=lambda: {i: witness(i) for i in (1, 2, 3)})
    head_changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    account_changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    judged_changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By sequence number, for all custodians."""
    hub_changes: dict[str, Any] = field(default_factory=dict)
    unheard: set[int] = field(default_factory=set)
    """Sequence numbers that never reach the custodians."""
    votes: list[SignedStatement] = field(default_factory=list)
    cut_changes: dict[str, Any] = field(default_factory=dict)
    handed: dict[int, list[HandIn]] = field(default_factory=lambda: {1: [], 2: [], 3: []})

    def __post_init__(self) -> None:
        self.votes = [self.vote(index) for index in (1, 2, 3)]
        hub, account = self.alliance.hub, self.alliance.hub.account
        hub.routes[("GET", "/v1/account")] = lambda received: account(received) | self._hub_view()
        hub.routes[("GET", "/v1/cuts/([^/]+)")] = self._cut
        for index, custodian in self.alliance.custodians.items():
            custodian.routes |= {
                ("GET", "/v1/head"): partial(self._head, index),
                ("GET", "/v1/account"): partial(self._account, index),
                ("GET", "/v1/checkpoint"): partial(self._checkpoint, index),
                ("POST", "/v1/statements"): partial(self._take, index),
            }

    def _head(self, index: int, received: Received) -> SignedHead:
        return self.head(index)

    def _account(self, index: int, received: Received) -> dict[str, Any]:
        return self.account(index)

    def _checkpoint(self, index: int, received: Received) -> dict[str, str]:
        return self.alliance.hub.log.of_custodian(index)

    def head(self, index: int) -> SignedHead:
        head = Head(
            alliance=self.alliance.key_set.alliance,
            epoch=1,
            position=self.positions[index],
            head=self.heads[index],
            at=instant_text(self.alliance.clock()),
        )
        head = msgspec.structs.replace(head, **self.head_changes.get(index, {}))
        return sign_head(self.head_keys[index], head, custodian=index)

    def vote(self, index: int, *, key: SigningKey | None = None, **changes: Any) -> SignedStatement:
        """Return a custodian's signature under the cut."""
        usual = {
            "period": PERIOD,
            "position": CUT_AT,
            "head": b64(secret("head at the cut")),
            "state_digest": b64(secret("state at the cut")),
        }
        return statements.sign_statement(
            key or witness(index),
            CutSignature(**usual | changes),  # type: ignore[arg-type]
            alliance=self.alliance.key_set.alliance,
            epoch=1,
            author=custodian_author(index),
            sequence=5,
            previous=secret("before"),
            signed_at=self.alliance.clock(),
        )

    def account(self, index: int) -> dict[str, Any]:
        heard = [each for each in self.alliance.hub.said if each.statement.sequence not in self.unheard]
        return {
            "member": self.member.name,
            "state": "active",
            "position": self.positions[index],
            "head": self.heads[index],
            "next_sequence": max((each.statement.sequence for each in heard), default=0) + 1,
            "previous": b64(heard[-1].digest()) if heard else self.alliance.hub.previous,
            "evaluations": {"epoch": {"quota": 400, "used": 0}, "day": {"quota": 200, "used": 0}},
            "openings": {"quota": 400, "used": 0},
            "live_records": self._live(),
            "cut": self._cut_view(),
            "cuts": [self._cut_view()],
            "last_statements": [self._judged(each) for each in heard],
        } | self.account_changes.get(index, {})

    def _judged(self, signed: SignedStatement) -> dict[str, Any]:
        number = signed.statement.sequence
        return {
            "sequence": number,
            "position": 20 + number,
            "type": type(signed.statement.body).__name__.lower(),
            "digest": b64(signed.digest()),
            "valid": True,
            "reason": None,
        } | self.judged_changes.get(number, {})

    def _live(self) -> int:
        ended = {getattr(each.statement.body, "contract_ref", None) for each in self.alliance.hub.said}
        return len(self.alliance.hub.records.keys() - ended)

    def _hub_view(self) -> dict[str, Any]:
        return {
            "feed": {"position": 40, "head": HEAD, "stamp": None},
            "cut": self._cut_view(),
            "live_records": self._live(),
        } | self.hub_changes

    def _cut_view(self) -> dict[str, Any]:
        return {
            "period": PERIOD,
            "position": CUT_AT,
            "effective": True,
            "signatures": [1, 2, 3],
            "live_records": 0,
        }

    def _cut(self, received: Received) -> dict[str, Any]:
        assert received.groups == (PERIOD,)
        return {
            "period": PERIOD,
            "position": CUT_AT,
            "stamp": instant_text(self.alliance.clock() - timedelta(days=1)),
            "head": b64(secret("head at the cut")),
            "signatures": [{"position": 31 + n, "statement": vote} for n, vote in enumerate(self.votes)],
        } | self.cut_changes

    def _take(self, index: int, received: Received) -> dict[str, Any]:
        handed = parse_json(HandIn, received.body)
        key_set = self.alliance.key_set
        if (handed.recipient, handed.epoch, handed.key_set) != (
            custodian_author(index),
            1,
            b64(key_set.digest),
        ):
            raise Problem(403, "misdirected")
        statements.verify_statement(handed.statement, self.member.keys.signing.public)
        self.handed[index].append(handed)
        return {"position": None, "waiting": True}

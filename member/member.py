"""A member at work: its open vault, and its lines to the hub and the custodians."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from member import wire
from member.errors import NotYet, Refused, Untrusted
from member.home import Home
from member.http import Clock, Line
from member.report import Report
from member.vault import Keys, Settings, Vault
from privacy.encoding import b64, unb64
from privacy.errors import DeserializeError
from privacy.keyset import KeySet
from privacy.statements import AnyBody, SignedStatement, member_author, sign_statement


def system_clock() -> datetime:
    """Return the instant now, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Member:
    """What every act of a member needs. Made by `open_member`; used by one thread."""

    home: Home
    vault: Vault
    clock: Clock
    report: Report
    sleep: Callable[[float], None]
    hub: Line = field(init=False)
    _custodians: dict[int, Line] = field(default_factory=dict)
    _alliance: wire.Alliance | None = None

    def __post_init__(self) -> None:
        self.hub = self._line("the hub", self.settings.hub)

    @property
    def settings(self) -> Settings:
        """Who this member is, and whom it talks to."""
        return self.vault.settings

    @property
    def name(self) -> str:
        """The member's name."""
        return self.settings.name

    @property
    def keys(self) -> Keys:
        """The member's keys."""
        return self.vault.keys

    @property
    def key_set(self) -> KeySet:
        """The pinned key set of the epoch."""
        return self.settings.key_set.key_set

    @property
    def epoch(self) -> int:
        """The key epoch."""
        return self.key_set.epoch

    @property
    def key_set_digest(self) -> str:
        """The digest that requests and chunks name."""
        return b64(self.key_set.digest)

    def addressed(self, recipient: str) -> dict[str, str | int]:
        """Return the fields with which a body says for whom, and under which key set, it was made."""
        return {"recipient": recipient, "epoch": self.epoch, "key_set": self.key_set_digest}

    def alliance(self) -> wire.Alliance:
        """Ask the hub what it tells everybody; raises Untrusted when it serves another key set."""
        alliance = wire.read(wire.Alliance, self.hub.get("/v1/alliance"), self.hub.name)
        if alliance.key_set.key_set.digest != self.key_set.digest:
            raise Untrusted(
                "the hub serves another key set than the one that was pinned: if the alliance has a new one, "
                "go on with `alliance-member renew`; else tell the secretariat"
            )
        self._alliance = alliance
        return alliance

    def custodians(self) -> dict[int, Line]:
        """Return a line to each custodian by index; the hub says where they serve."""
        if not self._custodians:
            addresses = {each.index: each.address for each in (self._alliance or self.alliance()).custodians}
            indices = range(1, self.key_set.count + 1)
            self._custodians = {
                index: self._line(f"custodian {index}", addresses[index])
                for index in indices
                if index in addresses
            }
        return self._custodians

    def account(self) -> wire.Account:
        """Ask the hub how it sees this member."""
        account = wire.read(wire.Account, self.hub.get("/v1/account"), self.hub.name)
        if account.member != self.name:
            raise Untrusted("the hub answers for another member")
        return account

    def active_account(self) -> wire.Account:
        """Return the account of a member that may work; raises NotYet or, when suspended, Refused."""
        account = self.account()
        if account.state == "suspended":
            raise Refused("this member is suspended: ask the secretariat", rule="suspended")
        if account.state != "active":
            raise NotYet("this member is not active yet: run alliance-member enrol, it says what is missing")
        return account

    def sign(self, body: AnyBody, *, sequence: int, previous: bytes | None) -> SignedStatement:
        """Return `body` as this member's statement number `sequence`."""
        return sign_statement(
            self.keys.signing,
            body,
            alliance=self.key_set.alliance,
            epoch=self.epoch,
            author=member_author(self.name),
            sequence=sequence,
            previous=previous,
            signed_at=self.clock(),
        )

    def close(self) -> None:
        """Hang up and lock the vault."""
        for line in (self.hub, *self._custodians.values()):
            line.close()
        self.vault.close()

    def _line(self, name: str, address: str) -> Line:
        return Line(name, address, self.keys.signing, self.clock, self.sleep)


def next_statement(sequence: int | None, previous: str | None) -> tuple[int, bytes | None]:
    """Return sequence and previous digest for the next statement, as the hub names them; raises Untrusted."""
    try:
        digest = None if previous is None else unb64(previous, length=32)
    except DeserializeError as error:
        raise Untrusted("the hub names no digest as this member's last statement") from error
    # Sequence 0 is the enrolment, which is the only statement without a predecessor.
    if not isinstance(sequence, int) or sequence < 1 or digest is None:
        raise Untrusted("the hub does not say which statement of this member comes next")
    return sequence, digest


@contextmanager
def open_member(
    home: Home,
    passphrase: str,
    *,
    clock: Clock = system_clock,
    report: Report | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Member]:
    """Open a member's vault and lines, and close them at the end.

    Raises VaultRefused for a wrong passphrase, VaultBusy while another command is at work.
    """
    member = Member(home, Vault.open(home.vault, passphrase), clock, report or Report(), sleep)
    try:
        yield member
    finally:
        member.close()

"""Follows the feed: pulls, verifies and applies every statement, signs cuts, stops on a fork.

A hub that shows this custodian another feed than it showed before, or than it signed for, is caught
here; from then on the custodian serves nothing until a person has looked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from custodian import state
from custodian.errors import DeliveryFault, HubRefused, Stopped
from custodian.hub import HubLink
from custodian.ledger import Ledger
from privacy.encoding import b64, instant_text, parse_instant
from privacy.errors import InvalidInputError
from privacy.feed import FeedEntry, Head, SignedHead, sign_head
from privacy.keyset import KeySet
from privacy.messages import Message, parse_json
from privacy.signing import SigningKey
from privacy.statements import Acceptance, CutSignature, custodian_author, sign_statement

PAGE = 64
"""Positions asked for in one pull; a chunk of 4,096 records is about 5 MB."""

_ATTEMPTS = 5


class _Line(Message, frozen=True):
    """One line of the feed as the hub sends it: an entry, or the heartbeat that ends the answer."""

    entry: FeedEntry | None = None
    heartbeat: SignedHead | None = None


@dataclass(frozen=True, slots=True)
class Follower:
    """One custodian's way along the feed. Several processes may follow with the same files."""

    index: int
    key_set: KeySet
    key: SigningKey
    state_path: Path
    ledger: Ledger
    hub: HubLink
    clock: Callable[[], datetime]

    def pull(self) -> int:
        """Follow the feed to its end, then sign a cut that waits; returns the position reached.

        Raises Stopped after a fork (also an earlier one), HubUnreachable, HubRefused.
        """
        self.require_running()
        with closing(state.open_state(self.state_path)) as db:
            while not self._pull_page(db):
                pass
            self._sign_cut(db)
            return state.head(db).position

    def require_running(self) -> None:
        """Raise Stopped when a fork was seen."""
        reason = self.ledger.fact("stopped")
        if reason:
            raise Stopped(f"stopped: {reason}; see `alliance-custodian status`")

    def signed_head(self, db: sqlite3.Connection) -> SignedHead:
        """Return this custodian's signature under the feed as far as `db` has followed it."""
        here = state.head(db)
        head = Head(
            alliance=self.key_set.alliance,
            epoch=self.key_set.epoch,
            position=here.position,
            head=b64(here.root),
            at=instant_text(self.clock()),
        )
        return sign_head(self.key, head, custodian=self.index)

    def accept(self, enrolment: bytes) -> None:
        """Put this custodian's acceptance of an enrolment on the feed; raises HubRefused."""
        with closing(state.open_state(self.state_path)) as db:
            self._publish(db, Acceptance(enrolment=b64(enrolment)))

    def _sign_cut(self, db: sqlite3.Connection) -> None:
        """Sign the newest cut that waits for this custodian.

        What is signed for a period is on disk before it is sent, and never replaced.
        """
        body = state.cut_to_sign(db, self.index)
        if body is None:
            return
        if not self.ledger.sign_once(body.period, body.canonical()):
            self._stop("cut", f"another cut of {body.period} was signed before", body.canonical())
        self._publish(db, body)

    def _publish(self, db: sqlite3.Connection, body: Acceptance | CutSignature) -> None:
        """Say something on the feed, behind what this custodian said last; raises HubRefused."""
        for attempt in range(1, _ATTEMPTS + 1):
            author = state.author_state(db, custodian_author(self.index))
            signed = sign_statement(
                self.key,
                body,
                alliance=self.key_set.alliance,
                epoch=self.key_set.epoch,
                author=custodian_author(self.index),
                sequence=author.next_sequence,
                previous=author.previous,
                signed_at=self.clock(),
            )
            try:
                self.hub.publish(signed)
                return
            except HubRefused as refusal:
                # This custodian's own other process was faster: follow, and chain behind that one.
                if refusal.slug != "sequence" or attempt == _ATTEMPTS:
                    raise
                self._pull_page(db)

    def _pull_page(self, db: sqlite3.Connection) -> bool:
        """Apply one answer of the hub; says whether the feed's end was reached."""
        after = state.head(db).position
        for text in self.hub.pull(after, PAGE):
            line = self._parse(text)
            if line.entry is not None:
                self._apply(db, line.entry)
            elif line.heartbeat is not None:
                return self._check(db, line.heartbeat)
        return False

    def _parse(self, text: bytes) -> _Line:
        try:
            return parse_json(_Line, text)
        except InvalidInputError as error:
            self._stop(
                "feed", f"a line of the feed is malformed at {error.field or 'its start'}", text[:10_000]
            )
            raise

    def _apply(self, db: sqlite3.Connection, entry: FeedEntry) -> None:
        """Apply an entry in a transaction of its own, unless another process has done so."""
        try:
            db.execute("BEGIN IMMEDIATE")
            with db:
                if entry.position > state.head(db).position:
                    state.apply(db, self.key_set, entry)
        except DeliveryFault as fault:
            self._stop("feed", str(fault), entry.statement.canonical())

    def _check(self, db: sqlite3.Connection, heartbeat: SignedHead) -> bool:
        if heartbeat.head.position > state.head(db).position:
            return False
        try:
            state.check_heartbeat(db, self.key_set, heartbeat)
        except DeliveryFault as fault:
            self._stop("fork", str(fault), msgspec.json.encode([heartbeat, self.signed_head(db)]))
        newest = self.ledger.heartbeat_at()
        if newest is None or newest < parse_instant(heartbeat.head.at):
            self.ledger.set_fact("heartbeat", heartbeat.head.at)
        return True

    def _stop(self, kind: str, detail: str, evidence: bytes) -> None:
        self.ledger.raise_alarm(kind, detail, evidence, now=self.clock())
        self.ledger.set_fact("stopped", detail)
        raise Stopped(f"stopped: {detail}; see `alliance-custodian status`")

"""Follows the feed: pulls, verifies and applies every statement, and stops on a fork.

A hub that shows this custodian another feed than it showed before, than it signed for, or than a fellow
custodian signs, is caught here; from then on the custodian serves nothing until a person has looked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import msgspec

from custodian import clocks, heads, restoring, speaking, state
from custodian.checkpoints import Checkpoints
from custodian.errors import DeliveryFault, Forgotten, HubRefused, Stopped
from custodian.hub import HubLink
from custodian.ledger import Ledger
from custodian.restoring import Restored
from privacy.checkpoint import Note
from privacy.encoding import b64, instant_text, parse_instant
from privacy.errors import InvalidInputError
from privacy.feed import FeedEntry, Head, SignedHead, sign_head
from privacy.keyset import KeySet
from privacy.messages import Message, parse_json
from privacy.signing import SigningKey
from privacy.statements import Acceptance

PAGE = 64
"""Positions asked for in one pull; a chunk of 4,096 records is about 5 MB."""


class _Line(Message, frozen=True):
    """One line of the feed as the hub sends it: an entry, or the heartbeat that ends the answer."""

    entry: FeedEntry | None = None
    heartbeat: SignedHead | None = None


def no_fellows() -> list[SignedHead]:
    """What a custodian hears that was told no addresses of its fellows."""
    return []


def no_notes() -> list[Note | None]:
    """What it then hears of the log."""
    return []


@dataclass(frozen=True, slots=True)
class Follower:
    """One custodian's way along the feed. Several processes may follow with the same files.

    `fellows` asks fellow custodians for their signed heads, `fellow_notes` for the log's checkpoint that they
    cosigned last; nothing that these give is believed unchecked.
    """

    index: int
    key_set: KeySet
    key: SigningKey
    state_path: Path
    ledger: Ledger
    hub: HubLink
    clock: Callable[[], datetime]
    fellows: Callable[[], Iterable[SignedHead]] = no_fellows
    fellow_notes: Callable[[], Iterable[Note | None]] = no_notes

    @property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints beside the state."""
        return Checkpoints(self.state_path.parent / "checkpoints", self.ledger, self.key_set)

    def pull(self) -> int:
        """Follow the feed to its end, then say what is to be said; returns the position reached.

        After a restoration it says nothing until the fellows' heads are reached. Raises Stopped after a fork
        (also an earlier one), Forgotten, HubUnreachable, HubRefused.
        """
        self.require_running()
        with closing(state.open_state(self.state_path)) as db:
            while not self.pull_page(db):
                pass
            self._look_back(db)
            if self._has_caught_up(db):
                speaking.speak(self, db)
            return state.head(db).position

    def require_running(self) -> None:
        """Raise Stopped when a fork was seen."""
        reason = self.ledger.fact("stopped")
        if reason:
            raise Stopped(f"stopped: {reason}; see `alliance-custodian status`")

    def signed_head(self, db: sqlite3.Connection) -> SignedHead:
        """Return this custodian's signature under the feed as far as `db` has followed it."""
        here = state.head(db)
        return self._sign(here.position, here.root)

    def accept(self, enrolment: bytes) -> None:
        """Put this custodian's acceptance of an enrolment on the feed; raises HubRefused, OperatorError."""
        with closing(state.open_state(self.state_path)) as db:
            speaking.say(self, db, Acceptance(enrolment=b64(enrolment)))

    def compare(self, db: sqlite3.Connection) -> list[SignedHead]:
        """Compare the fellows' heads with this feed, and return those that agree or are further on.

        A head of before this custodian's start says nothing. Raises Stopped when one contradicts.
        """
        here, agreeing = state.head(db), []
        for custodian, signed in heads.verified(self.key_set, self.index, self.fellows()).items():
            at = signed.head.position
            known = here.root if at == here.position else heads.root_at(self.ledger, at)
            if known is not None and b64(known) != signed.head.head:
                self._stop_at_fork(f"custodian {custodian} signs", signed, self._sign(at, known))
            if known is not None or at > here.position:
                agreeing.append(signed)
        return agreeing

    def stop(self, kind: str, detail: str, evidence: bytes) -> NoReturn:
        """Raise an alarm and serve nothing from now on; raises Stopped."""
        self.ledger.raise_alarm(kind, detail, evidence, now=self.clock())
        self.ledger.set_fact("stopped", detail)
        raise Stopped(f"stopped: {detail}; see `alliance-custodian status`")

    def pull_page(self, db: sqlite3.Connection) -> bool:
        """Apply one answer of the hub; says whether the feed's end was reached."""
        followed: dict[int, bytes] = {}
        asked = state.head(db).position
        heartbeat = self._take(db, asked, followed)
        another = heads.record(self.ledger, followed)
        if another is not None:
            self.stop("fork", f"position {another} had another head before", self.signed_head(db).canonical())
        return heartbeat is not None and self._check(db, heartbeat, asked)

    def _take(self, db: sqlite3.Connection, asked: int, followed: dict[int, bytes]) -> SignedHead | None:
        """Apply the entries of one answer, note the head behind each, and return the heartbeat."""
        try:
            for text in self.hub.pull(asked, PAGE):
                line = self._parse(text)
                if line.entry is not None:
                    self._apply(db, line.entry)
                    here = state.head(db)
                    followed[here.position] = here.root
                elif line.heartbeat is not None:
                    return line.heartbeat
        except HubRefused as refusal:
            if refusal.slug == "forgotten":
                raise Forgotten from refusal
            raise
        return None

    def _parse(self, text: bytes) -> _Line:
        try:
            return parse_json(_Line, text)
        except InvalidInputError as error:
            where = error.field or "its start"
            self.stop("feed", f"a line of the feed is malformed at {where}", text[:10_000])

    def _apply(self, db: sqlite3.Connection, entry: FeedEntry) -> None:
        """Apply an entry in a transaction of its own, unless another process has done so."""
        self.checkpoints.before_next(db)
        self.checkpoints.note(entry)
        try:
            db.execute("BEGIN IMMEDIATE")
            with db:
                if entry.position > state.head(db).position:
                    state.apply(db, self.key_set, entry)
        except DeliveryFault as fault:
            self.stop("feed", str(fault), entry.statement.canonical())

    def _check(self, db: sqlite3.Connection, heartbeat: SignedHead, asked: int) -> bool:
        """Judge the hub's signed head at the end of an answer; says whether the feed's end was reached."""
        at = heartbeat.head.position
        if at > state.head(db).position:
            return False
        try:
            state.check_heartbeat(
                db, self.key_set, heartbeat, asked=asked, passed=heads.root_at(self.ledger, at)
            )
        except DeliveryFault as fault:
            self._stop_at_fork(str(fault), heartbeat, self.signed_head(db))
        self.checkpoints.before_next(db)
        self.checkpoints.complete(db)
        self._look_ahead(db, heartbeat)
        return True

    def _look_ahead(self, db: sqlite3.Connection, heartbeat: SignedHead) -> None:
        """Remember that the hub was heard, unless it speaks from the future: that raises an alarm, once."""
        now, said_at = self.clock(), parse_instant(heartbeat.head.at)
        stamp = max(filter(None, (state.head(db).stamp, said_at)))
        known = self.ledger.fact("ahead")
        if not clocks.is_ahead(stamp, now):
            self.ledger.note("ahead", None)
        elif known is None:
            self.ledger.set_fact("ahead", instant_text(stamp))
            detail = f"the hub's time {instant_text(stamp)} is ahead of this custodian's clock: compare both"
            self.ledger.raise_alarm("hub-ahead", detail, heartbeat.canonical(), now=now)
        newest = self.ledger.heartbeat_at()
        if not clocks.is_ahead(said_at, now) and (newest is None or newest < said_at):
            self.ledger.set_fact("hub_head", heartbeat.canonical().decode())
            self.ledger.set_fact("heartbeat", heartbeat.head.at)

    def _look_back(self, db: sqlite3.Connection) -> None:
        """Find out whether this ledger has forgotten what its own custodian has said."""
        if restoring.find(self.ledger) is not None:
            return
        lost = restoring.forgotten(self.ledger, db, self.index)
        if lost is not None:
            detail = f"the feed carries {lost}, of which this ledger knows nothing: was an old one put back?"
            self.ledger.raise_alarm("restored", detail, self.signed_head(db).canonical(), now=self.clock())
            since = restoring.last_known(self.ledger, db)
            restoring.remember(self.ledger, Restored(since, instant_text(self.clock())))

    def _has_caught_up(self, db: sqlite3.Connection) -> bool:
        """Say whether this custodian may speak and serve; ends a restoration as soon as it may."""
        if restoring.find(self.ledger) is None:
            return True
        needed = min(self.key_set.threshold, self.key_set.count - 1)
        here = state.head(db).position
        if not restoring.have_caught_up(needed, here, self.compare(db), self.clock()):
            what = f"restored: {needed} fellow custodians are to sign a head that this feed has reached"
            self.ledger.note("unsigned", what)
            return False
        restoring.spend(self.ledger, db, self.key_set, self.index, self.clock())
        return True

    def _stop_at_fork(self, what: str, theirs: SignedHead, ours: SignedHead) -> NoReturn:
        """Stop with both signed heads as evidence, and the hub's last one that was believed."""
        believed = self.ledger.fact("hub_head")
        evidence = [theirs, ours, *([msgspec.Raw(believed.encode())] if believed else [])]
        detail = f"{what}: {_shown(theirs)} there, {_shown(ours)} here"
        self.stop("fork", detail, msgspec.json.encode(evidence))

    def _sign(self, position: int, root: bytes) -> SignedHead:
        head = Head(
            alliance=self.key_set.alliance,
            epoch=self.key_set.epoch,
            position=position,
            head=b64(root),
            at=instant_text(self.clock()),
        )
        return sign_head(self.key, head, custodian=self.index)


def _shown(signed: SignedHead) -> str:
    return f"head {signed.head.head} at position {signed.head.position}"

"""What a custodian says on the feed of its own accord: its signature under a cut, its cohorts.

Whatever it says once and for all is on disk before it is sent, and the same when it is sent again.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Final

from custodian import clocks, cohorts, extracts, faults, handed_in, state
from custodian.errors import HubRefused, OperatorError
from privacy.statements import Acceptance, Cohorts, CutSignature, custodian_author, sign_statement

if TYPE_CHECKING:
    from custodian.follower import Follower

_ATTEMPTS: Final = 5


def speak(follower: Follower, db: sqlite3.Connection) -> None:
    """Sign the newest cut, unless there is a reason not to, and publish the cohorts of periods that are over.

    Raises Stopped, HubUnreachable, HubRefused.
    """
    if follower.ledger.fact("closed"):
        return
    if clocks.is_behind(follower.ledger.heartbeat_at(), follower.clock()):
        # Said now, it would be dated so far from the hub's stamp that nobody hears it.
        follower.ledger.note("unsigned", "the hub's time is behind this custodian's clock: compare both")
        return
    sign_cut(follower, db)
    publish_cohorts(follower, db)


def sign_cut(follower: Follower, db: sqlite3.Connection) -> None:
    """Sign the newest cut that waits for this custodian; fact `unsigned` says why it does not.

    What is signed for a period is never replaced.
    """
    body = state.cut_to_sign(db, follower.index)
    reason = _reason_not_to_sign(follower, db, body)
    follower.ledger.note("unsigned", reason)
    if body is None or reason is not None:
        return
    if not follower.ledger.sign_once(body.period, body.canonical()):
        follower.stop("cut", f"another cut of {body.period} was signed before", body.canonical())
    faults.reached("cut.signed")
    say(follower, db, body)


def publish_cohorts(follower: Follower, db: sqlite3.Connection) -> None:
    """Put the cohorts of every period that is over onto the feed, unless they stand there."""
    over = [cut.period for cut in extracts.cuts(db) if cut.effective][:-1]
    due = [period for period in over if period in cohorts.counted(follower.ledger)] if over else []
    said = extracts.cohorts(db, follower.index) if due else {}
    accounts = cohorts.Accounts(
        follower.ledger, follower.key_set, follower.index, os.urandom(cohorts.SECRET_BYTES)
    )
    for period in due:
        body = accounts.close(period) if period not in said else None
        if body is not None and accounts.may_send(period, follower.clock()):
            _publish(follower, db, body)


def _publish(follower: Follower, db: sqlite3.Connection, body: Cohorts) -> None:
    """Send a period's cohorts; a hub that will not have them hides openings from contributors."""
    try:
        faults.reached("cohorts.closed")
        say(follower, db, body)
    except HubRefused as refusal:
        detail = f"the hub refuses this custodian's cohorts of {body.period} ({refusal.slug})"
        if follower.ledger.note("cohorts_refused", detail):
            follower.ledger.raise_alarm("cohorts", detail, body.canonical(), now=follower.clock())


def say(follower: Follower, db: sqlite3.Connection, body: Acceptance | CutSignature | Cohorts) -> None:
    """Say something on the feed, behind what this custodian said last; raises HubRefused, OperatorError."""
    if follower.ledger.fact("closed"):
        raise OperatorError("this epoch has ended: its feed is complete, nothing is added")
    for attempt in range(1, _ATTEMPTS + 1):
        author = state.author_state(db, custodian_author(follower.index))
        signed = sign_statement(
            follower.key,
            body,
            alliance=follower.key_set.alliance,
            epoch=follower.key_set.epoch,
            author=custodian_author(follower.index),
            sequence=author.next_sequence,
            previous=author.previous,
            signed_at=follower.clock(),
        )
        try:
            follower.hub.publish(signed)
            return
        except HubRefused as refusal:
            # This custodian's own other process was faster: follow, and chain behind that one.
            if refusal.slug != "sequence" or attempt == _ATTEMPTS:
                raise
            follower.pull_page(db)


def _reason_not_to_sign(follower: Follower, db: sqlite3.Connection, body: CutSignature | None) -> str | None:
    """Say why a cut that waits is not signed; looks after what was handed in, whether one waits or not."""
    now, policy = follower.clock(), follower.key_set.policy
    missing = handed_in.settle(follower.ledger, db, cut_waits=body is not None, now=now)
    if body is None:
        return None
    if clocks.is_ahead(state.head(db).stamp, now):
        return f"{body.period}: the feed is stamped ahead of this custodian's clock"
    if clocks.is_over(policy.period, body.period, now):
        return f"{body.period}: the period is over"
    if missing:
        return f"{body.period}: the feed lacks statements that were handed in by {', '.join(missing)}"
    return None

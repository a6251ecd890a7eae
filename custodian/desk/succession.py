"""How an epoch ends: its successor names where it ended, and each custodian that agrees serves no more.

An adversary would let two epochs open one period, and subtract; or end the epoch at a feed that lacks what
members said last. So a custodian endorses one successor only, at the head that it holds itself, and from
then on evaluates and opens nothing in the old epoch.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from custodian import state
from custodian.errors import OperatorError
from custodian.ledger import Ledger
from custodian.state.schema import NEVER
from privacy import keyset
from privacy.consistency import verify_consistent
from privacy.encoding import b64
from privacy.errors import VerifyError
from privacy.feed import SignedHead, verify_head
from privacy.keyset import Endorsement, KeySet, Predecessor, SignedKeySet
from privacy.signing import SigningKey


def last_period(db: sqlite3.Connection) -> str | None:
    """Return the period of the newest effective cut."""
    row = db.execute(f"SELECT max(period) FROM cuts WHERE effective_at < {NEVER}").fetchone()
    period: str | None = row[0]
    return period


def predecessor(last: SignedKeySet, heads: Iterable[SignedHead], period: str | None) -> Predecessor:
    """Return what a successor of `last` says of it, as its custodians' signed final heads have it.

    Raises VerifyError for a head that is none of that epoch's, OperatorError when two differ.
    """
    named: Predecessor | None = None
    for signed in heads:
        _verify_head(last.key_set, signed)
        here = Predecessor(
            epoch=last.key_set.epoch,
            key_set=b64(last.key_set.digest),
            position=signed.head.position,
            head=signed.head.head,
            period=period,
        )
        if named not in (None, here):
            raise OperatorError(
                "the final heads differ: let the custodians follow to one end, then ask again"
            )
        named = here
    if named is None:
        raise OperatorError("give the final head: `alliance-custodian head` writes it")
    return named


def endorse(
    db: sqlite3.Connection,
    ledger: Ledger,
    key: SigningKey,
    *,
    custodian: int,
    last: KeySet,
    successor: KeySet,
) -> Endorsement:
    """Close this epoch for good, then sign its successor; raises OperatorError for one that does not fit."""
    verify_consistent(successor)
    _require_fits(db, last, successor)
    closed = f"epoch {successor.epoch} follows, key set {b64(successor.digest)}"
    if ledger.fact("closed") not in (None, closed):
        raise OperatorError("another key set was endorsed here: an epoch has one successor")
    ledger.set_fact("closed", closed)
    return keyset.endorse(key, successor, custodian=custodian)


def _require_fits(db: sqlite3.Connection, last: KeySet, successor: KeySet) -> None:
    named, here = successor.predecessor, state.head(db)
    if named is None or named.key_set != b64(last.digest):
        raise OperatorError("this key set does not follow the one that is pinned here")
    if (successor.alliance, successor.policy.synthetic) != (last.alliance, last.policy.synthetic):
        raise OperatorError(
            "this key set is of another alliance, or of other data: made-up and real never mix"
        )
    if (named.position, named.head) != (here.position, b64(here.root)):
        raise OperatorError(
            f"the key set ends this epoch at position {named.position}, but this custodian stands at "
            f"{here.position} or with another head: hold the ceremony with the final head of all"
        )
    if named.period != last_period(db):
        raise OperatorError(
            f"the newest effective cut here is of {last_period(db) or 'no period'}, "
            f"the key set says {named.period or 'none'}: hold the ceremony with the right --last-period"
        )


def _verify_head(key_set: KeySet, signed: SignedHead) -> None:
    if signed.custodian is None:
        raise VerifyError("the final head must be a custodian's, not the hub's")
    if (signed.head.alliance, signed.head.epoch) != (key_set.alliance, key_set.epoch):
        raise VerifyError("the final head is of another alliance or epoch")
    verify_head(signed, key_set.witness(signed.custodian))

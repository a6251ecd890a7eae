"""The auditor's side of a total that makes no sense: who contributed, and is what they show what they sealed?

A total that makes no sense accuses its contributors together; each then shows what it sealed (protocol,
section 5). A member would show a record that it never submitted, one of somebody else's, or an innocent one
of its own. So a record must stand in this custodian's own state, as that member's, and be of the very cohort
that is accused; and the signature be by a key that the member had.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from custodian import state
from custodian.errors import OperatorError
from custodian.state import Contributor
from privacy import contributions, signing
from privacy.accusations import UnsoundTotal, verify_accusation
from privacy.contributions import SignedContributionOpening
from privacy.errors import VerifyError
from privacy.keyset import KeySet


@dataclass(frozen=True, slots=True)
class Standing:
    """A record of the feed: whose it is, where it was accepted, and the keys that its member has had."""

    member: str
    position: int
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one record of an accused cohort; `sound` is None while it has not been opened."""

    contributor: Contributor
    sound: bool | None
    why: str


def audit(
    db: sqlite3.Connection,
    key_set: KeySet,
    accusation: UnsoundTotal,
    shown: Iterable[SignedContributionOpening],
) -> list[Finding]:
    """Return a finding for each record behind an accused total, in the order of members and contracts.

    Raises VerifyError for an accusation that does not hold, OperatorError when this custodian does not hold
    its cohort any more, or for an opening that is of no record of it.
    """
    verify_accusation(accusation, key_set)
    cohort = state.contributors(db, accusation.manifest, accusation.subject)
    if not cohort:
        raise OperatorError("this custodian holds no cohort of that period any more: ask a fellow custodian")
    opened = {signed.opening.record.leaf(): signed for signed in shown}
    if opened.keys() - {each.leaf for each in cohort}:
        raise OperatorError("an opening is of no record behind this total: ask for those that are listed")
    return list(_findings(db, key_set, cohort, opened))


def _findings(
    db: sqlite3.Connection,
    key_set: KeySet,
    cohort: Iterable[Contributor],
    opened: dict[bytes, SignedContributionOpening],
) -> Iterator[Finding]:
    for each in cohort:
        signed = opened.get(each.leaf)
        if signed is None:
            yield Finding(each, None, "has not been opened")
            continue
        try:
            check(db, key_set, signed)
            yield Finding(each, True, "is a sound contribution of one contract")
        except VerifyError as error:
            yield Finding(each, False, str(error))


def check(db: sqlite3.Connection, key_set: KeySet, signed: SignedContributionOpening) -> list[str]:
    """Return what holds of one opening by itself, sentence by sentence.

    Whether it is the one that was asked for only `audit` says. Raises OperatorError when this custodian knows
    no such record, VerifyError naming what does not hold.
    """
    record = signed.opening.record
    standing = _find(db, record.contract_ref, record.leaf())
    if standing is None:
        raise OperatorError("this record does not stand on the feed as this custodian holds it")
    contributions.verify_contribution(signed, _signer(standing, signed), key_set)
    return [
        f"the record stands on the feed at position {standing.position}, of {standing.member}",
        f"the opening is signed by {standing.member}",
        "plaintext and randomness give the contribution that stands there",
        "it is a sound contribution of one contract",
    ]


def _signer(standing: Standing, signed: SignedContributionOpening) -> bytes:
    """Return the key that signed, of those that the member has had: it may have rotated since.

    Raises VerifyError.
    """
    for key in standing.keys:
        try:
            signing.verify_document(key, "contribution", signed.opening.document(), signed.signature)
            return key
        except VerifyError:
            continue
    raise VerifyError(f"this opening is not signed by a key that {standing.member} has had")


def _find(db: sqlite3.Connection, contract_ref: str, leaf: bytes) -> Standing | None:
    row = db.execute(
        "SELECT members.id, members.name, records.accepted_at FROM contracts"
        " JOIN records ON records.contract = contracts.id JOIN members ON members.id = contracts.member"
        " WHERE contracts.contract_ref = ? AND records.leaf = ?",
        (contract_ref, leaf),
    ).fetchone()
    if row is None:
        return None
    member, name, position = row
    keys = db.execute("SELECT signing FROM keys WHERE member = ? ORDER BY from_position DESC", (member,))
    return Standing(name, position, tuple(key for (key,) in keys))

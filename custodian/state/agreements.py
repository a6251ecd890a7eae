"""Rule for agreements, and which version is in force.

- agreement: of an enrolled member, whose key in force signed the terms; contributors no fewer than the
  key set's policy; a version above the last of the same agreement; an end after its beginning.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from custodian.state.act import Act, Void
from custodian.state.membership import require_member
from custodian.state.schema import insert
from custodian.state.values import VoidReason
from privacy.encoding import instant_text, parse_instant
from privacy.errors import DeserializeError, VerifyError
from privacy.messages import parse_json
from privacy.statements import Agreement, verify_terms
from privacy.terms import Terms


def agreement(act: Act, body: Agreement) -> None:
    """Put terms on record."""
    terms = body.terms
    member = require_member(act, terms.member)
    try:
        verify_terms(member.signing, body)
    except VerifyError as error:
        raise Void(VoidReason.TERMS_SIGNATURE) from error
    if terms.min_contributors < act.key_set.policy.min_contributors:
        raise Void(VoidReason.MIN_CONTRIBUTORS)
    if not _is_span(terms.valid_from, terms.valid_until):
        raise Void(VoidReason.VALIDITY)
    if terms.version <= _last_version(act.db, terms.agreement):
        raise Void(VoidReason.VERSION)
    insert(
        act.db,
        "agreements",
        agreement=terms.agreement,
        version=terms.version,
        position=act.position,
        valid_from=terms.valid_from,
        terms=terms.canonical().decode(),
    )


def find_terms(db: sqlite3.Connection, agreement: str, *, position: int, at: datetime) -> Terms | None:
    """Return the version of an agreement that holds at a position and its stamp.

    That is the newest on record whose validity has begun: once it has ended, no older version revives.
    """
    row = db.execute(
        "SELECT terms FROM agreements WHERE agreement = ? AND position <= ? AND valid_from <= ?"
        " ORDER BY version DESC LIMIT 1",
        (agreement, position, instant_text(at)),
    ).fetchone()
    if row is None:
        return None
    terms = parse_json(Terms, row[0])
    return terms if at < parse_instant(terms.valid_until) else None


def _is_span(start: str, end: str) -> bool:
    try:
        return parse_instant(start) < parse_instant(end)
    except DeserializeError:  # such as 30 February: well formed, but no instant
        return False


def _last_version(db: sqlite3.Connection, agreement: str) -> int:
    row = db.execute("SELECT max(version) FROM agreements WHERE agreement = ?", (agreement,)).fetchone()
    return row[0] or 0

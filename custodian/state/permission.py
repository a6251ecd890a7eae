"""Whether a manifest may be judged at all: who asks, under which agreement, in which period.

The asker's standing and keys are those at this custodian's own head, so that a suspension or a lost key
counts at once; the rest is judged at exactly the position that the hub named.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from custodian.errors import Refused, Stale
from custodian.state import agreements, directory
from custodian.state.delivery import find_stamp, head
from custodian.state.values import MemberView
from privacy import matching
from privacy.encoding import b64, parse_instant
from privacy.errors import VerifyError
from privacy.keyset import KeySet
from privacy.matching import Manifest, MatchRequest
from privacy.terms import Terms
from privacy.vocabulary import Category


@dataclass(frozen=True, slots=True)
class EffectiveCut:
    """A cut that all custodians have signed alike."""

    position: int
    period: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Permission:
    """On what ground a manifest is judged: by whom asked, against which cut, from how many contributors."""

    asker: MemberView
    cut: EffectiveCut
    minimum: int


def require_permission(db: sqlite3.Connection, key_set: KeySet, match: MatchRequest, at: int) -> Permission:
    """Return the ground on which `match` is judged at `at`.

    Raises Refused with slug `misdirected`, `position`, `not-active`, `signature`, `agreement`, `purpose`,
    `category`, `no-period` or `period`; Stale for a position before the newest effective cut took effect, or
    before the checkpoint started from: what has ended since may be forgotten. InvalidInputError for lists
    that do not fit.
    """
    manifest = match.manifest
    _require_here(db, key_set, manifest, at)
    asker = _require_asker(db, match)
    terms = _require_terms(db, manifest, at)
    cut = _require_period(db, manifest.period, at)
    return Permission(asker, cut, max(key_set.policy.min_contributors, terms.min_contributors))


def find_effective_cut(db: sqlite3.Connection, position: int) -> EffectiveCut | None:
    """Return the newest cut that is effective at `position`."""
    row = db.execute(
        "SELECT position, period, stamp FROM cuts WHERE effective_at <= ? ORDER BY position DESC LIMIT 1",
        (position,),
    ).fetchone()
    return None if row is None else EffectiveCut(row[0], row[1], parse_instant(row[2]))


def _require_here(db: sqlite3.Connection, key_set: KeySet, manifest: Manifest, at: int) -> None:
    named = (manifest.alliance, manifest.epoch, manifest.key_set)
    if named != (key_set.alliance, key_set.epoch, b64(key_set.digest)):
        raise Refused("misdirected", "the manifest names another alliance, epoch or key set: sign it anew")
    here = head(db)
    if not 1 <= at <= here.position:
        raise Refused("position", "this custodian has not followed the feed to that position yet: ask again")
    if find_stamp(db, at) is None:
        raise Stale(here)


def _require_asker(db: sqlite3.Connection, match: MatchRequest) -> MemberView:
    asker = directory.find_member(db, match.manifest.member)
    if asker is None or not asker.active:
        raise Refused("not-active", "the asker is no active member: ask the secretariat")
    try:
        matching.verify_match(match, asker.signing)
    except VerifyError as error:
        raise Refused("signature", "the manifest is not signed with the asker's key in force") from error
    return asker


def _require_terms(db: sqlite3.Connection, manifest: Manifest, at: int) -> Terms:
    stamp = parse_instant(find_stamp(db, at))
    terms = agreements.find_terms(db, manifest.agreement, position=at, at=stamp)
    if terms is None or terms.member != manifest.member:
        raise Refused("agreement", "this agreement is not in force with the asker: sign its next version")
    if manifest.purpose not in terms.purposes:
        raise Refused("purpose", "the agreement does not name this purpose: ask for one that it names")
    if not terms.grants(Category.EXPOSURE):
        raise Refused("category", "the agreement does not let the asker see exposure")
    return terms


def _require_period(db: sqlite3.Connection, period: str, at: int) -> EffectiveCut:
    cut, here = find_effective_cut(db, at), head(db)
    if cut != find_effective_cut(db, here.position):
        raise Stale(here)
    if cut is None:
        raise Refused("no-period", "no cut is effective yet: ask again when all custodians have signed one")
    if cut.period != period:
        raise Refused("period", f"the manifest names another period than {cut.period}: sign it for that one")
    return cut

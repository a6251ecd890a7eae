"""Serves openings: judges a manifest by this custodian's own feed, and opens its part of what may open."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import NamedTuple

from custodian import state
from custodian.errors import Refused, Stale
from custodian.ledger import Ledger, Use
from privacy import exposure, matching, paillier, periods, threshold_paillier
from privacy.encoding import b64, instant_text, parse_instant
from privacy.keyset import KeySet, encode_integer
from privacy.matching import MAX_CIPHERTEXTS, MatchRequest, Opening, OpeningRequest, SealedOpening, Status
from privacy.signing import SigningKey

FRESH = timedelta(minutes=10)
"""No opening while the hub's newest statement or heartbeat is older: it might hide a suspension."""

MANIFEST_LIFE = timedelta(hours=24)


def judge(db: sqlite3.Connection, key_set: KeySet, request: OpeningRequest) -> state.Judgement:
    """Judge a manifest at the position asked; raises Refused.

    Raises Stale, and says nothing else, when this custodian's head is behind or judges otherwise.
    """
    here = state.head(db)
    if request.position > here.position:
        raise Stale(here)
    judged = _judge_at(db, key_set, request, request.position)
    if request.position < here.position and judged != _judge_at(db, key_set, request, here.position):
        raise Stale(here)
    if isinstance(judged, Refusal):
        raise Refused(judged.slug, judged.message)
    return judged


class Refusal(NamedTuple):
    """A refusal as a value, so that what two positions say can be compared."""

    slug: str
    message: str


def _judge_at(
    db: sqlite3.Connection, key_set: KeySet, request: OpeningRequest, position: int
) -> state.Judgement | Refusal:
    try:
        return state.judge(db, key_set, request.match, position)
    except Refused as refused:
        return Refusal(refused.slug, str(refused))


def require_timely(request: OpeningRequest, heartbeat: datetime | None, now: datetime) -> None:
    """Refuse an old manifest, or to open while the hub is silent; raises Refused."""
    if heartbeat is None or now - heartbeat > FRESH:
        raise Refused("hub-silent", "nothing was heard from the hub's feed for 10 minutes; try again later")
    if abs(now - parse_instant(request.match.manifest.requested_at)) > MANIFEST_LIFE:
        raise Refused("expired", "the manifest is older than 24 hours; sign a new one")


def open_totals(
    judgement: state.Judgement,
    *,
    key_set: KeySet,
    share: int,
    executor: Executor,
) -> tuple[list[int], list[int]]:
    """Return the packed ciphertexts of what is open and this custodian's partials of them."""
    public = key_set.public_key
    totals = [paillier.product(public, each) for each in judgement.contributions]
    width = exposure.positions_per_ciphertext(public.bits)
    packed = [
        paillier.pack(public, totals[start : start + width], exposure.SLOTS_BITS)
        for start in range(0, len(totals), width)
    ]
    if len(packed) > MAX_CIPHERTEXTS:
        raise Refused(
            "too-large", f"more than {MAX_CIPHERTEXTS} ciphertexts would open; ask in smaller manifests"
        )
    return packed, threshold_paillier.partials(executor, public, key_set.count, share, packed)


def answer(
    request: OpeningRequest,
    judgement: state.Judgement,
    packed: Sequence[int],
    partials: Sequence[int],
    *,
    index: int,
    key_set: KeySet,
    key: SigningKey,
    sealing_key: bytes,
) -> SealedOpening:
    """Sign the judgement and the partials, and seal them to the asker."""
    octets = 2 * key_set.public_key.bits // 8
    opening = Opening(
        manifest=b64(request.match.manifest.sha256()),
        custodian=index,
        position=request.position,
        period=judgement.period,
        cut_at=instant_text(judgement.cut_at),
        verdicts=judgement.verdicts,
        ciphertexts=tuple(encode_integer(c, octets) for c in packed),
        partials=tuple(encode_integer(p, octets) for p in partials),
        proof=None,
    )
    return matching.seal_opening(key, opening, sealing_key)


def charge(
    match: MatchRequest,
    judgement: state.Judgement,
    member: state.MemberView,
    *,
    key_set: KeySet,
    ledger: Ledger,
    now: datetime,
) -> None:
    """Charge the open subjects of a manifest, once, before anything is opened; raises QuotaExhausted."""
    _, retry_at = periods.bounds(key_set.policy.period, periods.name_of(key_set.policy.period, now))
    ledger.charge_opening(
        member.name,
        match.manifest.sha256(),
        sum(verdict.status is Status.OPEN for verdict in judgement.verdicts),
        period=judgement.period,
        quota=quota(member, key_set, ledger),
        retry_at=retry_at,
        now=now,
    )


def quota(member: state.MemberView, key_set: KeySet, ledger: Ledger) -> int:
    """Return how many subjects a member may have opened in a period."""
    own = ledger.quota(member.name, "openings_per_period")
    return key_set.policy.quotas.openings_per_period * member.declared_portfolio if own is None else own


def use(member: state.MemberView, key_set: KeySet, ledger: Ledger, period: str) -> Use:
    """Return the opening quota of a period and what is used of it."""
    return Use(quota(member, key_set, ledger), ledger.openings_used(member.name, period=period))

"""Serves openings: judges a manifest by this custodian's own feed, and opens its part of what may open."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from custodian import clocks, state
from custodian.errors import Refused, Stale
from custodian.ledger import Ledger, Use
from privacy import decryption, exposure, matching, paillier, periods, threshold_paillier
from privacy.encoding import b64, encode_integer, instant_text, parse_instant
from privacy.keyset import KeySet
from privacy.matching import (
    MAX_CIPHERTEXTS,
    DecryptionProof,
    Manifest,
    MatchRequest,
    Opening,
    OpeningRequest,
    SealedOpening,
    Status,
)
from privacy.signing import SigningKey

FRESH = clocks.LATE
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


def require_timely(
    request: OpeningRequest, stamp: datetime | None, heard_at: datetime | None, now: datetime
) -> None:
    """Refuse an old manifest, or to open while the hub is silent or ahead of the clock; raises Refused.

    `stamp` is the feed's last, `heard_at` the time of the hub's newest heartbeat.
    """
    if clocks.is_ahead(stamp, now):
        raise Refused("hub-ahead", "the feed is stamped ahead of this custodian's clock; ask another one")
    if clocks.is_behind(heard_at, now):
        raise Refused("hub-silent", "nothing was heard from the hub's feed for 10 minutes; try again later")
    if abs(now - parse_instant(request.match.manifest.requested_at)) > MANIFEST_LIFE:
        raise Refused("expired", "the manifest is older than 24 hours; sign a new one")


def require_size(judgement: state.Judgement, manifest: Manifest, key_set: KeySet) -> None:
    """Refuse what would open more than one answer holds, before it is charged; raises Refused."""
    if len(judgement.contributions) > MAX_CIPHERTEXTS * _width(manifest, key_set):
        raise Refused(
            "too-large", f"more than {MAX_CIPHERTEXTS} ciphertexts would open; ask in smaller manifests"
        )


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """What this custodian opened: the packed ciphertexts, its partials, and the proof for all of them.

    The proof is None only where nothing is open.
    """

    ciphertexts: Sequence[int]
    partials: Sequence[int]
    proof: DecryptionProof | None


def open_totals(
    judgement: state.Judgement,
    manifest: Manifest,
    *,
    key_set: KeySet,
    index: int,
    share: int,
    executor: Executor,
) -> OpenedPart:
    """Multiply and pack what is open and open this custodian's part of it, secret exponents in `executor`.

    A manifest that says `unpacked` gets one subject per ciphertext.
    """
    public = key_set.public_key
    totals = [paillier.product(public, each) for each in judgement.contributions]
    width = _width(manifest, key_set)
    packed = [
        paillier.pack(public, totals[start : start + width], exposure.SLOTS_BITS)
        for start in range(0, len(totals), width)
    ]
    if not packed:
        return OpenedPart((), (), None)
    partials = threshold_paillier.partials(executor, public, key_set.count, share, packed)
    proof = executor.submit(
        decryption.prove,
        public,
        count=key_set.count,
        custodian=index,
        share=share,
        v_i=key_set.verification_key(index),
        manifest=manifest.sha256(),
        ciphertexts=packed,
        partials=partials,
    ).result()
    return OpenedPart(packed, partials, proof)


def _width(manifest: Manifest, key_set: KeySet) -> int:
    """Return how many subjects go into one ciphertext."""
    return 1 if manifest.unpacked else exposure.positions_per_ciphertext(key_set.public_key.bits)


def answer(
    request: OpeningRequest,
    judgement: state.Judgement,
    opened: OpenedPart,
    *,
    index: int,
    key_set: KeySet,
    key: SigningKey,
    sealing_key: bytes,
) -> SealedOpening:
    """Sign the judgement and what was opened, and seal them to the asker."""
    octets = 2 * key_set.public_key.bits // 8
    opening = Opening(
        manifest=b64(request.match.manifest.sha256()),
        custodian=index,
        position=request.position,
        period=judgement.period,
        cut_at=instant_text(judgement.cut_at),
        verdicts=judgement.verdicts,
        ciphertexts=tuple(encode_integer(c, octets) for c in opened.ciphertexts),
        partials=tuple(encode_integer(p, octets) for p in opened.partials),
        proof=opened.proof,
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
    """Charge the open subjects of a manifest and count their cohorts, once, before anything is opened.

    Raises QuotaExhausted, and Refused for a period that is over.
    """
    _, retry_at = periods.bounds(key_set.policy.period, periods.name_of(key_set.policy.period, now))
    ledger.charge_opening(
        member.name,
        match.manifest.sha256(),
        sum(verdict.status is Status.OPEN for verdict in judgement.verdicts),
        period=judgement.period,
        quota=quota(member, key_set, ledger),
        retry_at=retry_at,
        now=now,
        opened=judgement.cohorts,
    )


def quota(member: state.MemberView, key_set: KeySet, ledger: Ledger) -> int:
    """Return how many subjects a member may have opened in a period."""
    own = ledger.quota(member.name, "openings_per_period")
    return key_set.policy.quotas.openings_per_period * member.declared_portfolio if own is None else own


def use(member: state.MemberView, key_set: KeySet, ledger: Ledger, period: str) -> Use:
    """Return the opening quota of a period and what is used of it."""
    return Use(quota(member, key_set, ledger), ledger.openings_used(member.name, period=period))

"""What a custodian says to a manifest, by itself, from its own feed.

An asker would name subjects that it does not know, borrow a second identity in its own control group to
make up the number, or ask again after a record ended and subtract. So each subject needs the asker's own
live record whose standing key signed this position; the asker's whole control group is left out; and a
subject whose cohort changed since the cut stays closed until the next one. Whole manifests are judged
by a few queries: a thousand subjects are one join.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from custodian.state.live import LIVE, moment
from custodian.state.permission import Permission, require_permission
from custodian.state.schema import snapshot
from custodian.state.values import Judgement
from privacy.encoding import unb64
from privacy.errors import VerifyError
from privacy.keyset import KeySet
from privacy.matching import MatchRequest, Reason, Status, Verdict, verify_standing

_STANDING: Final = f"""
    SELECT DISTINCT asked.key, records.standing_key
    FROM json_each(:subjects) AS asked
    CROSS JOIN records ON records.pseudonym = asked.value AND records.superseded_at > :at
    JOIN contracts ON contracts.id = records.contract
    WHERE contracts.member = :asker AND {LIVE}
    ORDER BY asked.key, records.standing_key
"""

_COHORT: Final = f"""
    SELECT json_extract(asked.value, '$[0]'), records.id, members.name, contracts.contract_ref,
        members.control_group,
        contracts.ended_at <= :until
        OR EXISTS (SELECT 1 FROM holds WHERE contract = contracts.id
            AND from_position <= :until AND until_position > :at)
        OR EXISTS (SELECT 1 FROM suspensions WHERE member = contracts.member
            AND from_position <= :until AND until_position > :at)
    FROM json_each(:standing) AS asked
    CROSS JOIN records ON records.pseudonym = json_extract(asked.value, '$[1]')
        AND records.superseded_at > :at
        AND records.standing_key = json_extract(asked.value, '$[2]')
    JOIN contracts ON contracts.id = records.contract
    JOIN members ON members.id = contracts.member
    WHERE members.control_group <> :control_group AND {LIVE}
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class _Held:
    """A record of a cohort: whose it is, and whether it ended or was on hold or suspended since the cut."""

    record: int
    member: str
    contract_ref: str
    control_group: str
    changed: bool


def judge(db: sqlite3.Connection, key_set: KeySet, match: MatchRequest, at: int) -> Judgement:
    """Judge `match` at position `at` of the feed.

    The asker's standing and keys are those at the head, all else is as it was at `at`. Raises what
    `require_permission` raises.
    """
    with snapshot(db):
        permission = require_permission(db, key_set, match, at)
        standing = _standing(db, match, permission, at)
        cohorts = _cohorts(db, match, standing, permission, at)
        verdicts = tuple(
            _verdict(place in standing, cohorts[place], permission.minimum)
            for place in range(len(match.manifest.subjects))
        )
        opened = [cohorts[place] for place, verdict in enumerate(verdicts) if verdict.status is Status.OPEN]
        return Judgement(
            permission.cut.period,
            permission.cut.at,
            verdicts,
            _contributions(db, opened),
            tuple(tuple((held.member, held.contract_ref) for held in cohort) for cohort in opened),
        )


def _verdict(stands: bool, cohort: Sequence[_Held], minimum: int) -> Verdict:
    """Judge one subject: the first that applies, so that nothing is told which an earlier one hides."""
    if not stands:
        return Verdict(Status.WITHHELD, Reason.NO_STANDING)
    if not cohort:
        return Verdict(Status.NONE, None)
    if len({held.control_group for held in cohort}) < minimum:
        return Verdict(Status.WITHHELD, Reason.TOO_FEW_CONTRIBUTORS)
    if any(held.changed for held in cohort):
        return Verdict(Status.WITHHELD, Reason.CHANGED)
    return Verdict(Status.OPEN, None)


def _standing(db: sqlite3.Connection, match: MatchRequest, permission: Permission, at: int) -> dict[int, str]:
    """Return the standing key that signed for each subject of which the asker has a live record at `at`."""
    values = {"subjects": _json(match.manifest.subjects), "asker": permission.asker.id}
    manifest_digest = match.manifest.sha256()
    standing: dict[int, str] = {}
    for place, key in db.execute(_STANDING, values | moment(db, at).names()):
        if place not in standing and _signed(match, manifest_digest, place, key):
            standing[place] = key
    return standing


def _signed(match: MatchRequest, manifest_digest: bytes, place: int, standing_key: str) -> bool:
    try:
        verify_standing(match, manifest_digest, place, unb64(standing_key))
    except VerifyError:
        return False
    return True


def _cohorts(
    db: sqlite3.Connection,
    match: MatchRequest,
    standing: Mapping[int, str],
    permission: Permission,
    at: int,
) -> Mapping[int, list[_Held]]:
    """Return by subject the records of others that were live at the cut, under the same standing key."""
    subjects = match.manifest.subjects
    values = {
        "standing": _json([(place, subjects[place], key) for place, key in standing.items()]),
        "control_group": permission.asker.control_group,
        "until": at,
    }
    cohorts: defaultdict[int, list[_Held]] = defaultdict(list)
    at_cut = moment(db, permission.cut.position).names()
    for place, record, member, contract_ref, group, changed in db.execute(_COHORT, values | at_cut):
        cohorts[place].append(_Held(record, member, contract_ref, group, bool(changed)))
    return cohorts


def _contributions(db: sqlite3.Connection, cohorts: Iterable[Sequence[_Held]]) -> list[list[int]]:
    """Return the ciphertexts of each cohort."""
    records = [[held.record for held in cohort] for cohort in cohorts]
    rows = db.execute(
        "SELECT record, ciphertext FROM json_each(?) AS asked"
        " CROSS JOIN contributions ON contributions.record = asked.value",
        (_json([record for cohort in records for record in cohort]),),
    )
    ciphertexts = {record: int.from_bytes(ciphertext, "big") for record, ciphertext in rows}
    return [[ciphertexts[record] for record in cohort] for cohort in records]


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()

"""Whose records a total consists of: whom an auditor asks when the total makes no sense.

A contributor that spoilt a total would open another of its contracts instead. So the auditor needs the list
of what stood in the cohort, record by record; to stand somewhere on the feed is not enough.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from custodian.state.live import LIVE, moment
from custodian.state.schema import NEVER, snapshot
from privacy.matching import Manifest

_ASKERS_KEYS: Final = """
    SELECT records.standing_key FROM records JOIN contracts ON contracts.id = records.contract
    WHERE contracts.member = asker.id AND records.pseudonym = :pseudonym
"""

_COHORT: Final = f"""
    SELECT members.name, contracts.contract_ref, records.leaf, records.private_digest
    FROM records
    JOIN contracts ON contracts.id = records.contract
    JOIN members ON members.id = contracts.member
    JOIN members AS asker ON asker.name = :asker
    WHERE records.pseudonym = :pseudonym AND records.standing_key IN ({_ASKERS_KEYS})
        AND members.control_group <> asker.control_group AND {LIVE}
    ORDER BY members.name, contracts.contract_ref
"""


@dataclass(frozen=True, slots=True)
class Contributor:
    """One record of a cohort: whose it is, its member's reference of the contract, leaf, private digest."""

    member: str
    contract_ref: str
    leaf: bytes
    private_digest: str


def contributors(db: sqlite3.Connection, manifest: Manifest, subject: int) -> list[Contributor]:
    """Return the cohort of the subject at this place of a manifest, as it was at the manifest's cut.

    Empty when the period had no cut that took effect, or when what it opened is forgotten.
    """
    with snapshot(db):
        row = db.execute(
            "SELECT position FROM cuts WHERE period = ? AND effective_at < ?", (manifest.period, NEVER)
        ).fetchone()
        if row is None:
            return []
        asked = {"asker": manifest.member, "pseudonym": manifest.subjects[subject]}
        rows = db.execute(_COHORT, asked | moment(db, row[0]).names())
        return [Contributor(*found) for found in rows]

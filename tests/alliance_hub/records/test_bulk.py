"""The paths for many rows cost by the chunk and not by the table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import event, update

from alliance_hub.records import bulk
from alliance_hub.records.models import RecordRow
from privacy.encoding import b64
from privacy.records import SubmittedRecord
from privacy.statements import Hold
from tests.alliance_hub.records.builders import (
    NOVEMBER,
    pseudonym_of,
    record_of,
    reference_of,
    sign_chunk,
)
from tests.alliance_hub.records.conftest import Alliance


def test_no_statement_reads_the_whole_table(alliance: Alliance) -> None:
    """SQLite says how it will look; a scan of all records a chunk would make a million rows quadratic."""
    plans: dict[str, list[str]] = {}

    def explain(_c: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        verb = statement.split()[0]
        if "records" in statement and verb in {"SELECT", "INSERT", "UPDATE", "DELETE"} and not many:
            rows = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans[statement] = [detail for *_, detail in rows]

    north, key_set = alliance.join("North Bank"), alliance.hub.key_set
    event.listen(alliance.hub.database.engine, "before_cursor_execute", explain)
    alliance.submit(north, [sign_chunk(north, key_set, [record_of(key_set, "c1")])])
    alliance.holders(pseudonym_of("Lin"))

    looks = [detail for details in plans.values() for detail in details if " records " in f" {detail} "]
    assert len(looks) >= 5
    assert [detail for detail in looks if not detail.startswith("SEARCH records USING")] == []


def test_what_is_replaced_on_hold_never_lapsed(either_alliance: Alliance) -> None:
    """It had not expired when the hold began, so it was live all the while."""
    north, key_set = either_alliance.join("North Bank"), either_alliance.hub.key_set
    rows = [record_of(key_set, name) for name in ("held", "lapsed")]
    either_alliance.submit(north, [sign_chunk(north, key_set, rows)])
    first = either_alliance.position
    with either_alliance.hub.database.transaction() as session:
        soon = either_alliance.clock() + timedelta(days=1)
        session.execute(update(RecordRow).values(expires_at=soon))
    either_alliance.state(north, Hold(member=north.name, contract_ref=b64(reference_of("held"))))
    either_alliance.clock.move(days=2)
    rows = [record_of(key_set, name, as_of=NOVEMBER) for name in ("held", "lapsed")]
    either_alliance.submit(north, [sign_chunk(north, key_set, rows)], reference="reference-2")

    with either_alliance.hub.database.reading() as session:
        held, lapsed = (
            session.get_one(RecordRow, (north.name, reference_of(name))) for name in ("held", "lapsed")
        )
    assert (held.live_since, held.is_held) == (first, True)
    assert lapsed.live_since == either_alliance.position


def test_a_full_chunk(either_alliance: Alliance) -> None:
    """4,096 rows at once, every other one unchanged the next time."""
    north, key_set = either_alliance.join("North Bank", portfolio=10_000), either_alliance.hub.key_set
    sound = record_of(key_set, "c0", "nobody")
    rows = [_like(sound, number, date(2026, 10, 31)) for number in range(4_096)]
    submission = either_alliance.submit(north, [sign_chunk(north, key_set, rows)])
    assert (submission.accepted, either_alliance.live(north)) == (4_096, 4_096)

    again = [row if number % 2 else _like(sound, number, NOVEMBER) for number, row in enumerate(rows)]
    chunk = sign_chunk(north, key_set, again)
    submission = either_alliance.submit(north, [chunk], reference="reference-2")
    assert (submission.accepted, submission.unchanged) == (2_048, 2_048)
    unchanged = either_alliance.rows(submission)
    assert [place for _, place, *_ in unchanged] == list(range(1, 4_096, 2))
    assert (
        len(either_alliance.holders(*(pseudonym_of(f"debtor {number}") for number in range(1_000)))) == 1_000
    )


def _like(sound: SubmittedRecord, number: int, as_of: date) -> SubmittedRecord:
    """Return another contract's record with the same ciphertext: sealing thousands would take a minute."""
    record = msgspec.structs.replace(
        sound.record,
        contract_ref=b64(reference_of(f"c{number}")),
        pseudonym=b64(pseudonym_of(f"debtor {number}")),
        as_of=as_of.isoformat(),
    )
    return msgspec.structs.replace(sound, record=record)


def test_staging_forgets_what_it_held(alliance: Alliance) -> None:
    north, key_set = alliance.join("North Bank"), alliance.hub.key_set
    alliance.submit(north, [sign_chunk(north, key_set, [record_of(key_set, "c1")])])
    with alliance.hub.database.transaction() as session:
        bulk.stage(session, [])
        assert session.execute(bulk.STAGED_REFS).all() == []
        assert bulk.find_known(session, north.name, []) == {}

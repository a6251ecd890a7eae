"""What becomes of chunks and their rows, on real databases with real keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from alliance_hub.errors import Conflict
from alliance_hub.feed import service as feed
from alliance_hub.feed.models import AttachmentRow
from alliance_hub.flags.models import FlagRow
from alliance_hub.jobs import service as jobs
from alliance_hub.membership import service as membership
from alliance_hub.records.models import ChunkBody, RecordRow
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, unb64
from privacy.records import Flag, SubmittedRecord
from privacy.signing import SigningKey
from privacy.statements import Rotation, Settlement, Withdrawal, countersign
from tests.alliance_hub.builders import Clock, Platform, final_head, seed, succeed
from tests.alliance_hub.records.builders import (
    NOVEMBER,
    OCTOBER,
    Body,
    SignedChunk,
    pseudonym_of,
    record_of,
    reference_of,
    sign_chunk,
    standing_key_of,
)
from tests.alliance_hub.records.conftest import Alliance


def chunk_of(alliance: Alliance, member: Platform, *records: SubmittedRecord, **changed: Any) -> SignedChunk:
    return sign_chunk(member, alliance.hub.key_set, records, **changed)


def record(alliance: Alliance, contract: str, debtor: str = "Lin", **changed: Any) -> SubmittedRecord:
    return record_of(alliance.hub.key_set, contract, debtor, **changed)


def stored(alliance: Alliance) -> dict[bytes, RecordRow]:
    with alliance.hub.database.reading() as session:
        return {row.contract_ref: row for row in session.scalars(select(RecordRow))}


# What is taken


def test_a_submission_is_taken(either_alliance: Alliance) -> None:
    north = either_alliance.join("North Bank")
    before = either_alliance.position
    first = chunk_of(either_alliance, north, record(either_alliance, "c1"), record(either_alliance, "c2"))
    second = chunk_of(either_alliance, north, record(either_alliance, "c3", "Wu", lost_contact=None))

    submission = either_alliance.submit(north, [first, second])

    assert (submission.state, submission.rows, submission.accepted) == ("done", 3, 3)
    assert (submission.unchanged, submission.refused, submission.as_of) == (0, 0, OCTOBER)
    assert [(chunk.number, chunk.sequence, chunk.size, chunk.state) for chunk in submission.chunks] == [
        (0, 1, 2, "appended"),
        (1, 2, 1, "appended"),
    ]
    assert [chunk.position for chunk in submission.chunks] == [before + 1, before + 2]
    assert {chunk.period for chunk in submission.chunks} == {"2026-11"}
    assert either_alliance.live(north) == 3


def test_what_is_kept_of_a_record(either_alliance: Alliance) -> None:
    north = either_alliance.join("North Bank")
    submitted = record(either_alliance, "c1", "Wu", lost_contact=True, product_class="auto_loan")
    either_alliance.submit(
        north, [chunk_of(either_alliance, north, record(either_alliance, "c2"), submitted)]
    )

    row = stored(either_alliance)[reference_of("c1")]
    assert (row.member, row.pseudonym) == ("North Bank", pseudonym_of("Wu"))
    assert row.standing_key == standing_key_of("Wu").public
    assert (row.as_of, row.lost_contact, row.product_class) == (OCTOBER, True, "auto_loan")
    assert (row.consent_digest, row.notice_digest) == (seed("consent", "c1"), None)
    assert (row.leaf, row.position, row.place) == (submitted.record.leaf(), either_alliance.position, 1)
    assert (row.state, row.ended_at, row.is_held) == ("live", None, False)
    # Made-up data practically never expire: 36,500 days after 2026-11-01.
    assert row.expires_at.date() == date(2126, 10, 8)


def test_the_feed_carries_the_records_and_the_hub_no_second_copy(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    chunk = chunk_of(alliance, north, record(alliance, "c1"), record(alliance, "c2"))
    alliance.submit(north, [chunk])

    with alliance.hub.database.reading() as session:
        served = session.get_one(AttachmentRow, alliance.position)
        assert msgspec.json.decode(served.records) == [each.record.document() for each in chunk.records]
        assert session.scalars(select(ChunkBody)).all() == []
        kinds = session.scalars(select(LogRow.kind).order_by(LogRow.id.desc()).limit(3)).all()
    assert kinds == ["submission_processed", "statement", "submission_received"]


def test_a_later_day_replaces(either_alliance: Alliance) -> None:
    north = either_alliance.join("North Bank")
    either_alliance.submit(north, [chunk_of(either_alliance, north, record(either_alliance, "c1", "Lin"))])
    first = stored(either_alliance)[reference_of("c1")]
    corrected = record(either_alliance, "c1", "Wu", as_of=NOVEMBER, lost_contact=True)

    submission = either_alliance.submit(
        north, [chunk_of(either_alliance, north, corrected)], reference="reference-2"
    )

    assert (submission.accepted, submission.unchanged) == (1, 0)
    row = stored(either_alliance)[reference_of("c1")]
    assert (row.as_of, row.pseudonym, row.lost_contact) == (NOVEMBER, pseudonym_of("Wu"), True)
    assert (row.position, row.live_since) == (either_alliance.position, first.position)
    assert row.leaf == corrected.record.leaf()
    assert either_alliance.live(north) == 1


def test_the_same_again_changes_nothing_but_stands_in_the_feed(either_alliance: Alliance) -> None:
    north = either_alliance.join("North Bank")
    either_alliance.submit(north, [chunk_of(either_alliance, north, record(either_alliance, "c1"))])
    before = stored(either_alliance)[reference_of("c1")]
    # The salt is fresh at every submission: it is not part of what the member says.
    again = record(either_alliance, "c1")
    salt = seed("another salt")
    again = SubmittedRecord(
        record=msgspec.structs.replace(again.record, private_digest=b64(again.private.digest(salt))),
        private=again.private,
        salt=b64(salt),
    )

    submission = either_alliance.submit(
        north,
        [chunk_of(either_alliance, north, again, record(either_alliance, "c2"))],
        reference="reference-2",
    )

    assert (submission.accepted, submission.unchanged, submission.refused) == (1, 1, 0)
    assert either_alliance.rows(submission) == [(0, 0, "unchanged", None)]
    after = stored(either_alliance)[reference_of("c1")]
    assert (after.position, after.leaf, after.as_of) == (before.position, before.leaf, before.as_of)
    assert after.seen_at == either_alliance.position


def test_absence_never_settles(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    alliance.submit(north, [chunk_of(alliance, north, record(alliance, "c1"), record(alliance, "c2"))])
    later = chunk_of(alliance, north, record(alliance, "c2", as_of=NOVEMBER))
    alliance.submit(north, [later], reference="reference-2")
    assert alliance.live(north) == 2


def test_two_members_may_use_one_contract_ref(either_alliance: Alliance) -> None:
    """The reference is a keyed hash of its member's own; another's is another contract."""
    north, south = either_alliance.join("North Bank"), either_alliance.join("South Bank")
    for member in (north, south):
        submission = either_alliance.submit(
            member, [chunk_of(either_alliance, member, record(either_alliance, "c1"))]
        )
        assert submission.accepted == 1
    assert (either_alliance.live(north), either_alliance.live(south)) == (1, 1)


# Flags


def flag(category: str = "absconded", **changed: Any) -> Flag:
    sound = Flag(id=b64(seed("flag")), version=1, category=category, sealed=b64(b"sealed"))
    return msgspec.structs.replace(sound, **changed)


def test_a_flag_comes_and_goes_with_its_record(either_alliance: Alliance) -> None:
    north = either_alliance.join("North Bank")
    flagged = [record(either_alliance, name, flag=flag()) for name in ("c1", "c2", "c3")]
    either_alliance.submit(north, [chunk_of(either_alliance, north, *flagged)])
    worse = flag("transferred_assets", version=2)
    either_alliance.submit(
        north,
        [
            chunk_of(
                either_alliance,
                north,
                record(either_alliance, "c1", as_of=NOVEMBER, flag=worse),
                record(either_alliance, "c2", as_of=NOVEMBER),
            )
        ],
        reference="reference-2",
    )

    with either_alliance.hub.database.reading() as session:
        flags = {row.contract_ref: row.flag for row in session.scalars(select(FlagRow))}
    assert flags == {reference_of("c1"): worse, reference_of("c3"): flag()}


@pytest.mark.parametrize(
    "bad",
    [flag("a_bad_person"), flag(sealed="A" * 32_772)],
    ids=["unknown category", "a whole file"],
)
def test_a_bad_flag_is_refused(alliance: Alliance, bad: Flag) -> None:
    north = alliance.join("North Bank")
    submission = alliance.submit(north, [chunk_of(alliance, north, record(alliance, "c1", flag=bad))])
    assert submission.chunks[0].reason == "rows"
    assert alliance.rows(submission) == [(0, 0, "refused", "flag")]


# Rows that are refused


Bad = Callable[[Alliance], SubmittedRecord]


def _digest_of_another(alliance: Alliance) -> SubmittedRecord:
    one, other = record(alliance, "c1"), record(alliance, "c1", lost_contact=True)
    return SubmittedRecord(record=one.record, private=other.private, salt=one.salt)


def _ciphertext(value: int) -> Bad:
    def bad(alliance: Alliance) -> SubmittedRecord:
        octets = alliance.hub.key_set.public_key.bits // 4
        return record(alliance, "c1", contribution=b64(value.to_bytes(octets, "big")))

    return bad


def _too_short(alliance: Alliance) -> SubmittedRecord:
    return record(alliance, "c1", contribution=b64(unb64(record(alliance, "c1").record.contribution)[1:]))


def _n(alliance: Alliance) -> SubmittedRecord:
    return _ciphertext(alliance.hub.key_set.public_key.n)(alliance)


def _n_squared_and_one(alliance: Alliance) -> SubmittedRecord:
    return _ciphertext(alliance.hub.key_set.public_key.n_squared + 1)(alliance)


BAD_ROWS: dict[str, tuple[Bad, str]] = {
    "another epoch": (lambda alliance: record(alliance, "c1", epoch=2), "epoch"),
    "zero": (_ciphertext(0), "contribution"),
    "shares a factor with N": (_n, "contribution"),
    "beyond N squared": (_n_squared_and_one, "contribution"),
    "too short": (_too_short, "contribution"),
    "another private rest": (_digest_of_another, "private_digest"),
    "campus loan": (lambda alliance: record(alliance, "c1", product_class="campus_loan"), "product_class"),
    "down payment": (
        lambda alliance: record(alliance, "c1", product_class="down_payment_loan"),
        "product_class",
    ),
    "unknown product": (lambda alliance: record(alliance, "c1", product_class="timeshare"), "product_class"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_refuses_its_chunk_and_is_named(alliance: Alliance, name: str) -> None:
    make, reason = BAD_ROWS[name]
    north = alliance.join("North Bank")
    before = alliance.position
    chunk = chunk_of(alliance, north, record(alliance, "c2"), make(alliance), record(alliance, "c3"))

    submission = alliance.submit(north, [chunk])

    assert [(chunk.state, chunk.reason, chunk.position) for chunk in submission.chunks] == [
        ("refused", "rows", None)
    ]
    assert (submission.state, submission.accepted, submission.refused) == ("done", 0, 3)
    assert alliance.rows(submission) == [(0, 1, "refused", reason)]
    assert alliance.position == before
    assert stored(alliance) == {}


def test_all_bad_rows_are_named_at_once(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    chunk = chunk_of(
        alliance,
        north,
        record(alliance, "c1", epoch=2),
        record(alliance, "c2"),
        record(alliance, "c2", as_of=NOVEMBER),
        record(alliance, "c3", product_class="campus_loan"),
    )
    submission = alliance.submit(north, [chunk])
    assert alliance.rows(submission) == [
        (0, 0, "refused", "epoch"),
        (0, 2, "refused", "twice"),
        (0, 3, "refused", "product_class"),
    ]


def test_without_the_bad_row_the_rest_is_taken(alliance: Alliance) -> None:
    """What the member does next: it drops the row, and its chain goes on where the feed stands."""
    north = alliance.join("North Bank")
    good, bad = record(alliance, "c1"), record(alliance, "c2", epoch=2)
    before = (north.sequence, north.previous)
    chunks = [chunk_of(alliance, north, good, bad), chunk_of(alliance, north, record(alliance, "c3"))]
    refused = alliance.submit(north, chunks)
    assert [(chunk.state, chunk.reason) for chunk in refused.chunks] == [
        ("refused", "rows"),
        ("refused", "sequence"),
    ]
    assert refused.refused == 3

    north.sequence, north.previous = before
    chunks = [chunk_of(alliance, north, good), chunk_of(alliance, north, record(alliance, "c3"))]
    assert alliance.submit(north, chunks, reference="reference-2").accepted == 2


def test_a_contract_is_named_once_in_a_submission(either_alliance: Alliance) -> None:
    north = either_alliance.join("North Bank")
    either_alliance.submit(north, [chunk_of(either_alliance, north, record(either_alliance, "c1"))])
    chunks = [
        # Once unchanged, once new: both count as named.
        chunk_of(either_alliance, north, record(either_alliance, "c1"), record(either_alliance, "c2")),
        chunk_of(
            either_alliance,
            north,
            record(either_alliance, "c1", as_of=NOVEMBER),
            record(either_alliance, "c2"),
            record(either_alliance, "c3"),
        ),
    ]
    submission = either_alliance.submit(north, chunks, reference="reference-2")
    assert [chunk.state for chunk in submission.chunks] == ["appended", "refused"]
    assert either_alliance.rows(submission) == [
        (0, 0, "unchanged", None),
        (1, 0, "refused", "twice"),
        (1, 1, "refused", "twice"),
    ]


def test_days_that_stand_are_not_rewritten(either_alliance: Alliance) -> None:
    north = either_alliance.join("North Bank")
    either_alliance.submit(
        north,
        [
            chunk_of(
                either_alliance,
                north,
                record(either_alliance, "c1", as_of=NOVEMBER),
                record(either_alliance, "c2"),
            )
        ],
    )
    chunk = chunk_of(
        either_alliance,
        north,
        record(either_alliance, "c1", as_of=OCTOBER),
        record(either_alliance, "c2", outstanding=99),
    )
    submission = either_alliance.submit(north, [chunk], reference="reference-2")
    assert either_alliance.rows(submission) == [
        (0, 0, "refused", "older"),
        (0, 1, "refused", "other_content"),
    ]


@pytest.mark.parametrize("form", [Settlement, Withdrawal])
def test_an_ended_contract_does_not_come_back(
    alliance: Alliance, form: type[Settlement] | type[Withdrawal]
) -> None:
    north = alliance.join("North Bank")
    alliance.submit(north, [chunk_of(alliance, north, record(alliance, "c1"))])
    alliance.state(north, form(contract_ref=b64(reference_of("c1"))))
    chunk = chunk_of(alliance, north, record(alliance, "c1", as_of=NOVEMBER))
    submission = alliance.submit(north, [chunk], reference="reference-2")
    assert alliance.rows(submission) == [(0, 0, "refused", "ended")]


def test_256_contracts_of_one_pseudonym(either_alliance: Alliance) -> None:
    """The count in the database and the rows before it in the chunk both matter; settled ones make room."""
    north = either_alliance.join("North Bank", portfolio=1_000)
    first = [record(either_alliance, f"c{number}") for number in range(250)]
    either_alliance.submit(north, [chunk_of(either_alliance, north, *first)])
    either_alliance.state(north, Settlement(contract_ref=b64(reference_of("c0"))))
    more = [record(either_alliance, f"d{number}") for number in range(8)]
    submission = either_alliance.submit(
        north, [chunk_of(either_alliance, north, *more)], reference="reference-2"
    )
    assert either_alliance.rows(submission) == [(0, 7, "refused", "too_many_contracts")]


# Chunks that are refused


def test_a_chunk_needs_its_members_signature(alliance: Alliance) -> None:
    north, south = alliance.join("North Bank"), alliance.join("South Bank")
    chunk = chunk_of(alliance, north, record(alliance, "c1"))
    forged = north.say(chunk.statement.statement.body, key=south.key)
    forged = msgspec.structs.replace(chunk.statement, signature=forged.signature)
    submission = alliance.submit(north, [SignedChunk(forged, chunk.records)])
    assert [chunk.reason for chunk in submission.chunks] == ["signature"]


def test_a_countersigned_chunk_is_refused(alliance: Alliance) -> None:
    """It would have another digest than the one that the member goes on from."""
    north = alliance.join("North Bank")
    chunk = chunk_of(alliance, north, record(alliance, "c1"))
    signed = countersign(chunk.statement, alliance.ceremony.hub_keys.secretariat)
    submission = alliance.submit(north, [SignedChunk(signed, chunk.records)])
    assert [chunk.reason for chunk in submission.chunks] == ["signature"]


def test_the_key_in_force_when_it_is_processed_counts(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    chunk = chunk_of(alliance, north, record(alliance, "c1"))
    body = Body(alliance.hub, "reference-1", [chunk])
    submission = alliance.receive(north, body)
    north.sequence, north.previous = 1, unb64(chunk.statement.statement.previous)
    old, north.key = north.key, SigningKey(seed("new key"))
    rotation = Rotation(
        signing=b64(north.key.public), recovery=b64(north.recovery.public), sealing=b64(north.sealing.public)
    )
    new, north.key = north.key, old
    alliance.state(north, rotation)
    north.key = new

    jobs.run(alliance.hub, submission.job)
    # Its place in the chain is taken; were it not, the signature would refuse it.
    assert [chunk.reason for chunk in alliance.look(north, submission).chunks] == ["sequence"]
    resigned = sign_chunk(north, alliance.hub.key_set, chunk.records)
    assert alliance.submit(north, [resigned], reference="reference-2").accepted == 1


CHUNK_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "another key set": ({"key_set": b64(bytes(32))}, "key_set"),
    "another root": ({"root": b64(bytes(32))}, "root"),
}


@pytest.mark.parametrize("name", CHUNK_FAULTS)
def test_what_a_chunk_says_must_fit(alliance: Alliance, name: str) -> None:
    changed, reason = CHUNK_FAULTS[name]
    north = alliance.join("North Bank")
    submission = alliance.submit(north, [chunk_of(alliance, north, record(alliance, "c1"), **changed)])
    assert [chunk.reason for chunk in submission.chunks] == [reason]
    assert alliance.rows(submission) == []


def test_records_in_another_order_do_not_give_the_root(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    chunk = chunk_of(alliance, north, record(alliance, "c1"), record(alliance, "c2"))
    submission = alliance.submit(north, [SignedChunk(chunk.statement, chunk.records[::-1])])
    assert [chunk.reason for chunk in submission.chunks] == ["root"]


def test_a_chunk_processed_more_than_a_day_late_is_refused(alliance: Alliance, clock: Clock) -> None:
    """Custodians would void it; the member signs again."""
    north = alliance.join("North Bank")
    body = Body(alliance.hub, "reference-1", [chunk_of(alliance, north, record(alliance, "c1"))])
    submission = alliance.receive(north, body)
    clock.move(hours=24, seconds=1)
    jobs.run(alliance.hub, submission.job)
    assert [chunk.reason for chunk in alliance.look(north, submission).chunks] == ["signed_at"]


def test_a_member_suspended_meanwhile_appends_nothing(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    body = Body(alliance.hub, "reference-1", [chunk_of(alliance, north, record(alliance, "c1"))])
    submission = alliance.receive(north, body)
    with alliance.hub.database.transaction() as session:
        membership.suspend(session, alliance.hub, north.name, alliance.clock())
    jobs.run(alliance.hub, submission.job)
    assert [chunk.reason for chunk in alliance.look(north, submission).chunks] == ["not_active"]


def test_twice_the_declared_portfolio_in_a_period(either_alliance: Alliance, clock: Clock) -> None:
    """Unchanged rows count too; the next period begins anew."""
    north = either_alliance.join("North Bank", portfolio=3)
    rows = [record(either_alliance, f"c{number}") for number in range(6)]
    either_alliance.submit(north, [chunk_of(either_alliance, north, *rows[:5])])
    again = chunk_of(either_alliance, north, rows[0], rows[5])
    submission = either_alliance.submit(north, [again], reference="reference-2")
    assert [chunk.reason for chunk in submission.chunks] == ["portfolio"]

    north.sequence, north.previous = 2, unb64(again.statement.statement.previous)
    clock.move(days=30)
    again = chunk_of(either_alliance, north, rows[0], rows[5])
    submission = either_alliance.submit(north, [again], reference="reference-3")
    assert (submission.accepted, submission.unchanged) == (1, 1)
    assert {chunk.period for chunk in submission.chunks} == {"2026-12"}


def test_a_chunk_that_the_end_of_the_epoch_overtook_is_refused(alliance: Alliance) -> None:
    north = alliance.join("North Bank")
    body = Body(alliance.hub, "reference-1", [chunk_of(alliance, north, record(alliance, "c1"))])
    submission = alliance.receive(north, body)
    end_epoch(alliance)
    jobs.run(alliance.hub, submission.job)
    assert [chunk.reason for chunk in alliance.look(north, submission).chunks] == ["closed"]
    later = Body(alliance.hub, "reference-2", [chunk_of(alliance, north, record(alliance, "c1"))])
    with pytest.raises(Conflict) as refused:
        alliance.receive(north, later)
    assert refused.value.slug == "closed"


def end_epoch(alliance: Alliance) -> None:
    """Let the next epoch begin where the feed stands."""
    with alliance.hub.database.transaction() as session:
        head = feed.head(session)
        named = final_head(alliance.hub.key_set, position=head.position, head=head.root, period=None)
        successor = succeed(alliance.ceremony, named).signed
        feed.set_successor(session, alliance.hub, successor, "https://next.example", now=alliance.clock())


# Real data


def test_real_data_do_not_come_from_tomorrow(real: Alliance) -> None:
    """The clock stands at 18:00 UTC on the first of November: the second, in Shanghai."""
    north = real.join("North Bank")
    chunk = chunk_of(
        real,
        north,
        record(real, "c1", as_of=date(2026, 11, 2)),
        record(real, "c2", as_of=date(2026, 11, 3)),
    )
    assert real.rows(real.submit(north, [chunk])) == [(0, 1, "refused", "ahead")]


def test_real_records_expire_and_come_back(real: Alliance, clock: Clock) -> None:
    north = real.join("North Bank")
    real.submit(north, [chunk_of(real, north, record(real, "c1"), record(real, "c2"))])
    then = real.position
    clock.move(days=44)
    renewed = chunk_of(real, north, record(real, "c1", as_of=date(2026, 11, 20)))
    real.submit(north, [renewed], reference="reference-2")
    assert real.live(north) == 2

    clock.move(days=2)
    north_again = chunk_of(real, north, record(real, "c2", as_of=date(2026, 12, 1)))
    real.submit(north, [north_again], reference="reference-3")
    rows = stored(real)
    # c1 was renewed in time and lives since its first day; c2 had a gap.
    assert rows[reference_of("c1")].live_since == then
    assert rows[reference_of("c2")].live_since == real.position
    assert real.live(north) == 2
    assert real.live(north, then) == 1  # what had expired and came back is not told of the past


def test_an_expired_record_is_not_counted(real: Alliance, clock: Clock) -> None:
    north = real.join("North Bank")
    real.submit(north, [chunk_of(real, north, record(real, "c1"), record(real, "c2"))])
    clock.move(days=45, seconds=1)
    real.submit(
        north,
        [chunk_of(real, north, record(real, "c1", as_of=date(2026, 12, 1)))],
        reference="reference-2",
    )
    assert real.live(north) == 1
    assert [holder.member for holder in real.holders(pseudonym_of("Lin"))] == ["North Bank"]


def test_positions_stay_gapless_beside_other_statements(alliance: Alliance) -> None:
    north, south = alliance.join("North Bank"), alliance.join("South Bank")
    alliance.submit(north, [chunk_of(alliance, north, record(alliance, "c1"))])
    alliance.submit(south, [chunk_of(alliance, south, record(alliance, "c1"))])
    with alliance.hub.database.reading() as session:
        entries = list(feed.stream_after(session, 0, 100))
    positions = [msgspec.json.decode(line)["entry"]["position"] for line in entries]
    assert positions == list(range(1, alliance.position + 1))

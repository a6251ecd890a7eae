"""Submissions as a list for people: the member's own, narrowed, sorted, and each with what was refused."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from alliance_hub.records import register
from alliance_hub.records import service as records
from alliance_hub.records.models import RowOutcome, Submission, SubmissionState
from alliance_hub.records.register import Sort, Tally, Wanted
from tests.alliance_hub.builders import Platform
from tests.alliance_hub.records.builders import Body, record_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance

EVERY = Wanted()


@pytest.fixture
def north(alliance: Alliance) -> Platform:
    return alliance.join("North Bank")


def submit(
    alliance: Alliance, member: Platform, reference: str, *contracts: str, product: str = ""
) -> Submission:
    """Hand in one chunk; a product that the alliance does not take refuses it."""
    rows = [record_of(alliance.hub.key_set, contract) for contract in contracts]
    if product:
        rows[-1] = record_of(alliance.hub.key_set, contracts[-1], product_class=product)
    done = alliance.submit(member, [sign_chunk(member, alliance.hub.key_set, rows)], reference=reference)
    alliance.clock.move(minutes=1)
    return done


def shown(
    session: Session, wanted: Wanted = EVERY, *, member: str = "North Bank", **changes: object
) -> list[str]:
    asked = {"offset": 0, "limit": 10} | changes
    found = register.list_submissions(session, member, wanted, **asked)  # type: ignore[arg-type]
    return [submission.reference for submission in found]


def test_submissions_are_narrowed_sorted_and_paged(alliance: Alliance, north: Platform) -> None:
    submit(alliance, north, "october-a", "c1", "c2", "c3")
    submit(alliance, north, "october-b", "c4", product="campus_loan")
    waiting = [sign_chunk(north, alliance.hub.key_set, [record_of(alliance.hub.key_set, "c5")])]
    alliance.receive(north, Body(alliance.hub, "november_a", waiting))

    with alliance.hub.database.reading() as session:
        assert shown(session) == ["november_a", "october-b", "october-a"]
        assert shown(session, offset=1, limit=1) == ["october-b"]
        assert shown(session, sort=Sort.ROWS)[0] == "october-a"
        assert shown(session, descending=False) == ["october-a", "october-b", "november_a"]
        assert shown(session, Wanted(refused=True)) == ["october-b"]
        assert shown(session, Wanted(refused=False)) == ["november_a", "october-a"]
        assert shown(session, Wanted(state=SubmissionState.RECEIVED)) == ["november_a"]
        assert shown(session, Wanted(text="OCTOBER")) == ["october-b", "october-a"]
        assert shown(session, Wanted(text="r_a")) == ["november_a"]
        assert shown(session, member="South Bank") == []
        assert register.count_submissions(session, "North Bank", Wanted(text="october")) == 2
        assert register.count_submissions(session, "South Bank", Wanted()) == 0


def test_what_was_not_accepted_is_told_by_reason(alliance: Alliance, north: Platform) -> None:
    submit(alliance, north, "first-one", "c1", "c2")
    chunks = [
        sign_chunk(
            north, alliance.hub.key_set, [record_of(alliance.hub.key_set, each) for each in ("c1", "c3")]
        ),
    ]
    again = alliance.submit(north, chunks, reference="second-one")
    bad = submit(alliance, north, "third-one", "c4", "c5", product="campus_loan")

    with alliance.hub.database.reading() as session:
        assert register.tally(session, again) == [Tally(RowOutcome.UNCHANGED, None, 1)]
        assert register.tally(session, bad) == [Tally(RowOutcome.REFUSED, "product_class", 1)]
        (row,) = register.list_rows(session, bad, reason="product_class", offset=0, limit=10)
        assert (row.chunk, row.place) == (0, 1)
        assert register.list_rows(session, bad, outcome=RowOutcome.UNCHANGED, offset=0, limit=10) == []
        assert register.count_rows(session, bad, outcome=RowOutcome.REFUSED) == 1
        assert register.count_rows(session, bad, reason="twice") == 0


def test_progress_counts_chunks(alliance: Alliance, north: Platform) -> None:
    done = submit(alliance, north, "first-one", "c1")
    refused = submit(alliance, north, "second-one", "c2", product="campus_loan")
    key_set = alliance.hub.key_set
    waiting = alliance.receive(
        north, Body(alliance.hub, "third-one", [sign_chunk(north, key_set, [record_of(key_set, "c3")])])
    )

    with alliance.hub.database.reading() as session:
        told = [register.progress(session, each) for each in (done, refused, waiting)]
        assert [(each.appended, each.refused, each.chunks, each.judged) for each in told] == [
            (1, 0, 1, 1),
            (0, 1, 1, 1),
            (0, 0, 1, 0),
        ]
        assert records.list_rows(session, waiting, -1, 10) == []

"""`contracts hold` and `contracts release`: the secretariat's hold is a statement of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub, system_clock
from alliance_hub.membership import service as membership
from alliance_hub.records.models import RecordRow
from privacy.encoding import b64
from privacy.statements import Hold, Release
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.cli.conftest import Run
from tests.alliance_hub.records.builders import OCTOBER, pseudonym_of, reference_of

REF = b64(reference_of("c1"))


@pytest.fixture
def north(opened: Hub) -> str:
    """A member with one contract."""
    member = platform("North Bank", Clock(system_clock()))
    with opened.database.transaction() as session:
        membership.apply(session, opened, member.say(member.enrolment()), system_clock())
        membership.admit(session, opened, member.name, system_clock())
        session.add(
            RecordRow(
                member=member.name,
                contract_ref=reference_of("c1"),
                pseudonym=pseudonym_of("Lin"),
                standing_key=b"",
                as_of=OCTOBER,
                product_class="consumer_loan",
                consent_digest=b"",
                content_digest=b"",
                leaf=b"",
                position=1,
                place=0,
                seen_at=1,
                live_since=1,
                expires_at=system_clock() + timedelta(days=45),
                state="live",
            )
        )
    return member.name


def held_at(hub: Hub) -> int | None:
    with hub.database.reading() as session:
        return session.scalars(select(RecordRow)).one().secretariat_hold


def test_a_hold_and_its_end(run: Run, adopted: Path, opened: Hub, north: str) -> None:
    named = ("--member", north, "--ref", REF, "--home", adopted)
    assert run("contracts", "hold", *named).code == 0
    assert held_at(opened) == 2
    again = run("contracts", "hold", *named)
    assert (again.code, "holds the contract already" in again.err) == (4, True)

    assert run("contracts", "release", *named).code == 0
    assert held_at(opened) is None
    again = run("contracts", "release", *named)
    assert (again.code, "does not hold the contract" in again.err) == (4, True)

    with opened.database.reading() as session:
        lines = [json.loads(line)["entry"]["statement"] for line in feed.stream_after(session, 1, 10)]
        assert (
            session.scalars(select(FeedRow.author).where(FeedRow.position > 1)).all() == ["secretariat"] * 2
        )
    said = [line["statement"]["body"] for line in lines]
    assert said == [
        Hold(member=north, contract_ref=REF).document(),
        Release(member=north, contract_ref=REF).document(),
    ]


@pytest.mark.parametrize(
    ("member", "ref", "said"),
    [
        ("Nobody", REF, "alliance-hub members list"),
        ("North Bank", b64(reference_of("c2")), "no accepted record"),
        ("North Bank", "c1", "43 letters"),
    ],
)
def test_what_is_not_there_is_refused_and_nothing_is_said(
    run: Run, adopted: Path, opened: Hub, north: str, member: str, ref: str, said: str
) -> None:
    refused = run("contracts", "hold", "--member", member, "--ref", ref, "--home", adopted)
    assert (refused.code, said in refused.err, refused.err.count("\n")) == (4, True, 1)
    with opened.database.reading() as session:
        assert feed.head(session).position == 1

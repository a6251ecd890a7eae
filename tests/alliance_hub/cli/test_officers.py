"""The first officers, from the command line: links printed once, acts logged as the operator's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from alliance_hub.cli.officers import read_people
from alliance_hub.errors import Invalid
from alliance_hub.hub import Hub
from alliance_hub.people import directory, invitations
from alliance_hub.people.models import Officer, OfficerState
from alliance_hub.people.service import Person
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.cli.conftest import Run

FIVE = """place,name,staff_number,mobile,email
1,陈立,A001,,
3,孙国强,A003,138 0013 8000,
4,李文华,A011,,li@example.cn
"""


def secret_in(line: str) -> str:
    address = line.split()[-1]
    assert address.startswith("http://127.0.0.1:8400/console/invitation/")
    return address.rpartition("/")[2]


def test_the_first_administrator_and_its_office(run: Run, opened: Hub, tmp_path: Path) -> None:
    home = opened.settings.home
    first = run("officers", "first", "--name", "周敏", "--staff-number", "A002", "--home", home)
    assert first.code == 0, first.err
    with opened.database.reading() as session:
        officer = invitations.get_invited(session, secret_in(first.out), opened.clock())
        assert (officer.ref, officer.state) == ("association/A002", OfficerState.INVITED)
    again = run("officers", "first", "--name", "吴桐", "--staff-number", "A009", "--home", home)
    assert again.code == 4
    assert "--again" in again.err

    (tmp_path / "five.csv").write_text(FIVE, "utf-8")
    preset = run("officers", "preset", tmp_path / "five.csv", "--home", home)
    assert preset.code == 0, preset.err
    assert len({secret_in(line) for line in preset.out.splitlines()}) == 3
    listed = run("officers", "list", "--home", home).out
    assert "association/A011" in listed
    assert "agreement_officer, flag_reviewer, membership_officer" in listed

    reset = run("officers", "reset", "association/A002", "--home", home)
    with opened.database.reading() as session:
        assert invitations.get_invited(session, secret_in(reset.out), opened.clock()).id == officer.id
        assert session.scalars(select(LogRow.actor).where(LogRow.kind.startswith("officer_"))).all() == (
            ["operator"] * 10
        )
        for entry in session.scalars(select(LogRow.entry)):
            assert entry is not None
            assert not any(name in entry.decode() for name in ("周敏", "陈立", "李文华", "8613800138000"))
    assert run("officers", "reset", "association/A999", "--home", home).code == 4


@pytest.mark.parametrize(
    "text",
    [
        "name,staff_number\nA,1\n",
        "place,name,staff_number\n6,A,1\n",
        "place,name,staff_number\nx,A,1\n",
        "place,name,staff_number\n1,A,1\n1,B,2\n",
    ],
    ids=["no places", "a sixth place", "no number", "a place twice"],
)
def test_a_bad_file_names_its_row(tmp_path: Path, text: str) -> None:
    (tmp_path / "five.csv").write_text(text, "utf-8")
    with pytest.raises(Invalid, match=r"row|first line"):
        read_people(tmp_path / "five.csv")


def test_a_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "five.csv").write_text("\ufeff" + FIVE, "utf-8")
    assert read_people(tmp_path / "five.csv")[4] == Person("A011", "李文华", "", "li@example.cn")


def test_a_reset_officer_keeps_its_row(run: Run, opened: Hub) -> None:
    home = opened.settings.home
    run("officers", "first", "--name", "周敏", "--staff-number", "A002", "--home", home)
    run("officers", "reset", "association/A002", "--home", home)
    with opened.database.reading() as session:
        assert session.scalars(select(Officer)).one() is directory.get_by_ref(session, "association/A002")

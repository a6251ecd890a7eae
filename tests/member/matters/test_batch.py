"""A workbook of cases becomes bundles; what is wrong with a row stops no other."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from member import Member, Unavailable
from member.files import ColumnError
from member.matters import batch
from member.matters.batch import Batch
from member.matters.building import Signing
from member.matters.certificate import Certificate, make_certificate, read_certificate
from member.matters.draft import read_document
from tests.member.conftest import Alliance
from tests.member.matters import filing
from tests.member.matters.filing import Bench
from tests.member.people import person

Asked = Callable[..., Batch]


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    """A certificate for the reports whose key is quickly made."""
    now = datetime.now(UTC)
    return read_certificate(make_certificate("南山", at=now, key_bits=2048), "", at=now)


@pytest.fixture
def court(alliance: Alliance, south: Member, tmp_path: Path) -> Bench:
    filing.submitted(south, tmp_path, 3)
    return Bench(alliance, south)


@pytest.fixture
def asked(tmp_path: Path, certificate: Certificate) -> Asked:
    """Return the task of a workbook with these rows."""
    (tmp_path / "our.toml").write_text(filing.OUR, encoding="utf-8")
    filing.documents(tmp_path / "files", [1, 2, 3])

    def asked(*rows: dict[str, Any]) -> Batch:
        return Batch(
            cases=filing.workbook(tmp_path / "cases.xlsx", rows),
            documents=tmp_path / "files",
            out=tmp_path / "bundles",
            common=read_document(tmp_path / "our.toml"),
            signing=Signing(certificate=certificate),
        )

    return asked


def errors(folder: Path) -> list[list[str]]:
    with (folder / "bundles" / "errors.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))[1:]


def test_a_package_a_row_and_one_list_of_errors(
    court: Bench, south: Member, asked: Asked, tmp_path: Path
) -> None:
    bad = filing.row(3, **{"lent": "ten", "rate": ""})
    stranger = filing.row(3, case="2026-0004", contract="NA-000002")
    court.pending = 2
    result = batch.run(south, asked(filing.row(1), filing.row(2), bad, stranger))

    assert (result.rows, result.built, result.unchanged, result.failed) == (4, 2, 0, 2)
    assert result.exit_code == 2
    listed = errors(tmp_path)
    assert [each[:3] for each in listed] == [
        ["4", "2026-0003", "借款金额 lent"],
        ["4", "2026-0003", "年利率 rate"],
        ["5", "2026-0004", "合同编号 contract"],
    ]
    assert "another debtor" in listed[2][3]
    assert person(3) not in (tmp_path / "bundles" / "errors.csv").read_text(encoding="utf-8-sig")
    # The checkpoint is waited for once: nobody is waited for before all are opened and certified.
    assert court.acts == ["open", "open", "certify", "certify", *["evidence"] * 4]
    first = (tmp_path / "bundles" / "2026-0001.zip").read_bytes()
    _require_bundle(tmp_path / "bundles" / "2026-0001.zip", next(iter(court.requests)))

    result = batch.run(south, asked(filing.row(1), filing.row(2, lent=90_000)))
    assert (result.built, result.unchanged, result.errors) == (1, 1, None)
    assert not (tmp_path / "bundles" / "errors.csv").exists()
    assert (tmp_path / "bundles" / "2026-0001.zip").read_bytes() == first
    assert len(court.requests) == 2
    assert [each["what"] for each in court.reported] == ["bundles"] * 3


def _require_bundle(path: Path, matter: str) -> None:
    with zipfile.ZipFile(path) as bundle:
        case = json.loads(bundle.read(f"{matter}/evidence/case.json"))
        items = json.loads(bundle.read(f"{matter}/evidence/items.json"))
    # 100,000 at 12 % for 143 days are 4,701.37; of 20,000 the rest goes to the principal.
    assert case["loans"][0]["payments"][0] == {
        "on": "2024-06-01", "amount": 20_000_00, "fees": 0, "interest": 4_701_37, "penalty": 0,
        "principal": 15_298_63,
    }  # fmt: skip
    assert [item["name"] for item in items][:2] == ["授权委托书", "债权人身份证明"]
    assert len(items) == 6


def test_a_run_that_was_stopped_goes_on(court: Bench, south: Member, asked: Asked, tmp_path: Path) -> None:
    work = asked(filing.row(1), filing.row(2, kind="打官司"))
    court.deaf = True
    with pytest.raises(Unavailable):
        batch.run(south, work)
    assert court.reported == []
    assert [each[2] for each in errors(tmp_path)] == ["程序 kind"]
    sealed = (tmp_path / "bundles" / "2026-0001.zip").read_bytes()

    court.deaf = False
    result = batch.run(south, work)
    assert (result.unchanged, result.built, result.failed) == (1, 0, 1)
    assert [each["what"] for each in court.reported] == ["bundles"]
    assert (tmp_path / "bundles" / "2026-0001.zip").read_bytes() == sealed
    assert len(court.requests) == 1

    court.why = "newer_record"
    result = batch.run(south, work)
    assert (result.unchanged, result.built) == (0, 1)


def test_documents_must_say_what_they_are(court: Bench, south: Member, asked: Asked, tmp_path: Path) -> None:
    work = asked(filing.row(1))
    (tmp_path / "files" / "2026-0001" / "scan.pdf").write_bytes(filing.pdf("?"))
    (tmp_path / "files" / "2026-0001" / "demand.pdf").write_bytes(b"not a PDF")
    assert batch.run(south, work).exit_code == 2
    assert [each[2:4] for each in errors(tmp_path)] == [
        ["scan.pdf", "its name does not begin with a kind of document"]
    ]
    (tmp_path / "files" / "2026-0001" / "scan.pdf").unlink()
    assert batch.run(south, work).exit_code == 2
    assert "damaged or is not what its ending says" in errors(tmp_path)[0][3]


def test_what_a_profile_wants_is_said_for_each_row(
    court: Bench, south: Member, asked: Asked, tmp_path: Path
) -> None:
    work = asked(filing.row(1))
    (tmp_path / "files" / "2026-0001" / "ledger.pdf").unlink()
    assert batch.run(south, work).exit_code == 2
    assert [each[2] for each in errors(tmp_path)] == [
        "还款明细和欠款计算 / Repayments and how the claim is counted"
    ]
    assert court.requests == {}


def test_a_workbook_without_a_column_is_refused(
    court: Bench, south: Member, asked: Asked, tmp_path: Path
) -> None:
    short = {name: value for name, value in filing.row(1).items() if name != "lent"}
    with pytest.raises(ColumnError, match="借款金额 lent"):
        batch.run(south, asked(short))

"""`alliance-member matters`, from a contract to a bundle that was handed over."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import msgspec
import pytest

from member import Member
from member.matters import opening
from member.matters.building import mark_of, standing
from member.matters.certificate import make_certificate
from member.matters.folder import list_folders
from member.matters.ready import look_at
from member.matters.state import Built
from privacy.errors import InvalidInputError
from tests.member.conftest import Alliance, Run
from tests.member.matters import filing
from tests.member.matters.filing import Bench
from tests.member.people import person
from tests.member.server import Problem
from tests.paper.reading import text_of

CASE = (
    filing.OUR
    + """
[debtor]
name = "张某"
address = "示范市示范区和平街2号"

[[loans]]
contract = "NA-000001"
signed_on = 2024-01-10
lent = "100000.00"
due_on = 2025-01-10
rate = "12"
"""
)


@pytest.fixture
def court(alliance: Alliance, south: Member, tmp_path: Path) -> Bench:
    filing.submitted(south, tmp_path, 2)
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    return Bench(alliance, south)


@pytest.fixture
def certificate_file(tmp_path: Path, south: Member) -> Path:
    path = tmp_path / "firm.p12"
    path.write_bytes(make_certificate("南山", at=south.clock(), key_bits=2048))
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    return path


def opens(run: Run, folder: Path, *more: object) -> int:
    return run(
        "matters", "open", *more, "--case", folder / "case.toml", "--portfolio", folder / "loans.csv",
        "--contract", "NA-000001", "--kind", "litigation",
    )  # fmt: skip


def test_from_a_contract_to_a_bundle_that_was_handed_over(
    court: Bench, run: Run, certificate_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert opens(run, tmp_path, "--law-firm", "正言", "--lawyer", "L001") == 0
    (reference,) = court.requests
    said = capsys.readouterr().out
    assert f"Next: alliance-member matters add {reference}" in said
    request = court.requests[reference].request
    assert (request.law_firm, request.lawyers) == ("正言", ("L001",))

    assert run("matters", "check", reference) == 2
    said = capsys.readouterr().out
    assert "What is missing" in said
    assert "no document of this kind" in said

    files = filing.documents(tmp_path / "files", [1])
    for kind in (*filing.SHARED, *filing.KINDS):
        where = "公共" if kind in filing.SHARED else "2026-0001"
        added = ("matters", "add", reference, files / where / f"{kind}.pdf", "--kind", kind)
        assert run(*added, "--original", "--collector", "赵某") == 0
    capsys.readouterr()
    assert run("matters", "check", reference) == 0
    said = capsys.readouterr().out
    assert "100,000.00 × 12% × 366/365" in said
    assert "Nothing is missing" in said

    bundle = tmp_path / "bundle.zip"
    built = ("matters", "build", reference, "--out", bundle, "--certificate", certificate_file)
    assert run(*built, "--certificate-passphrase", tmp_path / "empty") == 0
    assert f"alliance-verify {bundle}" in capsys.readouterr().out
    with zipfile.ZipFile(bundle) as opened:
        names = opened.namelist()
        case = json.loads(opened.read(f"{reference}/evidence/case.json"))
    assert f"{reference}/data/application.pdf" in names
    assert case["respondents"][0]["identifier"] == person(1)
    before = bundle.read_bytes()
    assert run(*built, "--certificate-passphrase", tmp_path / "empty") == 0
    assert "stands already" in capsys.readouterr().out
    assert bundle.read_bytes() == before

    # A contract was settled since: the hub says so, whoever builds or delivers hears it.
    court.why = "settled"
    assert run("matters", "deliver", reference, bundle, "--to", "示范市示范区人民法院", "--by", "赵某") == 0
    assert "superseded (settled)" in capsys.readouterr().err
    assert run("matters", "show", reference) == 1
    court.why = None
    assert "示范市示范区人民法院" in text_of((tmp_path / "bundle.delivery.pdf").read_bytes())
    assert [each["what"] for each in court.reported] == ["bundles", "deliveries"]
    assert court.reported[0]["seal"] == court.reported[1]["seal"]
    bundle.write_bytes(before + b" ")
    assert run("matters", "deliver", reference, bundle, "--to", "某人") == 4

    capsys.readouterr()
    assert run("matters", "list") == 0
    assert reference in capsys.readouterr().out
    assert run("matters", "show", reference) == 0
    assert "Certificates" in capsys.readouterr().out
    assert run("matters", "close", reference, "--yes") == 0
    assert court.reported[-1]["what"] == "close"


def test_no_name_or_number_leaves_for_the_hub(court: Bench, run: Run, tmp_path: Path) -> None:
    assert opens(run, tmp_path) == 0
    (signed,) = court.requests.values()
    sent = signed.canonical().decode()
    assert not any(each in sent for each in (person(1), "张某", "NA-000001"))


def test_an_opening_that_was_stopped_goes_on(
    court: Bench, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    court.refuses = Problem(422, "invalid")
    assert opens(run, tmp_path, "our-case-0001", "--law-firm", "别的所") == 4
    court.refuses = Problem(503, "unavailable")
    assert run("matters", "open", "our-case-0001", "--law-firm", "正言") == 3
    # Perhaps the hub has taken it: nothing may change until that is known.
    assert run("matters", "open", "our-case-0001", "--law-firm", "别的所") == 4
    assert "and nothing else" in capsys.readouterr().err
    court.refuses = None
    assert run("matters", "open", "our-case-0001") == 0
    assert court.requests["our-case-0001"].request.law_firm == "正言"
    assert "The matter's reference is our-case-0001" in capsys.readouterr().out


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("open",), 64, "name a case file"),
    (("open", "--contract", "NA-000001"), 64, "belong together"),
    (
        ("open", "--case", "case.toml", "--kind", "mediation", "--profile", "enforcement"),
        4,
        "is for enforcement",
    ),
    (("open", "--case", "case.toml"), 4, "kind: say one of litigation"),
    (("open", "--case", "nothing.toml"), 4, "cannot be read"),
    (
        ("open", "--contract", "NA-9", "--portfolio", "loans.csv", "--kind", "mediation"),
        4,
        "is in no row",
    ),
    (
        ("open", "--case", "case.toml", "--contract", "NA-000002", "--portfolio", "loans.csv"),
        4,
        "other loans than --contract",
    ),
    (("check", "M20261122-unknown"), 4, "matters list"),
    (("add", "M20261122-unknown", "case.toml", "--kind", "contract"), 4, "matters list"),
    (("build", "--out", "x.zip"), 64, "one matter, or a workbook"),
    (("build", "M20261122-unknown", "--out", "x.pdf"), 4, "is written as .zip"),
    (("build", "M20261122-unknown", "--out", "x.zip", "--authority", "http://x"), 64, "belong together"),
    (("template", "--out", "cases.csv"), 4, "is written as .xlsx or .toml"),
]


def test_what_is_refused_says_what_to_do(
    court: Bench,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments, code, says in REFUSED:
        assert run("matters", *arguments) == code, arguments
        assert says in capsys.readouterr().err
    assert court.requests == {}


def test_templates_are_written(
    court: Bench, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, following in (("cases.xlsx", "matters build --cases"), ("case2.toml", "matters open --case")):
        assert run("matters", "template", "--out", tmp_path / name) == 0
        assert following in capsys.readouterr().out


def test_a_certificate_of_existence_waits_for_the_secretariat(
    court: Bench, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert opens(run, tmp_path, "our-case-0001") == 0
    (tmp_path / "order.pdf").write_bytes(b"%PDF an order")
    order = ("--court", "某法院", "--number", "（2026）某01民初1号", "--on", "2026-11-20")
    assert run("matters", "certify", "our-case-0001", *order, "--order", tmp_path / "order.pdf") == 0
    assert "Certified: number 1" in capsys.readouterr().out


# What is settled before anything leaves


UNFIT: list[tuple[dict[str, object], str, str]] = [
    ({"loans": [{"contract": "NA-000009"}]}, "loans[0].contract", "never submitted"),
    ({"loans": [{"contract": "NA-000002"}]}, "loans[0].contract", "another debtor"),
    ({"loans": [{"contract": "NA-000001"}] * 2}, "loans[1].contract", "twice"),
    ({"loans": [{}]}, "loans[0].contract", "missing"),
    ({"loans": []}, "loans", "at least one"),
    ({"kind": None}, "kind", "litigation"),
    ({"lawyers": ["L001"]}, "law_firm", "name it"),
    ({"law_firm": "a/b"}, "law_firm", "visible characters"),
    ({"until": "2020-01-01"}, "until", "after today"),
    ({"until": "2099-01-01"}, "until", "within 3 years"),
    ({"debtor": {"identifier": "110101199001011237"}}, "debtor.identifier", "made-up data only"),
    (
        {"debtor": {"identifier": "13800000000", "identifier_kind": "MOBILE"}},
        "debtor.identifier_kind",
        "nobody",
    ),
]


def test_what_cannot_be_opened_is_named_by_its_field(court: Bench, south: Member) -> None:
    usual = {"kind": "litigation", "debtor": {"identifier": person(1)}, "loans": [{"contract": "NA-000001"}]}
    for changes, field, reason in UNFIT:
        with pytest.raises(InvalidInputError, match=reason) as refused:
            opening.begin(south, "our-case-0001", {**usual, **changes}, None, source="the case")
        assert refused.value.field == field
    assert list_folders(south.home) == []


def test_what_stands_is_known_by_all_that_went_in(court: Bench, south: Member, tmp_path: Path) -> None:
    document = {
        "kind": "mediation",
        "debtor": {"identifier": person(1)},
        "loans": [{"contract": "NA-000001"}],
    }
    folder = opening.begin(south, "our-case-0001", document, None, source="the case")
    today, out = south.clock().date(), tmp_path / "bundle.zip"
    out.write_bytes(b"a bundle")

    def stands() -> bool:
        return standing(look_at(folder, today), out) is not None

    assert not stands()
    built = Built(
        seal="A" * 43,
        sealed_at="2026-11-22T00:00:00Z",
        file="bundle.zip",
        digest=hashlib.sha256(b"a bundle").hexdigest(),
        mark=mark_of(look_at(folder, today)),
    )
    folder.keep(msgspec.structs.replace(folder.opened(), bundles=(built,)))
    assert stands()
    folder.write_draft({**document, "forum": "某调解委员会"})
    assert not stands()
    folder.write_draft(document)
    assert stands()
    out.write_bytes(b"another")
    assert not stands()

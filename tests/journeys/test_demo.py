"""The main job, as a newcomer runs it: the demo's answers against plain joins of the raw files."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from demo.authority import verify_command
from tests.journeys.leaks import find_leaks, private_values, stored

ROOT = Path(__file__).parents[2]
SLOTS = (
    *("contracts", "outstanding", "overdue", "d1_30", "d31_60", "d61_90", "d91_180", "d181_plus"),
    *("in_court", "judged"),
)


def play(folder: Path, out: Path) -> None:
    command = [sys.executable, "-m", "demo", "--portfolios", str(folder), "--out", str(out)]
    done = subprocess.run(
        [*command, "--as-of", "2026-10-31"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def answers(out: Path, member: str) -> list[dict[str, Any]]:
    text = (out / "answers" / f"{member}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def shown(exposure: dict[str, Any]) -> dict[str, Any]:
    """Status and, when open, the ten totals."""
    keys = ("status", *SLOTS) if exposure["status"] == "open" else ("status",)
    return {key: exposure[key] for key in keys}


def from_sample(subject: dict[str, Any]) -> dict[str, Any]:
    """The sample's expected.json in our words: 0 others none, 1 withheld, more open."""
    others = subject["other_members"]
    if others < 2:
        return {"status": "withheld" if others else "none"}
    return {"status": "open", **subject["exposure"]}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the demo has played the sample; a file of the user's stood there before."""
    out = tmp_path_factory.mktemp("demo")
    (out / "notes.txt").write_text("mine")
    play(ROOT / "member" / "sample", out)
    return out


def test_the_sample_gives_what_a_plain_join_gives(played: Path) -> None:
    """Every subject of every member, and files of the user's that stand in OUT stay."""
    expected = json.loads((ROOT / "member" / "sample" / "expected.json").read_text(encoding="utf-8"))[
        "members"
    ]
    summary = json.loads((played / "summary.json").read_text(encoding="utf-8"))["members"]
    assert set(summary) == set(expected)
    for member, truth in expected.items():
        lines = answers(played, member)
        assert len(lines) == len({line["contract"] for line in lines}) == truth["good_rows"]
        said = {line["subject"]: shown(line["exposure"]) for line in lines}
        assert said == {subject: from_sample(each) for subject, each in truth["subjects"].items()}
        assert summary[member]["good_rows"] == truth["good_rows"]
        assert summary[member]["bad_rows"] == truth["bad_rows"]
        assert summary[member]["subjects"] == len(truth["subjects"])
    assert (played / "notes.txt").read_text() == "mine"


def test_hub_and_custodians_store_and_log_nothing_of_a_debtor(played: Path) -> None:
    """Every byte of their folders and logs, against all that the members' files say of a person."""
    alliance = played / "alliance"
    members = sorted((alliance / "members").glob("*/portfolio.csv"))
    values = [private_values(portfolio) for portfolio in members]
    everything = {column: set().union(*(each[column] for each in values)) for column in values[0]}
    assert all(len(found) > 200 for found in everything.values())
    others = [alliance / party for party in ("hub", "custodian-1", "custodian-2", "custodian-3", "ceremony")]
    logs = sorted((alliance / "logs").glob("hub.log")) + sorted((alliance / "logs").glob("custodian-*.log"))
    assert len(logs) == 4
    files = list(stored(*others, *logs))
    assert sum(len(data) for _, data in files) > 1_000_000
    assert find_leaks(files, everything) == []
    # The same search does find what is there: in a member's own file, and as a plain hash.
    found = find_leaks(stored(members[0]), everything)
    assert {leak.column for leak in found} == set(everything)
    careless = hashlib.sha256(min(everything["身份证号"]).encode()).hexdigest()
    (hashed,) = find_leaks([("log", f"asked about {careless}".encode())], everything)
    assert (hashed.column, hashed.form) == ("身份证号", "sha256 in hexadecimal")


def test_a_court_checks_the_bundle_offline(played: Path, tmp_path: Path) -> None:
    """With a copy of the one file, an empty environment and no site packages; then with one byte changed."""
    verifier = shutil.copy(ROOT / "verifier" / "alliance_verify.py", tmp_path)
    bundle, trust = played / "bundle.zip", played / "trust.json"
    command = [sys.executable, "-I", "-S", verifier, "--trust", str(trust), "--json"]
    done = subprocess.run([*command, str(bundle)], env={}, capture_output=True, text=True, check=False)
    claims = {each["name"]: each["state"] for each in json.loads(done.stdout)["claims"]}
    assert done.returncode == 0
    checked = ("seal-signature", "checkpoint", "identity", "decisions", "items", "case")
    assert {claims[name] for name in checked} == {"holds"}

    content = bytearray(bundle.read_bytes())
    at = content.index(b"%PDF")
    content[at] ^= 1
    (changed := tmp_path / "changed.zip").write_bytes(content)
    done = subprocess.run([*command, str(changed)], env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["failed"] in {"files", "digests"}


def test_other_peoples_programs_agree_about_the_bundle(played: Path, tmp_path: Path) -> None:
    """The Library of Congress' bagit, OpenSSL on the time stamp, pyHanko on the reports."""
    with zipfile.ZipFile(played / "bundle.zip") as bundle:
        bundle.extractall(tmp_path)
    (bag,) = tmp_path.iterdir()
    bagit = [sys.executable, "-m", "bagit", "--validate", str(bag)]
    assert subprocess.run(bagit, capture_output=True, check=False).returncode == 0

    roots = played / "alliance" / "authority" / "roots.pem"
    stamped = verify_command(bag / "tagmanifest-sha256.txt", bag / "seal.tsr", roots)
    assert "Verification: OK" in subprocess.run(stamped, capture_output=True, text=True, check=False).stdout

    authority = load_cert_from_pemder(str(roots))
    for language in ("zh", "en"):
        with (bag / "data" / f"report.{language}.pdf").open("rb") as file:
            (signature,) = PdfFileReader(file).embedded_signatures
            context = ValidationContext(trust_roots=[authority, signature.signer_cert], allow_fetching=False)
            status = validate_pdf_signature(signature, context)
        assert (status.intact, status.valid, status.trusted) == (True, True, True)
        assert status.coverage.name == "ENTIRE_FILE"

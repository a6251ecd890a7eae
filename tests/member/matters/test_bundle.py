"""Bundles as a court meets them: the verifier, bagit, OpenSSL and pyHanko agree from outside."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import bagit
import msgspec
import pytest

from demo.authority import Authority as MadeUpAuthority
from demo.authority import verify_command
from member.errors import Refused
from member.matters import bundle, keeping
from member.matters.stamping import Authority
from privacy.evidence import trust_in
from tests.feeds import secret
from tests.member.conftest import Alliance
from tests.member.matters.cases import MATTER
from tests.member.matters.conftest import Matter
from tests.member.matters.court import PAPER
from tests.member.matters.signatures import check
from verifier.alliance_verify import verify_file


def states(path: Path, alliance: Alliance) -> dict[str, str]:
    """Return what a court's verifier finds of each claim."""
    trust = json.loads(trust_in(alliance.key_set).canonical())
    return {finding.name: finding.state for finding in verify_file(str(path), trust).findings}


def unzipped(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder / MATTER


def test_a_court_finds_every_claim_to_hold(matter: Matter, alliance: Alliance, tmp_path: Path) -> None:
    target = tmp_path / "bundle.zip"

    seal = matter.assemble(target)

    found = states(target, alliance)
    assert "fails" not in found.values()
    assert {name for name, state in found.items() if state == "holds"} == {
        *("files", "digests", "seal", "key-set", "member-key", "seal-signature", "checkpoint", "log"),
        *("matter", "identity", "certificates", "agreement", "items", "custody", "case"),
    }
    folder = unzipped(target, tmp_path / "bag")
    assert (seal.seal.matter, seal.seal.member, seal.seal.timestamp) == (MATTER, matter.member.name, None)
    assert bundle.seal_digest(seal) == hashlib.sha256((folder / "seal.json").read_bytes()).digest()
    assert {path.name for path in (folder / "data").iterdir()} == {
        *("report.zh.pdf", "report.en.pdf", "application.pdf", "certificates", "documents")
    }
    papers = {path.name: path.read_bytes() for path in (folder / "data/certificates").iterdir()}
    assert papers["03-record.pdf"] == PAPER + b"3"
    assert len(papers) == 5
    for name in ("zh", "en"):
        checked = check((folder / f"data/report.{name}.pdf").read_bytes(), matter.certificate)
        assert (checked.holds, checked.stamped) == (True, False)


def test_the_same_inputs_and_time_give_the_same_bytes(matter: Matter, tmp_path: Path) -> None:
    at = matter.member.clock()

    for name in ("one.zip", "two.zip"):
        matter.assemble(tmp_path / name, at=at)

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_bagit_openssl_and_pyhanko_accept_it_from_outside(
    matter: Matter, alliance: Alliance, made_up: MadeUpAuthority, authority: Authority, tmp_path: Path
) -> None:
    target = tmp_path / "bundle.zip"
    matter.assemble(target, authority=authority)

    folder = unzipped(target, tmp_path / "bag")
    for path, source in matter.prepared.documents.items():
        assert (folder / path).read_bytes() == source.read_bytes()
    _require_bag(folder)
    command = verify_command(folder / "tagmanifest-sha256.txt", folder / "seal.tsr", made_up.roots)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr
    assert states(target, alliance)["time-stamp"] == "outside"
    for name in ("zh", "en"):
        checked = check((folder / f"data/report.{name}.pdf").read_bytes(), matter.certificate, authority)
        assert checked.holds
        assert checked.stamped


def _require_bag(folder: Path) -> None:
    """Have the Library of Congress' program accept it, as a library and as the command that a court runs."""
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert bag.info["External-Identifier"] == MATTER
    command = [sys.executable, "-m", "bagit", "--validate", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, b"is valid" in done.stderr) == (0, True)


def test_a_second_bundle_of_a_matter_holds_too(matter: Matter, alliance: Alliance, tmp_path: Path) -> None:
    sealed = hashlib.sha256(b"an earlier bundle").hexdigest()
    matter.folder.log("赵某", "封装证据包 / bundle sealed", matter.member.clock(), sealed)
    again = replace(matter, prepared=matter.folder.prepared(matter.prepared.case, None))

    again.assemble(tmp_path / "bundle.zip")

    assert states(tmp_path / "bundle.zip", alliance)["custody"] == "holds"
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        assert f"{MATTER}/data/application.pdf" not in archive.namelist()


def test_a_document_that_was_changed_stops_the_bundle(matter: Matter, tmp_path: Path) -> None:
    recording = next(path for path in matter.prepared.documents.values() if path.suffix == ".wav")
    recording.write_bytes(recording.read_bytes() + b"!")
    target = tmp_path / "out" / "bundle.zip"
    target.parent.mkdir()
    target.write_bytes(secret("an older bundle"))

    with pytest.raises(Refused, match="was changed since it was added"):
        matter.assemble(target)
    assert [path.read_bytes() for path in target.parent.iterdir()] == [secret("an older bundle")]


def test_what_a_court_would_not_accept_is_not_written(matter: Matter, tmp_path: Path) -> None:
    lacking = msgspec.structs.replace(matter.evidence, membership=matter.evidence.membership[:2])

    with pytest.raises(Refused, match="2 custodians must have accepted the member's key, 1 did"):
        replace(matter, evidence=lacking).assemble(tmp_path / "bundle.zip")
    assert not (tmp_path / "bundle.zip").exists()


def _case(matter: Matter, **changes: Any) -> Matter:
    case = msgspec.structs.replace(matter.prepared.case, **changes)
    return replace(matter, prepared=replace(matter.prepared, case=case))


def _with_other_contract(matter: Matter) -> Matter:
    (loan,) = matter.prepared.case.loans
    other = msgspec.structs.replace(loan, contract_ref=matter.evidence.proofs[0].receipt.leaf)
    return _case(matter, loans=(other,))


def _about_another_debtor(matter: Matter) -> Matter:
    (debtor,) = matter.prepared.case.respondents
    return _case(matter, respondents=(msgspec.structs.replace(debtor, identifier="another"),))


def _with_other_evidence(matter: Matter) -> Matter:
    request = msgspec.structs.replace(
        matter.evidence.request, signature=matter.evidence.request.signature[::-1]
    )
    return replace(matter, evidence=msgspec.structs.replace(matter.evidence, request=request))


def _logged_tomorrow(matter: Matter) -> Matter:
    matter.folder.log("赵某", "收集 / collected", matter.member.clock() + timedelta(days=1))
    return replace(matter, prepared=matter.folder.prepared(matter.prepared.case, None))


def test_parts_that_do_not_belong_together_are_not_bound(matter: Matter, tmp_path: Path) -> None:
    for change, reason in (
        (_with_other_contract, "other contracts"),
        (_about_another_debtor, "not the debtor of this matter"),
        (_with_other_evidence, "evidence is of another matter"),
        (_logged_tomorrow, "set this machine's clock"),
    ):
        with pytest.raises(Refused, match=reason):
            change(matter).assemble(tmp_path / "bundle.zip")
    kept = keeping.get(matter.member.vault, MATTER)
    keeping.keep(matter.member.vault, MATTER, msgspec.structs.replace(kept, request=None))
    with pytest.raises(Refused, match="not open at the hub"):
        matter.assemble(tmp_path / "bundle.zip")
    assert not (tmp_path / "bundle.zip").exists()

"""The command: what it prints, how it exits, and which containers it opens at all."""

from __future__ import annotations

import ast
import io
import json
import os
import random
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from demo.authority import Authority
from privacy.encoding import b64
from tests.verifier import making
from verifier import alliance_verify as verifier

SOURCE = Path(verifier.__file__).read_text()
GOOD = making.zipped(making.draft().sealed())
Capture = pytest.CaptureFixture[str]


def run(*arguments: str | Path) -> int:
    return verifier.main([str(each) for each in arguments])


def test_a_sound_bundle(bundle: Path, trust: Path, capsys: Capture) -> None:
    assert run(bundle, "--trust", trust, "--lang", "en") == 0
    out = capsys.readouterr().out
    assert "south-2026-0001" in out
    assert "南方小贷" in out
    assert "2026-11-03 10:00:00 UTC+8 (2026-11-03T02:00:00Z)" in out
    assert out.count("✓ HOLDS") == len(verifier.CLAIMS)
    assert out.count("→ NOT CHECKED HERE") == 5
    assert "openssl ts -verify" in out
    assert out.endswith("The debt itself is not proved by this.\n")
    assert "\x1b" not in out


def test_the_same_in_chinese(bundle: Path, trust: Path, capsys: Capture) -> None:
    assert run(bundle, "--trust", trust, "--lang", "zh") == 0
    out = capsys.readouterr().out
    assert out.count("✓ 成立") == len(verifier.CLAIMS)
    assert "请求金额 208,352.33 元，计算无误。此系主张，并非证明。" in out
    assert out.endswith("债务本身并不因此得到证明。\n")


def test_a_changed_bundle(tmp_path: Path, trust: Path, capsys: Capture) -> None:
    files = making.draft().sealed()
    files["data/report.zh.pdf"] = b"%PDF-1.7 hz"
    path = tmp_path / "changed.zip"
    path.write_bytes(making.zipped(files))
    assert run(path, "--trust", trust, "--lang", "en") == 1
    out = capsys.readouterr().out
    assert "✗ FAILS" in out
    assert "data/report.zh.pdf is not the file whose digest was listed: it was changed" in out
    assert out.endswith("This bundle does not hold: Digests.\n")


def test_for_programs(bundle: Path, trust: Path, capsys: Capture) -> None:
    assert run(bundle, "--trust", trust, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["holds"] is True
    assert document["failed"] is None
    assert (document["matter"], document["sealed_at"]) == ("south-2026-0001", "2026-11-03T02:00:00Z")
    assert [each["name"] for each in document["claims"]][:3] == ["files", "digests", "seal"]
    assert {each["state"] for each in document["claims"]} == {"holds", "outside"}


def test_for_programs_when_it_fails(tmp_path: Path, trust: Path, capsys: Capture) -> None:
    path = tmp_path / "changed.zip"
    path.write_bytes(GOOD[:-1])
    assert run(path, "--trust", trust, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["holds"], document["failed"], document["matter"]) == (False, "files", None)


def test_a_terminal_sees_colours_and_no_control_characters(trust: Path) -> None:
    finding = verifier.Finding(
        "x", verifier.Words("Bundle"), "fails", verifier.Words("{where}", where="\x1b]0;\u202e")
    )
    seal = {"matter": "m\x1b[2J", "member": "a\u202eb", "sealed_at": "2026-11-03T02:00:00Z"}
    report = verifier.Report("bundle.zip", seal, making.trust(), [finding])
    out = verifier.as_text(report, "en", coloured=True)
    assert out.count("\x1b") == 2
    assert "\x1b[1;31m✗ FAILS" in out
    assert "\u202e" not in out


def test_the_commands_that_it_prints_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stamps of a real authority, in a folder whose name has a space."""
    authority, draft = Authority(tmp_path / "authority"), making.draft()

    def stamp(data: bytes) -> bytes:
        (tmp_path / "data").write_bytes(data)
        query = ["openssl", "ts", "-query", "-data", str(tmp_path / "data"), "-sha256", "-cert"]
        return authority.answer(subprocess.run(query, capture_output=True, check=True).stdout)

    note = draft.evidence["anchor"]["note"].partition("\n\n")[0] + "\n"
    draft.evidence["anchor"]["token"] = b64(stamp(note.encode()))
    folder = tmp_path / "a court"
    folder.mkdir()
    (folder / "bundle.zip").write_bytes(making.zipped(draft.changed(token=stamp).sealed()))
    (folder / "ROOTS.pem").write_bytes(authority.roots.read_bytes())
    monkeypatch.chdir(folder)
    report = verifier.verify_file(str(folder / "bundle.zip"), making.trust())
    assert report.failed is None
    commands = {each.name: each.command for each in report.findings if each.command}
    for name, good in (
        ("time-stamp", "Verification: OK"),
        ("anchor-time", "Verification: OK"),
        ("container", "valid"),
    ):
        command = commands[name].replace("bagit.py", f"{sys.executable} -m bagit")
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert good in done.stdout + done.stderr


# What keeps it from saying anything.


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_says_when_it_cannot_check(
    bundle: Path, tmp_path: Path, trust: Path, lang: str, capsys: Capture
) -> None:
    missing = tmp_path / "missing"
    for arguments in [(missing, trust), (tmp_path, trust), (bundle, missing), (bundle, bundle)]:
        assert run(arguments[0], "--trust", arguments[1], "--lang", lang) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"threshold": 1},
        {"threshold": 4},
        {"threshold": "2"},
        {"witnesses": []},
        {"witnesses": making.trust()["witnesses"][:1] * 3},
        {"more": 1},
        {"key_set": "x"},
    ],
)
def test_a_trust_file_that_is_none(bundle: Path, tmp_path: Path, changes: object) -> None:
    path = tmp_path / "trust.json"
    path.write_text(json.dumps({**making.trust(), **changes}))  # type: ignore[dict-item]
    assert run(bundle, "--trust", path) == 2


def test_a_trust_file_may_be_printed_nicely(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(making.trust(), indent=4) + "\n")
    assert run(bundle, "--trust", path) == 0


def test_without_a_trust_file_it_does_not_begin(bundle: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(bundle)
    assert stopped.value.code == 2


# Containers.


def opened(data: bytes) -> str | None:
    """Return why a container is refused; None for one that is opened."""
    try:
        verifier.read_zip(io.BytesIO(data))
    except verifier.Fails as refusal:
        return refusal.words.said("en")
    return None


def entries(**changes: object) -> bytes:
    """Return a container of two files, of which the second has some attributes changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name in ("m/a", "m/b"):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            for attribute, value in changes.items() if name == "m/b" else ():
                setattr(info, attribute, value)
            container.writestr(info, b"data" * 50)
    return out.getvalue()


def test_what_zipfile_writes_is_opened() -> None:
    assert opened(entries()) is None
    assert opened(GOOD) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        bytes(1000),
        GOOD[:-1],
        GOOD[1:],
        GOOD + b"\n",
        b"#!/bin/sh\n" + GOOD,
        entries(compress_type=zipfile.ZIP_DEFLATED),
        entries(date_time=(2026, 1, 1, 0, 0, 0)),
        entries(extra=b"\x01\x00\x00\x00"),
        entries(comment=b"hello"),
        entries(filename="a"),
        entries(filename="other/b"),
        entries(external_attr=0o120777 << 16),
        entries(filename="m/0"),
    ],
)
def test_other_containers_are_refused(data: bytes, tmp_path: Path, trust: Path, capsys: Capture) -> None:
    assert opened(data) is not None
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    assert run(path, "--trust", trust, "--lang", "en") == 1
    assert "FAILS" in capsys.readouterr().out


def test_a_name_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for _ in range(2):
            with pytest.warns(UserWarning, match="Duplicate") if container.filelist else _nothing():
                container.writestr(zipfile.ZipInfo("m/a", (1980, 1, 1, 0, 0, 0)), b"x")
    assert opened(out.getvalue()) == "the ZIP's files are not in order, or one is there twice"


def _nothing() -> io.StringIO:
    return io.StringIO()


def test_an_encrypted_file_is_refused() -> None:
    data = bytearray(entries())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = bytes(data).index(magic)
        data[at + place] |= 1
    assert opened(bytes(data)) == "a file in the ZIP is encrypted"


def test_every_byte_of_the_containers_own_is_looked_at() -> None:
    """But for who wrote it on which system, and a file's permissions, a change anywhere is refused."""
    data, free = bytearray(entries()), set()
    payload = [data.index(b"data" * 50) + at for at in range(200)]
    for place in range(len(data)):
        if place not in payload:
            data[place] ^= 4
            try:
                files = verifier.read_zip(io.BytesIO(data))[1]
                for source in files.values():
                    for _ in verifier.blocks_of(source):
                        pass
                if set(files) == {"a", "b"}:
                    free.add(place)
            except verifier.Fails:
                pass
            data[place] ^= 4
    listed = [place for place in range(len(data)) if data[place : place + 4] == b"PK\x01\x02"]
    allowed = {first + offset for first in listed for offset in (4, 5, 38, 39, 40, 41)}
    assert free <= allowed


def test_a_directory_of_half_a_million_entries_is_not_read() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 10, 0, 0)
    assert opened(bytes(10) + end) is not None


def test_noise_never_ends_in_a_traceback(trust: Path, tmp_path: Path) -> None:
    chosen, path = random.Random(5), tmp_path / "noise.zip"
    files = making.small().sealed()
    small = making.zipped(files)
    for _ in range(60):
        data = bytearray(small)
        for _ in range(chosen.randrange(1, 4)):
            data[chosen.randrange(len(data))] = chosen.randrange(256)
        path.write_bytes(data[: chosen.choice([len(data), chosen.randrange(len(data))])])
        assert run(path, "--trust", trust) in (0, 1)


HOSTILE: list[Callable[[], bytes]] = [
    lambda: b"[" * 200_000,
    lambda: b"[" + b"9" * 1_000_000 + b"]",
    lambda: b'{"a":' * 50_000,
    lambda: b"null",
    lambda: b"[]",
    lambda: b"{}",
    lambda: b"[{}]",
    lambda: b'[{"receipt":null}]',
    lambda: b"\xff\xfe",
    lambda: b"[" + b"1," * 20_000 + b"1]",
]


@pytest.mark.parametrize("make", HOSTILE)
@pytest.mark.parametrize("name", ["items", "log", "key-set"])
def test_hostile_json_under_a_sound_seal_fails_its_claim(name: str, make: Callable[[], bytes]) -> None:
    files = making.sealed_anew({**making.draft().sealed(), f"evidence/{name}.json": make()})
    findings = verifier.verify(making.MATTER, files, making.trust())
    failed = [finding.name for finding in findings if finding.state == "fails"]
    # A log without entries is one, and says nothing of the matter.
    assert failed == ["matter" if (name, make()) == ("log", b"[]") else name]


# Itself.


def test_every_sentence_stands_in_both_languages_with_the_same_facts() -> None:
    said = {"Words", "Fails", "Absent", "CannotCheck"}
    sentences = {state.text for state in verifier.STATES.values()}
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = 0 if node.func.id in said else 1 if node.func.id in ("need", "_outside") else None
            if place is not None and place < len(node.args):
                text = node.args[place]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    sentences.add(text.value)
    assert len(sentences) > 100
    assert sentences == set(verifier.CHINESE)
    for english, chinese in verifier.CHINESE.items():
        facts = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, chinese)]
        assert facts[0] == facts[1], english
        assert any("\u4e00" <= each <= "\u9fff" for each in chinese) or english == "{name}"


def test_it_is_one_file_of_the_standard_library_for_python_3_8() -> None:
    tree = ast.parse(SOURCE, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
    }
    assert imported <= sys.stdlib_module_names
    # What came later than 3.8 and would only be met while it runs.
    for later in (".removeprefix(", ".removesuffix(", "strict=", "zoneinfo", ".bit_count("):
        assert later not in SOURCE


def test_it_runs_alone_and_within_five_seconds(bundle: Path, trust: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "alliance_verify.py"
    alone.parent.mkdir()
    alone.write_text(SOURCE)
    began = time.monotonic()
    found = subprocess.run(
        [sys.executable, "-I", "-S", alone, bundle, "--trust", trust, "--lang", "en"],
        capture_output=True,
        env={"PATH": os.environ["PATH"], "LANG": "C", "PYTHONUTF8": "1"},
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "FAILS" not in found.stdout
    assert time.monotonic() - began < 5


def test_without_openssls_sm3_it_uses_its_own(
    bundle: Path, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifier, "new_sm3", verifier.Sm3)
    assert run(bundle, "--trust", trust) == 0


@pytest.mark.parametrize(
    ("settings", "lang"),
    [({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LC_ALL": "en_US", "LANG": "zh_CN"}, "en"), ({"LANG": "C"}, "en")],
)
def test_it_speaks_the_machines_language(
    settings: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert verifier.default_language() == lang

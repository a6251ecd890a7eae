"""The command: what it shows, what it ends with, and that its help teaches."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import Home, Member, NotYet, QuotaExceeded
from member.cli import main
from member.cli.main import app
from member.vault import Vault
from privacy.accusations import FalsePartial, verify_accusation
from privacy.encoding import unb64
from privacy.exposure import Exposure
from privacy.keyset import witness_fingerprint
from privacy.messages import parse_json
from tests.member.conftest import PASSPHRASE, SOUTH, Alliance, Run
from tests.member.custodian import Manner
from tests.member.people import loan, write
from tests.member.test_overview import CUSTODIAN, HUB


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "loans.csv", loan(1), loan(2))


# From nothing to answers


def pins(alliance: Alliance) -> list[str]:
    return [part for key in alliance.key_set.witnesses for part in ("--pin", witness_fingerprint(unb64(key)))]


def test_a_member_is_made(
    alliance: Alliance, tmp_path: Path, passphrase_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key_set = tmp_path / "key-set.json"
    key_set.write_bytes(msgspec.json.encode(alliance.signed))
    home = tmp_path / "north"
    common = ["--home", str(home), "--passphrase-file", str(passphrase_file)]
    init = ["init", "北辰", "--hub", alliance.hub.url, "--key-set", str(key_set), *pins(alliance)]

    assert main([*common, *init]) == 4
    assert "--synthetic" in capsys.readouterr().err
    assert not home.exists()

    assert main([*common, *init, "--synthetic", "--portfolio", "20"]) == 0
    shown = capsys.readouterr().out
    fingerprint = json.loads((home / "card.json").read_text(encoding="utf-8"))["fingerprint"]
    assert fingerprint in shown
    assert "SYNTHETIC MODE" in shown
    assert "vault backup" in shown

    assert main([*common, *init, "--synthetic"]) == 4
    assert "is a vault already" in capsys.readouterr().err


def test_enrolment_ends_with_3_until_others_have_acted(
    alliance: Alliance, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    alliance.hub.state, alliance.hub.acceptances = "admitted", [2]
    assert run("enrol") == 3
    said = capsys.readouterr()
    assert "Retry later: 1 of the 2 custodians needed" in said.err
    assert "read out to the custodians' operators" in said.out

    alliance.hub.state = "active"
    alliance.agrees(SOUTH, state="offered")
    assert run("enrol") == 0
    assert "Next: alliance-member agreements sign" in capsys.readouterr().out


def test_an_agreement_is_shown_and_signed(
    alliance: Alliance, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    alliance.agrees(SOUTH, agreement="新协议", state="offered")

    assert run("agreements", "list") == 0
    assert "新协议" in capsys.readouterr().out
    assert run("agreements", "sign", "新协议") == 64
    assert "--yes" in capsys.readouterr().err
    assert run("agreements", "sign", "新协议", "--yes") == 0
    assert "post_loan_management" in capsys.readouterr().out
    assert run("agreements", "sign", "新协议", "--yes") == 4
    assert "Refused (agreement)" in capsys.readouterr().err


def test_a_portfolio_is_submitted_and_asked_about(
    alliance: Alliance, run: Run, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("submit", file, "--as-of", "2026-10-31") == 0
    said = capsys.readouterr()
    assert "taken by the hub" in said.out
    assert "SYNTHETIC MODE" in said.out
    assert "Tokenising: 2" in said.err

    out = file.with_name("answers.jsonl")
    assert run("match", file, "--out", out, "--purpose", "post_loan_management") == 0
    shown = capsys.readouterr().out
    assert "period 2026-11" in shown
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2

    assert run("settle", "NA-000001") == 0
    assert "Settled." in capsys.readouterr().out
    assert run("settle", "NA-000001") == 0
    assert "settled before" in capsys.readouterr().out
    assert run("withdraw", "NA-000002") == 0


def test_rejected_rows_end_with_2(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "loans.csv", loan(1), loan(2, outstanding="-5"))

    assert run("submit", file, "--as-of", "2026-10-31") == 2
    assert "loans.rejected.csv" in capsys.readouterr().out


def test_a_mapping_names_the_columns(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "loans.csv", loan(1))
    file.write_text(file.read_text(encoding="utf-8").replace("合同编号", "单号"), encoding="utf-8")
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"contract": "单号"}', encoding="utf-8")

    assert run("submit", file, "--as-of", "2026-10-31") == 4
    assert run("submit", file, "--as-of", "2026-10-31", "--mapping", mapping) == 0


def test_status_shouts_what_differs(alliance: Alliance, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    account = alliance.hub.account
    alliance.hub.routes[("GET", "/v1/account")] = lambda received: account(received) | HUB
    for custodian in alliance.custodians.values():
        custodian.account = CUSTODIAN
    assert run("status") == 0
    shown = capsys.readouterr().out
    assert "5 of 400; today 5 of 200" in shown
    assert "266 (2026-11, signed by 3)" in shown

    alliance.custodians[2].account = CUSTODIAN | {"head": "X"}
    assert run("status") == 1
    assert "DIFFERENT: custodian 2 sees the feed's head" in capsys.readouterr().err


def test_a_lie_is_shown_and_handed_on(
    alliance: Alliance, run: Run, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("accusations", "list") == 0
    assert "Nothing was found" in capsys.readouterr().out
    assert run("submit", file, "--as-of", "2026-10-31") == 0
    subject = next(iter(alliance.hub.records.values())).pseudonym
    one = Exposure(1, 100_000, 0, 0, 0, 0, 0, 0, 0, 0)
    alliance.hub.matches.others = {subject: [one, one]}
    alliance.hub.matches.falsify = {1: lambda said: msgspec.structs.replace(said, proof=None)}
    capsys.readouterr()

    question = ("match", file, "--out", file.with_name("answers.jsonl"), "--purpose", "post_loan_management")
    assert run(*question) == 0
    shown = capsys.readouterr()
    assert "A lie was found: custodian 1" in shown.out
    assert "Note: custodian 1" in shown.err

    assert run("accusations", "list") == 0
    assert "a false opening by custodian 1" in capsys.readouterr().out
    assert run("accusations", "show", 1) == 0
    assert "auditor" in capsys.readouterr().out
    out = tmp_path / "accusation-1.json"
    assert run("accusations", "export", 1, "--out", out) == 0
    assert "check-accusation" in capsys.readouterr().out
    assert "custodian 1" in verify_accusation(parse_json(FalsePartial, out.read_bytes()), alliance.key_set)
    assert run("accusations", "show", 2) == 4
    assert "no accusation number 2" in capsys.readouterr().err


def test_a_vault_is_backed_up_and_restored(
    run: Run, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    safe = tmp_path / "safe.vault"

    assert run("vault", "backup", safe) == 0
    assert run("vault", "backup", safe) == 4
    assert run("vault", "restore", safe) == 4
    assert "--force" in capsys.readouterr().err
    assert run("vault", "restore", safe, "--force") == 0
    assert (home.path / "vault.replaced").exists()


# Exit codes


def test_two_custodians_down_end_with_3(
    alliance: Alliance,
    run: Run,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("member.http._PAUSES", ())
    for index in (1, 2):
        alliance.custodians[index].close()

    assert run("submit", file, "--as-of", "2026-10-31") == 3
    assert "nothing is lost" in capsys.readouterr().err


def test_a_spent_quota_ends_with_3_and_says_when(
    alliance: Alliance, run: Run, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for custodian in alliance.custodians.values():
        custodian.manner = Manner.OUT_OF_QUOTA

    assert run("submit", file, "--as-of", "2026-10-31") == 3
    error = capsys.readouterr().err
    assert "Retry later, from " in error
    # 16:00 UTC is midnight where the alliance lives.
    assert "00:00 Asia/Shanghai" in error


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("submit",),
        ("submit", "FILE"),
        ("submit", "FILE", "--as-of", "yesterday"),
        ("submit", "FILE", "--as-of", "2026-10-31", "--unknown"),
        ("match", "FILE", "--out", "answers.csv"),
        ("match", "FILE", "--out", "answers.csv", "--purpose", "curiosity"),
        ("vault",),
        ("vault", "burn"),
        ("--home",),
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_what_is_not_understood_ends_with_64(arguments: tuple[str, ...], run: Run) -> None:
    assert run(*arguments) == 64


@pytest.mark.parametrize("purpose", ["credit_granting", "model_training", "public_shaming"])
def test_a_purpose_that_nobody_may_have_is_refused_by_name(
    alliance: Alliance, run: Run, file: Path, purpose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(alliance.hub.received)

    assert run("match", file, "--out", file.with_name("a.csv"), "--purpose", purpose) == 4
    assert f"Refused (purpose): no agreement of this alliance can allow the purpose {purpose}" in (
        capsys.readouterr().err
    )
    assert len(alliance.hub.received) == before


def test_a_wrong_passphrase_ends_with_4(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("guess\n", encoding="utf-8")

    assert main(["status", "--home", str(home.path), "--passphrase-file", str(wrong)]) == 4
    assert "wrong passphrase" in capsys.readouterr().err


def test_no_vault_ends_with_4(
    tmp_path: Path, passphrase_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["status", "--home", str(tmp_path / "empty"), "--passphrase-file", str(passphrase_file)]

    assert main(arguments) == 4
    assert "alliance-member init" in capsys.readouterr().err


def test_a_busy_vault_ends_with_3(run: Run, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with Vault.open(home.vault, PASSPHRASE):
        assert run("status") == 3
    assert "another alliance-member is at work" in capsys.readouterr().err


def test_a_missing_file_ends_with_4(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("submit", tmp_path / "nowhere.csv", "--as-of", "2026-10-31") == 4
    assert "Refused (file)" in capsys.readouterr().err


def test_without_a_keyboard_a_passphrase_file_is_asked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ALLIANCE_MEMBER_PASSPHRASE_FILE", raising=False)
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert main(["status", "--home", str(home.path)]) == 64
    assert "--passphrase-file" in capsys.readouterr().err


def test_what_nobody_expected_ends_with_1_and_quotes_nothing(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("11010519491231002X")

    monkeypatch.setattr("member.submission.tokenise", stumble)

    assert run("submit", file, "--as-of", "2026-10-31") == 1
    error = capsys.readouterr().err
    assert "Unexpected: ZeroDivisionError at test_cli.py:" in error
    assert "11010519491231002X" not in error


def test_the_keyboard_stops_it_with_130(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("member.submission.tokenise", stop)

    assert run("submit", file, "--as-of", "2026-10-31") == 130


# Options and help


@pytest.mark.parametrize("place", ["before", "behind", "inside", "with an equals sign", "environment"])
def test_home_and_passphrase_may_stand_anywhere(
    alliance: Alliance,
    south: Member,
    home: Home,
    passphrase_file: Path,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    south.close()
    words = ["--home", str(home.path), "--passphrase-file", str(passphrase_file)]
    target = str(tmp_path / "safe.vault")
    match place:
        case "before":
            arguments = [*words, "vault", "backup", target]
        case "behind":
            arguments = ["vault", "backup", target, *words]
        case "inside":
            arguments = ["vault", *words, "backup", target]
        case "with an equals sign":
            arguments = [
                "vault",
                "backup",
                target,
                f"--home={home.path}",
                f"--passphrase-file={passphrase_file}",
            ]
        case _:
            monkeypatch.setenv("ALLIANCE_MEMBER_HOME", str(home.path))
            monkeypatch.setenv("ALLIANCE_MEMBER_PASSPHRASE_FILE", str(passphrase_file))
            arguments = ["vault", "backup", target]

    assert main(arguments) == 0
    assert Path(target).exists()


def test_what_stands_behind_two_dashes_is_no_option(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    # A contract that is called like an option: it reaches the hub's side of the command.
    assert run("settle", "--", "--home") == 0
    assert "Settled." in capsys.readouterr().out


COMMANDS = [
    "init",
    "enrol",
    "apply",
    "submit",
    "match",
    "settle",
    "withdraw",
    "status",
    "check",
    "contributions",
    "deletions",
    "receipts",
    "open-contribution",
    "renew",
    "accusations list",
    "accusations show",
    "accusations export",
    "agreements list",
    "agreements show",
    "agreements sign",
    "agreements terminate",
    "agreements try",
    "vault backup",
    "vault restore",
    "keys show",
    "keys rotate",
    "keys revoke",
    "matters template",
    "matters open",
    "matters add",
    "matters remove",
    "matters check",
    "matters certify",
    "matters build",
    "matters deliver",
    "matters list",
    "matters show",
    "matters close",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_commands_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert f"Example: alliance-member {command}" in " ".join(capsys.readouterr().out.split())


def test_the_help_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(command.split()[0] in shown for command in COMMANDS)
    assert all(f"{code} " in shown for code in (0, 2, 3, 4, 64, 1))


def test_no_command_was_forgotten_above() -> None:
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    names = {
        command.callback.__name__.rstrip("_").replace("_", "-")
        for command in app.registered_commands
        if command.callback
    }
    for name, group in groups.items():
        assert group is not None
        for command in group.registered_commands:
            assert command.callback is not None
            names.add(f"{name} {command.name or command.callback.__name__}")

    assert names == set(COMMANDS)


def test_retrying_is_told_apart_from_refusing() -> None:
    assert (NotYet.exit_code, QuotaExceeded.exit_code) == (3, 3)

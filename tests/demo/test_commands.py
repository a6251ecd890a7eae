"""A command that is forked is the command that is typed: its words, its output, its end, its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.commands import run_command
from demo.portfolios import DemoError
from demo.processes import run


def test_it_ends_as_the_script_does(tmp_path: Path) -> None:
    told = run_command(["alliance-custodian", "--help"])
    assert (told.code, told.err, "ceremony" in told.out) == (0, "", True)

    nowhere = ["alliance-custodian", "peers", "--home", tmp_path / "nowhere"]
    refused = run_command(nowhere)
    assert refused.code > 0
    assert refused.err
    assert "Traceback" not in refused.err
    with pytest.raises(DemoError, match=f"alliance-custodian peers ended with {refused.code}"):
        run(nowhere)


def test_each_has_the_environment_of_its_own_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "passphrase").write_text("four horses\n")
    monkeypatch.setenv("ALLIANCE_CUSTODIAN_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    for name in ("one", "two"):
        monkeypatch.setenv("ALLIANCE_CUSTODIAN_HOME", str(tmp_path / name))
        run(["alliance-custodian", "init", "Notary"])
        assert (tmp_path / name / "card.json").exists()

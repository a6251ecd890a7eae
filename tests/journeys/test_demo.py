"""The main job, as a newcomer runs it: the demo's answers against plain joins of the raw files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.journeys import portfolios

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


def test_the_sample_gives_what_a_plain_join_gives(tmp_path: Path) -> None:
    """Every subject of every member, and files of the user's that stand in OUT stay."""
    (tmp_path / "notes.txt").write_text("mine")
    play(ROOT / "member" / "sample", tmp_path)
    expected = json.loads((ROOT / "member" / "sample" / "expected.json").read_text(encoding="utf-8"))[
        "members"
    ]
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["members"]
    assert set(summary) == set(expected)
    for member, truth in expected.items():
        lines = answers(tmp_path, member)
        assert len(lines) == len({line["contract"] for line in lines}) == truth["good_rows"]
        said = {line["subject"]: shown(line["exposure"]) for line in lines}
        assert said == {subject: from_sample(each) for subject, each in truth["subjects"].items()}
        assert summary[member]["good_rows"] == truth["good_rows"]
        assert summary[member]["bad_rows"] == truth["bad_rows"]
        assert summary[member]["subjects"] == len(truth["subjects"])
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_other_portfolios_in_every_file_form(tmp_path: Path) -> None:
    """Five members, one of them with names and spaces in Chinese, bad rows among the good ones."""
    folder = tmp_path / "portfolios of today"
    folder.mkdir()
    files = {"alpha": "csv", "北辰 小贷": "xlsx", "gamma": "parquet", "delta": "csv", "epsilon": "xlsx"}
    held = {name: portfolios.make_loans(name, subjects=24, seed=7) for name in files}
    for name, ending in files.items():
        rows = [loan.row() for loan in held[name]]
        wrong = [*rows[0]]
        wrong[1], wrong[3] = wrong[1][:-1] + ("0" if wrong[1][-1] != "0" else "1"), f"{name}-bad"
        portfolios.write(folder / f"{name}.{ending}", [*rows[:5], wrong, *rows[5:]])
    (folder / "readme.txt").write_text("ignored")
    play(folder, tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["members"]
    truth = portfolios.expected(held)
    assert {subject["status"] for each in truth.values() for subject in each.values()} == {
        "open",
        "withheld",
        "none",
    }
    for name, loans in held.items():
        lines = answers(tmp_path / "out", name)
        assert {line["contract"]: line["subject"] for line in lines} == {
            each.contract: each.subject for each in loans
        }
        assert {line["subject"]: shown(line["exposure"]) for line in lines} == truth[name]
        assert (summary[name]["good_rows"], summary[name]["bad_rows"]) == (len(loans), 1)

"""The main job, as a newcomer runs it: the demo's answers against plain joins of the raw files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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

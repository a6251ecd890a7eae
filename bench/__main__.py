"""`python -m bench`: measure everything, print a table, keep all rounds in `var/bench.json`.

A bar that is missed is said loudly and is no failure: only what cannot be measured is one.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import console, feed, log, machine, opening, proofs, pseudonyms, report, sealing
from bench.report import Row

ROOT: Final = Path(__file__).parents[1]
OUT: Final = ROOT / "var" / "bench.json"

Measure = Callable[[Callable[[], None]], list[Row]]

PARTS: Final[Sequence[tuple[str, Measure]]] = (
    (pseudonyms.TITLE, pseudonyms.measure),
    (sealing.TITLE, sealing.measure),
    (opening.TITLE, opening.measure),
    (proofs.TITLE, proofs.measure),
    (feed.TITLE, feed.measure),
    (console.TITLE, console.measure),
    (log.TITLE, log.measure),
)


def main() -> int:
    """Measure all parts; returns 0, or 1 when one could not be measured."""
    started_at, begun, facts = datetime.now(UTC), time.monotonic(), machine.facts()
    rows: list[Row] = []
    failed: list[str] = []
    for number, (title, measure) in enumerate(PARTS, 1):
        _say(f"[{number}/{len(PARTS)}] {title} ")
        try:
            rows += measure(_dot)
            _say(f" {time.monotonic() - begun:.0f} s\n")
        except Exception as error:
            failed.append(title)
            _say(f"\nCANNOT MEASURE THIS: {type(error).__name__}: {error}\n")
            traceback.print_exc()
    document = {
        "started_at": started_at.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - begun, 1),
        "revision": machine.revision(ROOT),
        "machine": facts,
        "rows": [row.document() for row in rows],
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(document, indent=1) + "\n")
    print(f"\n{report.table(rows)}\n\n{report.verdict(rows)}\n")
    print(f"{_where(facts)}. All rounds: {OUT.relative_to(ROOT)}; how to read this: docs/bench.md")
    for title in failed:
        print(f"NOT MEASURED, see above: {title}")
    return 1 if failed else 0


def _where(facts: dict[str, object]) -> str:
    machine = f"{facts['processor']}, {facts['cores']} cores, load {facts['load']} at the start"
    return f"{machine}, Python {facts['python']}"


def _dot() -> None:
    _say(".")


def _say(text: str) -> None:
    print(text, end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Answers of a match, each joined with the member's own row: CSV, Excel or JSON lines.

The member's cells come first, as they were: none of them runs as a formula, no long number loses digits.

An answer is a mapping: `contract`, `subject` (normalised), `reachable` (status, freshness, kinds), `exposure`
(status, reason, period, cut_at and, when open, the ten slots, amounts in fen), `flags` (category, narrative).
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from member.files.atomic import replacing
from member.files.cells import Cell, guarded, shown
from member.files.errors import UnknownFormat
from member.files.rows import Row, Subject
from member.files.workbook import write_workbook
from privacy.vocabulary import EvasionCategory

Answer: TypeAlias = Mapping[str, Any]
Answered: TypeAlias = Iterable[tuple[Row | Subject, Answer]]


def write_answers(path: Path, answered: Answered) -> None:
    """Write each row with its answer to `path`, in the format of its ending; it appears when all is written.

    Amounts are fen in JSON lines and yuan elsewhere. Raises UnknownFormat and CannotWrite.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise UnknownFormat(f"{path.name}: answers are written as {', '.join(_WRITERS)}: choose one of these")
    with replacing(path) as beside:
        write(beside, answered)


def _write_json_lines(path: Path, answered: Answered) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for row, answer in answered:
            source = {name: _plain(cell) for name, cell in row.raw.items()}
            line = {**answer, "row": row.number, "source": source}
            stream.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")


def _plain(cell: Cell) -> str | int | float | bool | None:
    """Return the cell as JSON can say it."""
    if isinstance(cell, (str, int)) or (isinstance(cell, float) and math.isfinite(cell)):
        return cell
    return shown(cell) or None


def _write_csv(path: Path, answered: Answered) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([guarded(shown(cell)) for cell in cells] for cells in _table(answered))


def _write_excel(path: Path, answered: Answered) -> None:
    write_workbook(path, _table(answered))


def _table(answered: Answered) -> Iterator[list[Cell]]:
    """Yield the header, then each row's own cells and behind them its answer."""
    header_due = True
    for row, answer in answered:
        if header_due:
            yield [*row.raw, *_COLUMNS]
            header_due = False
        yield [*row.raw.values(), *(tell(answer) for tell in _COLUMNS.values())]
    if header_due:
        yield [*_COLUMNS]


def _count(slot: str) -> Callable[[Answer], Cell]:
    """Return how to tell a count of contracts, blank unless the exposure is open."""
    return lambda answer: answer["exposure"].get(slot)


def _yuan(slot: str) -> Callable[[Answer], Cell]:
    """Return how to tell an amount in yuan, with two decimals; blank unless the exposure is open."""

    def tell(answer: Answer) -> Decimal | None:
        fen = answer["exposure"].get(slot)
        return None if fen is None else Decimal(fen).scaleb(-2)

    return tell


def _flag_labels(answer: Answer) -> str:
    return "; ".join(EvasionCategory(flag["category"]).label for flag in answer["flags"])


def _flag_narratives(answer: Answer) -> str:
    return "; ".join(flag["narrative"] or "" for flag in answer["flags"])


_COLUMNS: dict[str, Callable[[Answer], Cell]] = {
    "主体号码": lambda answer: answer["subject"],
    "他方可联": lambda answer: answer["reachable"]["status"],
    "他方可联时效": lambda answer: answer["reachable"]["freshness"],
    "他方可联方式": lambda answer: "; ".join(answer["reachable"]["kinds"]),
    "他方敞口": lambda answer: answer["exposure"]["status"],
    "未提供原因": lambda answer: answer["exposure"]["reason"],
    "统计周期": lambda answer: answer["exposure"]["period"],
    "统计时点": lambda answer: answer["exposure"]["cut_at"],
    "他方合同数": _count("contracts"),
    "他方剩余欠款(元)": _yuan("outstanding"),
    "他方逾期金额(元)": _yuan("overdue"),
    "他方逾期1-30天合同数": _count("d1_30"),
    "他方逾期31-60天合同数": _count("d31_60"),
    "他方逾期61-90天合同数": _count("d61_90"),
    "他方逾期91-180天合同数": _count("d91_180"),
    "他方逾期181天以上合同数": _count("d181_plus"),
    "他方诉讼中合同数": _count("in_court"),
    "他方已判决合同数": _count("judged"),
    "他方逃废债标记": _flag_labels,
    "他方逃废债标记说明": _flag_narratives,
}

_WRITERS: dict[str, Callable[[Path, Answered], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_excel,
    ".jsonl": _write_json_lines,
}

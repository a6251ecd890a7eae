"""What a campaign came to for each member: its version against the one before, or what stood in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from admin import i18n, refusals
from admin.agreements import clauses
from admin.agreements.family import page_of
from admin.agreements.states import STATES
from admin.objects import Chip
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import Campaign, Outcome

FAILED = Chip(lazy_gettext("not drafted"), "bad")


@dataclass(frozen=True, slots=True)
class Preview:
    """What one member would get."""

    member: str
    agreement: str
    version: int | None
    changes: Sequence[clauses.Change]
    problem: str


def preview(session: Session, outcome: Outcome) -> Preview:
    """Return what the campaign drafted for a member, against the version before."""
    found: Sequence[clauses.Change] = ()
    if outcome.agreement and outcome.version and outcome.version > 1:
        before = outcome.version - 1
        difference = agreements.diff(session, outcome.agreement, before, outcome.version)
        found = clauses.changes(difference.changes)
    return Preview(outcome.member, outcome.agreement or "", outcome.version, found, _problem(outcome))


def _problem(outcome: Outcome) -> str:
    """Return what stood in the way, in the officer's language; the clause that it is about comes first."""
    if not outcome.problem:
        return ""
    path, colon, sentence = outcome.problem.partition(": ")
    if colon and path.startswith("terms."):
        return str(
            _("%(clause)s: %(part)s", clause=_clause(path), part=refusals.told(sentence, i18n.language()))
        )
    known = colon and path in ("members", "changes")
    return refusals.told(sentence if known else outcome.problem, i18n.language())


def _clause(path: str) -> str:
    name = path.removeprefix("terms.").partition("[")[0]
    return clauses.heading(name) if name.partition(".")[0] in clauses.HEADINGS else name


def row(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as a row of the campaign's list."""
    known = outcome.agreement is not None and outcome.version is not None
    return {
        "href": page_of(outcome.agreement, outcome.version) if known else "",  # type: ignore[arg-type]
        "member": outcome.member,
        "agreement": outcome.agreement,
        "version": outcome.version,
        "state": FAILED if outcome.state is None else STATES[outcome.state],
        "problem": _problem(outcome) or None,
    }


def counts(campaign: Campaign) -> list[tuple[Chip, int]]:
    """Return how many are in each state, those that failed last."""
    counted = Counter(each.state for each in campaign.outcomes)
    found = [(chip, counted[state]) for state, chip in STATES.items() if counted[state]]
    return found + ([(FAILED, counted[None])] if counted[None] else [])


def changes(changes: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what a campaign sets, each clause with its heading and its words."""
    return [(clauses.heading(name), clauses.lines(name, value)) for name, value in changes.items()]

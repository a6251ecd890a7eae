"""The custody log: who did what with which document when.

Kept by the documents' digests, because numbers move when one is taken off the list; told in a bundle by the
numbers, each step chained to the one before.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from member.matters.case import Text
from member.matters.evidence_list import Listed
from member.matters.forms import CustodyStep, Hex32
from privacy.encoding import b64, instant_text
from privacy.messages import Instant, Message

COLLECTED = "收集 / collected"
"""A document came onto the evidence list."""

REMOVED = "移出证据目录 / taken off the list"
"""A document went."""


class Step(Message, frozen=True):
    """Something that was done with a document, or with all of them."""

    at: Instant
    who: Text
    what: Text
    file: Hex32 | None


class Documents(Message, frozen=True):
    """The evidence list, and all that was ever done with a document."""

    listed: tuple[Listed, ...] = ()
    log: tuple[Step, ...] = ()


def custody_of(documents: Documents) -> tuple[CustodyStep, ...]:
    """Return the custody log as a bundle has it: each step names its item, and the step before by digest.

    An item that was taken off the list has no number any more; its steps name the file's digest alone.
    """
    numbers = {each.item.sha_256: each.item.number for each in documents.listed}
    steps: list[CustodyStep] = []
    for step in documents.log:
        previous = b64(hashlib.sha256(steps[-1].canonical()).digest()) if steps else None
        item = numbers.get(step.file) if step.file else None
        steps.append(CustodyStep(len(steps) + 1, step.at, step.who, step.what, item, step.file, previous))
    return tuple(steps)


def with_step(
    documents: Documents, at: datetime, who: str, what: str, sha256: str | None
) -> tuple[Step, ...]:
    """Return the log with one more step; a clock that was set back does not turn its order round."""
    last = documents.log[-1].at if documents.log else ""
    return (*documents.log, Step(max(instant_text(at), last), who, what, sha256))

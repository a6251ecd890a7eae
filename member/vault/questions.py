"""What was asked and is not yet written down, so that an interrupted match goes on and pays nothing twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from member.vault.vault import Vault
from privacy.answers import SignedMatchAnswer
from privacy.encoding import instant_text
from privacy.matching import MatchRequest, SealedOpening
from privacy.messages import Message, parse_json


class Answered(Message, frozen=True):
    """The hub's answer, and openings that further custodians gave afterwards."""

    answer: SignedMatchAnswer
    further: tuple[SealedOpening, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A signed manifest, and its answer once there is one."""

    request: MatchRequest
    answered: Answered | None


def put(vault: Vault, mark: bytes, requests: Iterable[MatchRequest], *, at: datetime) -> None:
    """Keep manifests of a question before they are sent, beside those that it has."""
    with vault.transaction() as db:
        db.execute("INSERT OR IGNORE INTO questions VALUES (?, ?)", (mark, instant_text(at)))
        for request in requests:
            name = request.manifest.request_id
            sealed = vault.seal("manifests", msgspec.json.encode(request), context=name.encode())
            db.execute("INSERT INTO manifests VALUES (NULL, ?, ?, ?, NULL)", (name, mark, sealed))


def find(vault: Vault, mark: bytes) -> list[Asked]:
    """Return a question's manifests with their answers, in the order in which they were kept."""
    rows = vault.db.execute(
        "SELECT request_id, sealed, answer FROM manifests WHERE question = ? ORDER BY number", (mark,)
    ).fetchall()
    return [_asked(vault, *row) for row in rows]


def answer(vault: Vault, request_id: str, answered: Answered) -> None:
    """Keep an answer, or the answer with further openings."""
    sealed = vault.seal("answers", msgspec.json.encode(answered), context=request_id.encode())
    with vault.transaction() as db:
        db.execute("UPDATE manifests SET answer = ? WHERE request_id = ?", (sealed, request_id))


def drop(vault: Vault, mark: bytes) -> None:
    """Forget a question whose answers are written down."""
    with vault.transaction() as db:
        db.execute("DELETE FROM questions WHERE mark = ?", (mark,))


def drop_unanswered(vault: Vault, mark: bytes) -> None:
    """Forget a question's manifests that have no answer."""
    with vault.transaction() as db:
        db.execute("DELETE FROM manifests WHERE question = ? AND answer IS NULL", (mark,))


def drop_manifest(vault: Vault, request_id: str) -> None:
    """Forget one manifest and its answer."""
    with vault.transaction() as db:
        db.execute("DELETE FROM manifests WHERE request_id = ?", (request_id,))


def drop_before(vault: Vault, at: datetime) -> None:
    """Forget questions that nobody came back to."""
    with vault.transaction() as db:
        db.execute("DELETE FROM questions WHERE asked_at < ?", (instant_text(at),))


def _asked(vault: Vault, name: str, sealed: bytes, answer: bytes | None) -> Asked:
    context = name.encode()
    request = parse_json(MatchRequest, vault.unseal("manifests", sealed, context=context))
    if answer is None:
        return Asked(request, None)
    return Asked(request, parse_json(Answered, vault.unseal("answers", answer, context=context)))

"""How a question becomes manifests: parted, signed, kept, sent until each has its answer.

A manifest that stands in the vault is sent again as it is: the hub gives the answer that it has, and no
opening is paid twice. Only when the period has moved on is an unanswered manifest replaced.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from member import exchange, wire
from member.errors import Declined, MemberError, NotYet, RetryLater
from member.member import Member
from member.tokenise import Pseudonym, StandingSeed
from member.vault import questions
from member.vault.questions import Answered, Asked
from privacy import matching
from privacy.encoding import b64, instant_text
from privacy.exposure import positions_per_ciphertext
from privacy.matching import MAX_CIPHERTEXTS, MAX_SUBJECTS, Manifest, MatchRequest, SealedOpening

_ROUNDS = 3
_FORGOTTEN_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Question:
    """About whom a member asks, and why. The standing seeds show that it may."""

    subjects: Mapping[Pseudonym, StandingSeed]
    agreement: str
    purpose: str
    case: str
    opens: bool
    """Whether the agreement lets totals be opened; else only the hub answers."""

    def mark(self, member: Member) -> bytes:
        """Return the name under which the question is kept: the same question finds its manifests again."""
        return member.vault.mark(
            "question",
            *(text.encode() for text in (self.agreement, self.purpose, self.case)),
            *sorted(self.subjects),
        )


def ask(member: Member, question: Question) -> list[Asked]:
    """Return every manifest of the question, answered. `done` forgets them.

    Raises NotYet without an effective cut, RetryLater while answers are missing, Declined with the clause.
    """
    mark = question.mark(member)
    questions.drop_before(member.vault, member.clock() - _FORGOTTEN_AFTER)
    for _ in range(_ROUNDS):
        _complete(member, mark, question)
        asked = questions.find(member.vault, mark)
        unanswered = [each.request for each in asked if each.answered is None]
        if not unanswered:
            return asked
        try:
            exchange.send(member, unanswered)
        except Declined as error:
            if not exchange.has_moved_on(error):
                raise _explained(error) from error
            questions.drop_unanswered(member.vault, mark)
    asked = questions.find(member.vault, mark)
    if asked and all(each.answered for each in asked):
        return asked
    raise RetryLater("the period changed while the question was asked: run the same command again")


def done(member: Member, question: Question) -> None:
    """Forget a question whose answers are written down."""
    questions.drop(member.vault, question.mark(member))


def ask_further(member: Member, asked: Asked, custodian: int) -> SealedOpening | None:
    """Ask the hub for one more custodian's opening of an answered manifest, and keep it; None without one."""
    if asked.answered is None:
        return None
    path = f"/v1/matches/{asked.request.manifest.request_id}/openings"
    try:
        answer = member.hub.post(path, msgspec.json.encode({"custodian": custodian}))
        opening = wire.read(SealedOpening, answer, member.hub.name)
    except MemberError as error:
        member.report.warn(f"custodian {custodian} gave no opening. {error}")
        return None
    answered = Answered(answer=asked.answered.answer, further=(*asked.answered.further, opening))
    questions.answer(member.vault, asked.request.manifest.request_id, answered)
    return opening


def drop(member: Member, asked: Asked) -> None:
    """Forget one manifest and its answer, so that its subjects are asked about anew."""
    questions.drop_manifest(member.vault, asked.request.manifest.request_id)


def _complete(member: Member, mark: bytes, question: Question) -> None:
    """Sign and keep manifests of the newest period for the subjects that no kept manifest names."""
    named = {text for each in questions.find(member.vault, mark) for text in each.request.manifest.subjects}
    missing = sorted(subject for subject in question.subjects if b64(subject) not in named)
    if not missing:
        return
    period = member.alliance().period
    if period is None and question.opens:
        raise NotYet("no cut is effective yet: the hub's operator makes it, and all custodians must sign it")
    requests = [_sign(member, question, part, period or "") for part in _parts(member, missing)]
    questions.put(member.vault, mark, requests, at=member.clock())


def _parts(member: Member, subjects: Sequence[Pseudonym]) -> Iterator[Sequence[Pseudonym]]:
    """Part subjects so that even if all are open, a custodian may open them.

    Sorted by their pseudonyms they tell nothing of the file's order.
    """
    size = min(MAX_SUBJECTS, MAX_CIPHERTEXTS * positions_per_ciphertext(member.key_set.public_key.bits))
    for start in range(0, len(subjects), size):
        yield subjects[start : start + size]


def _sign(member: Member, question: Question, subjects: Sequence[Pseudonym], period: str) -> MatchRequest:
    manifest = Manifest(
        alliance=member.key_set.alliance,
        epoch=member.epoch,
        key_set=member.key_set_digest,
        request_id=secrets.token_urlsafe(24),
        member=member.name,
        agreement=question.agreement,
        purpose=question.purpose,
        case=question.case,
        period=period,
        requested_at=instant_text(member.clock()),
        unpacked=False,
        subjects=tuple(map(b64, subjects)),
    )
    return matching.sign_match(member.keys.signing, manifest, [question.subjects[each] for each in subjects])


def _explained(error: Declined) -> MemberError:
    if error.rule == "no-period":
        return NotYet(f"no cut is effective yet: the hub's operator makes it. {error}")
    return error

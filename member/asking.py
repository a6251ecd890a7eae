"""How a question becomes manifests: parted, signed, kept, sent until each has its answer.

A manifest that stands in the vault is sent again as it is: the hub gives the answer that it has, and no
opening is paid twice. Only when the period has moved on is an unanswered manifest replaced. Who is asked
about once more, alone, because a total made no sense, stands in a manifest that is kept and sent like any.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    cap: int
    """How many subjects the agreement lets one request name."""

    def mark(self, member: Member) -> bytes:
        """Return the name under which the question is kept: the same question finds its manifests again."""
        return member.vault.mark(
            "question",
            *(text.encode() for text in (self.agreement, self.purpose, self.case)),
            *sorted(self.subjects),
        )


def ask(member: Member, question: Question, *, alone: Collection[Pseudonym] = ()) -> list[Asked]:
    """Return every manifest of the question, answered. `done` forgets them.

    Subjects in `alone` are asked about once more: each in a manifest of its own, unpacked, so that no total
    spoils another and whoever is shown one sees no other. Raises NotYet without an effective cut, RetryLater
    while answers are missing, Declined with the clause.
    """
    mark = question.mark(member)
    questions.drop_before(member.vault, member.clock() - _FORGOTTEN_AFTER)
    for _ in range(_ROUNDS):
        _complete(member, mark, question, alone)
        asked = questions.find(member.vault, mark)
        unanswered = [each.request for each in asked if each.answered is None]
        if not unanswered:
            return asked
        try:
            exchange.send(member, unanswered, cap=question.cap)
        except Declined as error:
            if not exchange.has_moved_on(error):
                raise _explained(error) from error
            questions.drop_unanswered(member.vault, mark)
    asked = questions.find(member.vault, mark)
    if asked and all(each.answered for each in asked) and not _lacking(member, asked, question, alone):
        return asked
    raise RetryLater("the period changed while the question was asked: run the same command again")


def list_answered(member: Member, question: Question) -> list[Asked]:
    """Return the manifests of the question that have their answer, without asking anybody."""
    return [each for each in questions.find(member.vault, question.mark(member)) if each.answered]


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


def _complete(member: Member, mark: bytes, question: Question, alone: Collection[Pseudonym]) -> None:
    """Sign and keep manifests of the newest period for what no kept manifest asks."""
    lacking = _lacking(member, questions.find(member.vault, mark), question, alone)
    if not lacking:
        return
    period = member.alliance().period
    if period is None and question.opens:
        raise NotYet("no cut is effective yet: the hub's operator makes it, and all custodians must sign it")
    requests = [_sign(member, question, part, period or "", unpacked=unpacked) for part, unpacked in lacking]
    questions.put(member.vault, mark, requests, at=member.clock())


def _lacking(
    member: Member, asked: Sequence[Asked], question: Question, alone: Collection[Pseudonym]
) -> list[tuple[Sequence[Pseudonym], bool]]:
    """Return whom no manifest names, parted into manifests, and for each whether it asks unpacked.

    In an order of chance, which tells nothing of the file's, and gives a subject other neighbours in its
    ciphertext every time: a contributor that seals beyond its slots cannot choose whose total it spoils.
    """
    manifests = [each.request.manifest for each in asked]

    def unnamed(subjects: Collection[Pseudonym], *, unpacked: bool) -> list[Pseudonym]:
        named = {text for each in manifests if each.unpacked is unpacked for text in each.subjects}
        return shuffled([subject for subject in subjects if b64(subject) not in named])

    packed = unnamed(question.subjects.keys(), unpacked=False)
    return [
        *((part, False) for part in _parts(member, packed, question.cap)),
        *(([subject], True) for subject in unnamed(alone, unpacked=True)),
    ]


def shuffled(subjects: Sequence[Pseudonym]) -> list[Pseudonym]:
    """Return the subjects in an order that nobody can know before."""
    return secrets.SystemRandom().sample(subjects, len(subjects))


def _parts(member: Member, subjects: Sequence[Pseudonym], cap: int) -> Iterator[Sequence[Pseudonym]]:
    """Part subjects so that the agreement lets a manifest name them, and a custodian may open all of them."""
    size = min(cap, MAX_SUBJECTS, MAX_CIPHERTEXTS * positions_per_ciphertext(member.key_set.public_key.bits))
    for start in range(0, len(subjects), size):
        yield subjects[start : start + size]


def _sign(
    member: Member, question: Question, subjects: Sequence[Pseudonym], period: str, *, unpacked: bool
) -> MatchRequest:
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
        unpacked=unpacked,
        subjects=tuple(map(b64, subjects)),
    )
    return matching.sign_match(member.keys.signing, manifest, [question.subjects[each] for each in subjects])


def _explained(error: Declined) -> MemberError:
    if error.rule == "no-period":
        return NotYet(f"no cut is effective yet: the hub's operator makes it. {error}")
    return error

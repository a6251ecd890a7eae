"""One question from its manifests to what was found about each debtor, with every lie on the way accused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from member import asking
from member.accusing import accuse
from member.asking import Question
from member.errors import Declined, QuotaExceeded, RetryLater
from member.findings import Finding
from member.member import Member
from member.opening import Disagreement, Judged, open_manifest
from member.tokenise import Pseudonym
from member.vault.questions import Asked
from privacy.accusations import Accusation
from privacy.encoding import unb64
from privacy.identifiers import Identifier
from privacy.matching import SealedOpening


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question, the debtors behind its pseudonyms, and who was found to have lied: `find` adds to it."""

    member: Member
    question: Question
    identifiers: Mapping[Pseudonym, Identifier]
    faults: list[str]

    def find(self) -> dict[Identifier, Finding]:
        """Ask, open, and ask once more, alone, about subjects whose totals make no sense.

        One false contribution spoils every total that shares its ciphertext: the neighbours get theirs, and
        what still makes no sense shows whose contributors must answer for it.
        """
        packed = [each for each in asking.ask(self.member, self.question) if not _is_alone(each)]
        found = self._open_all(packed)
        spoilt = [each.pseudonym for each in found.values() if each.judged and each.judged.is_unsound]
        return found | self._open_all(self._ask_alone(spoilt)) if spoilt else found

    def _ask_alone(self, spoilt: Sequence[Pseudonym]) -> list[Asked]:
        """Ask again about spoilt totals; where that is refused, the rest of the answers is not lost."""
        self.member.report.warn(
            f"totals that make no sense, or share a ciphertext with one: {len(spoilt)}. Each is opened alone"
        )
        try:
            asked = asking.ask(self.member, self.question, alone=spoilt)
        except (Declined, QuotaExceeded) as error:
            self.member.report.warn(f"not every total could be opened alone. {error}")
            asked = asking.list_answered(self.member, self.question)
        return [each for each in asked if _is_alone(each)]

    def _open_all(self, asked: Iterable[Asked]) -> dict[Identifier, Finding]:
        return {finding.identifier: finding for each in asked for finding in self._open(each)}

    def _open(self, asked: Asked) -> Iterator[Finding]:
        """Open one answered manifest."""
        if asked.answered is None:
            raise AssertionError("unreachable: every manifest is answered")
        manifest, answer = asked.request.manifest, asked.answered.answer.answer
        judged: Sequence[Judged | None] = [None] * len(manifest.subjects)
        if self.question.opens:
            judged = self._judge(asked, (*answer.openings, *asked.answered.further))
        for text, verdict, hub in zip(manifest.subjects, judged, answer.subjects, strict=True):
            pseudonym = Pseudonym(unb64(text))
            yield Finding(self.identifiers[pseudonym], pseudonym, verdict, hub)

    def _judge(self, asked: Asked, openings: Sequence[SealedOpening]) -> list[Judged]:
        member = self.member
        try:
            return open_manifest(
                asked.request.manifest,
                openings,
                key=member.keys.sealing,
                key_set=member.key_set,
                ask_further=lambda custodian: asking.ask_further(member, asked, custodian),
                accuse=self._accuse,
                warn=member.report.warn,
            )
        except Disagreement as error:
            asking.drop(member, asked)
            raise RetryLater(str(error)) from error

    def _accuse(self, accusation: Accusation) -> bool:
        fault = accuse(self.member, accusation)
        if fault is not None:
            self.faults.append(fault)
        return fault is not None


def _is_alone(asked: Asked) -> bool:
    return asked.request.manifest.unpacked

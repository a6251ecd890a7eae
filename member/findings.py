"""What was found about each subject, in the words in which the member's own files say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from member.flags import open_flag
from member.member import Member
from member.opening import Judged
from member.tokenise import Pseudonym, subject_key_of, tokenise
from privacy.answers import SharedFlag, SubjectAnswer
from privacy.errors import CannotOpen
from privacy.identifiers import Identifier
from privacy.matching import Status
from privacy.vocabulary import EvasionCategory

Answer: TypeAlias = dict[str, Any]
"""As `member.files.write_answers` takes it, but for the contract."""

UNSOUND = "unsound_total"
"""The reason of an exposure that custodians opened, alone too, and that honest contributions cannot give."""

NOT_AGREED = "not_in_agreement"
"""The reason of an exposure that the agreement does not let the member see."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything that was found about one subject; its flags are still sealed."""

    identifier: Identifier
    pseudonym: Pseudonym
    judged: Judged | None
    """None under an agreement that opens no totals."""
    hub: SubjectAnswer


def answers_of(member: Member, findings: Mapping[Identifier, Finding]) -> dict[Identifier, Answer]:
    """Return each subject's answer but for the contract, with the narratives of its flags opened."""
    flagged = [each for each in findings.values() if each.hub.flags]
    keys = tokenise(member, (each.identifier.subject_key_input for each in flagged), title="Opening flags")
    mode = "synthetic" if member.key_set.policy.synthetic else None
    return {
        identifier: {
            "subject": identifier.value,
            "reachable": each.hub.reachable.document(),
            "exposure": exposure_of(each.judged),
            "flags": [_flag(member, each, flag, keys) for flag in each.hub.flags if _is_known(member, flag)],
            **({"mode": mode} if mode else {}),
        }
        for identifier, each in findings.items()
    }


def exposure_of(judged: Judged | None) -> Answer:
    """Return status, reason, period and the cut's time, and the ten slots when open."""
    if judged is None:
        return {"status": str(Status.WITHHELD), "reason": NOT_AGREED, "period": None, "cut_at": None}
    verdict = judged.verdict
    answer: Answer = {
        "status": str(verdict.status),
        "reason": None if verdict.reason is None else str(verdict.reason),
        "period": judged.period,
        "cut_at": judged.cut_at,
    }
    if verdict.status is not Status.OPEN:
        return answer
    if judged.total is None:
        return answer | {"status": str(Status.WITHHELD), "reason": UNSOUND}
    return answer | judged.total.as_dict()


def _is_known(member: Member, shared: SharedFlag) -> bool:
    """Say whether this program knows the flag's category; what it does not know it must not show."""
    if shared.flag.category in set(EvasionCategory):
        return True
    member.report.warn("a flag of an unknown category is left out: update this program")
    return False


def _flag(member: Member, finding: Finding, shared: SharedFlag, keys: Mapping[bytes, bytes]) -> Answer:
    narrative: str | None
    try:
        narrative = open_flag(
            shared.flag,
            subject_key_of(keys[finding.identifier.subject_key_input]),
            member=shared.member,
            pseudonym=finding.pseudonym,
            epoch=member.epoch,
        )
    except CannotOpen:
        member.report.warn("the narrative of a flag does not open: it is left out; tell the secretariat")
        narrative = None
    return {"member": shared.member, "category": shared.flag.category, "narrative": narrative}

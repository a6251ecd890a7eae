"""That records which ended are gone: the custodians' signed certificates, and which stand.

Nobody can prove that something was erased. A certificate proves who said so, and it stands when `threshold`
custodians say the same: of a member, a cut, and the leaves of the records that they erased.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from member import checks, wire
from member.checks import Check, Verdict, who
from member.errors import RetryLater, Untrusted
from member.http import Line
from member.member import Member
from member.rounds import Addresses, ask_all, lines_to_custodians
from privacy.errors import VerifyError
from privacy.receipts import Deletion, SignedDeletion, verify_deletion


@dataclass(frozen=True, slots=True)
class Erased:
    """What was said to be erased at one cut, by whom, and whether enough custodians say so."""

    period: str
    position: int
    size: int
    root: str
    custodians: tuple[int, ...]
    stands: bool


@dataclass(slots=True)
class Certified:
    """The certificates that hold, and what came of checking them."""

    erased: list[Erased] = field(default_factory=list)
    certificates: list[SignedDeletion] = field(default_factory=list)
    """Every one whose signature holds, for whoever must be shown."""
    checks: list[Check] = field(default_factory=list)
    answered: int = 0

    @property
    def exit_code(self) -> int:
        """1 while an alarm stands, 3 when no custodian answered, else 0."""
        return checks.exit_code(self.checks) or (0 if self.answered else RetryLater.exit_code)


def list_deletions(member: Member, *, addresses: Addresses | None = None) -> Certified:
    """Ask every custodian for its deletion certificates of this member's records, and check each.

    Raises RetryLater when nobody says where custodians are, Refused for an index that none has.
    """
    with lines_to_custodians(member, addresses or {}) as lines:
        asked = ask_all(lines, lambda index, line: _ask(member, index, line))
    certificates = [each for given in asked.answers.values() for each in given]
    erased = _grouped(certificates, member.key_set.threshold)
    return Certified(
        erased,
        certificates,
        [*checks.failures(asked.failures), *_judged(erased, member.key_set.threshold)],
        len(asked.answers),
    )


def _ask(member: Member, index: int, line: Line) -> list[SignedDeletion]:
    given = wire.read(wire.Deletions, line.get("/v1/deletions"), line.name).deletions
    for signed in given:
        _verify(member, index, signed)
    return given


def _verify(member: Member, index: int, signed: SignedDeletion) -> None:
    key_set, said = member.key_set, signed.deletion
    try:
        verify_deletion(signed, key_set.witness(index))
    except VerifyError as error:
        raise Untrusted(f"a certificate of custodian {index} is not signed with its witness key") from error
    named = (said.alliance, said.epoch, said.custodian, said.member)
    if named != (key_set.alliance, key_set.epoch, index, member.name):
        raise Untrusted(
            f"custodian {index} gave a certificate of another alliance, epoch, custodian or member"
        )


def _grouped(certificates: list[SignedDeletion], threshold: int) -> list[Erased]:
    """Return what was said, the newest cut first, with the custodians that say it alike."""
    said: dict[tuple[int, str, int, str], set[int]] = defaultdict(set)
    for each in certificates:
        said[_content(each.deletion)].add(each.deletion.custodian)
    return [
        Erased(period, position, size, root, tuple(sorted(indices)), len(indices) >= threshold)
        for (position, period, size, root), indices in sorted(said.items(), reverse=True)
    ]


def _content(deletion: Deletion) -> tuple[int, str, int, str]:
    return deletion.position, deletion.period, deletion.size, deletion.root


def _judged(erased: list[Erased], threshold: int) -> Iterator[Check]:
    """Yield what stands, what waits for more custodians, and where custodians contradict each other."""
    what = "erased records"
    for period in dict.fromkeys(each.period for each in erased):
        versions = [each for each in erased if each.period == period]
        if len(versions) > 1:
            sides = " against ".join(who(each.custodians) for each in versions)
            yield Check(what, Verdict.ALARM, f"period {period}: custodians certify different things, {sides}")
        for each in versions:
            if not each.stands:
                said = f"period {period}: certified by {who(each.custodians)} only, {threshold} are needed"
                yield Check(what, Verdict.NOTE, said)
    standing = [each for each in erased if each.stands]
    if standing:
        total = sum(each.size for each in standing)
        yield Check(what, Verdict.FINE, f"{total:,} in {len(standing)} certificates that stand")
    if not erased:
        yield Check(what, Verdict.NOTE, "none certified yet: records are erased two cuts after they ended")

"""The cuts under which totals open: all n custodians must have signed the same position, head and state.

A hub that shows two custodians two feeds, and has a third in its pocket, would open one period twice. The
signatures come from the hub, but it cannot make them: each is checked with its custodian's witness key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from member import wire
from member.checks.seen import Check, Seen, Verdict, who
from member.errors import MemberError
from privacy import periods
from privacy.errors import InvalidInputError, PrivacyError, VerifyError
from privacy.keyset import KeySet
from privacy.statements import CutSignature, SignedStatement, custodian_author, verify_statement

WHAT = "the cuts"

Shown = wire.SignedCut | MemberError
"""What the hub shows of a cut, or why it shows nothing."""


def effective_cuts(seen: Seen) -> dict[str, dict[int, list[int]]]:
    """Return the periods that custodians call effective: position of the cut, and who says so.

    What is no name of a period of this alliance is left out: no address is made from it.
    """
    found: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, account in seen.accounts.items():
        cuts = {cut.period: cut for cut in (*account.cuts, account.cut) if cut is not None and cut.effective}
        for cut in cuts.values():
            if _is_period(seen.key_set, cut.period):
                found[cut.period][cut.position].append(index)
    return found


def compare_cuts(seen: Seen, shown: Mapping[str, Shown]) -> Iterator[Check]:
    """Yield whether every effective cut carries the n signatures that it needs, all over the same."""
    good: list[str] = []
    for period, places in sorted(effective_cuts(seen).items()):
        faults = list(_faults(seen.key_set, period, places, shown[period]))
        yield from faults
        if not faults:
            good.append(period)
    if good:
        said = f"{', '.join(good)}: signed by all {seen.key_set.count} custodians over one head and one state"
        yield Check(WHAT, Verdict.FINE, said)
    elif not shown:
        yield Check(WHAT, Verdict.NOTE, "none is effective yet: no total opens")


def _faults(key_set: KeySet, period: str, places: Mapping[int, list[int]], cut: Shown) -> Iterator[Check]:
    if isinstance(cut, MemberError):
        verdict = Verdict.NOTE if cut.exit_code == _LATER else Verdict.ALARM
        yield Check(WHAT, verdict, f"the hub shows no signatures under the cut of {period}. {cut}")
        return
    try:
        votes = _votes(key_set, period, cut)
    except PrivacyError as error:
        yield Check(
            WHAT, Verdict.ALARM, f"the hub shows a false signature under the cut of {period}: {error}"
        )
        return
    yield from (Check(WHAT, Verdict.ALARM, text) for text in _contradictions(key_set, cut, votes))
    yield from (Check(WHAT, Verdict.ALARM, text) for text in _misplaced(period, places, votes))


_LATER = 3
"""The exit code of what asking again later may mend."""


def _votes(key_set: KeySet, period: str, cut: wire.SignedCut) -> dict[CutSignature, list[int]]:
    """Return what was signed, and by whom; raises VerifyError for what is no signature under this cut."""
    votes: dict[CutSignature, list[int]] = defaultdict(list)
    for vote in cut.signatures:
        index = author_of(key_set, vote.statement)
        body = vote.statement.statement.body
        if not isinstance(body, CutSignature) or body.period != period:
            raise VerifyError(f"what it shows of custodian {index} is no signature under this cut")
        votes[body].append(index)
    return votes


def author_of(key_set: KeySet, signed: SignedStatement) -> int:
    """Return the index of the custodian that signed a statement of this epoch; raises VerifyError."""
    statement = signed.statement
    authors = {custodian_author(index): index for index in range(1, key_set.count + 1)}
    if (statement.alliance, statement.epoch) != (key_set.alliance, key_set.epoch):
        raise VerifyError("it is of another alliance or epoch")
    if statement.author not in authors:
        raise VerifyError("its author is no custodian")
    index = authors[statement.author]
    try:
        verify_statement(signed, key_set.witness(index))
    except VerifyError as error:
        raise VerifyError(f"it does not hold with custodian {index}'s witness key") from error
    return index


def _contradictions(
    key_set: KeySet, cut: wire.SignedCut, votes: Mapping[CutSignature, list[int]]
) -> Iterator[str]:
    if len(votes) > 1:
        sides = "; ".join(f"{who(indices)} at position {body.position}" for body, indices in votes.items())
        yield f"FORK: different cuts of {cut.period} were signed, {sides}. Tell every custodian"
    signed = {index for indices in votes.values() for index in indices}
    missing = set(range(1, key_set.count + 1)) - signed
    if missing:
        yield f"the cut of {cut.period} is called effective without a signature of {who(missing)}"
    if any((body.position, body.head) != (cut.position, cut.head) for body in votes):
        yield f"the hub shows another position or head for the cut of {cut.period} than was signed"


def _misplaced(
    period: str, places: Mapping[int, list[int]], votes: Mapping[CutSignature, list[int]]
) -> Iterator[str]:
    signed = {body.position for body in votes}
    for position, indices in sorted(places.items()):
        if position not in signed:
            yield f"{who(indices)} works with a cut of {period} at position {position}, which nobody signed"


def _is_period(key_set: KeySet, name: str) -> bool:
    try:
        periods.bounds(key_set.policy.period, name)
    except InvalidInputError:
        return False
    return True

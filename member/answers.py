"""A member asks about its own debtors: file in, answers out, joined with the member's own rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from member import asking
from member.agreements import IN_EFFECT, list_agreements, try_question
from member.asking import Question
from member.errors import NotYet, Refused
from member.files import Rejected, Rejects, Subject, read_subjects, rejected_path, write_answers
from member.findings import UNSOUND, Answer, Finding, answers_of, exposure_of
from member.inquiry import Inquiry
from member.member import Member
from member.tokenise import Pseudonym, StandingSeed, pseudonym_of, standing_seed_of, tokenise
from member.vault import contracts, tokens
from privacy.encoding import instant_text
from privacy.identifiers import Identifier
from privacy.terms import Terms
from privacy.vocabulary import Category, Purpose

SYNTHETIC = "synthetic"
"""The regulatory mode in which everything may be asked, about nobody."""

POST_LOAN_MATCH = "post_loan_match"
"""The regulatory mode in which a creditor asks about its own overdue contracts alone."""

REGULATORY_MODE = "regulatory_mode"
"""The clause by which the mode denies."""

NOT_LIVE = "not among your live contracts: submit it first, or ask with --unsubmitted"


@dataclass(slots=True)
class Matched:
    """What a match brought: counts by subject, and where the answers stand."""

    answers: Path
    rows: int = 0
    subjects: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    """Subjects by status: open, withheld, none."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Withheld subjects by reason."""
    periods: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)
    """Who was found to have lied, a custodian or a total's contributors; the vault keeps what shows it."""
    rejected: int = 0
    rejects: Path | None = None

    @property
    def exit_code(self) -> int:
        """2 when rows were rejected or a total made no sense, else 0."""
        return 2 if self.rejected or self.reasons[UNSOUND] else 0


def match(
    member: Member,
    path: Path,
    out: Path,
    *,
    purpose: Purpose,
    case: str = "",
    agreement: str | None = None,
    mapping: Mapping[str, str] | None = None,
    unsubmitted: bool = False,
) -> Matched:
    """Ask about the debtors of a file and write the answers to `out`; rejected rows go to a file beside it.

    Only debtors of which this member has a live contract are asked about, unless `unsubmitted`: custodians
    answer `withheld, no_standing` for others. Raises FileError, RetryLater or Refused; an interrupted match
    goes on with the same call and pays nothing twice.
    """
    with Rejects(rejected_path(out)) as rejects:
        rows = list(_rows(member, path, mapping, rejects, unsubmitted))
        matched = Matched(
            out, len(rows), rejected=rejects.count, rejects=rejects.path if rejects.count else None
        )
        if not rows:
            write_answers(out, [])
            return matched
        terms = _terms(member, agreement, purpose)
        by_pseudonym, seeds = _tokens(member, rows)
        question = Question(
            seeds,
            terms.agreement,
            purpose,
            case,
            opens=terms.grants(Category.EXPOSURE) and _may_hear_amounts(member, terms, purpose),
            cap=terms.subjects_per_request,
        )
        findings = Inquiry(member, question, by_pseudonym, matched.faults).find()
        write_answers(out, _joined(rows, answers_of(member, findings)))
        asking.done(member, question)
        _count(matched, findings)
    return matched


def _rows(
    member: Member, path: Path, mapping: Mapping[str, str] | None, rejects: Rejects, unsubmitted: bool
) -> Iterator[Subject]:
    """Yield the rows to ask about; the others go to `rejects`."""
    subjects = read_subjects(
        path,
        mapping=mapping,
        synthetic=member.key_set.policy.synthetic,
        overdue_only=member.alliance().mode == POST_LOAN_MATCH,
    )
    for row in subjects:
        if isinstance(row, Rejected):
            rejects.add(row)
        elif unsubmitted or _is_live(member, row):
            yield row
        else:
            rejects.add(Rejected(row.number, "contract", NOT_LIVE, row.raw))


def _tokens(
    member: Member, rows: Iterable[Subject]
) -> tuple[dict[Pseudonym, Identifier], dict[Pseudonym, StandingSeed]]:
    """Return the distinct debtors and their standing seeds, by pseudonym."""
    identifiers = list(dict.fromkeys(row.identifier for row in rows))
    outputs = tokenise(member, (each.oprf_input for each in identifiers))
    by_pseudonym = {pseudonym_of(outputs[each.oprf_input]): each for each in identifiers}
    seeds = {name: standing_seed_of(outputs[each.oprf_input]) for name, each in by_pseudonym.items()}
    return by_pseudonym, seeds


def _is_live(member: Member, row: Subject) -> bool:
    ref = None if row.contract is None else contracts.ref(member.vault, row.contract)
    return contracts.is_live(member.vault, ref, tokens.mark(member.vault, row.identifier.oprf_input))


def _may_hear_amounts(member: Member, terms: Terms, purpose: Purpose) -> bool:
    """Say whether the regulatory mode lets totals be opened: with real data only if a legal opinion does."""
    if member.alliance().mode == SYNTHETIC:
        return True
    found = try_question(member, terms.agreement, purpose, (Category.EXPOSURE,), subjects=0)
    return all(each.clause != REGULATORY_MODE for each in found.decisions)


def _terms(member: Member, named: str | None, purpose: Purpose) -> Terms:
    """Return the terms to ask under: of the agreement named, or of one in force that allows the purpose."""
    offers = list_agreements(member)
    now = instant_text(member.clock())
    fitting = [
        offer.terms
        for offer in offers
        if offer.state in IN_EFFECT
        and offer.terms.valid_from <= now < offer.terms.valid_until
        and purpose in offer.terms.purposes
        and named in (None, offer.terms.agreement)
    ]
    if fitting:
        return max(fitting, key=lambda terms: (terms.grants(Category.EXPOSURE), terms.version))
    if any(offer.state == "offered" for offer in offers):
        raise NotYet("an agreement waits for your signature: see alliance-member agreements list")
    if any(offer.state == "signed" for offer in offers):
        raise NotYet("an agreement is signed and waits for two officers of the secretariat to activate it")
    versions = [each.terms for each in offers if each.terms.agreement == named]
    if versions:
        # Whoever names an agreement asks under it: the hub says by which clause it denies, and logs it.
        return max(versions, key=lambda terms: terms.version)
    raise Refused(
        f"no agreement in force{f' of the name {named}' if named else ''} allows the purpose {purpose}: "
        "ask the secretariat for one",
        rule="agreement",
    )


def _joined(
    rows: Iterable[Subject], answers: Mapping[Identifier, Answer]
) -> Iterator[tuple[Subject, Answer]]:
    for row in rows:
        yield row, {"contract": row.contract, **answers[row.identifier]}


def _count(matched: Matched, findings: Mapping[Identifier, Finding]) -> None:
    exposures = [exposure_of(each.judged) for each in findings.values()]
    matched.subjects = len(exposures)
    matched.statuses.update(each["status"] for each in exposures)
    matched.reasons.update(each["reason"] for each in exposures if each["reason"])
    matched.periods = tuple(sorted({each["period"] for each in exposures if each["period"]}))

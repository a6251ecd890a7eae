"""Who the debtor is, shown to a court: one identifier's evaluation, kept so that it can be opened.

A bundle has to show that the pseudonym which the hub logged is this person's. So before a matter is opened
the identifier is evaluated once more, alone, and all that was sent and answered is kept sealed in the vault:
after the epoch nobody could evaluate it again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec

from member import wire
from member.accusing import accuse
from member.custodians import Falsehood, Gathered, require_enough
from member.errors import MemberError, Refused, Unavailable, Untrusted
from member.http import Line
from member.matters import keeping
from member.matters.keeping import Asked, Kept
from member.member import Member
from member.tokenise import Pseudonym, pseudonym_of, standing_seed_of
from member.vault import tokens
from privacy import oprf
from privacy.accusations import FalseEvaluation
from privacy.encoding import b64, unb64
from privacy.errors import PrivacyError
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, verify_evaluation_answer
from privacy.evidence import IdentityOpening, open_identity
from privacy.identifiers import Identifier
from privacy.messages import Reference
from privacy.signing import SigningKey
from privacy.statements import custodian_author


def open_debtor(
    member: Member, matter: Reference, debtor: Identifier, *, silent: set[int] | None = None
) -> IdentityOpening:
    """Return the identity opening of a matter's debtor: out of the vault, or from `threshold` custodians.

    `silent` names the custodians that did not answer before; they are asked last, and whoever is silent now
    joins them. Raises Refused when the matter was begun about somebody else, and as `tokenise` does when too
    few custodians answer well; then the same call goes on later, at no further cost.
    """
    kept = keeping.find(member.vault, matter) or _begin(member, matter, debtor)
    if kept.input != debtor.oprf_input.decode():
        raise Refused("this matter was begun about another debtor: choose another reference", rule="matter")
    if kept.request is None and kept.key_set != member.key_set_digest:
        kept = _begin(member, matter, debtor)
    if kept.opening is None:
        kept = _finish(member, kept, set() if silent is None else silent)
        keeping.keep(member.vault, matter, kept)
    assert kept.opening is not None
    return kept.opening


def subject_of(opening: IdentityOpening, member: Member) -> tuple[Pseudonym, bytes]:
    """Return the pseudonym and the public standing key that an opening of this epoch shows."""
    output = open_identity(opening, member.key_set)
    return pseudonym_of(output), SigningKey(standing_seed_of(output)).public


def _begin(member: Member, matter: Reference, debtor: Identifier) -> Kept:
    """Blind the identifier, and keep it before anybody is asked."""
    blinded = oprf.blind(debtor.oprf_input)
    kept = Kept(
        input=debtor.oprf_input.decode(),
        epoch=member.epoch,
        key_set=member.key_set_digest,
        asked=Asked(secrets.token_urlsafe(24), b64(blinded.blind), b64(blinded.element)),
    )
    keeping.keep(member.vault, matter, kept)
    return kept


def _finish(member: Member, kept: Kept, silent: set[int]) -> Kept:
    opening = IdentityOpening(
        alliance=member.key_set.alliance,
        epoch=kept.epoch,
        key_set=kept.key_set,
        suite=oprf.SUITE,
        input=kept.input,
        blind=kept.asked.blind,
        element=kept.asked.element,
        evaluations=_ask(member, kept.asked, silent),
    )
    _verify_known(member, kept, open_identity(opening, member.key_set))
    return msgspec.structs.replace(kept, opening=opening)


def _verify_known(member: Member, kept: Kept, output: bytes) -> None:
    """Compare with what the vault knows of this identifier from earlier; raises Untrusted."""
    data = kept.input.encode()
    if tokens.find(member.vault, kept.epoch, [data]).get(data, output) != output:
        raise Untrusted(
            "the custodians gave this debtor another pseudonym than before, though every proof holds: do not "
            "open the matter, and tell the secretariat"
        )


def _ask(member: Member, asked: Asked, silent: set[int]) -> tuple[EvaluationAnswer, ...]:
    """Ask one custodian after the other until `threshold` have answered well."""
    lines, found, gathered = member.custodians(), list[EvaluationAnswer](), Gathered()
    for index in _order(lines, asked, silent):
        if len(found) == member.key_set.threshold:
            break
        try:
            answer = _evaluate(member, lines[index], index, asked)
        except MemberError as error:
            gathered.failures[index] = error
            _note(member, index, error, silent)
        else:
            gathered.evaluations[index] = answer.evaluation()
            found.append(answer)
    require_enough(gathered, member.key_set.threshold)
    return tuple(sorted(found, key=lambda answer: answer.custodian))


def _order(lines: Mapping[int, Line], asked: Asked, silent: set[int]) -> list[int]:
    """Return whom to ask first: the request decides, so that quotas are used alike and a repeat is free."""
    turn = sum(asked.request_id.encode())
    order = sorted(lines, key=lambda index: (index + turn) % len(lines))
    return sorted(order, key=lambda index: index in silent)


def _note(member: Member, index: int, error: MemberError, silent: set[int]) -> None:
    if isinstance(error, Unavailable):
        silent.add(index)
    if isinstance(error, Falsehood) and accuse(member, error.shown) is not None:
        return
    member.report.warn(str(error))


def _evaluate(member: Member, line: Line, index: int, asked: Asked) -> EvaluationAnswer:
    """Return a custodian's answer whose signature and proof hold; raises MemberError."""
    request = EvaluationRequest(
        recipient=custodian_author(index),
        epoch=member.epoch,
        key_set=member.key_set_digest,
        request_id=asked.request_id,
        elements=(asked.element,),
    )
    body = line.post("/v1/evaluations", msgspec.json.encode(request))
    answer = wire.read(EvaluationAnswer, body, line.name)
    elements = [unb64(asked.element)]
    try:
        verify_evaluation_answer(
            answer,
            member.key_set.witness(index),
            key_set=member.key_set.digest,
            request_id=asked.request_id,
            custodian=index,
            elements=elements,
        )
    except PrivacyError as error:
        raise Untrusted(
            f"the evaluation of custodian {index} did not arrive well and was not used: {error}"
        ) from error
    try:
        oprf.verify(member.key_set.oprf_public(index), elements, answer.evaluation())
    except PrivacyError as error:
        raise Falsehood(
            f"{line.name} gave an evaluation that does not hold, it was not used: {error}",
            FalseEvaluation(request=request, answer=answer),
        ) from error
    return answer

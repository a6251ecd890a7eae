"""Serves evaluations: an ordinary RFC 9497 VOPRF server that counts what each member asks."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import datetime

from custodian import state
from custodian.errors import OtherContent, Refused
from custodian.ledger import Ledger, Use
from privacy import oprf
from privacy.encoding import unb64
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, batch_digest, sign_evaluation
from privacy.group import decode_element
from privacy.keyset import KeySet
from privacy.signing import SigningKey


def evaluate(
    request: EvaluationRequest,
    member: state.MemberView,
    *,
    index: int,
    key_set: KeySet,
    share: bytes,
    key: SigningKey,
    ledger: Ledger,
    executor: Executor,
    now: datetime,
) -> EvaluationAnswer:
    """Charge a member's batch durably, then evaluate and sign it.

    Raises Refused for a request id used before, DeserializeError for an element that is none, QuotaExhausted.
    """
    elements = [decode_element(unb64(element)) for element in request.elements]
    epoch, day = quotas(member, key_set, ledger)
    try:
        ledger.charge_evaluation(
            member.name,
            request.request_id,
            batch_digest(elements),
            len(elements),
            epoch=key_set.epoch,
            quota=(epoch, day),
            now=now,
        )
    except OtherContent as error:
        raise Refused("conflict", "this request id was used for another batch; take a new one") from error
    evaluation = oprf.evaluate(share, elements, executor=executor)
    return sign_evaluation(key, request, evaluation, custodian=index)


def quotas(member: state.MemberView, key_set: KeySet, ledger: Ledger) -> tuple[int, int]:
    """Return a member's evaluation quotas (per epoch, per day): the operator's own, else the policy's."""
    policy = key_set.policy.quotas
    epoch = ledger.quota(member.name, "evaluations_per_epoch")
    day = ledger.quota(member.name, "evaluations_per_day")
    return (
        policy.evaluations_per_epoch * member.declared_portfolio if epoch is None else epoch,
        policy.evaluations_per_day * member.declared_portfolio if day is None else day,
    )


def uses(member: state.MemberView, key_set: KeySet, ledger: Ledger, now: datetime) -> tuple[Use, Use]:
    """Return a member's evaluation quotas with what is used of them: (this epoch, today)."""
    quota, used = (
        quotas(member, key_set, ledger),
        ledger.evaluations_used(member.name, epoch=key_set.epoch, now=now),
    )
    return Use(quota[0], used[0]), Use(quota[1], used[1])

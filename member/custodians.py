"""Evaluations of `threshold` custodians: each proof is checked, and for each that fails the next is asked.

What fails is told apart: silence, a refusal, a quota; an answer without the custodian's signature, which
anybody on the way could have made and which blames nobody; and one that it signed and whose proof does not
hold, which is a falsehood that others can check.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self, TypeAlias, TypeVar

import msgspec

from member import wire
from member.errors import Declined, MemberError, QuotaExceeded, Unavailable, Untrusted
from member.http import Line
from member.vault.tokens import Batch
from privacy import oprf
from privacy.accusations import FalseEvaluation
from privacy.encoding import b64
from privacy.errors import PrivacyError
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, verify_evaluation_answer
from privacy.keyset import KeySet
from privacy.oprf import Blinded, Evaluation
from privacy.statements import custodian_author

S = TypeVar("S")
T = TypeVar("T")

_SLICE = 64
"""Inputs in one task: less, and the threads talk more than they work."""


_Job: TypeAlias = tuple[bytes, bytes, list[tuple[int, bytes]]]
"""An input, its blind, and its evaluated element of each custodian."""


class Falsehood(Untrusted):
    """An evaluation that its custodian signed and that its proof does not carry; `shown` shows it."""

    def __init__(self, message: str, shown: FalseEvaluation) -> None:
        super().__init__(message)
        self.shown = shown


@dataclass(slots=True)
class Gathered:
    """What came back of one batch: evaluations and failures, by custodian."""

    evaluations: dict[int, Evaluation] = field(default_factory=dict)
    failures: dict[int, MemberError] = field(default_factory=dict)


class Custodians:
    """Asks custodians for evaluations. A context: leaving it waits for what is under way."""

    def __init__(self, lines: Mapping[int, Line], key_set: KeySet) -> None:
        self._lines = lines
        self._key_set = key_set
        self._silent: set[int] = set()
        self._stack = ExitStack()
        # Curve arithmetic runs outside the interpreter's lock: one thread for each core is what helps.
        self._arithmetic = self._pool(os.cpu_count() or 1)
        self._network = self._pool(2 * key_set.count)
        self._batches = self._pool(2)

    def _pool(self, size: int) -> ThreadPoolExecutor:
        return self._stack.enter_context(ThreadPoolExecutor(size))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def blind(self, inputs: Sequence[bytes]) -> list[Blinded]:
        """Blind each input with a scalar of its own."""
        return _spread(self._arithmetic, _blind, inputs)

    def start(self, batch: Batch) -> Future[Gathered]:
        """Begin to ask about a batch; two are under way at a time."""
        return self._batches.submit(self._gather, batch)

    def finish(self, batch: Batch, gathered: Gathered) -> dict[bytes, bytes]:
        """Return the 64-byte outputs by input; raises what `require_enough` raises."""
        require_enough(gathered, self._key_set.threshold)
        jobs: list[_Job] = [
            (
                data,
                blind,
                [(index, evaluation.elements[row]) for index, evaluation in gathered.evaluations.items()],
            )
            for row, (data, blind) in enumerate(zip(batch.inputs, batch.blinds, strict=True))
        ]
        return dict(zip(batch.inputs, _spread(self._arithmetic, _combine, jobs), strict=True))

    def _gather(self, batch: Batch) -> Gathered:
        found, order = Gathered(), iter(self._order(batch.request_id))
        running: dict[Future[Evaluation], int] = {}

        def start_another() -> None:
            if (index := next(order, None)) is not None:
                running[self._network.submit(self._evaluate, index, batch)] = index

        for _ in range(self._key_set.threshold):
            start_another()
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                index = running.pop(future)
                try:
                    found.evaluations[index] = future.result()
                except MemberError as error:
                    found.failures[index] = error
                    if isinstance(error, Unavailable):
                        self._silent.add(index)
                    start_another()
        return found

    def _order(self, request_id: str) -> list[int]:
        """Return whom to ask first: the batch decides, so that quotas are used alike and a repeat is free.

        Who was silent before comes last: waiting for it again would cost a time-out for each batch.
        """
        turn = sum(request_id.encode())
        order = sorted(self._lines, key=lambda index: (index + turn) % self._key_set.count)
        return sorted(order, key=lambda index: index in self._silent)

    def _evaluate(self, index: int, batch: Batch) -> Evaluation:
        line = self._lines[index]
        request = EvaluationRequest(
            recipient=custodian_author(index),
            epoch=self._key_set.epoch,
            key_set=b64(self._key_set.digest),
            request_id=batch.request_id,
            elements=tuple(map(b64, batch.elements)),
        )
        body = line.post("/v1/evaluations", msgspec.json.encode(request))
        answer = wire.read(EvaluationAnswer, body, line.name)
        self._verify_signed(index, batch, answer)
        try:
            oprf.verify(
                self._key_set.oprf_public(index),
                batch.elements,
                answer.evaluation(),
                executor=self._arithmetic,
            )
        except PrivacyError as error:
            raise Falsehood(
                f"{line.name} gave an evaluation that does not hold, it was not used: {error}",
                FalseEvaluation(request=request, answer=answer),
            ) from error
        return answer.evaluation()

    def _verify_signed(self, index: int, batch: Batch, answer: EvaluationAnswer) -> None:
        try:
            verify_evaluation_answer(
                answer,
                self._key_set.witness(index),
                key_set=self._key_set.digest,
                request_id=batch.request_id,
                custodian=index,
                elements=batch.elements,
            )
        except PrivacyError as error:
            raise Untrusted(
                f"the evaluation of custodian {index} did not arrive well and was not used, nobody is "
                f"blamed: {error}"
            ) from error


def require_enough(gathered: Gathered, threshold: int) -> None:
    """Raise the reason why fewer than `threshold` custodians answered well, if that is so.

    QuotaExceeded where that stands in the way, Declined or Untrusted when no custodian was merely silent,
    else Unavailable.
    """
    if len(gathered.evaluations) >= threshold:
        return
    failures = list(gathered.failures.values())
    reasons = "; ".join(map(str, failures)) or "no address is known for the others"
    count = len(gathered.evaluations)
    text = f"{count} of the {threshold} custodians needed answered; nothing is lost. {reasons}"
    quotas = [error for error in failures if isinstance(error, QuotaExceeded)]
    if quotas:
        # None means that waiting does not help, which any other custodian's hour beats.
        hours = [error.retry_at for error in quotas if error.retry_at]
        raise QuotaExceeded(text, retry_at=min(hours, default=None))
    silent = [error for error in failures if isinstance(error, Unavailable)]
    refusals = [error for error in failures if isinstance(error, Declined)]
    if not silent and refusals:
        raise Declined(text, rule=refusals[0].rule, status=refusals[0].status, extra=refusals[0].extra)
    if failures and not silent:
        raise Untrusted(text)
    raise Unavailable(text, retry_at=min((each.retry_at for each in silent if each.retry_at), default=None))


def _spread(pool: Executor, function: Callable[[Sequence[S]], list[T]], items: Sequence[S]) -> list[T]:
    slices = [items[start : start + _SLICE] for start in range(0, len(items), _SLICE)]
    return [result for part in pool.map(function, slices) for result in part]


def _blind(inputs: Sequence[bytes]) -> list[Blinded]:
    return [oprf.blind(data) for data in inputs]


def _combine(jobs: Sequence[_Job]) -> list[bytes]:
    return [oprf.combine_and_finalize(*job) for job in jobs]

"""North with its custodians, whose programs are the real ones: what each makes of its part is the story's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from custodian import openings
from custodian.openings import OpenedPart
from member.opening import Judged, open_manifest
from privacy.accusations import Accusation, verify_accusation
from privacy.ceremony import paillier_share
from privacy.encoding import b64
from privacy.errors import VerifyError
from privacy.keyset import KeySet
from privacy.matching import Decision, MatchRequest, OpeningRequest, SealedOpening
from tests.attacks.alliance import OWES, Lenders

TRUE_TOTAL = sum(OWES.values())


class AtOnce(Executor):
    """Does what it is given, here and now."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return what `fn` gives, already there."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


Change = Callable[[OpenedPart], OpenedPart]


def unchanged(part: OpenedPart) -> OpenedPart:
    """Tell no lie."""
    return part


@dataclass
class Asker:
    """North with its custodians: opens what they answer, and keeps what accuses somebody."""

    town: Lenders
    lies: dict[int, Change] = field(default_factory=dict)
    """What a custodian makes of its part before it signs."""
    faults: list[str] = field(default_factory=list)
    accusations: list[Accusation] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @property
    def key_set(self) -> KeySet:
        return self.town.alliance.key_set

    def opens(self, match: MatchRequest, first: Sequence[SealedOpening] | None = None) -> list[Judged]:
        """Open a manifest from the first two custodians' answers, or from `first`; the third can be asked."""
        return open_manifest(
            match.manifest,
            [self.answers(match, index) for index in (1, 2)] if first is None else first,
            key=self.town.north.sealing,
            key_set=self.key_set,
            ask_further=lambda index: self.answers(match, index),
            accuse=self._accuse,
            warn=self.warned.append,
        )

    def part(self, match: MatchRequest, index: int) -> OpenedPart:
        """Return what a custodian opens, as its program does."""
        return openings.open_totals(
            self.town.watch.judges(match),
            match.manifest,
            key_set=self.key_set,
            index=index,
            share=paillier_share(self.town.alliance.shares[index]),
            executor=AtOnce(),
        )

    def answers(self, match: MatchRequest, index: int) -> SealedOpening:
        """Return a custodian's answer, true but for its lie."""
        alliance = self.town.alliance
        return openings.answer(
            request(match, len(alliance.entries)),
            self.town.watch.judges(match),
            self.lies.get(index, unchanged)(self.part(match, index)),
            index=index,
            key_set=self.key_set,
            key=alliance.custodians[index].key,
            sealing_key=self.town.north.sealing.public,
        )

    def _accuse(self, accusation: Accusation) -> bool:
        try:
            self.faults.append(verify_accusation(accusation, self.key_set))
            self.accusations.append(accusation)
        except VerifyError:
            return False
        return True


def request(match: MatchRequest, position: int) -> OpeningRequest:
    """Return the hub's request for an opening."""
    decision = Decision(allowed=True, agreement="a", version=1, clause="purposes", leaf=b64(bytes(32)))
    return OpeningRequest("custodian/1", 1, match.manifest.key_set, match, decision, position)


def total_of(judged: Judged) -> int | None:
    """Return what is outstanding in a total that makes sense."""
    return None if judged.total is None else judged.total.outstanding

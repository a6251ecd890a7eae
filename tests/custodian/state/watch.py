"""A custodian's state that keeps up with an alliance's feed, for tests that read as a story."""

from __future__ import annotations

from pathlib import Path

from custodian import state
from custodian.state import Judgement, Outcome, VoidReason
from privacy.matching import MatchRequest, Reason, Status
from tests.feeds import Alliance


class Watch:
    """Follows a feed; `verdict()` is what became of the newest statement."""

    def __init__(self, alliance: Alliance, path: Path | str = ":memory:") -> None:
        self.alliance = alliance
        self.db = state.open_state(path)

    def follows(self) -> list[Outcome]:
        """Apply what is new on the feed, as one batch."""
        position = state.head(self.db).position
        with self.db:
            return [
                state.apply(self.db, self.alliance.key_set, entry)
                for entry in self.alliance.entries[position:]
            ]

    def outcome(self) -> Outcome:
        """Follow the feed and return the newest statement's outcome."""
        return self.follows()[-1]

    def verdict(self) -> VoidReason | None:
        """Follow the feed and return why the newest statement is void, None when it is valid."""
        return self.outcome().reason

    def opens_period(self, **time: float) -> str:
        """Let time pass, cut, and have all custodians sign; return the period's name."""
        self.alliance.passes(**time)
        self.alliance.cuts()
        assert self.verdict() is None
        body = state.cut_to_sign(self.db, 1)
        assert body is not None
        self.alliance.signs_cut(body)
        assert self.verdict() is None
        return body.period

    def judges(self, match: MatchRequest, at: int | None = None) -> Judgement:
        """Judge a manifest, by default at the head."""
        self.follows()
        position = state.head(self.db).position if at is None else at
        return state.judge(self.db, self.alliance.key_set, match, position)

    def says(self, match: MatchRequest, at: int | None = None) -> list[Status | Reason]:
        """Judge a manifest and return one word per subject."""
        return [verdict.reason or verdict.status for verdict in self.judges(match, at).verdicts]

    def live(self, member: str) -> int:
        """Return how many of a member's records count at the head."""
        self.follows()
        count: int = state.account(self.db, member)["live_records"]
        return count

"""One honest custodian with a clock and a ledger of its own; its hub is on paper."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from custodian import state
from custodian.errors import Refused, Stopped
from custodian.follower import Follower
from custodian.ledger import Ledger
from privacy.feed import SignedHead
from privacy.matching import MatchRequest
from privacy.statements import CutSignature
from tests.attacks.alliance import Heard, told
from tests.custodian.conftest import INDEX, PaperHub
from tests.feeds import Alliance


@dataclass
class Desk:
    """Custodian 1 over an alliance's feed; custodians 2 and 3 sign every cut that it finds, unseen."""

    alliance: Alliance
    folder: Path
    now: datetime
    fellows: Sequence[SignedHead] = ()
    hub: PaperHub = field(init=False)
    follower: Follower = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.hub = PaperHub(self.alliance)
        self.follower = Follower(
            index=INDEX,
            key_set=self.alliance.key_set,
            key=self.alliance.custodians[INDEX].key,
            state_path=self.folder / "state.db",
            ledger=Ledger(self.folder / "ledger.db"),
            hub=self.hub,  # type: ignore[arg-type]
            clock=lambda: self.now,
            fellows=lambda: self.fellows,
        )

    @property
    def signed(self) -> list[CutSignature]:
        """What this custodian has said of cuts."""
        bodies = [each.statement.body for each in self.hub.published]
        return [body for body in bodies if isinstance(body, CutSignature)]

    def follows(self) -> str:
        """Follow the feed, then let the fellows sign a cut that waits; return what was said to it."""
        try:
            self.follower.pull()
        except Stopped:
            return f"the custodian stops: {self.follower.ledger.alarms()[0].kind}"
        with closing(state.open_state(self.follower.state_path)) as db:
            for fellow in (2, 3):
                body = state.cut_to_sign(db, fellow)
                if body is not None:
                    self.alliance.signs_cut(body, by=[fellow])
        self.follower.pull()
        return str(self.follower.ledger.fact("unsigned") or "signed")

    def hears(self, match: MatchRequest) -> Heard:
        """Judge a question about one subject and have its total opened."""
        with closing(state.open_state(self.follower.state_path)) as db:
            try:
                judgement = state.judge(db, self.alliance.key_set, match, state.head(db).position)
            except Refused as refusal:
                return Heard(f"refused: {refusal.slug}", None)
        return told(self.alliance, judgement)

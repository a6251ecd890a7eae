"""Which way an application goes: from each state to those that may follow it.

- What an officer has begun to review is never silently somebody else's: each move is a log entry.
- Only what is ready is admitted; whatever changes about it makes it not ready.
- What is decided stays decided; a firm that was refused may apply anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from alliance_hub.errors import Conflict
from alliance_hub.membership.vocabulary import ApplicationState

_S = ApplicationState

MOVES: Mapping[ApplicationState, frozenset[ApplicationState]] = {
    _S.RECEIVED: frozenset({_S.IN_REVIEW, _S.RETURNED, _S.REFUSED, _S.WITHDRAWN}),
    _S.IN_REVIEW: frozenset({_S.READY, _S.RETURNED, _S.REFUSED, _S.WITHDRAWN}),
    _S.RETURNED: frozenset({_S.RECEIVED, _S.REFUSED, _S.WITHDRAWN}),
    _S.READY: frozenset({_S.IN_REVIEW, _S.RETURNED, _S.ADMITTED, _S.REFUSED, _S.WITHDRAWN}),
    _S.ADMITTED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}

_REFUSALS: Mapping[ApplicationState, str] = {
    _S.RECEIVED: "nobody has reviewed this application yet: begin its review first",
    _S.IN_REVIEW: "the checklist of this application is not done: finish it first",
    _S.RETURNED: "this application was returned: wait until the applicant has corrected it",
    _S.READY: "this application is ready: propose its admission",
    _S.ADMITTED: "this application is admitted: the member itself can be suspended",
    _S.REFUSED: "this application was refused: the firm may apply anew",
    _S.WITHDRAWN: "the applicant withdrew this application: it may apply anew",
}


def may_move(state: ApplicationState, to: ApplicationState) -> bool:
    """Say whether an application in `state` may go on to another."""
    return to in MOVES[state]


def require_move(state: ApplicationState, to: ApplicationState) -> None:
    """Raise Conflict, saying what to do, unless an application in `state` may go on to another."""
    if not may_move(state, to):
        raise Conflict(_REFUSALS[state], slug="application-state")

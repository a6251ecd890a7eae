"""Integrates the log every two seconds, in a thread of its own: no job and no daily work ever holds it up.

It runs in every worker. Two at once are harmless, because the tree's row is locked; one that is killed leaves
what was committed before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from alliance_hub.errors import HubError
from alliance_hub.hub import Hub
from alliance_hub.transparency import keeping, tree

EVERY = timedelta(seconds=2)

Wait = Callable[[float], bool]
"""Waits so many seconds; returns True when it is time to stop, as `threading.Event.wait` does."""

log = logging.getLogger(__name__)


def run(hub: Hub, wait: Wait) -> None:
    """Integrate until told to stop. What goes wrong is said once, and tried again."""
    said = ""
    while not wait(EVERY.total_seconds()):
        try:
            turn(hub, hub.clock(), stopping=lambda: wait(0))
            said = ""
        except Exception as error:
            # Of our own errors the sentence; any other could quote what an entry was about.
            now = str(error) if isinstance(error, HubError) else type(error).__name__
            if now != said:
                log.error("the log cannot be integrated: %s", now)
            said = now


def turn(
    hub: Hub, now: datetime, *, limit: int = tree.BATCH, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Integrate all that waits, `limit` entries in a transaction; return how many there were.

    A burst goes on at once; each part is signed and kept before the next begins.
    """
    with hub.database.reading() as session:
        if not tree.is_due(session, hub.key_set, now):
            return 0
    total = 0
    while not stopping():
        with hub.database.transaction() as session:
            done, size = tree.integrate(session, hub, now, limit=limit), tree.size_of(session)
        keeping.keep(hub)
        total += done
        if done < limit:
            break
        log.info("the log has integrated %d entries and has %d; more wait", total, size)
    return total

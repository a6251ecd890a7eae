"""What is done of membership later: a leaving, from the archive to the last certificate."""

from __future__ import annotations

from alliance_hub.hub import Hub
from alliance_hub.jobs.models import Key
from alliance_hub.jobs.service import Lease, handles
from alliance_hub.membership.leaving import LEAVE, go_on


@handles(LEAVE)
def leave(hub: Hub, key: Key, lease: Lease) -> None:
    """Bring a leaving as far as it comes now; it waits for cuts and for the archive's last day."""
    go_on(hub, str(key["member"]), lease)

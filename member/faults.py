"""Named points at which a test may kill this process, so that "nothing is lost" is tried and not believed."""

from __future__ import annotations

import os
import signal

CRASH_AT = "ALLIANCE_MEMBER_CRASH_AT"


def reached(point: str) -> None:
    """Do nothing, unless the environment names this point: then die at once, as by `kill -9`."""
    if os.environ.get(CRASH_AT) == point:
        os.kill(os.getpid(), signal.SIGKILL)

"""A named point at which a test may kill this custodian: `ALLIANCE_CUSTODIAN_CRASH_AT=opening.charged`."""

from __future__ import annotations

import os
import signal

VARIABLE = "ALLIANCE_CUSTODIAN_CRASH_AT"


def reached(point: str) -> None:
    """Do nothing, unless the environment names this point: then die at once, as by `kill -9`."""
    if os.environ.get(VARIABLE) == point:
        os.kill(os.getpid(), signal.SIGKILL)

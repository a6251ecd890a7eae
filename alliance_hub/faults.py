"""Named points at which a test may kill the process, so that crash safety is shown and not supposed.

Does nothing unless the environment names a point: `ALLIANCE_HUB_CRASH_AT=submit.chunk_appended`.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "ALLIANCE_HUB_CRASH_AT"


def reached(point: str) -> None:
    """Die on the spot, as with kill -9, when the environment names this point."""
    if os.environ.get(VARIABLE) == point:
        os.kill(os.getpid(), signal.SIGKILL)

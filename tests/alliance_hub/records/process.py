"""A process of its own for the tests that kill it: `python -m tests.alliance_hub.records.process ...`.

Settings come from the environment, as in life; only the clock is the test's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from alliance_hub import worker
from alliance_hub.hub import open_hub
from alliance_hub.membership import service as membership
from alliance_hub.records import service as records
from alliance_hub.settings import load_settings


def clock_from(start: datetime) -> Callable[[], datetime]:
    """Return a clock that stood at `start` just now, and goes."""
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)


def main(task: str, start: str, *arguments: str) -> None:
    """Work over the broker, or serve as a worker in this process, or take in a body from a file."""
    hub = open_hub(load_settings(), clock_from(datetime.fromisoformat(start)))
    if task == "work":
        worker.run_worker(hub)
    elif task == "serve":
        worker.start_in_process(hub)
        print("serving", flush=True)
        time.sleep(60)
    else:
        name, path, digest, reference = arguments
        with hub.database.reading() as session:
            member = membership.get(session, name)
        with hub.database.transaction() as session, Path(path).open("rb") as body:
            records.receive(session, hub, member, body, digest, reference, hub.clock())


if __name__ == "__main__":
    main(*sys.argv[1:])

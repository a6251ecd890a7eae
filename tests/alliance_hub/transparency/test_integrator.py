"""The integrator's thread in a real worker: it goes on while jobs and daily work hold everything else up."""

from __future__ import annotations

import threading
import time

import pytest

from alliance_hub import worker
from alliance_hub.hub import Hub
from alliance_hub.jobs import daily
from alliance_hub.transparency import integrator, tree
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.transparency.telling import write


def test_a_worker_integrates_beside_a_daily_work_that_never_ends(
    hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, over = threading.Event(), threading.Event()

    def stuck(_hub: Hub, _now: object) -> None:
        begun.set()
        over.wait(30)

    clock.move(hours=9)  # The office is open.
    monkeypatch.setattr(daily, "_WORKS", {"stuck": stuck})
    monkeypatch.setattr(worker, "REAP_EVERY", worker.REAP_EVERY / 100)
    monkeypatch.setattr(integrator, "EVERY", integrator.EVERY / 50)
    running = worker.start_in_process(hub)
    try:
        assert begun.wait(15)
        write(hub, 3)
        deadline = time.monotonic() + 15
        while size(hub) < 3:
            assert time.monotonic() < deadline, "nothing was integrated"
            time.sleep(0.05)
        assert not over.is_set()
    finally:
        over.set()
        running.stop()


def size(hub: Hub) -> int:
    with hub.database.reading() as session:
        return tree.size_of(session)

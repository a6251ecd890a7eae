"""Rings for a job once the transaction that made it is committed; the reaper finds it if the bell is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Flask, current_app

from alliance_hub import worker
from alliance_hub.hub import Hub

_KEY = "api_jobs"


def install(app: Flask, hub: Hub) -> None:
    """Let views of `app` send jobs to this hub's workers."""
    app.extensions[_KEY] = partial(worker.send, worker.make_worker(hub))


def send(job_id: int) -> None:
    """Send a job that is committed."""
    ring: Callable[[int], None] = current_app.extensions[_KEY]
    ring(job_id)

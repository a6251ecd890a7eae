"""The one place where API and console meet the hub; granian and flask load `wsgi:app` by name."""

from __future__ import annotations

import atexit

import admin
import api
from alliance_hub import worker
from alliance_hub.app import EXTENSION, create_app
from alliance_hub.hub import Hub
from alliance_hub.schema import migrate_sqlite
from alliance_hub.settings import load_settings


def work_in_process(hub: Hub) -> None:
    """Run the jobs in this process, where no broker is set, until the process ends."""
    if worker.is_in_process(hub):
        atexit.register(worker.start_in_process(hub).stop)


_settings = load_settings()
migrate_sqlite(_settings)
app = create_app(_settings, api.face, admin.face, flask=api.application)
work_in_process(app.extensions[EXTENSION])

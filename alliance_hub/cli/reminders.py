"""Remind now, or from cron: what the serving process does by itself every morning."""

from __future__ import annotations

from collections import Counter

from alliance_hub.cli.shared import HomeOption, PassphraseOption, app, opened, output
from alliance_hub.errors import Conflict


@app.command()
def remind(home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Send today's reminders that have not gone out yet, by mail and webhook; nobody gets one twice a day."""
    # Here, because no other command needs them; the tasks register what sends one.
    import alliance_hub.reminders.tasks  # noqa: F401
    from alliance_hub.jobs import service as jobs
    from alliance_hub.reminders import service

    with opened(home, passphrase_file) as hub:
        if not service.outlets(hub.settings).any:
            raise Conflict("reminders are off: set smtp_url and mail_from, or webhook_url, in settings.toml")
        for job in service.write_now(hub, hub.clock()):
            jobs.run(hub, job)
        with hub.database.reading() as session:
            found = Counter(row.state for row in service.list_day(session, hub.clock()))
    output.print(
        ", ".join(f"{count} {state}" for state, count in found.items()) or "nobody has anything waiting"
    )

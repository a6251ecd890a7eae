"""Serve the hub, and run its worker where the broker is a real one."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from alliance_hub import schema
from alliance_hub.cli.shared import HomeOption, PassphraseOption, app, console, opened, settings_of
from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.hub import open_hub
from alliance_hub.parameters import service as parameters
from alliance_hub.policy import SERVING_THREADS
from alliance_hub.settings import PREFIX, Settings, is_loopback

TARGET = "wsgi:app"
"""By name only: the hub's business knows no front door."""

DEFAULT_PORT = 8400


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Port; by default the one in base_url; 0: a free one.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Requests served at once.")] = SERVING_THREADS,
    behind_tls_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-tls-proxy", help="A proxy in front speaks TLS: plain HTTP may leave loopback."
        ),
    ] = False,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Serve members and custodians until told to stop. One process; the worker lives in it by default."""
    settings = settings_of(home, passphrase_file)
    require_safe_host(host, behind_tls_proxy=behind_tls_proxy)
    schema.migrate_sqlite(settings)
    # Opened once here, so that whatever is missing is one sentence now and not a worker that dies.
    hub = open_hub(settings)
    with hub.database.reading() as session:
        mode = parameters.mode(session, hub)
    hub.database.close()
    if len(settings.custodians) != hub.key_set.count:
        raise Invalid(
            f"name the addresses of all {hub.key_set.count} custodians: set custodians in settings.toml",
            field="custodians",
        )
    port = free_port(host, port_of(settings) if port is None else port)
    os.environ.update(environment(settings, host, port))
    console.print(f"Serving {hub.key_set.alliance} ({mode}) at {host}:{port}", markup=False)
    _run(host, port, threads)


@app.command()
def worker(home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Run the jobs of a hub whose broker_url is a real broker, until told to stop."""
    # Here and not above: Celery takes half a second to import, which no other command needs.
    from alliance_hub.worker import is_in_process, run_worker

    with opened(home, passphrase_file) as hub:
        if is_in_process(hub):
            raise Conflict("the worker lives in the service already: set broker_url to run one apart")
        run_worker(hub)


def require_safe_host(host: str, *, behind_tls_proxy: bool) -> None:
    """Raise Forbidden for plain HTTP off loopback, unless a proxy in front speaks TLS."""
    if not is_loopback(f"http://{_bracketed(host)}") and not behind_tls_proxy:
        raise Forbidden(
            "plain HTTP stays on this machine: give --behind-tls-proxy when a proxy in front speaks TLS"
        )


def port_of(settings: Settings) -> int:
    """Return the port to listen on when none is named: the base URL's own, where that is plain HTTP."""
    parts = urlsplit(settings.base_url)
    return (parts.port or 80) if parts.scheme == "http" else DEFAULT_PORT


def free_port(host: str, port: int) -> int:
    """Return `port`, or a free one for 0; raises Conflict when another program listens there."""
    try:
        with socket.create_server((host, port), family=_family(host)) as probe:
            found: int = probe.getsockname()[1]
            return found
    except OSError as error:
        raise Conflict(f"nobody can listen on {host}:{port} now: stop what does, or choose --port") from error


def environment(settings: Settings, host: str, port: int) -> dict[str, str]:
    """Return how the serving process, which reads its settings anew, learns what was said here."""
    found = {"HOME": str(settings.home.resolve())}
    if settings.passphrase_file is not None:
        found["PASSPHRASE_FILE"] = str(settings.passphrase_file.resolve())
    if is_loopback(settings.base_url) and urlsplit(settings.base_url).port != port:
        found["BASE_URL"] = f"http://{_bracketed(host)}:{port}"
    return {PREFIX + name: value for name, value in found.items()}


def load_target(target: str) -> Any:
    """Load the application in the serving process, and let that process end with the one that started it.

    Otherwise it would keep port and jobs after the command itself was killed.
    """
    from granian._internal import load_target as load

    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return load(target)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _run(host: str, port: int, threads: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    server = Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        websockets=False,
        workers_kill_timeout=10,
    )
    server.serve(target_loader=load_target)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

"""A throwaway PostgreSQL cluster: made in a temporary folder, reached over loopback, deleted at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.processes import LOOPBACK, free_port

ADMINISTRATOR = "postgres"

# Who reaches a loopback port of a cluster without secrets may enter; the C locale is on every system.
_INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")

# A cluster that lives for minutes has nothing to lose in a power cut: no write waits for the disk.
_SETTINGS = """
listen_addresses = '{address}'
port = {port}
unix_socket_directories = '{home}'
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@contextlib.contextmanager
def running_postgres(programs: Path) -> Iterator[str]:
    """Start a fresh cluster with this folder's programs and yield its first database's SQLAlchemy URL."""
    with tempfile.TemporaryDirectory(prefix="alliance-postgres-") as folder:
        home, port = Path(folder), free_port()
        data = home / "data"
        if account := _account():
            shutil.chown(home, account)

        _run(home, programs / "initdb", "-D", data, "-U", ADMINISTRATOR, *_INITDB)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(address=LOOPBACK, port=port, home=home))
        _run(home, programs / "pg_ctl", "start", "-w", "-D", data, "-l", home / "server.log")
        try:
            yield f"postgresql+psycopg://{ADMINISTRATOR}@{LOOPBACK}:{port}/postgres"
        finally:
            _run(home, programs / "pg_ctl", "stop", "-w", "-D", data, "-m", "immediate")


@contextlib.contextmanager
def fresh_database(url: str, name: str, *, like: str = "template1") -> Iterator[str]:
    """Create a database in the cluster at `url`; yield its SQLAlchemy URL, then drop it.

    It is empty, or a copy of the database called `like`, which nobody may have open at that moment.
    """
    database = sql.Identifier(name)
    _administer(url, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, sql.Identifier(like)))
    try:
        yield f"{url.rpartition('/')[0]}/{name}"
    finally:
        _administer(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


def _administer(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(statement)


def _account() -> str | None:
    """Return the account to run as: PostgreSQL refuses root, so the one its Debian package makes."""
    return ADMINISTRATOR if os.geteuid() == 0 else None


def _run(home: Path, *command: str | Path) -> None:
    """Run one of PostgreSQL's programs inside `home`; raise RuntimeError with its words if it fails."""
    account = _account()
    log = home / f"{Path(command[0]).name}.log"
    # Output goes to a file, not a pipe: the server that pg_ctl leaves behind would hold the pipe open.
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account,
            group=account,
            extra_groups=[] if account else None,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"{log.stem} failed; its last words:\n{log.read_text()[-2000:]}")

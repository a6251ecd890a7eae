"""A throwaway RabbitMQ node: own name, folders, ports, cookie and name server; loopback only; no plugins."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.services.processes import LOOPBACK, free_port, running, wait_until

# What a client of AMQP 0-9-1 says first.
GREETING = b"AMQP\x00\x00\x09\x01"

# Let the disk be nearly full: the node would otherwise stop every publisher, and the test would hang.
CONFIGURATION = "disk_free_limit.absolute = 1MB\n"


@contextlib.contextmanager
def running_rabbitmq(programs: Path) -> Iterator[str]:
    """Start a node with the programs of this folder and yield its AMQP URL, ready for clients."""
    with tempfile.TemporaryDirectory(prefix="alliance-rabbitmq-") as folder:
        home, port = Path(folder), free_port()
        environment = _environment(home, port)
        (home / "rabbitmq.conf").write_text(CONFIGURATION)
        (home / "enabled_plugins").write_text("[].\n")
        (home / "environment.conf").touch()

        # Our own name server, up before the node looks for one: one that Erlang starts outlives the node.
        with running(["epmd"], environment=environment, home=home) as names:
            wait_until(lambda: _listens(int(environment["ERL_EPMD_PORT"])), names, home / "epmd.log")
            with running([programs / "rabbitmq-server"], environment=environment, home=home) as node:
                wait_until(lambda: _answers(port), node, home / "rabbitmq-server.log")
                yield f"amqp://guest:guest@{LOOPBACK}:{port}//"


def _environment(home: Path, port: int) -> dict[str, str]:
    """Return all that the node must know, so that no file of an installed node is read or written."""
    return {
        "PATH": os.environ["PATH"],
        # The Erlang cookie is made here, and dies with the folder.
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_NODENAME": f"alliance-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        # No other node can knock from the network; and an idle scheduler gives its core away at once.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
        "RABBITMQ_LOGS": "-",
        **{f"RABBITMQ_{name}": str(home / place) for name, place in _PLACES.items()},
    }


_PLACES = {
    "CONF_ENV_FILE": "environment.conf",
    "CONFIG_FILE": "rabbitmq.conf",
    "CONFIG_FILES": "conf.d",
    "ADVANCED_CONFIG_FILE": "advanced.config",
    "ENABLED_PLUGINS_FILE": "enabled_plugins",
    "MNESIA_BASE": "mnesia",
    "LOG_BASE": "log",
    "SCHEMA_DIR": "schema",
    "GENERATED_CONFIG_DIR": "generated",
    "PID_FILE": "node.pid",
}


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def _answers(port: int) -> bool:
    """Tell whether a broker answers the greeting: a method frame (type 1) on channel 0."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1) as connection:
        connection.sendall(GREETING)
        return connection.recv(3) == b"\x01\x00\x00"
    return False

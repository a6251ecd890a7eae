"""Binds the page to this machine's loopback address, and nowhere else."""

from __future__ import annotations

import socket
from collections.abc import Callable

from waitress.server import create_server

from custodian.console.app import create_console
from custodian.console.gate import Token
from custodian.console.office import Office

HOST = "127.0.0.1"


def run(office: Office, *, port: int, say: Callable[[str], None]) -> None:
    """Serve the page until interrupted; `say` gets the one address that lets a browser in."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    authority = f"{HOST}:{listening.getsockname()[1]}"
    token = Token()
    served = create_server(
        create_console(office, token, authority), sockets=[listening], threads=4, ident=None
    )
    say(f"http://{authority}/enter?token={token.text}")
    try:
        served.run()
    finally:
        served.close()

"""The command `alliance-custodian`: the ceremony, and what an operator does afterwards."""

from __future__ import annotations

import sys

from custodian.cli import (  # noqa: F401  (each registers its commands)
    ceremony,
    checking,
    ending,
    looking,
    members,
    safekeeping,
    serving,
    sheets,
)
from custodian.cli.app import app, console
from custodian.errors import CustodianError, HubUnreachable
from privacy.errors import PrivacyError


def main() -> None:
    """Run the command; expected errors are one sentence and an exit code, never a traceback."""
    try:
        app()
    except HubUnreachable as error:
        console.print(f"[yellow]retry later:[/] {error}")
        sys.exit(3)
    except (CustodianError, PrivacyError, OSError) as error:
        console.print(f"[red]refused:[/] {error}")
        sys.exit(4)

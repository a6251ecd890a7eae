"""All commands of `alliance-custodian` put together, and its exit codes: 0 done, 3 retry later, 4 refused."""

from __future__ import annotations

import sys

from rich.markup import escape

from custodian.cli import (  # noqa: F401  (each registers its commands)
    ceremony,
    checking,
    ending,
    looking,
    members,
    safekeeping,
    serving,
    sheets,
    trusting,
)
from custodian.cli.app import app, console
from custodian.errors import CustodianError, HubUnreachable
from privacy.errors import PrivacyError


def run() -> None:
    """Run the command; expected errors are one sentence and an exit code, never a traceback."""
    try:
        app()
    except HubUnreachable as error:
        console.print(f"[yellow]retry later:[/] {escape(str(error))}")
        sys.exit(3)
    except (CustodianError, PrivacyError) as error:
        console.print(f"[red]refused:[/] {escape(str(error))}")
        sys.exit(4)
    except OSError as error:
        what = f"{error.filename or 'a file'}: {error.strerror or 'cannot be read or written'}"
        console.print(f"[red]refused:[/] {escape(what)}")
        sys.exit(4)

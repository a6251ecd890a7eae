"""The command `alliance-hub`, for the secretariat and whoever runs its machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from sqlalchemy.exc import OperationalError

from alliance_hub.cli import (
    agreements,
    contracts,
    feed,
    log,
    members,
    officers,
    reminders,
    serving,
    setup,
    succession,
)
from alliance_hub.cli.shared import REFUSED, RETRY_LATER, app, console
from alliance_hub.errors import HubError, QuotaExceeded, Unavailable
from privacy.errors import PrivacyError

__all__ = [
    "agreements",
    "app",
    "contracts",
    "feed",
    "log",
    "main",
    "members",
    "officers",
    "reminders",
    "serving",
    "setup",
    "succession",
]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 2 wrong usage, 3 retry later, 4 refused, in one sentence."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="alliance-hub")
    except (Unavailable, QuotaExceeded) as error:
        _say(error, RETRY_LATER)
    except (HubError, PrivacyError) as error:
        _say(error, REFUSED)
    except OSError as error:
        _say(f"{error.strerror or 'cannot be read or written'}: {error.filename or 'a file'}", REFUSED)
    except OperationalError:
        # The driver's own words could hold the URL's password.
        _say("the database does not answer: check database_url, and that the server runs", RETRY_LATER)
    raise SystemExit(0)


def _say(reason: object, code: int) -> NoReturn:
    console.print(f"alliance-hub: {reason}", markup=False)
    raise SystemExit(code)

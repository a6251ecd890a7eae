"""The command's words put together, and its exit codes.

0   done
1   unexpected, or `status` found a difference, or an alarm stands (`check` and its like)
2   some rows were rejected, the rest is done; or a matter lacks something
3   retry later: nothing is lost
4   refused: the rule is named
64  the command was not understood (so that 2 means rows, and nothing else)
130 stopped by the keyboard
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from member.cli import accusations, agreements, auditing, care, joining, keys, matters, renewal, trust, work
from member.cli.desk import Anywhere, Desk
from member.cli.receipts import receipts
from member.cli.screen import Screen
from member.errors import MemberError, Refused, RetryLater
from member.files import FileError
from member.home import Home, default_home
from privacy.periods import SHANGHAI

USAGE = 64
REFUSED = 4
UNEXPECTED = 1

app = typer.Typer(cls=Anywhere, no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")


@app.callback(
    epilog="The first steps: init, enrol, agreements sign, submit, match. Each says what comes next."
)
def _common(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            envvar="ALLIANCE_MEMBER_HOME", help="The member's folder. Default: the system's data folder."
        ),
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(
            envvar="ALLIANCE_MEMBER_PASSPHRASE_FILE",
            help="A file whose first line is the vault's passphrase. Default: it is asked for.",
        ),
    ] = None,
) -> None:
    """Take part in the alliance: submit your own contracts, ask about your own debtors.

    Raw identifiers never leave this machine: custodians and hub see blinded or sealed values only.
    Ends with 0 done, 2 rows rejected (the rest is done), 3 retry later (nothing is lost), 4 refused,
    64 not understood, 1 unexpected.
    """
    context.obj = Desk(Home(home) if home else default_home(), passphrase_file)


_COMMANDS: tuple[tuple[Callable[..., Any], str], ...] = (
    (
        joining.init,
        "alliance-member init 南山 --hub https://hub.example --key-set key-set.json "
        '--pin "1A2B ..." --pin "3C4D ..." --pin "5E6F ..." --portfolio 20000',
    ),
    (joining.apply, "alliance-member apply firm.toml"),
    (joining.enrol, "alliance-member enrol"),
    (work.submit, "alliance-member submit loans.xlsx --as-of 2026-10-31"),
    (
        work.match,
        "alliance-member match loans.xlsx --out answers.xlsx --purpose post_loan_management --case 2026-117",
    ),
    (work.settle, "alliance-member settle NA2024-000009"),
    (work.withdraw, "alliance-member withdraw NA2024-000009"),
    (care.status, "alliance-member status"),
    (trust.check, "alliance-member check --hand-in"),
    (trust.contributions, "alliance-member contributions --portfolio loans.xlsx --out contributions.csv"),
    (trust.deletions, "alliance-member deletions --out deletions.json"),
    (receipts, "alliance-member receipts --out receipts.json"),
    (
        auditing.open_contribution,
        "alliance-member open-contribution --contract NA2024-000009 --portfolio loans.xlsx "
        "--out opening.json",
    ),
    (renewal.renew, "alliance-member renew"),
)
for _command, _example in _COMMANDS:
    app.command(epilog=f"Example: {_example}")(_command)
app.add_typer(agreements.agreements, name="agreements")
app.add_typer(accusations.accusations, name="accusations")
app.add_typer(keys.keys, name="keys")
app.add_typer(matters.matters, name="matters")
app.add_typer(care.vault, name="vault")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    screen = Screen()
    try:
        code: Any = app(args=arguments, prog_name="alliance-member", standalone_mode=False)
    except typer.TyperException as error:
        # Without a message it is the help itself, asked for by naming no command.
        if text := error.format_message():
            screen.fail(
                f"Not understood: {text} See alliance-member --help, and alliance-member COMMAND --help."
            )
        return USAGE
    except typer.Abort:
        screen.fail("Stopped.")
        return USAGE
    except (MemberError, FileError) as error:
        return _ended(screen, error)
    except Exception as error:
        screen.fail(f"Unexpected: {type(error).__name__} at {_place(error)}. Nothing that was done is lost.")
        return UNEXPECTED
    return int(code or 0)


def _ended(screen: Screen, error: MemberError | FileError) -> int:
    match error:
        case RetryLater():
            screen.fail(f"Retry later{_when(error)}: {error}")
        case Refused():
            screen.fail(f"Refused ({error.rule}): {error}")
        case FileError():
            screen.fail(f"Refused (file): {error}")
            return REFUSED
        case _:
            screen.fail(str(error))
    return error.exit_code


def _when(error: RetryLater) -> str:
    if error.retry_at is None:
        return ""
    return f", from {error.retry_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} Asia/Shanghai"


def _place(error: Exception) -> str:
    """Name where it happened. Never the message: it could quote a row."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"

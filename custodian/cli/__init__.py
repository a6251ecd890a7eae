"""The command `alliance-custodian`: the ceremony, and what an operator does afterwards."""

from __future__ import annotations


def main() -> None:
    """Run the command; expected errors are one sentence and an exit code, never a traceback."""
    # Here and not above: each process that looks for primes or opens totals imports this module once more,
    # as multiprocessing does with whatever module began, and needs none of the commands.
    from custodian.cli.commands import run

    run()

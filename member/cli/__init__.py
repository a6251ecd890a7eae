"""The command `alliance-member`: reads what a person types, calls the SDK, shows what came of it."""

from member.cli.main import main

__all__ = ["main"]

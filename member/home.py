"""A member's folder: the vault, and beside it the card that may be shown to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one member."""

    path: Path

    @property
    def vault(self) -> Path:
        """Keys, tokens and unfinished work, sealed."""
        return self.path / "vault.sqlite"

    @property
    def card(self) -> Path:
        """The public keys and their fingerprint."""
        return self.path / "card.json"


def default_home() -> Home:
    """Return the folder that the operating system keeps for this program's data."""
    return Home(platformdirs.user_data_path("alliance-member"))

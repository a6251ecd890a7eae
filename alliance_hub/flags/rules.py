"""What the hub takes of a flag before its life cycle exists: a known category and a bounded narrative."""

from __future__ import annotations

from privacy.records import Flag
from privacy.vocabulary import EvasionCategory

MAX_SEALED_LETTERS = 32_768
"""Base64url letters of a sealed narrative: some eight thousand Chinese characters."""


def is_acceptable(flag: Flag) -> bool:
    """Say whether the category is one of the alliance's words and the narrative not a whole file."""
    return flag.category in set(EvasionCategory) and len(flag.sealed) <= MAX_SEALED_LETTERS

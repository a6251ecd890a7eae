"""Digests in groups, as people read them out and compare them."""

from __future__ import annotations

GROUP = 4
"""Characters that an eye takes in at once."""


def in_groups(digest: str | bytes) -> str:
    """Return a digest in groups of four, bytes as lower-case hex: `0a1b 2c3d ...`."""
    text = digest.hex() if isinstance(digest, bytes) else digest
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))

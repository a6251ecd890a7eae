"""Tests, mirroring the source; also what they share, imported as `tests.<name>`."""

"""`make attacks`: play every story, then print the table. Fails when one does not end as declared."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.attacks.table import Reports, show


def main() -> int:
    """Play the stories in this folder, or the tests named on the command line."""
    reports = Reports()
    asked = sys.argv[1:] or [str(Path(__file__).parent)]
    code = pytest.main(["--no-header", "--tb=short", *asked], plugins=[reports])
    show(reports)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())

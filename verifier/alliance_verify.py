#!/usr/bin/env python3
"""Check an evidence bundle offline, with nothing but Python and the custodians' keys from elsewhere."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command; not built yet."""
    print("alliance-verify is being built", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""A member's own pages: what waits for it, its agreements, submissions, matches, quota and keys.

Nobody sees another member's: the member is always the officer's own, and what is not its own is not there.
Names of debtors live at the member; here stand counts, reasons and opaque references.
"""

from __future__ import annotations

from types import ModuleType

from admin.mine import agreements, keys, matches, overview, quota, submissions, trying

PAGES: tuple[ModuleType, ...] = (overview, agreements, trying, submissions, matches, quota, keys)
"""Each has a blueprint `bp` of its own."""

"""Matters: what lawyers, members' officers and the secretariat see of them, and the court's tools."""

from __future__ import annotations

from types import ModuleType

from admin.matters import family, index, lawyers, managing, orders, page, tools

__all__ = ["PAGES", "index", "lawyers", "managing", "page"]

PAGES: tuple[ModuleType, ...] = (family, orders, tools)
"""Each has a blueprint `bp` of its own; the other modules add their pages to the family's."""

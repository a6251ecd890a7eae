"""The pages of membership: where they stand, and the addresses of a member and of an application."""

from __future__ import annotations

from flask import Blueprint, url_for

bp = Blueprint("members", __name__)
"""Members, at `/members`."""

review = Blueprint("admissions", __name__)
"""Applications, at `/applications`: a line of the menu of their own."""


def member_page(name: str) -> str:
    """Return the address of a member's page."""
    return url_for("members.show", name=name)


def application_page(id: int) -> str:
    """Return the address of an application's page."""
    return url_for("admissions.show", id=id)

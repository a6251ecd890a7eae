"""The pages of data agreements: where they stand, and the addresses of one version."""

from __future__ import annotations

from flask import Blueprint, url_for

bp = Blueprint("agreement_pages", __name__, url_prefix="/agreements")


def page_of(agreement: str, version: int) -> str:
    """Return the address of a version's page."""
    return url_for("agreement_pages.show", agreement=agreement, version=version)

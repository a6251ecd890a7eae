"""Complaints: the register, each complaint's page with what may be done, and misconduct by who did it."""

from admin.complaints import acts, conduct, index, show
from admin.complaints.blueprint import bp

__all__ = ["acts", "bp", "conduct", "index", "show"]

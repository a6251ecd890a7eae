"""Membership: registers of members and applications, their pages, and the acts on them."""

from admin.members import acts, application, exits, filing, index, show
from admin.members.family import bp

__all__ = ["acts", "application", "bp", "exits", "filing", "index", "show"]

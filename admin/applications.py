"""Applications as a family of pages of their own; their views stand beside those of members."""

from admin.members.family import review as bp

__all__ = ["bp"]

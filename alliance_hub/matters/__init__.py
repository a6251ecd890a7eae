"""Matters before a court: what a member opens, what the hub certifies in it, and who may see it."""

"""Reminders by mail and webhook: counts and links, never a case."""

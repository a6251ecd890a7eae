"""Evasion flags in their simplest form: a category and a sealed narrative that travel with a record."""

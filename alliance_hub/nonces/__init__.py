"""A signed request counts once: which ones this hub has seen."""

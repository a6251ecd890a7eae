"""Inspectors: appointed by four eyes until a day, and the random samples that they draw."""

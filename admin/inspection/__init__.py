"""Inspection: who may read all registers until when, and the random samples that were drawn."""

from admin.inspection import acts, index, samples
from admin.inspection.blueprint import bp

__all__ = ["acts", "bp", "index", "samples"]

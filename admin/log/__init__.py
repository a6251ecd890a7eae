"""The transparency log: its checkpoints and who cosigned them, an entry's proof, and how one is erased."""

from admin.log import acts, index
from admin.log.blueprint import bp

__all__ = ["acts", "bp", "index"]

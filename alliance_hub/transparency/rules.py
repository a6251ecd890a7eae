"""By what a log entry is found again: who did what to what, as the entry itself says."""

from __future__ import annotations

from dataclasses import dataclass

from privacy.encoding import Json


@dataclass(frozen=True, slots=True)
class Marks:
    """By what an entry is found again."""

    actor: str | None
    organisation: str | None
    object: str | None


def marks_of(entry: Json) -> Marks:
    """Return who did what to what, as the entry itself says."""
    member = entry.get("member")
    actor = entry.get("officer") or entry.get("author") or (member and f"member/{member}")
    return Marks(actor, entry.get("organisation") or member or _member_of(actor), _object_of(entry))


def _member_of(actor: str | None) -> str | None:
    """Return the member whose statement it is, from an author such as `member/NAME`."""
    kind, _, name = (actor or "").partition("/")
    return name if kind == "member" else None


def _object_of(entry: Json) -> str | None:
    if "object" in entry:
        return str(entry["object"])
    for kind in ("agreement", "submission", "member"):
        if entry.get(kind):
            return f"{kind}/{entry[kind]}"
    return None

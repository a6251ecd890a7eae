"""A refusal that is told later: an error of the hub as a row can keep it, and back again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, QuotaExceeded, Unavailable

_ALL: tuple[type[HubError], ...] = (Conflict, Forbidden, Invalid, NotFound, QuotaExceeded, Unavailable)
_KINDS = {kind.__name__: kind for kind in _ALL}


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an error says, without where it happened."""

    kind: str
    message: str
    slug: str
    extra: dict[str, Any]
    field: str | None = None
    retry_at: datetime | None = None


def keep(error: HubError) -> bytes:
    """Return an error as JSON."""
    refusal = Refusal(
        kind=type(error).__name__,
        message=str(error),
        slug=error.slug,
        extra=error.extra,
        field=getattr(error, "field", None),
        retry_at=getattr(error, "retry_at", None),
    )
    return msgspec.json.encode(refusal)


def recall(kept: bytes) -> HubError:
    """Return the error that `keep` was given."""
    refusal = msgspec.json.decode(kept, type=Refusal)
    named = {"field": refusal.field, "retry_at": refusal.retry_at}
    known = {name: value for name, value in named.items() if value is not None}
    return _KINDS[refusal.kind](refusal.message, slug=refusal.slug, extra=refusal.extra, **known)

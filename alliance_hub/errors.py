"""What the hub answers when it does not do what was asked; a front door turns each into its own form.

    HubError
    ├── Unauthenticated     who asks is not shown: signature missing, wrong or replayed
    ├── Forbidden           who asks may not: names the rule or the agreement's clause
    ├── NotFound            no such thing, or not yours: the same from outside
    ├── Forgotten           it was here and has been erased, as it had to be
    ├── Conflict            the state does not allow it, or another was first
    ├── Invalid             the value is refused; names its field
    ├── QuotaExceeded       enough for now; says when to return, if that is known
    └── Unavailable         a part is down; nothing was lost, ask again

`slug` is the short name under which programs know the case; `extra` holds what they need to go on.
No message ever carries an identifier, a pseudonym, an amount or a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar


class HubError(Exception):
    """Root of every error that the hub raises on purpose: one sentence that says what to do."""

    default_slug: ClassVar[str] = "error"

    def __init__(
        self, message: str, *, slug: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.slug = slug or self.default_slug
        self.extra = dict(extra or {})


class Unauthenticated(HubError):
    """The request does not show who sends it."""

    default_slug = "unauthenticated"


class Forbidden(HubError):
    """The sender is known and may not do this."""

    default_slug = "forbidden"


class NotFound(HubError):
    """There is no such thing for this sender."""

    default_slug = "not-found"


class Forgotten(HubError):
    """What was asked for has been erased, for good."""

    default_slug = "forgotten"


class Conflict(HubError):
    """The state does not allow it now."""

    default_slug = "conflict"


class Invalid(HubError):
    """A value is refused; `field` names it by its path."""

    default_slug = "invalid"

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        slug: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, slug=slug, extra=extra)
        self.field = field


class _Later(HubError):
    def __init__(
        self,
        message: str,
        *,
        retry_at: datetime | None = None,
        slug: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, slug=slug, extra=extra)
        self.retry_at = retry_at


class QuotaExceeded(_Later):
    """The sender has had its share; `retry_at` says when there is more."""

    default_slug = "quota-exceeded"


class Unavailable(_Later):
    """A part that is needed does not answer; nothing was lost."""

    default_slug = "unavailable"

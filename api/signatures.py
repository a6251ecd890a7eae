"""Who sends a request: its RFC 9421 signature by a key that this hub knows, taken once.

All of it is judged before the body is read, so that only a known sender can make this hub take in
gigabytes. The authority that a signature covers is compared with the configured one: a request that was
made for another server is worth nothing here, whatever its Host header says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from flask import current_app, request
from sqlalchemy.orm import Session

from alliance_hub.app import EXTENSION
from alliance_hub.errors import Unauthenticated
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.nonces import service as nonces
from alliance_hub.permissions import Permission, Sender, require_permission
from api import bodies
from privacy import request_signing
from privacy.errors import VerifyError
from privacy.request_signing import Verified
from privacy.signing import key_id

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the present request, and the signature that shows it."""

    sender: Sender
    verified: Verified

    @property
    def member(self) -> str:
        """The calling member's name; only where the permission is one for members."""
        if self.sender.member is None:
            raise Unauthenticated("this address is for members")
        return self.sender.member


def the_hub() -> Hub:
    """Return the hub that the present app serves."""
    hub: Hub = current_app.extensions[EXTENSION]
    return hub


def allows(permission: Permission) -> Callable[[View], View]:
    """Let a view be asked only by a signed sender that has `permission`; it receives a `Caller` first."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            caller = _authenticate(permission)
            require_permission(caller.sender, permission)
            if request.method in {"GET", "HEAD"}:
                bodies.require_empty()
            return view(caller, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def verify_signature(find_key: Callable[[str], bytes | None]) -> Verified:
    """Check the present request's signature by the key that `find_key` gives; raises Unauthenticated.

    The body is not read: `bodies` compares it with the digest that the signature covers.
    """
    if not request.headers.get("Signature"):
        raise Unauthenticated("this address takes signed requests only (RFC 9421): see /docs")
    hub, query = the_hub(), request.query_string.decode("latin-1")
    signed = request_signing.Request(
        request.method,
        hub.settings.base_url + request.path + (f"?{query}" if query else ""),
        dict(request.headers),
    )
    try:
        return request_signing.verify(
            signed, digest=bodies.signed_digest(), find_key=find_key, now=hub.clock()
        )
    except VerifyError as error:
        raise Unauthenticated(str(error)) from error


def take_once(verified: Verified) -> None:
    """Refuse a request that was seen before; raises Unauthenticated `replayed-nonce`."""
    hub = the_hub()
    with hub.database.transaction() as session:
        nonces.take(session, verified, now=hub.clock())


def _authenticate(permission: Permission) -> Caller:
    found: dict[str, _Known] = {}

    def find_key(keyid: str) -> bytes | None:
        known = _find(session, permission, keyid)
        if known is None:
            return None
        found[keyid] = known
        return known.key

    with the_hub().database.reading() as session:
        verified = verify_signature(find_key)
    take_once(verified)
    return Caller(found[verified.keyid].sender, verified)


class _Known(NamedTuple):
    key: bytes
    sender: Sender


def _find(session: Session, permission: Permission, keyid: str) -> _Known | None:
    """Return whose key this is. A recovery key is good for statements alone: the rotation that uses it."""
    if keyid in (witnesses := _witnesses()):
        index = 1 + list(witnesses).index(keyid)
        return _Known(witnesses[keyid], Sender.for_custodian(index))
    member = membership.find_by_key_id(session, keyid)
    if member is not None:
        return _Known(member.signing, Sender.for_member(member.name, member.state))
    if permission is Permission.STATE:
        member = membership.find_by_recovery_key_id(session, keyid)
    if member is None:
        return None
    return _Known(member.recovery, Sender.for_member(member.name, member.state))


def _witnesses() -> dict[str, bytes]:
    key_set = the_hub().key_set
    keys = [key_set.witness(index) for index in range(1, key_set.count + 1)]
    return {key_id(key): key for key in keys}

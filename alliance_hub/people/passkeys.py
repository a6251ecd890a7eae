"""Passkeys: a WebAuthn credential as a second factor, on the authority of the hub's own address.

A passkey answers a fresh challenge for this address only, so that an answer made for a look-alike page, or
one that was used, does not hold. Browsers bind passkeys to names: an address with a bare IP has none.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.people import login
from alliance_hub.people.models import Officer, Passkey

MOST = 10
"""Passkeys of one officer."""
LABEL_LONGEST = 60

# What a malformed answer of a browser raises inside the library.
_MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser is asked, as JSON, and the challenge that its answer must bear."""

    options: str
    challenge: bytes


def are_possible(hub: Hub) -> bool:
    """Say whether the hub's address has a name to which browsers bind passkeys."""
    try:
        ipaddress.ip_address(_authority(hub))
    except ValueError:
        return True
    return False


def ask_to_register(session: Session, hub: Hub, officer: Officer) -> Asked:
    """Ask the browser for a new passkey; those that the officer has are not offered again."""
    options = webauthn.generate_registration_options(
        rp_id=_authority(hub),
        rp_name=hub.key_set.alliance,
        user_id=str(officer.id).encode(),
        user_name=officer.ref,
        user_display_name=officer.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(session, officer.id),
    )
    return Asked(webauthn.options_to_json(options), options.challenge)


def register(
    session: Session, hub: Hub, officer: Officer, answer: str, challenge: bytes, label: str, now: datetime
) -> Passkey:
    """Keep a new passkey; raises Invalid when the answer does not hold, Conflict for one too many."""
    if len(list_of(session, officer.id)) >= MOST:
        raise Conflict("you have ten passkeys: remove one first")
    try:
        shown = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_authority(hub),
            expected_origin=hub.settings.base_url,
        )
    except _MALFORMED as error:
        raise Invalid("the passkey was not accepted: try again", field="credential") from error
    if session.get(Passkey, shown.credential_id) is not None:
        raise Conflict("this passkey is registered already")
    row = Passkey(
        credential=shown.credential_id,
        officer=officer.id,
        public_key=shown.credential_public_key,
        sign_count=shown.sign_count,
        label=" ".join(label.split())[:LABEL_LONGEST] or "passkey",
        created_at=now,
        used_at=None,
    )
    session.add(row)
    session.flush()
    login.record_own(session, officer, "passkey_added", now)
    return row


def remove(session: Session, officer: Officer, credential: str, now: datetime) -> None:
    """Remove one of the officer's own passkeys, named by its credential id in base64url; raises NotFound."""
    try:
        row = session.get(Passkey, base64url_to_bytes(credential))
    except ValueError as error:
        raise NotFound("there is no such passkey") from error
    if row is None or row.officer != officer.id:
        raise NotFound("there is no such passkey")
    session.delete(row)
    session.flush()
    login.record_own(session, officer, "passkey_removed", now)


def list_of(session: Session, officer: int) -> Sequence[Passkey]:
    """Return an officer's passkeys, the oldest first."""
    rows = select(Passkey).where(Passkey.officer == officer).order_by(Passkey.created_at)
    return session.scalars(rows).all()


def ask_to_log_in(session: Session, hub: Hub, officer: int) -> Asked | None:
    """Ask the browser to show one of the officer's passkeys; None when it has none here."""
    known = _descriptors(session, officer)
    if not known or not are_possible(hub):
        return None
    options = webauthn.generate_authentication_options(rp_id=_authority(hub), allow_credentials=known)
    return Asked(webauthn.options_to_json(options), options.challenge)


def check(
    session: Session, hub: Hub, officer: int, answer: str, challenge: bytes, now: datetime
) -> Invalid | None:
    """Check what the browser answered; return why it is refused, counted as a wrong code, or None."""
    try:
        credential = parse_authentication_credential_json(answer)
        row = session.get(Passkey, credential.raw_id, with_for_update=True)
        if row is None or row.officer != officer or not login.may_log_in(session, officer, now):
            return login.refused_factor(session, officer, now)
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_authority(hub),
            expected_origin=hub.settings.base_url,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
        )
    except _MALFORMED:
        return login.refused_factor(session, officer, now)
    row.sign_count, row.used_at = shown.new_sign_count, now
    return None


def _authority(hub: Hub) -> str:
    """Return the host's name, which is what WebAuthn calls the relying party's id."""
    return urlsplit(hub.settings.base_url).hostname or ""


def _descriptors(session: Session, officer: int) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=row.credential) for row in list_of(session, officer)]

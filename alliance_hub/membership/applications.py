"""Applications: taken in from a page or by a signed request, corrected and withdrawn by the applicant.

The applicant has no login. It follows its application by a link with a secret that is shown once, and of
which the hub keeps the digest; or by requests that the key on its card signs.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, NotFound, QuotaExceeded
from alliance_hub.hub import Hub
from alliance_hub.membership.applying import FirmFacts, InvalidFacts
from alliance_hub.membership.models import Application, ApplicationSource, Member
from alliance_hub.membership.moves import require_move
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import UNDER_WAY, ApplicationState
from alliance_hub.transparency import service as transparency
from privacy.ceremony import MemberCard
from privacy.encoding import Json

SECRET_BYTES = 32

SOURCE_APPLICATIONS = 10
"""Applications and corrections from one network address in an hour: a firm needs two or three [D]."""

SOURCE_WINDOW = timedelta(hours=1)

APPLICANT = "applicant"
"""Who acts, in log entries, when it is the applicant itself."""

TAKEN = "a member has this name: choose another with alliance-member init"
UNDER_WAY_ALREADY = "an application under this name is under way: use the link that it was given"
OTHER_NAME = "the card bears another name than this application: withdraw it and apply anew"


@dataclass(frozen=True, slots=True)
class Received:
    """An application that was taken in, and the secret of its link: shown once, never kept."""

    application: Application
    secret: str


def receive(session: Session, card: MemberCard, facts: FirmFacts, now: datetime) -> Received:
    """Take an application in; raises InvalidFacts at `card` when the name is another's."""
    known = session.get(Member, card.name)
    if known is not None and known.state is not MemberState.APPLIED:
        raise InvalidFacts({"card": TAKEN})
    secret = secrets.token_urlsafe(SECRET_BYTES)
    application = Application(
        member=card.name,
        card=card.document(),
        fingerprint=card.fingerprint,
        state=ApplicationState.RECEIVED,
        reason="",
        reference=_digest(secret),
        received_at=now,
        changed_at=now,
        ticks=[],
        **facts.columns(),
    )
    try:
        with session.begin_nested():
            session.add(application)
    except IntegrityError as error:
        raise InvalidFacts({"card": UNDER_WAY_ALREADY}) from error
    _record(session, application, "application_received", now, {"fingerprint": card.fingerprint})
    return Received(application, secret)


def receive_signed(session: Session, card: MemberCard, facts: FirmFacts, now: datetime) -> Received:
    """Take in what the card's own key has signed: a new application, or a correction of a returned one.

    The same again, or anything while it is under review, changes nothing but the link. Raises InvalidFacts
    when an application under this name has another card.
    """
    known = find_under_way(session, card.name)
    if known is None:
        return receive(session, card, facts, now)
    if known.card != card.document():
        raise InvalidFacts({"card": UNDER_WAY_ALREADY})
    if known.state is ApplicationState.RETURNED:
        amend(session, known, card, facts, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    known.reference = _digest(secret)
    session.flush()
    return Received(known, secret)


def amend(
    session: Session, application: Application, card: MemberCard, facts: FirmFacts, now: datetime
) -> None:
    """Let the applicant correct what was returned to it; what was ticked must be looked at again.

    Raises Conflict unless it was returned, InvalidFacts for a card of another name.
    """
    require_move(application.state, ApplicationState.RECEIVED)
    if card.name != application.member:
        raise InvalidFacts({"card": OTHER_NAME})
    for column, value in facts.columns().items():
        setattr(application, column, value)
    application.card, application.fingerprint = card.document(), card.fingerprint
    application.ticks.clear()
    application.reason = ""
    move(application, ApplicationState.RECEIVED, now)
    session.flush()
    _record(session, application, "application_amended", now, {"fingerprint": card.fingerprint})


def withdraw(session: Session, application: Application, now: datetime) -> None:
    """Let the applicant take its application back; the names of its people go at once."""
    require_move(application.state, ApplicationState.WITHDRAWN)
    move(application, ApplicationState.WITHDRAWN, now)
    application.contacts = []
    session.flush()
    _record(session, application, "application_withdrawn", now, {})


def get(session: Session, id: int) -> Application:
    """Return an application; raises NotFound."""
    application = session.get(Application, id)
    if application is None:
        raise NotFound("there is no such application")
    return application


def get_by_secret(session: Session, secret: str) -> Application:
    """Return the application whose link this is; raises NotFound."""
    found = session.scalar(select(Application).where(Application.reference == _digest(secret)))
    if found is None:
        raise NotFound("this link leads to no application: ask the secretariat")
    return found


def find_under_way(session: Session, member: str) -> Application | None:
    """Return the application that holds this name, if there is one."""
    return session.scalar(
        select(Application).where(Application.member == member, Application.state.in_(UNDER_WAY))
    )


def move(application: Application, to: ApplicationState, now: datetime) -> None:
    """Bring an application into another state; raises Conflict where that is no way."""
    require_move(application.state, to)
    application.state, application.changed_at = to, now


def count_source(session: Session, hub: Hub, address: str, now: datetime) -> None:
    """Count a submission from a network address; raises QuotaExceeded when there were too many of late.

    Count in a transaction of its own: a refused form is counted too.
    """
    source = hmac.digest(hub.keys.hub.seed, b"application-source/" + address.encode(), hashlib.sha256)
    row = session.get(ApplicationSource, source, with_for_update=True)
    if row is None or now >= row.since + SOURCE_WINDOW:
        session.merge(ApplicationSource(source=source, since=now, count=1))
        session.flush()
        return
    if row.count >= SOURCE_APPLICATIONS:
        raise QuotaExceeded(
            "too many applications came from this network of late: come back later",
            slug="too-many-applications",
            retry_at=row.since + SOURCE_WINDOW,
        )
    row.count += 1
    session.flush()


def require_state(application: Application, state: ApplicationState) -> None:
    """Raise Conflict unless the application is in this state."""
    if application.state is not state:
        raise Conflict(f"the application is {application.state}", slug="application-state")


def object_of(application: Application) -> str:
    """Return how log entries name an application."""
    return f"application/{application.id}"


def _record(session: Session, application: Application, kind: str, now: datetime, facts: Json) -> None:
    who = {"officer": APPLICANT, "object": object_of(application), "member": application.member}
    transparency.record_entry(session, kind, {**who, **facts}, now=now)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

"""The file of a member: what its application said, kept up to date by the secretariat.

What it enrolled with stands in the feed and cannot be changed here: the custodians' quotas and the count of
members under one control go by that, until the next epoch.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, NotFound
from alliance_hub.membership import directory
from alliance_hub.membership.applying import FirmFacts
from alliance_hub.membership.models import Application, Exit, Member, Profile
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.models import Organisation
from alliance_hub.people.records import By
from alliance_hub.people.roles import Act, OrganisationKind
from alliance_hub.people.service import add_organisation
from alliance_hub.transparency import service as transparency

FIRM_COLUMNS = (
    "legal_name",
    "kind",
    "uscc",
    "licence_kind",
    "licence_number",
    "licence_until",
    "declared_portfolio",
    "controller_uscc",
    "contacts",
)


def open_file(session: Session, member: Member, application: Application, now: datetime) -> Profile:
    """Open a new member's file with what its application said."""
    said = {column: getattr(application, column) for column in FIRM_COLUMNS}
    profile = Profile(member=member.name, application=application.id, quota=None, admitted_at=now, **said)
    session.add(profile)
    session.flush()
    return profile


def find_file(session: Session, member: str) -> Profile | None:
    """Return a member's file, or None: members of made-up data admitted by command have none at first."""
    return session.get(Profile, member)


def require_file(session: Session, member: str) -> Profile:
    """Return a member's file; raises NotFound, or Conflict where none was written yet."""
    directory.get(session, member)
    profile = find_file(session, member)
    if profile is None:
        raise Conflict("this member has no file yet: write down its facts first", slug="no-file")
    return profile


def change(session: Session, actor: Actor, member: str, facts: FirmFacts, now: datetime) -> Profile:
    """Write a member's facts down anew; the entry names the fields that changed, never what they say.

    Raises Forbidden, NotFound, Conflict once the member leaves.
    """
    require_act(actor, Act.REVIEW_APPLICATIONS)
    directory.get(session, member)
    if session.get(Exit, member) is not None:
        raise Conflict("the member is leaving: its file is closed")
    profile, columns = find_file(session, member), facts.columns()
    if profile is None:
        profile, changed = _new(session, member, facts, now), list(columns)
    else:
        changed = [column for column, value in columns.items() if getattr(profile, column) != value]
        for column in changed:
            setattr(profile, column, columns[column])
    session.flush()
    if changed:
        told = {"member": member, "fields": sorted(changed)}
        transparency.record_act(
            session, actor, "member_file_changed", object=f"member/{member}", facts=told, now=now
        )
    return profile


def ensure_organisation(session: Session, member: str, by: By, *, now: datetime) -> Organisation:
    """Return the organisation of a member's people; opens it if there is none."""
    found = session.get(Organisation, member)
    if found is not None:
        return found
    profile = find_file(session, member)
    return add_organisation(
        session,
        by,
        id=member,
        kind=OrganisationKind.MEMBER,
        name=member if profile is None else profile.legal_name,
        uscc=None if profile is None else profile.uscc,
        now=now,
    )


def get_application(session: Session, profile: Profile) -> Application:
    """Return the application of a member's file; raises NotFound where it came in otherwise."""
    found = None if profile.application is None else session.get(Application, profile.application)
    if found is None:
        raise NotFound("this member came in without an application")
    return found


def _new(session: Session, member: str, facts: FirmFacts, now: datetime) -> Profile:
    profile = Profile(member=member, application=None, quota=None, admitted_at=now, **facts.columns())
    session.add(profile)
    return profile

"""Amend: a new version from the last one, and one amendment drafted for many members at once.

A campaign never stops at one member: what cannot be done for it is written beside it, the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements import diffs, drafting, templates
from alliance_hub.agreements.diffs import Difference
from alliance_hub.agreements.keeping import current, get_row
from alliance_hub.agreements.lifecycle import STEPS, AgreementState, Step
from alliance_hub.agreements.models import AgreementRow, CampaignMember, CampaignRow
from alliance_hub.agreements.parties import find_association_party, find_member_party
from alliance_hub.errors import HubError, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.membership import directory
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.encoding import instant_text

MOST_MEMBERS = 1_000
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a campaign came to for one member."""

    member: str
    agreement: str | None
    version: int | None
    state: AgreementState | None
    """Of the version; None where none could be drafted."""
    problem: str | None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One amendment to many, and how far it is with each."""

    id: int
    title: str
    template: str | None
    changes: Mapping[str, Any]
    author: str
    began_at: datetime
    outcomes: Sequence[Outcome]


def amend(
    session: Session,
    hub: Hub,
    actor: Actor,
    agreement: str,
    changes: Mapping[str, Any],
    *,
    wording: str | None = None,
    now: datetime,
    campaign: int | None = None,
) -> AgreementRow:
    """Draft the next version of an agreement from the one in effect, with `changes` to its fields.

    A version in effect begins now unless the changes say when. Raises NotFound, Invalid naming the field or
    when nothing would change, Conflict while another version is under way.
    """
    row = current(session, agreement, at=now)
    if row is None:
        raise NotFound("nothing of this agreement is in effect: draft a new one")
    begins = {"valid_from": max(instant_text(now), row.terms.valid_from)}
    facts = {**row.terms.document(), **begins, **changes}
    facts.pop("version", None)
    words = row.wording if wording is None else wording
    drafted = drafting.draft(session, hub, actor, facts, wording=words, now=now, campaign=campaign)
    changed = {change.clause for change in diffs.changes(row.terms, drafted.terms)}
    if changed <= {"valid_from"} and words == row.wording:
        raise Invalid("nothing would change: say what is to be different", field="changes")
    return drafted


def diff(session: Session, agreement: str, before: int, after: int) -> Difference:
    """Return what version `after` says otherwise than `before`; raises NotFound."""
    old, new = get_row(session, agreement, before), get_row(session, agreement, after)
    return Difference(diffs.changes(old.terms, new.terms), diffs.lines(old.text, new.text))


def amend_many(
    session: Session,
    hub: Hub,
    actor: Actor,
    members: Iterable[str],
    changes: Mapping[str, Any],
    *,
    title: str,
    template: str | None = None,
    now: datetime,
) -> Campaign:
    """Draft one version for each member: its agreement amended, or with `template` a new one made.

    A member with no or more than one agreement in effect, or whose terms the changes would make unsound,
    gets none and a sentence that says why. Raises Invalid without members, title or changes.
    """
    require_act(actor, Act.WRITE_AGREEMENTS)
    names = list(dict.fromkeys(members))
    if not 1 <= len(names) <= MOST_MEMBERS:
        raise Invalid(f"choose members, at most {MOST_MEMBERS:,}", field="members")
    if not title.strip() or len(title) > LONGEST_TITLE:
        raise Invalid(f"a title is needed, of at most {LONGEST_TITLE} characters", field="title")
    if template is None and not changes:
        raise Invalid("say what is to be different", field="changes")
    campaign = CampaignRow(
        title=title.strip(), template=template, changes=dict(changes), author=actor.ref, began_at=now
    )
    session.add(campaign)
    session.flush()
    make = _maker(session, hub, actor, campaign, now)
    for name in names:
        directory.get(session, name)
        place = CampaignMember(campaign=campaign.id, member=name)
        row = _tried(session, place, lambda name=name: make(name))  # type: ignore[misc]
        if row is not None:
            place.agreement, place.version = row.agreement, row.version
        session.add(place)
    session.flush()
    _record(session, actor, "agreements_amended", campaign, now, members=len(names))
    return get_campaign(session, campaign.id, at=now)


def advance_many(
    session: Session, hub: Hub, actor: Actor, campaign: int, step: Step, now: datetime
) -> Campaign:
    """Send to review, review, offer or withdraw every version of a campaign that can take this step.

    A version that has gone further already is left as it is; what fails is written beside its member.
    """
    steps: Mapping[Step, Callable[[AgreementRow], object]] = {
        Step.SEND_TO_REVIEW: lambda row: drafting.send_to_review(
            session, actor, row.agreement, row.version, now
        ),
        Step.REVIEW: lambda row: drafting.review(session, actor, row.agreement, row.version, now),
        Step.OFFER: lambda row: drafting.offer(session, hub, actor, row.agreement, row.version, now),
        Step.WITHDRAW: lambda row: drafting.withdraw(session, actor, row.agreement, row.version, now),
    }
    if step not in steps:
        raise Invalid("a campaign is sent to review, reviewed, offered or withdrawn", field="step")
    require_act(actor, Act.WRITE_AGREEMENTS)
    for place, row in _places(session, campaign):
        if row is not None and step in _next_steps(row, now):
            _tried(session, place, lambda row=row: steps[step](row))  # type: ignore[misc]
    session.flush()
    _record(session, actor, f"campaign_{step}", session.get_one(CampaignRow, campaign), now)
    return get_campaign(session, campaign, at=now)


def get_campaign(session: Session, id: int, *, at: datetime) -> Campaign:
    """Return a campaign with how far it is with each member; raises NotFound."""
    row = session.get(CampaignRow, id)
    if row is None:
        raise NotFound("there is no such campaign")
    outcomes = [_outcome(place, version, at) for place, version in _places(session, id)]
    return Campaign(row.id, row.title, row.template, row.changes, row.author, row.began_at, outcomes)


def list_campaigns(session: Session) -> Sequence[CampaignRow]:
    """Return every campaign, the newest first."""
    return session.scalars(select(CampaignRow).order_by(CampaignRow.id.desc())).all()


def _maker(
    session: Session, hub: Hub, actor: Actor, campaign: CampaignRow, now: datetime
) -> Callable[[str], AgreementRow]:
    if campaign.template is None:
        return lambda member: amend(
            session, hub, actor, _only(session, member, now), campaign.changes, now=now, campaign=campaign.id
        )
    template = templates.get_template(session, campaign.template)

    def make(member: str) -> AgreementRow:
        facts = {"member": member, **_sides(session, member), **template.clauses, **campaign.changes}
        return drafting.draft(
            session, hub, actor, facts, wording=template.wording, now=now, campaign=campaign.id
        )

    return make


def _only(session: Session, member: str, now: datetime) -> str:
    """Return the one agreement that a member has in effect."""
    own = select(AgreementRow.agreement).where(AgreementRow.member == member).distinct()
    names = [name for name in session.scalars(own) if current(session, name, at=now) is not None]
    if len(names) != 1:
        raise Invalid(
            f"the member has {len(names)} agreements in effect: amend it by itself", field="members"
        )
    return names[0]


def _sides(session: Session, member: str) -> dict[str, Any]:
    association, own = find_association_party(session), find_member_party(session, member)
    if association is None or own is None:
        raise Invalid(
            "a side's name, code and licence are not known: draft its first by itself", field="members"
        )
    return {"association_party": association.document(), "member_party": own.document()}


def _tried(session: Session, place: CampaignMember, act: Callable[[], Any]) -> Any:
    """Do something for one member; where it fails it is undone, and its sentence stands beside the member."""
    place.problem = None
    try:
        with session.begin_nested():
            return act()
    except HubError as error:
        field = getattr(error, "field", "")
        place.problem = f"{field}: {error}" if field else str(error)
        return None


def _places(session: Session, campaign: int) -> list[tuple[CampaignMember, AgreementRow | None]]:
    joined = (
        select(CampaignMember, AgreementRow)
        .outerjoin(
            AgreementRow,
            (AgreementRow.agreement == CampaignMember.agreement)
            & (AgreementRow.version == CampaignMember.version),
        )
        .where(CampaignMember.campaign == campaign)
        .order_by(CampaignMember.member)
    )
    return [(place, row) for place, row in session.execute(joined)]


def _outcome(place: CampaignMember, row: AgreementRow | None, at: datetime) -> Outcome:
    state = None if row is None else row.life_at(at).state
    return Outcome(place.member, place.agreement, place.version, state, place.problem)


def _next_steps(row: AgreementRow, at: datetime) -> frozenset[Step]:
    from_state = row.life_at(at).state
    return frozenset(step for step, rule in STEPS.items() if from_state in rule.before)


def _record(
    session: Session, actor: Actor, kind: str, campaign: CampaignRow, now: datetime, **more: object
) -> None:
    transparency.record_act(session, actor, kind, object=f"campaign/{campaign.id}", facts=more, now=now)

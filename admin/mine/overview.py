"""What waits for one's own member, and how it stands: the first page of a member's officers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from admin.gate import shows
from admin.members.words import STANDINGS
from admin.mine import own
from admin.objects import Chip
from admin.office import now, the_hub
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementState, AgreementView
from alliance_hub.errors import NotFound
from alliance_hub.matters import service as matters
from alliance_hub.matters.kinds import MatterState
from alliance_hub.membership import quotas
from alliance_hub.membership import service as membership
from alliance_hub.membership.leaving import find_exit
from alliance_hub.membership.models import Member
from alliance_hub.membership.quotas import Quota
from alliance_hub.membership.register import standing_of
from alliance_hub.membership.rules import MemberState
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.records import register as records_register
from alliance_hub.records import service as records
from alliance_hub.records.register import Wanted
from privacy.periods import day_of

bp = Blueprint("mine", __name__, url_prefix="/mine")

SOON = timedelta(days=30)
"""An end that is nearer than this is told."""
LATELY = 5
"""So many submissions back refused rows are told."""
SCARCE = 5
"""Less than one in so many of the day's quota is little."""


@dataclass(frozen=True, slots=True)
class Waits:
    """One thing that waits for the member: since when or until when, what, and where to go on."""

    at: datetime
    chip: Chip
    says: str
    href: str


@bp.get("/")
@shows(Act.READ_OWN)
def index(actor: Actor) -> str:
    """Show what waits."""
    hub = the_hub()
    with hub.database.reading() as session:
        try:
            member = membership.get(session, own.name(actor))
        except NotFound:
            return render_template("mine/before.html", title=_("Our organisation"), member=own.name(actor))
        quota = quotas.use(session, member, day_of(now()))
        newest = records_register.list_submissions(session, member.name, Wanted(), offset=0, limit=1)
        return render_template(
            "mine/overview.html",
            title=_("What waits for us"),
            member=member,
            state=_standing(session, member),
            waits=list(_waits(session, actor, member, quota)),
            quota=quota,
            live=records.live_count(session, member),
            newest=newest[0] if newest else None,
            in_force=_in_force(session, member),
            may_submissions=actor.may(Act.READ_OWN_SUBMISSIONS),
            may_matches=actor.may(Act.READ_OWN_MATCHES),
        )


def _standing(session: Session, member: Member) -> Chip:
    leaving = find_exit(session, member.name)
    return Chip(*STANDINGS[standing_of(member.state, None if leaving is None else leaving.stage)])


def _in_force(session: Session, member: Member) -> int:
    views = agreements.list_for(session, member, at=now())
    return sum(view.state in (AgreementState.ACTIVE, AgreementState.TERMINATING) for view in views)


def _waits(session: Session, actor: Actor, member: Member, quota: Quota) -> Iterator[Waits]:
    yield from _of_membership(member)
    for view in agreements.list_for(session, member, at=now()):
        yield from _of_agreement(view)
    if actor.may(Act.READ_OWN_SUBMISSIONS):
        yield from _of_submissions(session, member)
    if actor.may(Act.READ_OWN_MATTERS):
        yield from _of_matters(session, actor)
    if quota.left * SCARCE < quota.limit:
        chip = Chip(_("quota"), "wait" if quota.left else "bad")
        says = _("%(left)s subjects are left of today's quota.", left=f"{quota.left:,}")
        yield Waits(now(), chip, says, url_for("mine_quota.index"))


def _of_membership(member: Member) -> Iterator[Waits]:
    href = url_for("mine_keys.index")
    if member.state is MemberState.SUSPENDED:
        says = _("Your organisation is suspended: it can neither hand in nor ask. Ask the secretariat.")
        yield Waits(now(), Chip(_("suspended"), "bad"), says, href)
    elif member.state is not MemberState.ACTIVE:
        says = _("Too few custodians have accepted your keys: have their operators compare the fingerprint.")
        yield Waits(now(), Chip(_("keys"), "wait"), says, href)


def _of_agreement(view: AgreementView) -> Iterator[Waits]:
    terms = view.terms
    named = {"agreement": terms.agreement, "version": terms.version}
    href = url_for("mine_agreements.show", agreement=terms.agreement, version=terms.version)
    if view.state is AgreementState.OFFERED:
        says = _("Agreement %(agreement)s, version %(version)s, is offered: read and sign it.", **named)
        yield Waits(view.offered_at or view.changed_at, Chip(_("to sign"), "wait"), says, href)
    elif view.state is AgreementState.SUSPENDED:
        says = _("Agreement %(agreement)s is suspended: every call under it is denied.", **named)
        yield Waits(view.suspended_at or view.changed_at, Chip(_("suspended"), "bad"), says, href)
    elif view.state is AgreementState.TERMINATING:
        says = _("Notice was given for agreement %(agreement)s: it ends then.", **named)
        yield Waits(view.ends_at, Chip(_("ends"), "wait"), says, href)
    elif view.state is AgreementState.ACTIVE and view.ends_at - now() < SOON:
        says = _("Agreement %(agreement)s ends soon: ask the secretariat for a new version.", **named)
        yield Waits(view.ends_at, Chip(_("ends"), "wait"), says, href)


def _of_matters(session: Session, actor: Actor) -> Iterator[Waits]:
    lines = [line for line in matters.list_for(session, actor, now()) if line.state is MatterState.OPEN]
    superseded = sum(line.superseded > 0 for line in lines)
    if superseded:
        says = _("Matters with superseded certificates or bundles: %(count)s.", count=f"{superseded:,}")
        href = url_for("matters.index", warning="superseded")
        yield Waits(now(), Chip(_("no longer current"), "bad"), says, href)


def _of_submissions(session: Session, member: Member) -> Iterator[Waits]:
    newest = records_register.list_submissions(session, member.name, Wanted(), offset=0, limit=LATELY)
    for each in newest:
        if each.refused:
            says = _(
                "%(rows)s rows of submission %(name)s were refused.",
                rows=f"{each.refused:,}",
                name=each.reference,
            )
            yield Waits(
                each.received_at,
                Chip(_("refused rows"), "bad"),
                says,
                url_for("mine_submissions.show", id=each.id),
            )

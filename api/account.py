"""What the hub holds of a member, to be compared with what the custodians say."""

from __future__ import annotations

from datetime import datetime

from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import Session

from alliance_hub.agreements import service as agreement_service
from alliance_hub.feed import service as feed
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.parameters import service as parameters
from alliance_hub.permissions import Permission
from alliance_hub.records import service as records
from api import agreements, answers
from api.forms import Account, CutShown, FeedShown
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64, instant_text
from privacy.statements import member_author

bp = APIBlueprint("account", __name__, tag="Account")


@bp.get("/account")
@describe(bp, answers={200: Account}, refuses=(403,))
@allows(Permission.READ_OWN)
def show(caller: Caller) -> Response:
    """Show your account.

    How far you are as a member, what your next statement must carry, your agreements, the feed's head, and
    the newest cut with your own count of live records in it.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        member = membership.get(session, caller.member)
        account = _present(session, member, str(parameters.mode(session, hub)), hub.clock())
    return answers.form(account)


def _present(session: Session, member: Member, mode: str, now: datetime) -> Account:
    chain = feed.author_state(session, member_author(member.name))
    head = feed.head(session)
    shown = agreement_service.list_for(session, member, at=now)
    return Account(
        member=member.name,
        state=str(member.state),
        next_sequence=chain.next_sequence,
        previous=None if chain.previous is None else b64(chain.previous),
        declared_portfolio=member.declared_portfolio,
        acceptances=tuple(member.accepted_by),
        agreements=tuple(agreements.present(view) for view in shown),
        feed=FeedShown(
            position=head.position,
            head=b64(head.root),
            stamp=None if head.stamp is None else instant_text(head.stamp),
        ),
        cut=_cut(session, member),
        live_records=records.live_count(session, member),
        regulatory_mode=mode,
    )


def _cut(session: Session, member: Member) -> CutShown | None:
    cut = feed.newest_cut(session)
    if cut is None:
        return None
    return CutShown(
        period=cut.period,
        position=cut.position,
        stamp=instant_text(cut.stamp),
        effective=cut.effective_position is not None,
        signatures=tuple(signature.custodian for signature in feed.signatures_of(session, cut)),
        live_records=records.live_count(session, member, cut.position),
    )

"""What is done of a match job later: one manifest at a time, as often as it takes."""

from __future__ import annotations

from sqlalchemy.orm import undefer

from alliance_hub.errors import HubError, Unavailable
from alliance_hub.hub import Hub
from alliance_hub.jobs.models import Key
from alliance_hub.jobs.service import Lease, handles
from alliance_hub.matching import deciding, refusals, service
from alliance_hub.matching.batches import MATCH
from alliance_hub.matching.deciding import Signed
from alliance_hub.matching.models import ItemState, MatchJob, MatchJobItem
from privacy.matching import MatchRequest
from privacy.messages import parse_json


@handles(MATCH)
def answer(hub: Hub, key: Key, lease: Lease) -> None:
    """Answer one manifest of a match job; raises Unavailable while custodians are down.

    Whatever else refuses it is written down as its problem, and the job is done.
    """
    place = (str(key["match_job"]), int(key["number"]))
    with hub.database.reading() as session:
        job = session.get_one(MatchJob, place[0])
        item = session.get_one(MatchJobItem, place, options=[undefer(MatchJobItem.request)])
    if item.state != ItemState.WAITING:
        return
    try:
        service.match(
            hub, job.member, parse_json(MatchRequest, item.request), Signed(job.signature_base, job.signature)
        )
    except Unavailable:
        raise
    except HubError as error:
        _settle(hub, place, lease, job.member, error)
    else:
        _settle(hub, place, lease, job.member, None)


def _settle(hub: Hub, place: tuple[str, int], lease: Lease, member: str, error: HubError | None) -> None:
    with hub.database.transaction() as session:
        lease.renew(session, hub.clock())
        item = session.get_one(MatchJobItem, place)
        if error is not None:
            item.state, item.refusal = ItemState.FAILED, refusals.keep(error)
            return
        row = deciding.find(session, member, item.request_id)
        item.state, item.match = ItemState.ANSWERED, row.id if row else None

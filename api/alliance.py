"""What anybody may know of the alliance; a newcomer begins here."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from alliance_hub.feed import service as feed
from alliance_hub.parameters import service as parameters
from api import answers
from api.forms import Alliance, CustodianAddress, FeedPosition, Successor
from api.openapi import describe
from api.signatures import the_hub

bp = APIBlueprint("alliance", __name__, tag="Alliance")


@bp.get("/alliance")
@describe(bp, answers={200: Alliance}, signed=False)
def show() -> Response:
    """Show the alliance.

    The key set with every custodian's signature, where the custodians are reached, how far the feed is, and
    the period that is open now. Check the key set against the fingerprints that you were given on paper.
    Once the epoch has ended, `successor` says where it goes on: check its endorsements, then enrol there.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        newest = feed.newest_effective_cut(session)
        position = feed.head(session).position
        next_epoch = feed.find_successor(session)
        mode = parameters.mode(session, hub)
    return answers.form(
        Alliance(
            mode=str(mode),
            key_set=hub.signed_key_set,
            custodians=tuple(
                CustodianAddress(index=index, address=address)
                for index, address in enumerate(hub.settings.custodians, 1)
            ),
            feed=FeedPosition(position=position),
            period=newest.period if newest else None,
            successor=Successor(next_epoch.key_set, next_epoch.address) if next_epoch else None,
        )
    )

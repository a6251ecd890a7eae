"""What a custodian owes the members: it takes what the hub may hide, and attests what became of records."""

from __future__ import annotations

import os

from flask import Blueprint, Response, request

from custodian import cohorts, cosigned, deletions, door, extracts, handed_in
from custodian.problems import problem
from privacy.feed import HandIn
from privacy.messages import parse_json

bp = Blueprint("attesting", __name__, url_prefix="/v1")


@bp.post("/statements")
def hand_in() -> Response:
    """Take a member's statement directly; no cut is signed while the feed lacks it."""
    here = door.attending()
    with here.feed() as db:
        member = door.require_member(here, db)
        handed = parse_json(HandIn, request.get_data())
        door.require_addressed(handed, here)
        handed_in.require_sound(here.key_set, member, handed.statement, here.clock())
        position = handed_in.take(here.ledger, db, member, handed.statement, here.clock())
    waiting = position is None and handed.statement.statement.sequence >= member.next_sequence
    return door.answer({"position": position, "waiting": waiting})


@bp.get("/checkpoint")
def show_checkpoint() -> Response:
    """Show anybody the newest checkpoint of the hub's log that this custodian has cosigned: a signed note."""
    here = door.here()
    newest = cosigned.find(here.ledger, here.index)
    if newest is None:
        return problem(404, cosigned.NONE_YET, "this custodian has cosigned no checkpoint of the log yet")
    return door.answer({"checkpoint": newest.note.text()})


@bp.get("/cohorts")
def list_cohorts() -> Response:
    """Tell a member which of its records stood in opened cohorts, by period; never who asked."""
    here = door.attending()
    with here.feed() as db:
        member = door.require_member(here, db)
        published = {period: said[0] for period, said in extracts.cohorts(db, here.index).items()}
    accounts = cohorts.Accounts(here.ledger, here.key_set, here.index, os.urandom(cohorts.SECRET_BYTES))
    return door.answer({"cohorts": accounts.of(member.name, published)})


@bp.get("/deletions")
def list_deletions() -> Response:
    """Certify to a member which of its records' bodies this custodian has erased."""
    here = door.attending()
    with here.feed() as db:
        member = door.require_member(here, db)
        signed = deletions.certificates(db, member.name, here.key_set, here.index, here.key)
    return door.answer({"deletions": signed})

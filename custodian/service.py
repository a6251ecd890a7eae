"""The custodian's HTTP face, every route judged by this custodian's own feed: what it does with its shares.

What it owes the members beside that, receipts and certificates, stands in `attesting.py`.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Blueprint, Flask, Response, request

from custodian import attesting, door, evaluations, faults, openings, state
from custodian.door import Custodian
from custodian.errors import Forgotten, HubRefused, HubUnreachable
from custodian.ledger import next_midnight
from custodian.problems import register_problems
from privacy.encoding import instant_text
from privacy.evaluating import EvaluationRequest
from privacy.matching import OpeningRequest
from privacy.messages import parse_json
from privacy.signing import key_id

MAX_BODY = 2_000_000
"""Bytes: a manifest of 1,000 subjects with its signatures is about 140,000."""

log = logging.getLogger(__name__)
bp = Blueprint("custodian", __name__, url_prefix="/v1")


def create_app(custodian: Custodian) -> Flask:
    """Return the WSGI application of one custodian."""
    app = Flask("custodian", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["custodian"] = custodian
    app.register_blueprint(bp)
    app.register_blueprint(attesting.bp)
    app.after_request(door.note)
    register_problems(app)
    return app


@bp.post("/evaluations")
def evaluate() -> Response:
    """Evaluate a member's batch of blinded elements."""
    here = door.at_work()
    with here.feed() as db:
        member = door.require_member(here, db)
    asked = parse_json(EvaluationRequest, request.get_data())
    door.require_addressed(asked, here)
    answer = evaluations.evaluate(
        asked,
        member,
        index=here.index,
        key_set=here.key_set,
        share=here.oprf_share,
        key=here.key,
        ledger=here.ledger,
        executor=here.threads,
        now=here.clock(),
    )
    return door.answer(answer)


@bp.post("/openings")
def open_() -> Response:
    """Judge a manifest that the hub forwards, and open this custodian's part for the asker."""
    here = door.at_work()
    door.verify_request(here, lambda keyid: _hub_key(here, keyid))
    asked = parse_json(OpeningRequest, request.get_data())
    door.require_addressed(asked, here)
    _catch_up(here, asked.position)
    door.at_work()  # following the feed may have stopped this custodian
    with here.feed() as db:
        openings.require_timely(asked, state.head(db).stamp, here.ledger.heartbeat_at(), here.clock())
        judgement = openings.judge(db, here.key_set, asked)
        member = state.get_member(db, asked.match.manifest.member)
    openings.require_size(judgement, asked.match.manifest, here.key_set)
    openings.charge(
        asked.match, judgement, member, key_set=here.key_set, ledger=here.ledger, now=here.clock()
    )
    faults.reached("opening.charged")
    opened = openings.open_totals(
        judgement,
        asked.match.manifest,
        key_set=here.key_set,
        index=here.index,
        share=here.paillier_share,
        executor=here.processes,
    )
    sealed = openings.answer(
        asked,
        judgement,
        opened,
        index=here.index,
        key_set=here.key_set,
        key=here.key,
        sealing_key=member.sealing,
    )
    return door.answer(sealed)


@bp.get("/account")
def account() -> Response:
    """Tell a member how this custodian sees it: standing, quotas, its last statements, the last cuts."""
    here = door.attending()
    with here.feed() as db:
        member = door.require_member(here, db)
        seen = state.account(db, member.name)
    epoch, day = evaluations.uses(member, here.key_set, here.ledger, here.clock())
    period = seen["cut"]["period"] if seen["cut"] else ""
    opened = openings.use(member, here.key_set, here.ledger, period)
    return door.answer(
        seen
        | {
            "evaluations": {
                "epoch": {"quota": epoch.quota, "used": epoch.used},
                "day": {
                    "quota": day.quota,
                    "used": day.used,
                    "resets_at": instant_text(next_midnight(here.clock())),
                },
            },
            "openings": {"quota": opened.quota, "used": opened.used, "period": period},
        }
    )


@bp.get("/head")
def head() -> Response:
    """Show the head of the feed that this custodian has followed, signed."""
    here = door.here()
    with here.feed() as db:
        return door.answer(here.follower.signed_head(db))


def _hub_key(here: Custodian, keyid: str) -> bytes | None:
    return here.key_set.hub_key if keyid == key_id(here.key_set.hub_key) else None


def _catch_up(here: Custodian, position: int) -> None:
    """Follow the feed when the hub names a position that is not here yet."""
    with here.feed() as db:
        behind = state.head(db).position < position
    heartbeat = here.ledger.heartbeat_at()
    if behind or heartbeat is None or here.clock() - heartbeat > timedelta(minutes=1):
        try:
            here.follow()
        except HubUnreachable:
            log.warning("the hub asked for an opening but does not serve its feed")
        except (HubRefused, Forgotten) as error:
            log.warning("the hub asked for an opening, but: %s", error)


__all__ = ["MAX_BODY", "Custodian", "create_app"]

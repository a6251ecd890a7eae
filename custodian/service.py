"""The custodian's HTTP face: four routes, every one judged by this custodian's own feed."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from custodian import evaluations, faults, openings, state
from custodian.errors import HubUnreachable, Refused
from custodian.follower import Follower
from custodian.ledger import Ledger, next_midnight
from custodian.problems import register_problems
from privacy import request_signing
from privacy.encoding import instant_text
from privacy.errors import VerifyError
from privacy.keyset import KeySet
from privacy.matching import EvaluationRequest, OpeningRequest
from privacy.messages import Message, parse_json
from privacy.signing import SigningKey, key_id

MAX_BODY = 2_000_000
"""Bytes: a manifest of 1,000 subjects with its signatures is about 140,000."""

log = logging.getLogger(__name__)
bp = Blueprint("custodian", __name__, url_prefix="/v1")


@dataclass(frozen=True, slots=True)
class Custodian:
    """One custodian at work: its unlocked shares, its ledger, its feed, its pools."""

    index: int
    key_set: KeySet
    key: SigningKey
    oprf_share: bytes
    paillier_share: int
    ledger: Ledger
    follower: Follower
    following: Lock
    threads: Executor
    processes: Executor
    base_url: str
    clock: Callable[[], datetime]

    @contextmanager
    def feed(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for one request."""
        with closing(state.open_state(self.follower.state_path)) as db:
            yield db

    def follow(self) -> None:
        """Pull the feed to its end; one thread at a time."""
        with self.following:
            self.follower.pull()


def create_app(custodian: Custodian) -> Flask:
    """Return the WSGI application of one custodian."""
    app = Flask("custodian", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["custodian"] = custodian
    app.register_blueprint(bp)
    app.after_request(_log)
    register_problems(app)
    return app


@bp.post("/evaluations")
def evaluate() -> Response:
    """Evaluate a member's batch of blinded elements."""
    here = _at_work()
    with here.feed() as db:
        member = _require_member(here, db)
    answer = evaluations.evaluate(
        parse_json(EvaluationRequest, request.get_data()),
        member,
        index=here.index,
        key_set=here.key_set,
        share=here.oprf_share,
        key=here.key,
        ledger=here.ledger,
        executor=here.threads,
        now=here.clock(),
    )
    return _json(answer)


@bp.post("/openings")
def open_() -> Response:
    """Judge a manifest that the hub forwards, and open this custodian's part for the asker."""
    here = _at_work()
    _verified(here, lambda keyid: here.key_set.hub_key if keyid == key_id(here.key_set.hub_key) else None)
    asked = parse_json(OpeningRequest, request.get_data())
    evaluations.require_addressed(asked, here.index, here.key_set)
    _catch_up(here, asked.position)
    openings.require_timely(asked, here.ledger.heartbeat_at(), here.clock())
    with here.feed() as db:
        judgement = openings.judge(db, here.key_set, asked)
        member = state.get_member(db, asked.match.manifest.member)
    openings.charge(
        asked.match, judgement, member, key_set=here.key_set, ledger=here.ledger, now=here.clock()
    )
    faults.reached("opening.charged")
    packed, partials = openings.open_totals(
        judgement,
        key_set=here.key_set,
        share=here.paillier_share,
        executor=here.processes,
    )
    sealed = openings.answer(
        asked,
        judgement,
        packed,
        partials,
        index=here.index,
        key_set=here.key_set,
        key=here.key,
        sealing_key=member.sealing,
    )
    return _json(sealed)


@bp.get("/account")
def account() -> Response:
    """Tell a member how this custodian sees it: standing, quotas, its last statements, the last cut."""
    here = _custodian()
    with here.feed() as db:
        member = _require_member(here, db)
        seen = state.account(db, member.name)
    epoch, day = evaluations.uses(member, here.key_set, here.ledger, here.clock())
    period = seen["cut"]["period"] if seen["cut"] else ""
    opened = openings.use(member, here.key_set, here.ledger, period)
    return _json(
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
    here = _custodian()
    with here.feed() as db:
        return _json(here.follower.signed_head(db))


def _custodian() -> Custodian:
    here: Custodian = current_app.extensions["custodian"]
    return here


def _at_work() -> Custodian:
    """Return the custodian unless it is paused or has stopped; raises Refused or Stopped."""
    here = _custodian()
    here.follower.require_running()
    if here.ledger.fact("paused"):
        raise Refused("paused", "this custodian's operator has paused it; ask another one or come back later")
    return here


def _require_member(here: Custodian, db: sqlite3.Connection) -> state.MemberView:
    verified = _verified(here, lambda keyid: _key_of(state.find_member_by_key_id(db, keyid)))
    member = state.find_member_by_key_id(db, verified.keyid)
    if member is None or not member.active:
        raise Refused("not-active", "this custodian does not know this key as an active member's")
    return member


def _key_of(member: state.MemberView | None) -> bytes | None:
    return None if member is None else member.signing


def _verified(here: Custodian, find_key: Callable[[str], bytes | None]) -> request_signing.Verified:
    """Check the request's signature and use up its nonce; raises VerifyError."""
    signed = request_signing.Request(
        request.method, here.base_url + request.full_path.rstrip("?"), dict(request.headers)
    )
    digest = request_signing.content_digest([request.get_data()])
    verified = request_signing.verify(signed, digest=digest, find_key=find_key, now=here.clock())
    if not here.ledger.first_use(verified.keyid, verified.nonce, now=here.clock()):
        raise VerifyError("this request was received before (replayed nonce): sign it again")
    return verified


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


def _json(value: Message | dict[str, Any]) -> Response:
    response = Response(msgspec.json.encode(value), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _log(response: Response) -> Response:
    """One line a request: the route, never the address, the body or who asked."""
    log.info("%s %s %s", request.method, request.url_rule or "-", response.status_code)
    return response

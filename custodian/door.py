"""What every route of the custodian shares: who is at work, who is asking, how an answer is written."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

import msgspec
from flask import Response, current_app, request

from custodian import state, witnessing
from custodian.errors import Refused
from custodian.follower import Follower
from custodian.ledger import Ledger
from privacy import request_signing
from privacy.encoding import b64
from privacy.errors import VerifyError
from privacy.evaluating import EvaluationRequest
from privacy.feed import HandIn, SignedHead
from privacy.keyset import KeySet
from privacy.matching import OpeningRequest
from privacy.messages import Message
from privacy.signing import SigningKey
from privacy.statements import custodian_author

log = logging.getLogger(__name__)


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

    def compare(self) -> list[SignedHead]:
        """Compare the fellows' heads with this custodian's feed; raises Stopped when one contradicts."""
        self.follower.require_running()
        with self.feed() as db:
            return self.follower.compare(db)

    def witness(self) -> None:
        """Cosign the hub's log as far as it is proved to have only grown; raises Stopped when it has not."""
        witnessing.witness(self.follower)

    def compare_logs(self) -> None:
        """Compare what fellows have cosigned of the log; raises Stopped when these are two logs."""
        witnessing.compare(self.follower)


def here() -> Custodian:
    """Return the custodian behind this application."""
    custodian: Custodian = current_app.extensions["custodian"]
    return custodian


def attending() -> Custodian:
    """Return the custodian unless it has stopped, or must first learn what it has forgotten.

    Raises Refused or Stopped.
    """
    custodian = here()
    custodian.follower.require_running()
    if custodian.ledger.fact("restored"):
        raise Refused(
            "restored",
            "this custodian was restored and is not where its fellows are yet: ask another one",
        )
    return custodian


def at_work() -> Custodian:
    """Return the custodian as `attending`, unless it is paused or its epoch is over.

    Raises Refused or Stopped.
    """
    custodian = attending()
    if custodian.ledger.fact("closed"):
        raise Refused("closed", "this key epoch has ended: renew to the key set that follows")
    if custodian.ledger.fact("paused"):
        raise Refused("paused", "this custodian's operator has paused it; ask another one or come back later")
    return custodian


def require_member(custodian: Custodian, db: sqlite3.Connection) -> state.MemberView:
    """Return the active member that signed this request; raises VerifyError or Refused."""
    verified = verify_request(custodian, lambda keyid: _key_of(state.find_member_by_key_id(db, keyid)))
    member = state.find_member_by_key_id(db, verified.keyid)
    if member is None or not member.active:
        raise Refused("not-active", "this custodian does not know this key as an active member's")
    return member


def require_addressed(asked: EvaluationRequest | OpeningRequest | HandIn, custodian: Custodian) -> None:
    """Refuse a request that names another recipient, epoch or key set; raises Refused."""
    key_set = custodian.key_set
    expected = (custodian_author(custodian.index), key_set.epoch, b64(key_set.digest))
    if (asked.recipient, asked.epoch, asked.key_set) != expected:
        raise Refused("misdirected", "the request names another recipient, epoch or key set")


def verify_request(custodian: Custodian, find_key: Callable[[str], bytes | None]) -> request_signing.Verified:
    """Check the request's signature and use up its nonce; raises VerifyError."""
    signed = request_signing.Request(
        request.method, custodian.base_url + request.full_path.rstrip("?"), dict(request.headers)
    )
    digest = request_signing.content_digest([request.get_data()])
    verified = request_signing.verify(signed, digest=digest, find_key=find_key, now=custodian.clock())
    if not custodian.ledger.first_use(verified.keyid, verified.nonce, now=custodian.clock()):
        raise VerifyError("this request was received before (replayed nonce): sign it again")
    return verified


def answer(value: Message | dict[str, Any]) -> Response:
    """Write a message, or a dictionary of them, as JSON that nobody stores."""
    response = Response(msgspec.json.encode(value), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def note(response: Response) -> Response:
    """One line a request: the route, never the address, the body or who asked."""
    log.info("%s %s %s", request.method, request.url_rule or "-", response.status_code)
    return response


def _key_of(member: state.MemberView | None) -> bytes | None:
    return None if member is None else member.signing

"""Puts one custodian together and runs it: unlock, follow the feed, serve."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from custodian import cosigned, heads
from custodian.errors import Forgotten, HubRefused, HubUnreachable, OperatorError, Stopped
from custodian.follower import Follower
from custodian.home import Home, Keys, oprf_share, paillier_share
from custodian.hub import HubLink, is_loopback
from custodian.ledger import Ledger
from privacy.encoding import b64
from privacy.keyset import KeySet

# What serves HTTP is imported where it is used: most commands only look, and would wait for Flask to come.
if TYPE_CHECKING:
    from custodian.door import Custodian

COMPARE_SECONDS = 60.0
"""How often what fellow custodians signed is compared with what this one holds."""

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def follower(home: Home, keys: Keys, clock: Clock) -> Follower:
    """Return what follows the feed for this home; the operator's commands use it too."""
    key_set = home.key_set().key_set
    return Follower(
        index=index_of(keys, key_set),
        key_set=key_set,
        key=keys.witness,
        state_path=home.state,
        ledger=Ledger(home.ledger),
        hub=HubLink(home.settings().hub, keys.witness, clock),
        clock=clock,
        fellows=lambda: heads.ask(home.settings().peers),
        fellow_notes=lambda: cosigned.ask(home.settings().peers),
    )


def index_of(keys: Keys, key_set: KeySet) -> int:
    """Return this custodian's index in the key set; raises OperatorError when it has none."""
    witness = b64(keys.witness.public)
    if witness not in key_set.witnesses:
        raise OperatorError("this custodian does not stand in the pinned key set")
    return key_set.witnesses.index(witness) + 1


def assemble(home: Home, passphrase: str, clock: Clock) -> Custodian:
    """Unlock the shares and put the custodian together; raises CannotOpen, OperatorError."""
    from custodian.door import Custodian

    following = follower(home, home.keys(passphrase), clock)
    shares = home.shares(passphrase)
    workers = os.cpu_count() or 1
    return Custodian(
        index=following.index,
        key_set=following.key_set,
        key=following.key,
        oprf_share=oprf_share(shares),
        paillier_share=paillier_share(shares),
        ledger=following.ledger,
        follower=following,
        following=threading.Lock(),
        threads=ThreadPoolExecutor(workers),
        # powmod_sec holds the interpreter's lock, so openings run in processes of their own.
        processes=ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")),
        base_url=home.settings().base_url,
        clock=clock,
    )


def serve(custodian: Custodian, *, host: str, port: int, pull_seconds: float) -> None:
    """Serve until interrupted; plain HTTP is bound on loopback only (TLS is the proxy's in front)."""
    from waitress.server import create_server

    from custodian.service import create_app

    if not is_loopback(host):
        raise OperatorError(f"{host}: plain HTTP is served on loopback only; put a TLS proxy before it")
    signal.signal(signal.SIGTERM, _leave)
    stop = threading.Event()
    # Each in a thread of its own: a log that is slow keeps nobody from following the feed.
    keepers = [
        threading.Thread(target=keep, args=(custodian, stop, pull_seconds), daemon=True)
        for keep in (keep_following, keep_witnessing)
    ]
    server = create_server(create_app(custodian), host=host, port=port, threads=8, ident=None)
    for keeper in keepers:
        keeper.start()
    try:
        server.run()
    finally:
        stop.set()
        server.close()
        custodian.processes.shutdown(cancel_futures=True)
        custodian.threads.shutdown(cancel_futures=True)


def _leave(signum: int, frame: object) -> None:
    """End by the front door, so that the pools are closed."""
    raise SystemExit(0)


def host_and_port(base_url: str) -> tuple[str, int]:
    """Return where to listen for a base URL such as `http://127.0.0.1:7101`."""
    parts = urlsplit(base_url)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)


def keep_following(custodian: Custodian, stop: threading.Event, seconds: float) -> None:
    """Pull the feed every few seconds and compare heads every minute, until `stop` is set."""
    _keep(custodian.follow, custodian.compare, stop, seconds, "the feed could not be followed")


def keep_witnessing(custodian: Custodian, stop: threading.Event, seconds: float) -> None:
    """Cosign the log every few seconds, compare with fellows every minute, until `stop` is set."""
    _keep(custodian.witness, custodian.compare_logs, stop, seconds, "the log could not be witnessed")


def _keep(
    act: Callable[[], object],
    compare: Callable[[], object],
    stop: threading.Event,
    seconds: float,
    failed: str,
) -> None:
    """Act every few seconds, compare every minute; what goes wrong is said once and tried again."""
    from custodian.problems import surprise

    said, compared_at = "", -COMPARE_SECONDS
    while not stop.wait(seconds):
        try:
            act()
            if time.monotonic() - compared_at > COMPARE_SECONDS:
                compared_at = time.monotonic()
                compare()
            said = ""
        except (Forgotten, HubRefused, HubUnreachable, OperatorError, Stopped) as error:
            if str(error) != said:
                said = str(error)
                log.warning("%s", said)
        except Exception as error:
            log.error("%s: %s", failed, surprise(error))

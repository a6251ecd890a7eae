"""One custodian at work over a feed that the test writes; the hub is played from a list of lines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from custodian.errors import HubRefused, HubUnreachable
from custodian.follower import Follower
from custodian.home import oprf_share, paillier_share
from custodian.ledger import Ledger
from custodian.service import Custodian, create_app
from privacy import request_signing
from privacy.checkpoint import Note
from privacy.encoding import b64, instant_text
from privacy.feed import FeedEntry, Head, SignedHead, sign_head
from privacy.keyset import KeySet
from privacy.messages import Message
from privacy.signing import SigningKey
from privacy.statements import CutSignature, SignedStatement
from tests.feeds import Alliance, Member
from tests.logs import PaperLog

BASE_URL = "http://127.0.0.1:7101"
INDEX = 1


@dataclass
class PaperHub:
    """Delivers an alliance's feed, and puts what custodians say onto it; `lines` replaces what it says."""

    alliance: Alliance
    lines: list[bytes] | None = None
    silent: bool = False
    heartbeat: SignedHead | None = None
    """The heartbeat that it gives in the place of a new one."""
    refuses: str | None = None
    """With which problem it refuses what custodians say."""
    fellows: list[SignedHead] = field(default_factory=list)
    """What the other custodians answer when they are asked for their heads."""
    published: list[SignedStatement] = field(default_factory=list)
    log: PaperLog | None = None
    """The transparency log that it keeps, if it keeps one."""
    cosignatures: list[tuple[int, str]] = field(default_factory=list)
    """What custodians handed in: the size and the line."""
    cosigned_by_fellows: list[Note | None] = field(default_factory=list)
    """What the other custodians answer when they are asked what they cosigned last."""

    def pull(self, after: int, limit: int) -> Iterator[bytes]:
        """Yield lines of the feed as the real hub does."""
        if self.silent:
            raise HubUnreachable("the hub does not answer")
        yield from self.feed(self.alliance.entries[after:]) if self.lines is None else self.lines

    def publish(self, signed: SignedStatement) -> None:
        """Take a custodian's statement onto the feed."""
        if self.refuses is not None:
            raise HubRefused(self.refuses, "the hub does not want it")
        self.published.append(signed)
        self.alliance.custodians[INDEX].said(signed)
        self.alliance.appends(signed)

    def checkpoint(self) -> str | None:
        """Show the newest checkpoint of the log."""
        if self.silent:
            raise HubUnreachable("the hub does not answer")
        return self.log.newest().text() if self.log else None

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Prove that the log only grew, as well as it can."""
        assert self.log
        return self.log.consistency(old, new)

    def cosign(self, key_set: KeySet, size: int, line: str) -> None:
        """Take a cosignature."""
        if self.refuses is not None:
            raise HubRefused(self.refuses, "the hub does not want it")
        self.cosignatures.append((size, line))

    def feed(self, entries: list[FeedEntry], heartbeat: SignedHead | None = None) -> list[bytes]:
        """Return entries and a heartbeat as lines."""
        last = heartbeat or self.heartbeat or self.alliance.heartbeat()
        return [
            *(msgspec.json.encode({"entry": each}) for each in entries),
            msgspec.json.encode({"heartbeat": last}),
        ]


@dataclass
class Office:
    """The custodian, the feed it follows, and a way to ask it."""

    alliance: Alliance
    hub: PaperHub
    custodian: Custodian
    asker: FlaskClient
    west: Member | None = None
    """A member that a test wants to hear from later."""

    def ask(
        self, method: str, path: str, key: SigningKey, body: Message | bytes = b"", **changes: Any
    ) -> TestResponse:
        """Ask with a signed request; `changes` are `headers` or `sent`, what is sent in the body's place."""
        data = msgspec.json.encode(body) if isinstance(body, Message) else body
        headers = changes.get("headers") or self.signed(method, path, key, data)
        return self.asker.open(path, method=method, data=changes.get("sent", data), headers=headers)

    def begins_period(self) -> None:
        """Have the hub cut and all custodians sign; the custodian has followed."""
        self.alliance.cuts()
        self.custodian.follow()
        body = self.hub.published[-1].statement.body
        assert isinstance(body, CutSignature)
        self.alliance.signs_cut(body, by=[index for index in self.alliance.custodians if index != INDEX])
        self.custodian.follow()

    def hears_fellows(self, *indices: int, position: int | None = None, head: bytes | None = None) -> None:
        """Have fellow custodians sign the feed at a position, by default its end, or another head."""
        for index in indices:
            signed = Head(
                alliance=self.alliance.key_set.alliance,
                epoch=1,
                position=len(self.alliance.entries) if position is None else position,
                head=b64(head or self.alliance.head(position)),
                at=instant_text(self.alliance.now),
            )
            key = self.alliance.custodians[index].key
            self.hub.fellows.append(sign_head(key, signed, custodian=index))

    def alarms(self) -> list[str]:
        """Return the kinds of all alarms, the oldest first."""
        return [alarm.kind for alarm in reversed(self.custodian.ledger.alarms())]

    def signed(self, method: str, path: str, key: SigningKey, data: bytes = b"") -> dict[str, str]:
        """Return the headers of a signed request."""
        digest = request_signing.content_digest([data])
        request = request_signing.Request(method, BASE_URL + path)
        return request_signing.sign(request, digest=digest, key=key, now=self.alliance.now)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Custodian 1 of a new alliance, its feed still empty."""
    alliance = Alliance()
    hub, shares = PaperHub(alliance), alliance.shares[INDEX]
    follower = Follower(
        index=INDEX,
        key_set=alliance.key_set,
        key=alliance.custodians[INDEX].key,
        state_path=tmp_path / "state.db",
        ledger=Ledger(tmp_path / "ledger.db"),
        hub=hub,  # type: ignore[arg-type]
        clock=lambda: alliance.now,
        fellows=lambda: hub.fellows,
        fellow_notes=lambda: hub.cosigned_by_fellows,
    )
    with ThreadPoolExecutor(2) as pool:
        custodian = Custodian(
            index=INDEX,
            key_set=alliance.key_set,
            key=follower.key,
            oprf_share=oprf_share(shares),
            paillier_share=paillier_share(shares),
            ledger=follower.ledger,
            follower=follower,
            following=threading.Lock(),
            threads=pool,
            processes=pool,
            base_url=BASE_URL,
            clock=lambda: alliance.now,
        )
        yield Office(alliance, hub, custodian, create_app(custodian).test_client())

"""An alliance for these tests: three custodians and a hub on loopback, and a member that works with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from member import Home, Member, Report, create_member, open_member
from member.cli import main
from privacy import oprf, shamir
from privacy.ceremony import Shares
from privacy.encoding import b64, instant_text, unb64
from privacy.group import ORDER, scalar_from_int
from privacy.keyset import KeySet, Policy, SignedKeySet
from privacy.sealing import ScryptCost
from privacy.statements import Enrolment
from privacy.terms import Terms
from privacy.vocabulary import Category
from tests.feeds import made
from tests.member.custodian import Custodian
from tests.member.hub import Hub
from tests.member.moments import Clock
from tests.terms import terms_of

PASSPHRASE = "南山的口令"
CHEAP = ScryptCost(log_n=10)
SOUTH = "南山 小贷"


class Heard(Report):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.warned: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def warn(self, text: str) -> None:
        self.warned.append(text)


@dataclass
class Alliance:
    """Everything that a member of these tests meets."""

    signed: SignedKeySet
    shares: dict[int, Shares]
    clock: Clock
    custodians: dict[int, Custodian]
    hub: Hub

    @property
    def key_set(self) -> KeySet:
        return self.signed.key_set

    def enrols(self, member: Member) -> Member:
        """Let hub and custodians know a member, and offer it an agreement that it has signed."""
        keys = member.keys
        self.hub.name = member.name
        self.hub.enrolment = Enrolment(
            member=member.name,
            signing=b64(keys.signing.public),
            recovery=b64(keys.recovery.public),
            sealing=b64(keys.sealing.public),
            control_group=member.settings.control_group,
            declared_portfolio=member.settings.declared_portfolio,
        )
        for server in (self.hub, *self.custodians.values()):
            server.knows(keys.signing.public)
        self.agrees(member.name)
        return member

    def agrees(self, member: str, *, state: str = "active", **changes: object) -> Terms:
        """Have the hub list an agreement."""
        now = self.clock()
        usual: dict[str, Any] = {
            "agreement": "数据共享协议",
            "categories": (Category.EXPOSURE, Category.REACHABILITY, Category.FLAGS),
            "valid_from": instant_text(now - timedelta(days=1)),
            "valid_until": instant_text(now + timedelta(days=300)),
        }
        terms = terms_of(member, now, **(usual | changes))
        self.hub.offers[(terms.agreement, terms.version)] = (terms, state)
        return terms

    def output_of(self, data: bytes) -> bytes:
        """Return the OPRF output of an input by the joint key alone: one RFC 9497 server, no threshold."""
        indices = (1, 3)
        shares = {index: int.from_bytes(unb64(self.shares[index].oprf), "little") for index in indices}
        joint = scalar_from_int(shamir.restore(shares, ORDER))
        blinded = oprf.blind(data)
        (element,) = oprf.evaluate(joint, [blinded.element]).elements
        return oprf.finalize(data, blinded.blind, element)


@pytest.fixture
def alliance() -> Iterator[Alliance]:
    """Three custodians and a hub, serving."""
    signed, shares = made(Policy.for_synthetic_data(), 3, 2)
    clock = Clock()
    digest = signed.key_set.digest
    custodians = {
        index: Custodian(index, unb64(share.oprf), digest, clock) for index, share in shares.items()
    }
    for index, custodian in custodians.items():
        custodian.other = custodians[index % 3 + 1]
    hub = Hub(signed, {index: custodian.url for index, custodian in custodians.items()}, clock)
    hub.matches.shares = shares
    yield Alliance(signed, shares, clock, custodians, hub)
    for server in (hub, *custodians.values()):
        server.close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def home(alliance: Alliance, tmp_path: Path) -> Home:
    """A member's folder with a fresh vault."""
    home = Home(tmp_path / "south")
    create_member(
        home,
        PASSPHRASE,
        SOUTH,
        hub=alliance.hub.url,
        key_set=alliance.signed,
        declared_portfolio=100,
        cost=CHEAP,
    )
    return home


@pytest.fixture
def south(alliance: Alliance, home: Home, heard: Heard) -> Iterator[Member]:
    """An enrolled, active member with an agreement in force."""
    with open_member(
        home, PASSPHRASE, clock=alliance.clock, report=heard, sleep=alliance.clock.sleep
    ) as member:
        yield alliance.enrols(member)


Run = Callable[..., int]


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return path


@pytest.fixture
def run(alliance: Alliance, south: Member, home: Home, passphrase_file: Path) -> Run:
    """Run a command as the enrolled member."""
    south.close()

    def run(*arguments: object) -> int:
        common = ("--home", home.path, "--passphrase-file", passphrase_file)
        return main([str(each) for each in (*common, *arguments)])

    return run

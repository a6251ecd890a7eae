"""The demo's alliance, step by step: each step runs the command that the party itself would run."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from demo.portfolios import DemoError, Portfolio
from demo.processes import Services, free_ports, require_free, run
from privacy.ceremony import CustodianCard
from privacy.messages import parse_json

CUSTODIANS = (1, 2, 3)
THRESHOLD = 2
NAME = "Demo alliance"
CUSTODIAN_NAMES = {1: "Notary office", 2: "Court-chain node", 3: "Association"}
PARALLEL = 2

REJECTED = 2
"""Exit code of a member's command when rows were rejected and the rest is done."""

T = TypeVar("T")

WAITING = 3
"""Exit code of a member's command that can go on later."""


@dataclass(frozen=True, slots=True)
class Alliance:
    """Where one demo alliance lives and at which addresses."""

    root: Path
    ports: tuple[int, ...]

    @property
    def hub(self) -> str:
        """The hub's address."""
        return f"http://127.0.0.1:{self.ports[0]}"

    def custodian(self, index: int) -> str:
        """A custodian's address."""
        return f"http://127.0.0.1:{self.ports[index]}"

    def home(self, party: str) -> Path:
        """A party's folder; members' are numbered, since a name need not suit a file system."""
        return self.root / party

    def log(self, party: str) -> Path:
        """A party's log."""
        return self.root / "logs" / f"{party.replace('/', '-')}.log"

    def passphrase(self, party: str) -> Path:
        """The file with a party's passphrase, made when it is first asked for."""
        path = self.root / "passphrases" / party.replace("/", "-")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(18) + "\n")
        return path

    def as_party(self, party: str) -> list[str | Path]:
        """The options by which a command becomes one party's."""
        return ["--home", self.home(party), "--passphrase-file", self.passphrase(party)]


def create(root: Path) -> Alliance:
    """Make an empty place for an alliance at new free ports, replacing an earlier demo's."""
    marker = root / "demo.json"
    if root.exists():
        if not marker.exists():
            raise DemoError(f"{root} exists and was not made by a demo; choose another OUT")
        shutil.rmtree(root)
    (root / "logs").mkdir(parents=True)
    alliance = Alliance(root, tuple(free_ports(1 + len(CUSTODIANS))))
    marker.write_text(json.dumps({"ports": alliance.ports}))
    return alliance


def find(root: Path) -> Alliance:
    """Return the alliance that an earlier demo left; raises DemoError when there is none."""
    try:
        ports = json.loads((root / "demo.json").read_text())["ports"]
    except (OSError, ValueError, KeyError) as error:
        raise DemoError(f"no alliance under {root.parent}; run `make demo` first") from error
    require_free(ports)
    return Alliance(root, tuple(ports))


def hold_ceremony(alliance: Alliance) -> None:
    """Make everybody's keys and the key set that all sign."""
    _each(range(1 + len(CUSTODIANS)), lambda number: _make_keys(alliance, number))
    folder = alliance.root / "ceremony"
    cards = [alliance.home(f"custodian-{index}") / "card.json" for index in CUSTODIANS]
    cards.append(alliance.home("hub") / "card.json")
    options = [word for card in cards for word in ("--card", card)]
    run(["alliance-custodian", "ceremony", *options, "--threshold", str(THRESHOLD), "--out", folder])
    _each(CUSTODIANS, lambda index: _receive_share(alliance, index, folder))
    run(["alliance-custodian", "publish", "--from", folder])
    run(["alliance-hub", "key-set", folder / "key-set.json", *alliance.as_party("hub")])


def _make_keys(alliance: Alliance, number: int) -> None:
    """Make the keys of the hub, number 0, or of a custodian."""
    if number == 0:
        addresses = [word for index in CUSTODIANS for word in ("--custodian", alliance.custodian(index))]
        hub = ["--alliance", NAME, "--synthetic", "--base-url", alliance.hub, *addresses]
        run(["alliance-hub", "init", *hub, *alliance.as_party("hub")])
    else:
        party = alliance.as_party(f"custodian-{number}")
        run(["alliance-custodian", "init", CUSTODIAN_NAMES[number], *party])


def _receive_share(alliance: Alliance, index: int, folder: Path) -> None:
    share = folder / f"share-{index}.sealed"
    party = alliance.as_party(f"custodian-{index}")
    run(["alliance-custodian", "receive", "--share", share, "--from", folder, *party])
    share.unlink()


def start(alliance: Alliance, services: Services) -> None:
    """Start the hub and the three custodians and wait until they answer."""
    start_hub(alliance, services)
    for index in CUSTODIANS:
        start_custodian(alliance, services, index)


def start_hub(alliance: Alliance, services: Services) -> None:
    """Start the hub and wait until it answers."""
    services.start(
        ["alliance-hub", "serve", *alliance.as_party("hub")],
        log=alliance.log("hub"),
        answers=f"{alliance.hub}/v1/alliance",
    )


def start_custodian(alliance: Alliance, services: Services, index: int) -> None:
    """Start one custodian and wait until it answers."""
    services.start(
        [
            *("alliance-custodian", "serve", *alliance.as_party(f"custodian-{index}")),
            *("--key-set", alliance.root / "ceremony" / "key-set.json"),
            *("--hub", alliance.hub, "--base-url", alliance.custodian(index)),
        ],
        log=alliance.log(f"custodian-{index}"),
        answers=f"{alliance.custodian(index)}/v1/head",
    )


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the demo: its number names its folder, its portfolio is a copy of its own."""

    number: int
    name: str
    portfolio: Path
    contracts: int

    @property
    def party(self) -> str:
        """The name of its folder."""
        return f"members/{self.number}"


def join(alliance: Alliance, contracts: Mapping[Portfolio, int]) -> list[Member]:
    """Give the member of every portfolio, with its number of contracts, a folder and a copy of its file."""
    members = []
    for number, (portfolio, count) in enumerate(contracts.items(), 1):
        copy = alliance.home(f"members/{number}") / f"portfolio{portfolio.path.suffix.lower()}"
        copy.parent.mkdir(parents=True)
        shutil.copyfile(portfolio.path, copy)
        members.append(Member(number, portfolio.member, copy, count))
    return members


def enrol(alliance: Alliance, members: Sequence[Member]) -> None:
    """Enrol all: each introduces itself, the secretariat admits it, each custodian compares and accepts."""
    pins = [word for index in CUSTODIANS for word in ("--pin", _custodian_fingerprint(alliance, index))]
    _each(members, lambda member: _introduce(alliance, member, pins))
    _each(members, lambda member: _admit(alliance, member))
    _each(CUSTODIANS, lambda index: _accept_all(alliance, index, members))
    _each(members, lambda member: _sign_agreement(alliance, member))


def submit(alliance: Alliance, members: Sequence[Member], as_of: str) -> None:
    """Submit all portfolios; rejected rows are listed beside each member's copy."""
    _each(members, lambda member: _submit(alliance, member, as_of))


def match(alliance: Alliance, members: Sequence[Member], answers: Callable[[Member], Path]) -> None:
    """Let every member ask about all of its own borrowers; `answers` says where the answers go."""
    _each(members, lambda member: _match(alliance, member, answers(member)))


def _submit(alliance: Alliance, member: Member, as_of: str) -> None:
    run(
        ["alliance-member", "submit", member.portfolio, "--as-of", as_of, *alliance.as_party(member.party)],
        allowed=(0, REJECTED),
        log=alliance.log(member.party),
    )


def cut(alliance: Alliance) -> None:
    """Begin the period, and wait until all custodians have signed."""
    run(["alliance-hub", "cut", "--wait", "120", *alliance.as_party("hub")])


def _match(alliance: Alliance, member: Member, answers: Path) -> None:
    question: list[str | Path] = ["--out", answers, "--purpose", "post_loan_management"]
    run(
        ["alliance-member", "match", member.portfolio, *question, *alliance.as_party(member.party)],
        allowed=(0, REJECTED),
        log=alliance.log(member.party),
    )


def _introduce(alliance: Alliance, member: Member, pins: list[str]) -> None:
    party = alliance.as_party(member.party)
    key_set = alliance.root / "ceremony" / "key-set.json"
    pinned: list[str | Path] = ["--hub", alliance.hub, "--key-set", key_set, "--synthetic", *pins]
    portfolio = ["--portfolio", str(max(1, member.contracts))]
    run(["alliance-member", "init", member.name, *pinned, *portfolio, *party])
    run(["alliance-member", "enrol", *party], allowed=(0, WAITING))


def _admit(alliance: Alliance, member: Member) -> None:
    """Play the secretariat: countersign the enrolment, offer the usual agreement."""
    run(["alliance-hub", "members", "admit", member.name, *alliance.as_party("hub")])
    offer = ["alliance-hub", "agreements", "offer", member.name, "--activate-when-signed"]
    run([*offer, *alliance.as_party("hub")])


def _accept_all(alliance: Alliance, index: int, members: Sequence[Member]) -> None:
    """Play a custodian's operator: fingerprints come from the members' own cards, never from the hub."""
    for member in members:
        _accept(alliance, index, member)


def _accept(alliance: Alliance, index: int, member: Member) -> None:
    card = json.loads((alliance.home(member.party) / "card.json").read_bytes())
    compared = [member.name, "--fingerprint", card["fingerprint"]]
    run(["alliance-custodian", "directory", "accept", *compared, *alliance.as_party(f"custodian-{index}")])


def _sign_agreement(alliance: Alliance, member: Member) -> None:
    run(["alliance-member", "agreements", "sign", "--yes", *alliance.as_party(member.party)])


def _custodian_fingerprint(alliance: Alliance, index: int) -> str:
    card = alliance.home(f"custodian-{index}") / "card.json"
    return parse_json(CustodianCard, card.read_bytes()).fingerprint


def _each(items: Sequence[T], act: Callable[[T], object]) -> None:
    """Do the same for all, two at a time; the first error ends it."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(act, items))

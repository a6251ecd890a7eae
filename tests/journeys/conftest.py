"""An alliance of three members with real processes, each of which a test can kill and start again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alliance_hub import keys
from alliance_hub.cli import main as hub
from custodian.cli import main as custodian
from demo import alliance as steps
from demo.alliance import Alliance, Member
from demo.commands import run_command
from demo.portfolios import Portfolio
from demo.processes import Services
from member import overview
from member.cli import main as member
from member.home import Home
from member.member import open_member
from member.overview import Status
from privacy import primes, sealing
from privacy.sealing import ScryptCost, seal_with_passphrase
from tests.journeys import portfolios
from tests.journeys.portfolios import Loan
from tests.privacy import paillier_keys

FOLLOW_SECONDS = 30

FILES = {"alpha": "csv", "北辰 小贷": "xlsx", "gamma": "parquet"}
"""The members, a name with a space and in Chinese among them, and the form of their files."""


PROGRAMS: dict[str, Callable[[], object]] = {
    "alliance-hub": hub,
    "alliance-custodian": custodian,
    "alliance-member": member,
}


@dataclass(slots=True)
class Town:
    """The running alliance: its services by name, its members, what they hold."""

    alliance: Alliance
    folder: Path
    running: dict[str, Services] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    loans: dict[str, list[Loan]] = field(default_factory=dict)

    def start(self, service: str) -> None:
        """Start `hub` or `custodian-I`."""
        services = self.running[service] = Services()
        if service == "hub":
            steps.start_hub(self.alliance, services)
        else:
            steps.start_custodian(self.alliance, services, int(service[-1]))

    def stop(self, service: str) -> None:
        """Stop a service; one that died by itself is only forgotten."""
        self.running.pop(service).stop()

    def restart(self, service: str) -> None:
        """Stop and start a service."""
        self.stop(service)
        self.start(service)

    @contextmanager
    def without(self, *services: str) -> Iterator[None]:
        """Have some services down for a while."""
        for service in services:
            self.stop(service)
        try:
            yield
        finally:
            for service in services:
                self.start(service)

    @contextmanager
    def dying(self, service: str, point: str) -> Iterator[None]:
        """Let a service run until it reaches `point`, where it dies as by kill -9; then start it again."""
        self.stop(service)
        variable = f"ALLIANCE_{service.partition('-')[0].upper()}_CRASH_AT"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(variable, point)
            self.start(service)
        try:
            yield
            assert self.running[service].ended(), f"{service} never reached {point}"
        finally:
            self.restart(service)

    def command(self, member: Member, *words: str, dies_at: str = "") -> tuple[int, str]:
        """Run `alliance-member` for a member; give its exit code and what it said."""
        environment = {"COLUMNS": "200", "ALLIANCE_MEMBER_CRASH_AT": dies_at}
        done = run_command(["alliance-member", *words, *self.alliance.as_party(member.party)], environment)
        return done.code, done.out + done.err

    def submit(self, member: Member, *, dies_at: str = "") -> tuple[int, str]:
        """Submit a member's portfolio."""
        return self.command(member, "submit", str(member.portfolio), "--as-of", "2026-10-31", dies_at=dies_at)

    def match(self, member: Member, *, dies_at: str = "") -> tuple[int, str]:
        """Ask about a member's portfolio."""
        question = ["match", str(member.portfolio), "--out", str(self.answers(member))]
        return self.command(member, *question, "--purpose", "post_loan_management", dies_at=dies_at)

    def answers(self, member: Member) -> Path:
        """Where a member's answers go."""
        return self.folder / f"{member.number}.jsonl"

    def read(self, member: Member) -> dict[str, dict[str, Any]]:
        """Return a member's answers by contract."""
        lines = self.answers(member).read_text(encoding="utf-8").splitlines()
        return {line["contract"]: line for line in map(json.loads, lines)}

    def status(self, member: Member) -> Status:
        """Return how everybody sees a member, once all custodians have followed the feed to its end."""
        home = Home(self.alliance.home(member.party))
        passphrase = self.alliance.passphrase(member.party).read_text().strip()
        deadline = time.monotonic() + FOLLOW_SECONDS
        with open_member(home, passphrase) as opened:
            while time.monotonic() < deadline:
                seen = overview.status(opened)
                if seen.hub.feed and {seen.hub.feed.position} == {
                    each.position for each in seen.custodians.values()
                }:
                    return seen
                time.sleep(0.3)
        raise AssertionError("the custodians do not follow the feed")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Ceremony, services, three enrolled members whose agreements are signed; nothing submitted yet."""
    folder = tmp_path_factory.mktemp("town")
    town = Town(steps.create(folder / "alliance"), folder)
    contracts = {}
    for name, ending in FILES.items():
        town.loans[name] = portfolios.make_loans(name, subjects=12, seed=3)
        path = folder / f"{name}.{ending}"
        rows = [loan.row() for loan in town.loans[name]]
        portfolios.write(path, [rows[0], portfolios.with_a_wrong_check_character(rows[0]), *rows[1:]])
        contracts[Portfolio(name, path)] = len(rows)
    with ExitStack() as stack:
        with commands_of_this_process():
            steps.hold_ceremony(town.alliance)
        stack.callback(lambda: [town.stop(service) for service in list(town.running)])
        for service in ("hub", "custodian-1", "custodian-2", "custodian-3"):
            town.start(service)
        town.members = steps.join(town.alliance, contracts)
        with commands_of_this_process():
            steps.enrol(town.alliance, town.members)
        yield town


@contextmanager
def commands_of_this_process() -> Iterator[None]:
    """Have the demo's steps run their commands here, one by one, and not each in a process that imports anew.

    With what only costs time when many commands follow: the search for safe primes, which is left to
    test_demo, and a passphrase that is slow to guess.
    """

    def seal(passphrase: str, plaintext: bytes, *, purpose: str, cost: ScryptCost) -> bytes:
        return seal_with_passphrase(passphrase, plaintext, purpose=purpose, cost=ScryptCost(log_n=10))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "run", _run_here)
        patch.setattr(steps, "PARALLEL", 1)
        patch.setattr(primes, "safe_prime_pair", lambda bits, progress: paillier_keys.LARGE)
        for module in (sealing, keys):
            patch.setattr(module, "seal_with_passphrase", seal)
        yield


def _run_here(
    command: Sequence[str | Path], *, allowed: Sequence[int] = (0,), log: Path | None = None
) -> None:
    """Run one of the alliance's commands to its end; what it says, pytest shows where the set-up fails."""
    program = PROGRAMS[str(command[0])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [*map(str, command)])
        try:
            code = program()
        except SystemExit as ended:
            code = ended.code
    assert (code or 0) in allowed, f"{command[0]} {command[1]} ended with {code}"

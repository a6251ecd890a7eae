"""Keys are rotated, and revoked after a theft; a lost answer leaves no member without its keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from member import Home, Member, Refused, Unavailable, open_member
from member.rotating import revoke, rotate
from member.vault import drafts, replacing
from privacy.encoding import b64, unb64
from privacy.messages import parse_json
from privacy.signing import SigningKey
from privacy.statements import Enrolment, Rotation, SignedStatement, sign_statement, verify_statement
from tests.member.conftest import CHEAP, PASSPHRASE, Alliance, Run
from tests.member.server import Problem, Received


class Register:
    """The hub's door for rotations: one signing and one recovery key in force, the rest is not known."""

    def __init__(self, alliance: Alliance) -> None:
        self.hub, self.taken = alliance.hub, dict[bytes, Any]()
        assert isinstance(self.hub.enrolment, Enrolment)
        self.signing, self.recovery = unb64(self.hub.enrolment.signing), unb64(self.hub.enrolment.recovery)
        self.hub.routes["POST", "/v1/statements"] = self.take
        self.answers = True
        self.know()

    def know(self) -> None:
        self.hub.keys.clear()
        self.hub.knows(self.signing)
        self.hub.knows(self.recovery)

    def knows(self, member: Member) -> bool:
        """Say whether the keys in force are the member's."""
        keys = member.keys
        return (keys.signing.public, keys.recovery.public) == (self.signing, self.recovery)

    def take(self, received: Received) -> Any:
        signed = parse_json(SignedStatement, received.body)
        if signed.digest() not in self.taken:
            self.judge(signed)
        if not self.answers:
            raise Problem(503, "unavailable")
        return self.taken[signed.digest()]

    def judge(self, signed: SignedStatement) -> None:
        place, body = signed.statement, signed.statement.body
        if (place.sequence, place.previous) != (self.hub.sequence, self.hub.previous):
            raise Problem(409, "sequence", next_sequence=self.hub.sequence, previous=self.hub.previous)
        assert isinstance(body, Rotation)
        stays = unb64(body.recovery) == self.recovery
        verify_statement(signed, self.signing if stays else self.recovery)
        self.signing, self.recovery = unb64(body.signing), unb64(body.recovery)
        self.know()
        self.hub.sequence, self.hub.previous = self.hub.sequence + 1, b64(signed.digest())
        self.hub.said.append(signed)
        receipt = self.hub.receipt({"kind": "statement"})
        self.taken[signed.digest()] = {"position": len(self.hub.said), "receipt": receipt}


@pytest.fixture
def register(alliance: Alliance, south: Member) -> Register:
    return Register(alliance)


@contextmanager
def reopened(home: Home, alliance: Alliance, south: Member) -> Iterator[Member]:
    """Open the vault anew, as the next command does."""
    south.close()
    with open_member(home, PASSPHRASE, clock=alliance.clock, sleep=alliance.clock.sleep) as again:
        yield again


def test_a_rotation_keeps_the_recovery_key(
    alliance: Alliance, home: Home, south: Member, register: Register
) -> None:
    before = south.keys
    replaced = rotate(south, PASSPHRASE, cost=CHEAP)

    with reopened(home, alliance, south) as again:
        assert again.keys.signing.public == register.signing != before.signing.public
        assert again.keys.recovery.public == register.recovery == before.recovery.public
        assert again.keys.sealing.public != before.sealing.public
        assert (again.keys.secret, again.keys.root) == (before.secret, before.root)
        assert json.loads(home.card.read_text("utf-8"))["fingerprint"] == replaced.card.fingerprint
        assert again.account().state == "active"


def test_a_revocation_replaces_all_though_a_thief_came_first(
    alliance: Alliance, home: Home, south: Member, register: Register
) -> None:
    thief = SigningKey(bytes(32))
    stolen = Rotation(
        signing=b64(thief.public), recovery=b64(south.keys.recovery.public), sealing=b64(bytes(32))
    )
    register.judge(
        sign_statement(
            south.keys.signing,
            stolen,
            alliance=south.key_set.alliance,
            epoch=south.epoch,
            author=f"member/{south.name}",
            sequence=alliance.hub.sequence,
            previous=unb64(alliance.hub.previous or ""),
            signed_at=alliance.clock(),
        )
    )
    old = south.keys.recovery.public

    revoke(south, PASSPHRASE, cost=CHEAP)

    with reopened(home, alliance, south) as again:
        assert again.keys.signing.public == register.signing != thief.public
        assert again.keys.recovery.public == register.recovery != old


@pytest.mark.parametrize("act", [rotate, revoke])
def test_an_answer_that_is_lost_is_asked_for_again(
    alliance: Alliance, home: Home, south: Member, register: Register, act: Callable[..., Any]
) -> None:
    register.answers = False
    with pytest.raises(Unavailable):
        act(south, PASSPHRASE, cost=CHEAP)
    said = len(alliance.hub.said)

    register.answers = True
    with reopened(home, alliance, south) as again:
        act(again, PASSPHRASE, cost=CHEAP)

        assert len(alliance.hub.said) == said
        assert (again.keys.signing.public, again.keys.recovery.public) == (
            register.signing,
            register.recovery,
        )
        assert replacing.find(again.vault, PASSPHRASE) is None
        assert drafts.find(again.vault, replacing.NAME) is None


def test_a_revocation_that_was_perhaps_taken_is_never_given_up(
    alliance: Alliance, home: Home, south: Member, register: Register
) -> None:
    register.answers = False
    with pytest.raises(Unavailable):
        revoke(south, PASSPHRASE, cost=CHEAP)
    register.answers = True

    with reopened(home, alliance, south) as again:
        rotate(again, PASSPHRASE, cost=CHEAP)

        assert (again.keys.signing.public, again.keys.recovery.public) == (
            register.signing,
            register.recovery,
        )


def test_a_refused_rotation_leaves_the_keys_as_they_are(
    alliance: Alliance, south: Member, register: Register
) -> None:
    def refuses(received: Received) -> Any:
        raise Problem(409, "closed", "the epoch has ended")

    alliance.hub.routes["POST", "/v1/statements"] = refuses
    before = south.keys

    with pytest.raises(Refused):
        rotate(south, PASSPHRASE, cost=CHEAP)

    assert south.keys is before
    assert replacing.find(south.vault, PASSPHRASE) is None


def test_a_rotation_waits_for_work_under_way(south: Member, register: Register) -> None:
    with south.vault.transaction() as db:
        db.execute("INSERT INTO questions VALUES (?, ?)", (b"mark", "2026-11-01T00:00:00Z"))

    with pytest.raises(Refused, match="under way"):
        rotate(south, PASSPHRASE, cost=CHEAP)
    revoke(south, PASSPHRASE, cost=CHEAP)

    assert replacing.count_under_way(south.vault) == 0


def test_the_command_shows_and_revokes(
    alliance: Alliance, home: Home, south: Member, register: Register, run: Run, capsys: Any
) -> None:
    south.close()
    assert run("keys", "show") == 0
    shown = json.loads(home.card.read_text("utf-8"))["fingerprint"]
    assert shown in capsys.readouterr().out

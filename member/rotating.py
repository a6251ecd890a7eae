"""A member replaces its keys: now and then on its own account, or all of them because one was stolen.

One signed statement in the feed does it, and custodians learn it there. The fresh keys are in the vault
before the statement leaves, and in force once the hub has taken it; a command that died in between is run
again and finds out by which keys the hub knows this member now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from member.delivery import finish_earlier
from member.ending import send
from member.errors import Declined, MemberError, Refused, RetryLater
from member.http import Line
from member.member import Member, next_statement
from member.setup import write_card
from member.vault import drafts, replacing, statements
from member.vault.keys import Keys
from privacy.ceremony import MemberCard
from privacy.encoding import b64
from privacy.sealing import DEFAULT_COST, ScryptCost
from privacy.signing import SigningKey
from privacy.statements import Rotation, SignedStatement, member_author, sign_statement

_ROUNDS = 5
_UNAUTHENTICATED = 401


@dataclass(frozen=True, slots=True)
class Replaced:
    """The card of the keys in force now, and where the statement stands."""

    card: MemberCard
    position: int


def rotate(member: Member, passphrase: str, *, cost: ScryptCost = DEFAULT_COST) -> Replaced:
    """Replace signing and sealing key; the recovery key stays.

    Raises Refused while work is under way that the present keys have begun.
    """
    # A rotation that was perhaps taken goes first: until then nobody knows which key the hub listens to.
    if drafts.find(member.vault, replacing.NAME) is None:
        _require_rest(member)
    return _replace(member, passphrase, all_of_them=False, cost=cost)


def revoke(member: Member, passphrase: str, *, cost: ScryptCost = DEFAULT_COST) -> Replaced:
    """Replace all keys, by the word of the recovery key; works although a thief has rotated the others.

    Work under way is given up: it was signed with keys that nobody may trust any more.
    """
    return _replace(member, passphrase, all_of_them=True, cost=cost)


def _require_rest(member: Member) -> None:
    finish_earlier(member)
    if replacing.count_under_way(member.vault):
        raise Refused(
            "questions or statements are under way: run their commands again until they end, then rotate",
            rule="under-way",
        )


def _replace(member: Member, passphrase: str, *, all_of_them: bool, cost: ScryptCost) -> Replaced:
    fresh = replacing.find(member.vault, passphrase)
    kept = drafts.find(member.vault, replacing.NAME)
    # A kept rotation gives way to a revocation, which needs the recovery key alone. A kept revocation gives
    # way to nothing: if it was taken, its keys are in force, the recovery key too.
    if fresh is None or (all_of_them and not _is_whole(member, fresh)):
        replacing.drop(member.vault)
        fresh, kept = replacing.make(member.keys, all_of_them=all_of_them), None
        replacing.keep(member.vault, fresh, passphrase, cost=cost)
    position = _state(member, fresh, kept)
    if _is_whole(member, fresh):
        replacing.give_up_under_way(member.vault)
    replacing.put_in_force(member.vault, fresh)
    member.hub.key = fresh.signing
    return Replaced(write_card(member.home, member.vault), position)


def _is_whole(member: Member, fresh: Keys) -> bool:
    """Say whether fresh keys replace the recovery key too."""
    return fresh.recovery.public != member.keys.recovery.public


def _state(member: Member, fresh: Keys, kept: SignedStatement | None) -> int:
    """Append the rotation to the feed, once, and return its position."""
    place: dict[str, Any] = {}
    for _ in range(_ROUNDS):
        signed = kept or _draft(member, fresh, place)
        try:
            return _send(member, fresh, signed)
        except Declined as error:
            if error.status == _UNAUTHENTICATED:
                # Not judged at all: both the statement and the keys stay for the next attempt.
                raise
            # Not taken, by whichever key it was sent: a kept one may have grown too old.
            statements.drop(member.vault, signed.digest())
            drafts.drop(member.vault, replacing.NAME)
            if kept is None and error.rule != "sequence":
                replacing.drop(member.vault)
                raise
            place, kept = dict(error.extra), None
    raise RetryLater("other statements of this member keep coming between: run the same command again")


def _draft(member: Member, fresh: Keys, place: dict[str, Any]) -> SignedStatement:
    sequence, previous = _place(member, place)
    signed = sign_statement(
        _author_key(member, fresh),
        Rotation(
            signing=b64(fresh.signing.public),
            recovery=b64(fresh.recovery.public),
            sealing=b64(fresh.sealing.public),
        ),
        alliance=member.key_set.alliance,
        epoch=member.epoch,
        author=member_author(member.name),
        sequence=sequence,
        previous=previous,
        signed_at=member.clock(),
    )
    with member.vault.transaction():
        drafts.keep(member.vault, replacing.NAME, signed)
        statements.keep(member.vault, signed, at=member.clock())
    return signed


def _place(member: Member, said: dict[str, Any]) -> tuple[int, bytes | None]:
    """Return the place of the next statement: as the hub's refusal said, else as its account says.

    Whoever holds a stolen key may have rotated it away: then the hub knows this member by its recovery key
    alone, gives it no account, and says the place when it refuses a statement for its own.
    """
    if "next_sequence" in said:
        return next_statement(said["next_sequence"], said.get("previous"))
    try:
        account = member.account()
    except Declined as error:
        if error.status != _UNAUTHENTICATED:
            raise
        return 1, bytes(32)
    return next_statement(account.next_sequence, account.previous)


def _author_key(member: Member, fresh: Keys) -> SigningKey:
    """Return the key that must sign: only the recovery key replaces itself."""
    return member.keys.recovery if _is_whole(member, fresh) else member.keys.signing


def _send(member: Member, fresh: Keys, signed: SignedStatement) -> int:
    """Send by the author's key; if the hub does not know it, by the fresh one: it was taken before then."""
    unknown: MemberError | None = None
    for line in _lines(member, _author_key(member, fresh), fresh.signing):
        try:
            return send(member, signed, line=line).position
        except Declined as error:
            if error.status != _UNAUTHENTICATED:
                raise
            unknown = unknown or error
        finally:
            line.close()
    assert unknown is not None  # both lines were refused
    raise unknown


def _lines(member: Member, *keys: SigningKey) -> Iterator[Line]:
    for key in keys:
        yield Line(member.hub.name, member.hub.address, key, member.clock, member.sleep)

"""A contract leaves the alliance: settled or withdrawn, by one signed statement."""

from __future__ import annotations

import msgspec

from member import delivery, wire
from member.errors import Declined, Refused, RetryLater, Untrusted
from member.files import contract_number
from member.http import Line
from member.member import Member, next_statement
from member.vault import Ending, contracts, drafts, receipts, statements
from privacy.encoding import b64
from privacy.errors import InvalidInputError, VerifyError
from privacy.logged import verify_receipt
from privacy.statements import AnyBody, Settlement, SignedStatement, Withdrawal

_ROUNDS = 5
_BODIES: dict[Ending, type[Settlement] | type[Withdrawal]] = {
    Ending.SETTLED: Settlement,
    Ending.WITHDRAWN: Withdrawal,
}


def settle(member: Member, contract: str) -> bool:
    """Say that a contract of this member is paid; returns False when that was said before.

    Raises Refused for a number that is none or that the hub does not know as this member's.
    """
    return _end(member, contract, Ending.SETTLED)


def withdraw(member: Member, contract: str) -> bool:
    """Take back a contract of this member; returns False when that was done before. Raises as `settle`."""
    return _end(member, contract, Ending.WITHDRAWN)


def _end(member: Member, contract: str, ending: Ending) -> bool:
    ref = _ref(member, contract)
    note = contracts.find(member.vault, ref)
    if note is not None and note.ended is not None:
        if note.ended is ending:
            return False
        raise Refused(f"this contract is {note.ended} already", rule="ended")
    # Chunks on their way have taken their sequence numbers already.
    delivery.finish_earlier(member)
    say(member, f"{ending}/{b64(ref)}", _BODIES[ending](contract_ref=b64(ref)))
    contracts.end(member.vault, ref, ending)
    drafts.drop(member.vault, f"{ending}/{b64(ref)}")
    return True


def _ref(member: Member, contract: str) -> bytes:
    try:
        return contracts.ref(member.vault, contract_number(contract))
    except InvalidInputError as error:
        raise Refused(str(error), rule="contract") from error


def say(member: Member, name: str, body: AnyBody) -> wire.Appended:
    """Append `body` to the feed as this member's next statement, once, however often this is called.

    The statement is kept under `name` before it is sent: the caller drops it once it has noted the result.
    """
    for _ in range(_ROUNDS):
        kept = drafts.find(member.vault, name)
        signed = kept or _draft(member, name, body)
        try:
            return send(member, signed)
        except Declined as error:
            # Not taken, or the hub would have said where it stands. A kept one may have grown too old.
            _forget(member, name, signed)
            if kept is None and error.rule != "sequence":
                raise
    raise RetryLater("other statements of this member keep coming between: run the same command again")


def _draft(member: Member, name: str, body: AnyBody) -> SignedStatement:
    account = member.active_account()
    sequence, previous = next_statement(account.next_sequence, account.previous)
    signed = member.sign(body, sequence=sequence, previous=previous)
    with member.vault.transaction():
        drafts.keep(member.vault, name, signed)
        statements.keep(member.vault, signed, at=member.clock())
    return signed


def _forget(member: Member, name: str, signed: SignedStatement) -> None:
    with member.vault.transaction():
        drafts.drop(member.vault, name)
        statements.drop(member.vault, signed.digest())


def send(member: Member, signed: SignedStatement, *, line: Line | None = None) -> wire.Appended:
    """Hand a statement to the hub, over its usual line or one that another key signs; keep the receipt."""
    answer = (line or member.hub).post("/v1/statements", msgspec.json.encode(signed))
    appended = wire.read(wire.Appended, answer, member.hub.name)
    try:
        verify_receipt(appended.receipt)
    except VerifyError as error:
        raise Untrusted(f"the hub: {error}") from error
    receipts.keep(member.vault, appended.receipt, at=member.clock())
    return appended

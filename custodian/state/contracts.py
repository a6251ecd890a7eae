"""Rules for the statements about one contract.

- settlement, withdrawal: of the author's own contract, which has an accepted record and has not ended.
- hold: of the author's own contract, or the secretariat's of any member's; each holder has a hold of its own.
- release: ends the author's own hold, nobody else's.
"""

from __future__ import annotations

from custodian.state.act import Act, Role, Void
from custodian.state.membership import require_member
from custodian.state.schema import NEVER, insert
from custodian.state.values import VoidReason
from privacy.statements import Hold, Release, Settlement, Withdrawal


def end(act: Act, body: Settlement | Withdrawal) -> None:
    """End a contract for good, whether it was paid or taken back."""
    contract = _require_running(act, act.member.id, body.contract_ref)
    act.db.execute("UPDATE contracts SET ended_at = ? WHERE id = ?", (act.position, contract))


def hold(act: Act, body: Hold) -> None:
    """Put a contract on hold in the author's name."""
    contract = _require_running(act, _holders_member(act, body), body.contract_ref)
    standing = act.db.execute(
        "SELECT 1 FROM holds WHERE contract = ? AND holder = ? AND until_position = ?",
        (contract, act.author.text, NEVER),
    )
    if standing.fetchone():
        raise Void(VoidReason.REPEATED)
    insert(
        act.db,
        "holds",
        contract=contract,
        holder=act.author.text,
        from_position=act.position,
        from_time=act.time,
        until_position=NEVER,
    )


def release(act: Act, body: Release) -> None:
    """End the author's hold, also on a contract that has ended meanwhile."""
    contract, _ = _require_contract(act, _holders_member(act, body), body.contract_ref)
    released = act.db.execute(
        "UPDATE holds SET until_position = ? WHERE contract = ? AND holder = ? AND until_position = ?",
        (act.position, contract, act.author.text, NEVER),
    )
    if not released.rowcount:
        raise Void(VoidReason.NOT_HELD)


def _holders_member(act: Act, body: Hold | Release) -> int:
    """Return the member whose contract is meant; only the secretariat means others'."""
    if act.author.role is Role.SECRETARIAT:
        return require_member(act, body.member).id
    if body.member != act.member.name:
        raise Void(VoidReason.OTHER_NAME)
    return act.member.id


def _require_running(act: Act, member: int, contract_ref: str) -> int:
    contract, ended_at = _require_contract(act, member, contract_ref)
    if ended_at != NEVER:
        raise Void(VoidReason.ENDED)
    return contract


def _require_contract(act: Act, member: int, contract_ref: str) -> tuple[int, int]:
    """Return a contract's id and the position at which it ended; raises Void for one without a record."""
    row = act.db.execute(
        "SELECT id, ended_at FROM contracts WHERE member = ? AND contract_ref = ?", (member, contract_ref)
    ).fetchone()
    if row is None:
        raise Void(VoidReason.UNKNOWN_CONTRACT)
    contract, ended_at = row
    return contract, ended_at

"""Who may ask for what, as one table."""

from __future__ import annotations

import pytest

from alliance_hub.errors import Forbidden
from alliance_hub.membership.rules import MemberState
from alliance_hub.permissions import Permission, Sender, require_permission

APPLIED, ADMITTED, ACTIVE, SUSPENDED = MemberState
CUSTODIAN = "custodian"

TABLE: dict[Permission, set[str]] = {
    Permission.READ_OWN: {APPLIED, ADMITTED, ACTIVE, SUSPENDED},
    Permission.SIGN_AGREEMENT: {ADMITTED, ACTIVE},
    Permission.END_AGREEMENT: {ADMITTED, ACTIVE, SUSPENDED},
    Permission.STATE: {ADMITTED, ACTIVE, SUSPENDED, CUSTODIAN},
    Permission.SUBMIT_RECORDS: {ACTIVE},
    Permission.MATCH: {ACTIVE},
    Permission.OPEN_MATTER: {ACTIVE, SUSPENDED},
    Permission.READ_CUTS: {ADMITTED, ACTIVE, SUSPENDED},
    Permission.PULL_FEED: {CUSTODIAN},
    Permission.READ_LOG: {APPLIED, ADMITTED, ACTIVE, SUSPENDED, CUSTODIAN},
    Permission.COSIGN_LOG: {ADMITTED, ACTIVE, SUSPENDED, CUSTODIAN},
}

SENDERS = {state: Sender.for_member("North Bank", state) for state in MemberState} | {
    CUSTODIAN: Sender.for_custodian(2)
}


@pytest.mark.parametrize("who", SENDERS)
@pytest.mark.parametrize("permission", Permission)
def test_permissions(permission: Permission, who: str) -> None:
    if who in TABLE[permission]:
        require_permission(SENDERS[who], permission)
    else:
        with pytest.raises(Forbidden):
            require_permission(SENDERS[who], permission)


def test_senders_are_the_authors_of_the_feed() -> None:
    assert Sender.for_member("北辰小贷", ACTIVE).author == "member/北辰小贷"
    assert Sender.for_custodian(3).author == "custodian/3"

"""A new home for a custodian that comes back from paper: the same keys and shares, an empty ledger.

What it charged is lost. Its ledger says from when on, and that it serves nothing until it has reached its
fellows' heads (`restoring.py`).
"""

from __future__ import annotations

from datetime import datetime

from custodian import restoring
from custodian.errors import OperatorError
from custodian.home import Home
from custodian.ledger import Ledger
from custodian.paper.sheets import Restored
from privacy.encoding import instant_text
from privacy.keyset import SignedKeySet
from privacy.sealing import DEFAULT_COST, ScryptCost


def adopt(
    home: Home,
    restored: Restored,
    signed: SignedKeySet,
    passphrase: str,
    *,
    now: datetime,
    cost: ScryptCost = DEFAULT_COST,
) -> None:
    """Fill an empty home; raises OperatorError for one that was used before."""
    require_unused(home)
    home.create(restored.name, passphrase, keys=restored.keys, cost=cost)
    home.pin(signed)
    home.store_shares(restored.shares, passphrase, cost=cost)
    lost = restoring.Restored(backed_up_at=instant_text(restored.since), restored_at=instant_text(now))
    restoring.remember(Ledger(home.ledger), lost)


def require_unused(home: Home) -> None:
    """Refuse a home with anything in it: somebody's ledger beside these keys would be wrong."""
    if home.path.exists() and any(home.path.iterdir()):
        raise OperatorError(f"{home.path} was used before; choose a new --home")

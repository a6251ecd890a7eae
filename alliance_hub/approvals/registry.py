"""Which function carries out which kind of proposal: each domain registers its own in its `acts.py`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

import alliance_hub
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.hub import Hub
from alliance_hub.people.roles import Act

Carrier = Callable[[Session, Hub, Proposal, datetime], None]
"""Does what was proposed, within the transaction that approves it; raises a HubError if it cannot be."""


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of proposal is made, approved and carried out."""

    proposes: Act
    approves: Act
    carry_out: Carrier
    check: Carrier | None
    """Refuses already at proposal what could not be carried out."""


_HANDLERS: dict[Kind, Handler] = {}


def carries_out(
    kind: Kind, *, proposes: Act, approves: Act, check: Carrier | None = None
) -> Callable[[Carrier], Carrier]:
    """Register a function as what happens when a proposal of this kind is approved."""

    def register(carrier: Carrier) -> Carrier:
        _HANDLERS[kind] = Handler(proposes, approves, carrier, check)
        return carrier

    return register


def handler_of(kind: Kind) -> Handler:
    """Return how a kind is handled."""
    _import_all()
    return _HANDLERS[kind]


def handlers() -> Mapping[Kind, Handler]:
    """Return how every kind that has a handler is handled."""
    _import_all()
    return _HANDLERS


@cache
def _import_all() -> None:
    for part in pkgutil.iter_modules(alliance_hub.__path__):
        acts = f"alliance_hub.{part.name}.acts"
        if part.ispkg and importlib.util.find_spec(acts):
            importlib.import_module(acts)

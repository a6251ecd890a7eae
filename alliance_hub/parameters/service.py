"""What a parameter or the mode is now, and how it came to be: the newest approved change, else the default.

Read anew each time, in the caller's session: two processes of one hub never decide by two modes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance_hub.errors import NotFound
from alliance_hub.hub import Hub
from alliance_hub.parameters.catalogue import PARAMETERS, Parameter, Unit
from alliance_hub.parameters.models import ModeChange, ParameterChange
from alliance_hub.parameters.rules import Standing
from alliance_hub.policy import RegulatoryMode
from alliance_hub.settings import Settings

__all__ = [
    "Setting",
    "Standing",
    "get_parameter",
    "history",
    "list_settings",
    "mode",
    "mode_history",
    "opinion_names_amounts",
    "span",
    "standing",
    "standing_beside",
    "value",
]


_ONE = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter as it stands, with the change that set it, if one did."""

    parameter: Parameter
    value: int
    changed: ParameterChange | None


def value(session: Session, name: str) -> int:
    """Return what a parameter of the catalogue is now."""
    newest = select(ParameterChange.new).where(ParameterChange.name == name)
    found = session.scalar(newest.order_by(ParameterChange.id.desc()).limit(1))
    return PARAMETERS[name].default if found is None else found


def span(session: Session, name: str) -> timedelta:
    """Return what a parameter that counts days, hours or minutes is now."""
    return _ONE[PARAMETERS[name].unit] * value(session, name)


def get_parameter(name: str) -> Parameter:
    """Return a parameter of the catalogue; raises NotFound."""
    if name not in PARAMETERS:
        raise NotFound("there is no such parameter")
    return PARAMETERS[name]


def list_settings(session: Session) -> list[Setting]:
    """Return every parameter as it stands, in the catalogue's order."""
    newest = select(func.max(ParameterChange.id)).group_by(ParameterChange.name)
    rows = session.scalars(select(ParameterChange).where(ParameterChange.id.in_(newest)))
    changed = {row.name: row for row in rows}
    return [_setting(each, changed.get(each.name)) for each in PARAMETERS.values()]


def history(session: Session, name: str) -> Sequence[ParameterChange]:
    """Return every change of a parameter, the newest first."""
    of_name = select(ParameterChange).where(ParameterChange.name == name)
    return session.scalars(of_name.order_by(ParameterChange.id.desc())).all()


def standing(session: Session, hub: Hub) -> Standing:
    """Return the regulatory mode and what it stands on: as approved, else as `settings.toml` says."""
    return standing_beside(session, hub.settings)


def standing_beside(session: Session, settings: Settings) -> Standing:
    """Return the same for whoever has no opened hub, only its settings."""
    row = session.scalar(select(ModeChange).order_by(ModeChange.id.desc()).limit(1))
    if row is None:
        return Standing(settings.regulatory_mode, settings.opinion_digest)
    return Standing(row.mode, row.opinion_digest, row.consultation, row.names_amounts)


def mode(session: Session, hub: Hub) -> RegulatoryMode:
    """Return the regulatory mode in which the hub works now."""
    return standing(session, hub).mode


def opinion_names_amounts(session: Session, hub: Hub) -> bool:
    """Say whether answers may hold amounts: the recorded opinion names them, or the data are made up."""
    return standing(session, hub).tells_amounts


def mode_history(session: Session) -> Sequence[ModeChange]:
    """Return every approved change of the mode, the newest first."""
    return session.scalars(select(ModeChange).order_by(ModeChange.id.desc())).all()


def _setting(parameter: Parameter, changed: ParameterChange | None) -> Setting:
    return Setting(parameter, parameter.default if changed is None else changed.new, changed)

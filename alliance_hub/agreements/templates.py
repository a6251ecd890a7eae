"""Templates: terms and wording to begin a draft from; some come with the hub, officers save others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements import wording as wordings
from alliance_hub.agreements.models import TemplateRow
from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.terms import Terms

OWN_TO_EACH = frozenset(
    {
        "agreement",
        "version",
        "member",
        "association_party",
        "member_party",
        "valid_from",
        "valid_until",
        "text",
    }
)
"""Fields of the terms that no template sets: they are each agreement's own."""

CLAUSES = frozenset(Terms.__struct_fields__) - OWN_TO_EACH

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class AgreementTemplate:
    """What a draft begins with."""

    name: str
    says: str
    """For what it is meant: in English where it comes with the hub, else as the officer wrote it."""
    clauses: Mapping[str, Any]
    """Plain values of the terms' fields."""
    wording: str
    author: str | None
    """None where it comes with the hub."""
    saved_at: datetime | None


def list_templates(session: Session) -> list[AgreementTemplate]:
    """Return every template, those that come with the hub first, each kind by name."""
    saved = session.scalars(select(TemplateRow).order_by(TemplateRow.name))
    return [*_built_in().values(), *map(_of_row, saved)]


def get_template(session: Session, name: str) -> AgreementTemplate:
    """Return a template; raises NotFound."""
    built_in = _built_in().get(name)
    if built_in is not None:
        return built_in
    row = session.get(TemplateRow, name)
    if row is None:
        raise NotFound("there is no template of this name")
    return _of_row(row)


def save_template(
    session: Session,
    actor: Actor,
    name: str,
    *,
    says: str,
    clauses: Mapping[str, Any],
    wording: str,
    now: datetime,
) -> AgreementTemplate:
    """Keep a template under a name, in place of an earlier one of that name.

    Raises Conflict for a name that comes with the hub, Invalid for a name or a clause that cannot be.
    """
    require_act(actor, Act.WRITE_AGREEMENTS)
    if name in _built_in():
        raise Conflict("this template comes with the hub: save yours under another name")
    if not _NAME.fullmatch(name):
        raise Invalid("a name has small letters, digits and hyphens, at most 40", field="name")
    unknown = sorted(clauses.keys() - CLAUSES)
    if unknown:
        raise Invalid(f"a template does not set this clause: {', '.join(unknown)}", field="clauses")
    row = TemplateRow(
        name=name, says=says, clauses=dict(clauses), wording=wording, author=actor.ref, saved_at=now
    )
    session.merge(row)
    session.flush()
    transparency.record_act(session, actor, "template_saved", object=f"template/{name}", now=now)
    return _of_row(row)


@cache
def _built_in() -> Mapping[str, AgreementTemplate]:
    folder = resources.files(__package__) / "templates"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".json")), key=lambda f: f.name)
    return {each.name.removesuffix(".json"): _read(each.name, each.read_text("utf-8")) for each in files}


def _read(file: str, text: str) -> AgreementTemplate:
    document = json.loads(text)
    name = file.removesuffix(".json")
    return AgreementTemplate(
        name, document["says"], document["clauses"], wordings.standard(), author=None, saved_at=None
    )


def _of_row(row: TemplateRow) -> AgreementTemplate:
    return AgreementTemplate(row.name, row.says, row.clauses, row.wording, row.author, row.saved_at)

"""What the clerk writes about a case, before anything is computed: TOML or JSON, yuan and per cent.

Almost nothing must be there at once: a matter is opened with the debtor and the contracts, the rest is added
to `case.json` in the matter's folder until `matters check` is content. A row of a workbook is such a draft
too, laid over what all its rows share. Only the fields' names are judged here, their values in `preparing`,
which says everything that is wrong at once.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from member.files import BadMapping, Field
from member.files.values import document_number
from privacy.errors import InvalidInputError
from privacy.messages import Message, parse

Document: TypeAlias = dict[str, Any]

Entry: TypeAlias = str | int | None
"""A day, an amount in yuan or a rate in per cent, as it was written."""


class PartyDraft(Message, frozen=True, kw_only=True):
    """A party; what it is follows from its number where it is not said."""

    name: str | None = None
    kind: str | None = None
    identifier_kind: str = "RESIDENT_ID"
    identifier: Entry = None
    address: str | None = None
    phone: Entry = None
    representative: str | None = None


class AgentDraft(Message, frozen=True, kw_only=True):
    """Who goes to court for the creditor."""

    name: str | None = None
    firm: str | None = None
    licence: Entry = None
    phone: Entry = None
    authority: str = "特别授权"


class BalanceDraft(Message, frozen=True, kw_only=True):
    """What the books show at the beginning of a day."""

    on: Entry = None
    principal: Entry = None
    interest: Entry = 0
    penalty: Entry = 0
    fees: Entry = 0


class PaymentDraft(Message, frozen=True, kw_only=True):
    """What the debtor paid since the opening balance."""

    on: Entry = None
    amount: Entry = None


class FeeDraft(Message, frozen=True, kw_only=True):
    """A cost that the contract puts on the debtor, since the opening balance."""

    on: Entry = None
    amount: Entry = None
    name: str | None = None


class LoanDraft(Message, frozen=True, kw_only=True):
    """One contract. Without an opening balance the sum lent is the principal, from the day of lending on."""

    contract: Entry = None
    name: str = "借款合同"
    signed_on: Entry = None
    lent: Entry = None
    lent_on: Entry = None
    due_on: Entry = None
    late_on: Entry = None
    rate: Entry = None
    penalty_rate: Entry = None
    day_count: str = "actual/365"
    opened: BalanceDraft | None = None
    payments: tuple[PaymentDraft, ...] = ()
    fees: tuple[FeeDraft, ...] = ()


class EventDraft(Message, frozen=True, kw_only=True):
    """A demand, acknowledgement or suit; `contract` says for which loan, none for all."""

    kind: str | None = None
    on: Entry = None
    until: Entry = None
    words: str | None = None
    contract: Entry = None
    item: int | None = None


class JudgmentDraft(Message, frozen=True, kw_only=True):
    """What is to be enforced."""

    body: str | None = None
    number: str | None = None
    in_force_on: Entry = None
    perform_by: Entry = None


class Draft(Message, frozen=True, kw_only=True):
    """All that may be said of a case."""

    kind: str | None = None
    profile: str | None = None
    as_of: Entry = None
    forum: str | None = None
    cause: str = "借款合同纠纷"
    law_firm: str | None = None
    lawyers: tuple[str, ...] = ()
    until: Entry = None
    lpr: Entry = None
    creditor: PartyDraft = PartyDraft()
    debtor: PartyDraft = PartyDraft()
    others: tuple[PartyDraft, ...] = ()
    agents: tuple[AgentDraft, ...] = ()
    loans: tuple[LoanDraft, ...] = ()
    judgment: JudgmentDraft | None = None
    events: tuple[EventDraft, ...] = ()
    requests: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


def read_document(path: Path) -> Document:
    """Read a case file, TOML or JSON by its ending, as plain values; raises BadMapping.

    Days become ISO texts and numbers with a point texts too, so that no digit is lost.
    """
    readers = {".json": _json, ".toml": _toml}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadMapping(f"{path.name}: a case file ends in .toml or .json")
    try:
        document = reader(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadMapping(f"{path.name}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadMapping(f"{path.name}: not a {path.suffix[1:].upper()} file in UTF-8") from error
    if not isinstance(document, dict):
        raise BadMapping(f"{path.name}: a case file holds fields, such as kind and debtor")
    plain: Document = _plain(document)
    return plain


def draft_of(document: Mapping[str, Any], source: str) -> Draft:
    """Read plain values as a draft; raises BadMapping naming `source` and the field, never a value."""
    try:
        return parse(Draft, document)
    except InvalidInputError as error:
        where = f"field {error.field}" if error.field else "a field"
        raise BadMapping(
            f"{source}: {where}: {error}; see `alliance-member matters template --out case.toml`"
        ) from error


def number_of_contract(entry: Entry) -> str:
    """Return a contract's number in the spelling of submitted files; empty for an impossible one."""
    try:
        return document_number(entry, Field.CONTRACT)
    except InvalidInputError:
        return ""


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> Document:
    """Return `below` with what `above` says: tables are merged, all else is replaced."""
    merged: Document = dict(below)
    for name, value in above.items():
        old = merged.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[name] = laid_over(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _toml(text: str) -> Any:
    return tomllib.loads(text, parse_float=Decimal)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
    return value

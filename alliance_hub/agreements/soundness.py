"""Which terms can be kept at all: what custodians would void, and what the form cannot say, by its field."""

from __future__ import annotations

from alliance_hub.errors import Invalid
from privacy.encoding import parse_instant
from privacy.errors import DeserializeError, InvalidInputError
from privacy.identifiers import Kind, normalise
from privacy.keyset import Policy
from privacy.terms import Party, Terms


def require_sound(terms: Terms, policy: Policy, *, newest: int) -> None:
    """Raise Invalid for terms that custodians would void or that could not be kept.

    `newest` is the agreement's last version. Field paths begin with `terms.`, as a form names them.
    """
    if terms.min_contributors < policy.min_contributors:
        raise Invalid(
            f"an agreement may only raise the key set's {policy.min_contributors} contributors",
            field="terms.min_contributors",
        )
    if terms.version <= newest:
        raise Invalid(f"the agreement has version {newest} already", field="terms.version")
    _require_once(terms.purposes, "purpose", field="terms.purposes")
    _require_once(terms.contributes, "category", field="terms.contributes")
    _require_once(terms.receives, "category", field="terms.receives")
    if not set(terms.receives) <= set(terms.contributes):
        raise Invalid(
            "a member receives only the categories that it contributes: add them there, or leave them out",
            field="terms.receives",
        )
    if terms.subjects_per_request > terms.subjects_per_day:
        raise Invalid("one request cannot name more than a day allows", field="terms.subjects_per_request")
    _require_party(terms.association_party, field="terms.association_party")
    _require_party(terms.member_party, field="terms.member_party")
    _require_span(terms)


def _require_once(words: tuple[str, ...], what: str, *, field: str) -> None:
    if not words or len(set(words)) < len(words):
        raise Invalid(f"name each {what} once, and at least one", field=field)


def _require_party(party: Party, *, field: str) -> None:
    try:
        normalise(Kind.USCC, party.uscc)
    except InvalidInputError as error:
        raise Invalid(str(error), field=f"{field}.uscc") from error


def _require_span(terms: Terms) -> None:
    try:
        runs = parse_instant(terms.valid_from) < parse_instant(terms.valid_until)
    except DeserializeError as error:
        raise Invalid(str(error), field="terms.valid_until") from error
    if not runs:
        raise Invalid("an agreement begins before it ends", field="terms.valid_until")

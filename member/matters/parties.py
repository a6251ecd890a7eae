"""A party from what the clerk wrote of it."""

from __future__ import annotations

from member.matters.case import Party, PartyKind, Text
from member.matters.draft import PartyDraft
from member.matters.reading import Reading
from privacy.errors import InvalidInputError
from privacy.identifiers import CONTACT_KINDS, Identifier, Kind, normalise
from privacy.messages import Line


def party_of(reading: Reading, draft: PartyDraft, where: str) -> Party | None:
    """Read a party; None when something about it is missing or wrong, which `reading` then knows."""
    number = number_of(reading, draft, where)
    name = reading.text(Line, draft.name, f"{where}.name")
    address = reading.optional(Text, draft.address, f"{where}.address")
    phone = reading.optional(Line, draft.phone, f"{where}.phone")
    representative = reading.optional(Line, draft.representative, f"{where}.representative")
    kind = reading.word(PartyKind, draft.kind, f"{where}.kind") if draft.kind else None
    if number is None or name is None:
        return None
    return Party(
        kind=kind or _usual_kind(number),
        name=name,
        identifier_kind=number.kind,
        identifier=number.value,
        address=address,
        phone=phone,
        representative=representative,
    )


def number_of(reading: Reading, draft: PartyDraft, where: str) -> Identifier | None:
    """Read a party's number in its one spelling; what is wrong with it is noted once."""
    field = f"{where}.identifier"
    if draft.identifier is None:
        reading.lack_once(field, "it is missing", "write the number of the document, as a text")
        return None
    try:
        found = normalise(draft.identifier_kind, str(draft.identifier))
    except InvalidInputError as error:
        reading.lack_once(f"{where}.{_NAMES.get(error.field, error.field)}", str(error), "correct the number")
        return None
    if found.kind in CONTACT_KINDS:
        reading.lack_once(field, "a contact point names nobody", "write the number of a document")
        return None
    return found


def _usual_kind(number: Identifier) -> PartyKind:
    return PartyKind.ORGANISATION if number.kind is Kind.USCC else PartyKind.PERSON


_NAMES = {"kind": "identifier_kind"}

"""What an applicant says of itself, read and checked field by field; pure, so that page and API judge alike.

Every fault is found at once and stands at its field: whoever fills in a form corrects it in one go. No
fault ever quotes what was typed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from alliance_hub.errors import Invalid
from alliance_hub.membership.vocabulary import ContactRole, LicenceKind, MemberKind
from privacy.ceremony import MemberCard
from privacy.errors import InvalidInputError, PrivacyError
from privacy.identifiers import Kind, normalise
from privacy.messages import parse
from privacy.signing import same_fingerprint

LONGEST_NAME = 120
LONGEST_NUMBER = 64
LONGEST_CARD = 4_096
LARGEST_PORTFOLIO = 100_000_000

MISSING = "this is needed"
NO_CARD = "this is not the card.json that alliance-member init wrote: upload that file unchanged"
OTHER_FINGERPRINT = "the fingerprint is not that of the keys beside it: upload card.json unchanged"
SAME_KEYS = "signing and recovery key must differ: make a new vault with alliance-member init"
NOT_COMPOSED = "the name on the card is not in Unicode's composed form (NFC): run alliance-member init again"
NO_USCC = "a unified social credit code has 18 digits and capital letters, and the last checks the others"
OWN_CONTROLLER = "a firm is not its own controlling shareholder: leave this empty if it has none"
NO_CHOICE = "choose one of those on offer"
NO_NAME = f"between 2 and {LONGEST_NAME} visible characters"
NO_NUMBER = f"between 1 and {LONGEST_NUMBER} visible characters"
NO_DAY = "a day such as 2027-12-31, or nothing for a licence without end"
RUN_OUT = "the licence has run out: renew it first"
NO_PORTFOLIO = f"a whole number of contracts from 1 to {LARGEST_PORTFOLIO:,}"
NO_MOBILE = "a mainland mobile number of 11 digits"
NO_EMAIL = "an e-mail address such as name@example.com"

_VISIBLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")

Word = TypeVar("Word", bound=StrEnum)


class InvalidFacts(Invalid):
    """Some fields are refused; `faults` says which and why."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        field, reason = next(iter(faults.items()))
        super().__init__(reason, field=field)
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody at the firm, by its role there."""

    role: ContactRole
    name: str
    mobile: str
    """Normalised: 86 and eleven digits."""
    email: str

    def document(self) -> dict[str, str]:
        """Return the contact as it is stored."""
        return {"role": str(self.role), "name": self.name, "mobile": self.mobile, "email": self.email}


@dataclass(frozen=True, slots=True)
class FirmFacts:
    """What a firm says of itself, checked and normalised."""

    legal_name: str
    kind: MemberKind
    uscc: str
    licence_kind: LicenceKind
    licence_number: str
    licence_until: date | None
    declared_portfolio: int
    controller_uscc: str | None
    contacts: tuple[Contact, ...]

    def columns(self) -> dict[str, object]:
        """Return the facts as the columns of a `models.Firm`."""
        return {
            "legal_name": self.legal_name,
            "kind": self.kind,
            "uscc": self.uscc,
            "licence_kind": self.licence_kind,
            "licence_number": self.licence_number,
            "licence_until": self.licence_until,
            "declared_portfolio": self.declared_portfolio,
            "controller_uscc": self.controller_uscc,
            "contacts": [contact.document() for contact in self.contacts],
        }


def contact_field(role: ContactRole, part: str) -> str:
    """Return the name of a field about a contact: `business_mobile`."""
    return f"{role}_{part}"


def read_firm(raw: Mapping[str, str], today: date | None) -> FirmFacts:
    """Read what a firm says of itself from texts by field; raises InvalidFacts with every fault.

    Contacts stand as `business_name`, `business_mobile` and `business_email`, and so for each role: the one
    for business is needed, of the others all or nothing. Without `today` a licence may have run out.
    """
    reader = _Reader(raw)
    facts = _firm(reader, today)
    reader.require_none()
    return facts


def read_card(text: str) -> MemberCard:
    """Read the card that a member's tool wrote, and check its fingerprint; raises InvalidFacts."""
    reader = _Reader({"card": text})
    card = _card(reader)
    reader.require_none()
    assert card is not None  # or there would be a fault
    return card


def read_application(raw: Mapping[str, str], today: date) -> tuple[MemberCard, FirmFacts]:
    """Read card and facts of an application; raises InvalidFacts with the faults of both."""
    reader = _Reader(raw)
    card, facts = _card(reader), _firm(reader, today)
    reader.require_none()
    assert card is not None  # or there would be a fault
    return card, facts


class _Reader:
    """Takes field after field and collects what is wrong."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self.raw = raw
        self.faults: dict[str, str] = {}

    def require_none(self) -> None:
        if self.faults:
            raise InvalidFacts(self.faults)

    def refuse(self, field: str, reason: str) -> None:
        self.faults.setdefault(field, reason)

    def text(self, field: str, *, needed: bool = True) -> str:
        found = unicodedata.normalize("NFC", " ".join(self.raw.get(field, "").split()))
        if needed and not found:
            self.refuse(field, MISSING)
        return found

    def words(self, field: str, longest: int, shortest: int, reason: str) -> str:
        found = self.text(field)
        if found and not (shortest <= len(found) <= longest and _VISIBLE.fullmatch(found)):
            self.refuse(field, reason)
        return found

    def choice(self, field: str, words: type[Word]) -> Word:
        found = self.text(field)
        if found and found not in set(words):
            self.refuse(field, NO_CHOICE)
        return words(found) if found in set(words) else next(iter(words))

    def identifier(self, field: str, kind: Kind, reason: str, *, needed: bool = True) -> str:
        found = self.text(field, needed=needed)
        try:
            return normalise(kind, found).value if found else ""
        except InvalidInputError:
            self.refuse(field, reason)
            return ""


def _firm(reader: _Reader, today: date | None) -> FirmFacts:
    uscc = reader.identifier("uscc", Kind.USCC, NO_USCC)
    controller = reader.identifier("controller_uscc", Kind.USCC, NO_USCC, needed=False)
    if controller and controller == uscc:
        reader.refuse("controller_uscc", OWN_CONTROLLER)
    return FirmFacts(
        legal_name=reader.words("legal_name", LONGEST_NAME, 2, NO_NAME),
        kind=reader.choice("kind", MemberKind),
        uscc=uscc,
        licence_kind=reader.choice("licence_kind", LicenceKind),
        licence_number=reader.words("licence_number", LONGEST_NUMBER, 1, NO_NUMBER),
        licence_until=_until(reader, today),
        declared_portfolio=_portfolio(reader),
        controller_uscc=controller or None,
        contacts=tuple(filter(None, (_contact(reader, role) for role in ContactRole))),
    )


def _until(reader: _Reader, today: date | None) -> date | None:
    text = reader.text("licence_until", needed=False)
    try:
        until = date.fromisoformat(text) if text else None
    except ValueError:
        reader.refuse("licence_until", NO_DAY)
        return None
    if until is not None and today is not None and until < today:
        reader.refuse("licence_until", RUN_OUT)
    return until


def _portfolio(reader: _Reader) -> int:
    text = reader.text("declared_portfolio").replace(",", "")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= LARGEST_PORTFOLIO):
        reader.refuse("declared_portfolio", NO_PORTFOLIO)
        return 1
    return int(text)


def _contact(reader: _Reader, role: ContactRole) -> Contact | None:
    fields = {part: contact_field(role, part) for part in ("name", "mobile", "email")}
    given = any(reader.text(field, needed=False) for field in fields.values())
    if not given and role is not ContactRole.BUSINESS:
        return None
    return Contact(
        role,
        reader.words(fields["name"], LONGEST_NAME, 2, NO_NAME),
        reader.identifier(fields["mobile"], Kind.MOBILE, NO_MOBILE),
        reader.identifier(fields["email"], Kind.EMAIL, NO_EMAIL),
    )


def _card(reader: _Reader) -> MemberCard | None:
    text = reader.raw.get("card", "").strip()
    if not text:
        reader.refuse("card", MISSING)
        return None
    try:
        document = json.loads(text) if len(text) <= LONGEST_CARD else None
        said = document.pop("fingerprint", None) if isinstance(document, dict) else None
        card = parse(MemberCard, document)
    except (ValueError, RecursionError, PrivacyError):
        reader.refuse("card", NO_CARD)
        return None
    fault = _fault_of(card, said)
    if fault:
        reader.refuse("card", fault)
    return card


def _fault_of(card: MemberCard, said: object) -> str:
    if said is not None and not (isinstance(said, str) and same_fingerprint(said, card.fingerprint)):
        return OTHER_FINGERPRINT
    if card.signing == card.recovery:
        return SAME_KEYS
    return "" if unicodedata.is_normalized("NFC", card.name) else NOT_COMPOSED

"""A firm applies for membership: what it says of itself comes from a file, its keys from the vault."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from member import wire
from member.errors import Refused
from member.member import Member
from member.setup import card_of

EXAMPLE = """\
# What the association asks of an applicant. Send it with: alliance-member apply FILE
legal_name = "南山信息科技（北京）有限公司"
kind = "lending_platform"            # or loan_assist, asset_disposer
uscc = "91110108MA01ABCD4E"          # unified social credit code, GB 32100
licence_kind = "small_loan"          # or financial, guarantee, asset_management, filing, business
licence_number = "京金融〔2024〕1号"
licence_until = 2027-12-31           # leave it out for a licence without end
# controller_uscc = ""               # the controlling shareholder's code, if a firm controls yours

[contacts.business]                  # needed; data_protection and technical may follow
name = "张伟"
mobile = "13800000000"
email = "zhang@example.com"
"""

_TEXTS = ("legal_name", "kind", "uscc", "licence_kind", "licence_number", "controller_uscc")
_PARTS = ("name", "mobile", "email")


@dataclass(frozen=True, slots=True)
class Applied:
    """The application's number and state, and the link on which a person follows it: shown this once."""

    id: int
    state: str
    link: str


def read_facts(path: Path) -> dict[str, Any]:
    """Read what the firm says of itself from TOML; raises Refused naming what is not as it should be."""
    try:
        with path.open("rb") as file:
            facts = tomllib.load(file)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}", rule="file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{path} is not TOML: see alliance-member apply --example", rule="file") from error
    unknown = set(facts) - {*_TEXTS, "licence_until", "contacts"}
    if unknown:
        raise Refused(f"{path} says more than is asked: {', '.join(sorted(unknown))}", rule="file")
    return facts


def apply(member: Member, facts: dict[str, Any]) -> Applied:
    """Send an application with the facts of `read_facts`; a returned one is corrected by sending it again.

    The declared portfolio is the vault's. Raises Refused, also with the hub's reason for a field.
    """
    document = {
        "card": card_of(member.name, member.keys).document(),
        "legal_name": _text(facts, "legal_name"),
        "kind": _text(facts, "kind"),
        "uscc": _text(facts, "uscc"),
        "licence_kind": _text(facts, "licence_kind"),
        "licence_number": _text(facts, "licence_number"),
        "licence_until": _day(facts),
        "declared_portfolio": member.settings.declared_portfolio,
        "controller_uscc": _text(facts, "controller_uscc") or None,
        "contacts": _contacts(facts),
    }
    member.alliance()
    answer = member.hub.post("/v1/applications", msgspec.json.encode(document))
    taken = wire.read(wire.Applied, answer, member.hub.name)
    return Applied(taken.id, taken.state, taken.link)


def _text(facts: dict[str, Any], name: str) -> str:
    value = facts.get(name, "")
    if not isinstance(value, str):
        raise Refused(f"{name} is a text, in quotation marks", rule=name)
    return value


def _day(facts: dict[str, Any]) -> str | None:
    value = facts.get("licence_until")
    return None if value is None or value == "" else str(value)


def _contacts(facts: dict[str, Any]) -> list[dict[str, str]]:
    contacts = facts.get("contacts", {})
    if not isinstance(contacts, dict) or not all(isinstance(each, dict) for each in contacts.values()):
        raise Refused("contacts are tables such as [contacts.business]", rule="contacts")
    return [{"role": role, **{part: _text(each, part) for part in _PARTS}} for role, each in contacts.items()]

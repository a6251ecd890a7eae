"""What a member asks for when it opens a matter: which debtor, contracts and lawyers; signed by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from member.errors import Refused
from member.matters import identity
from member.matters.keeping import Kept
from member.member import Member
from privacy.encoding import b64, instant_text
from privacy.evidence import MatterKind, MatterRequest, SignedMatterRequest, sign_matter
from privacy.identifiers import Identifier
from privacy.messages import Reference

_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A matter as the member wants it opened.

    `matter` is a reference that the member chooses, without the debtor's name; `contracts` are references of
    contracts that it has handed in. `lawyers` are staff numbers of the law firm.
    """

    matter: Reference
    kind: MatterKind
    debtor: Identifier
    contracts: Sequence[bytes]
    until: datetime
    law_firm: str | None = None
    lawyers: Sequence[str] = ()


def require_fit_name(matter: str) -> None:
    """Raise Refused unless a reference can name a folder, on a court's PC too."""
    if not set(matter) <= _CHARACTERS or matter.startswith(".") or matter.endswith("."):
        raise Refused(
            "a matter's reference has 8 to 64 letters, digits, dots, hyphens and underscores, with no dot at "
            "its ends: it names a folder",
            rule="matter",
        )


def sign(member: Member, wanted: Wanted, kept: Kept) -> SignedMatterRequest:
    """Return the member's signed request, which names the debtor as its identity opening shows it."""
    assert kept.opening is not None
    pseudonym, standing_key = identity.subject_of(kept.opening, member)
    request = MatterRequest(
        alliance=member.key_set.alliance,
        epoch=kept.epoch,
        key_set=kept.key_set,
        matter=wanted.matter,
        member=member.name,
        kind=wanted.kind,
        pseudonym=b64(pseudonym),
        standing_key=b64(standing_key),
        contracts=tuple(map(b64, wanted.contracts)),
        opening=b64(kept.opening.sha256()),
        law_firm=wanted.law_firm,
        lawyers=tuple(wanted.lawyers),
        opened_at=instant_text(member.clock()),
        until=instant_text(wanted.until),
    )
    return sign_matter(member.keys.signing, request)


def is_same(request: MatterRequest, wanted: Wanted) -> bool:
    """Say whether a request that was signed before asks for the same."""
    asked = (wanted.kind, tuple(map(b64, wanted.contracts)), wanted.law_firm, tuple(wanted.lawyers))
    known = (request.kind, request.contracts, request.law_firm, request.lawyers)
    return (*known, request.until) == (*asked, instant_text(wanted.until))

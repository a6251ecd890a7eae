"""How a matter stands on this machine: for whom it was opened, and which bundles were built of it."""

from __future__ import annotations

from member.matters.case import ProfileName, Text
from member.matters.forms import Hex32
from member.matters.preparing import Subject
from privacy.encoding import unb64
from privacy.evidence import MatterKind
from privacy.identifiers import Identifier, Kind
from privacy.messages import Bytes32, Instant, Message, Name, Reference


class Contracted(Message, frozen=True):
    """One contract of a matter, and its opaque reference."""

    contract: Text
    ref: Bytes32


class Delivery(Message, frozen=True):
    """To whom a bundle was handed, and when."""

    to: Text
    at: Instant


class Built(Message, frozen=True):
    """A bundle that was built: its seal's digest, the file, and to whom it went."""

    seal: Bytes32
    sealed_at: Instant
    file: str
    digest: Hex32
    mark: Hex32
    """Of all that went in, so that the same is not built twice."""
    reported: bool = False
    """Whether the hub has heard of it."""
    deliveries: tuple[Delivery, ...] = ()


class Opened(Message, frozen=True):
    """For whom and what a matter was opened. `opened_at` is null until the hub has taken it."""

    reference: Reference
    member: Name
    kind: MatterKind
    profile: ProfileName
    epoch: int
    debtor_kind: Kind
    debtor: str
    contracts: tuple[Contracted, ...]
    law_firm: Name | None
    lawyers: tuple[Name, ...]
    until: Instant
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    bundles: tuple[Built, ...] = ()

    @property
    def identifier(self) -> Identifier:
        """The debtor's number."""
        return Identifier(self.debtor_kind, self.debtor)

    def subject(self) -> Subject:
        """Return what the case must be about."""
        return Subject(
            matter=self.reference,
            member=self.member,
            kind=self.kind,
            debtor=self.identifier,
            contracts={each.contract: unb64(each.ref) for each in self.contracts},
        )

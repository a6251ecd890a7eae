"""What the hub's answers and requests about matters look like; signed forms stand in `privacy.evidence`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from alliance_hub.matters.kinds import CertificateKind, MatterState, Why
from privacy.certificates import CourtOrder, SignedCertificate
from privacy.evidence import MatterKind
from privacy.logged import LogReceipt
from privacy.messages import Bytes32, Count, Instant, Message, Name, Ordinal, Reference
from privacy.statements import HUB


class MatterOpened(Message, frozen=True):
    """A matter, and the receipt of the log entry of its opening; `lawyers` are staff numbers."""

    matter: Reference
    state: MatterState
    kind: MatterKind
    opened_at: Instant
    until: Instant
    law_firm: Name | None
    lawyers: tuple[str, ...]
    receipt: LogReceipt


class MatterPage(Message, frozen=True):
    """The member's matters, the oldest first; give `next` as `after`, null when this was the last page."""

    matters: tuple[MatterOpened, ...]
    next: Count | None


class CertificateListed(Message, frozen=True):
    """A certificate; `superseded_at` and `why` say since when it says no longer what is on record."""

    number: Ordinal
    kind: CertificateKind
    issued_at: Instant
    superseded_at: Instant | None
    why: Why | None


class BundleListed(Message, frozen=True):
    """A bundle that the member reported; it is superseded with the first certificate in it."""

    seal: Bytes32
    sealed_at: Instant
    superseded_at: Instant | None
    why: Why | None
    delivered_at: Instant | None


class MatterDetail(Message, frozen=True):
    """A matter with all that was certified in it and the bundles that were made of it."""

    matter: Reference
    state: MatterState
    kind: MatterKind
    opened_at: Instant
    until: Instant
    law_firm: Name | None
    lawyers: tuple[str, ...]
    receipt: LogReceipt
    certificates: tuple[CertificateListed, ...]
    bundles: tuple[BundleListed, ...]


class Addressed(Message, frozen=True):
    """For whom and under which keys a request is made."""

    recipient: Literal["hub"]
    epoch: Count
    key_set: Bytes32


class CertificatesAsked(Addressed, frozen=True):
    """What is to be certified; the existence of a match only with a court's order."""

    kinds: Annotated[tuple[CertificateKind, ...], msgspec.Meta(min_length=1, max_length=16)]
    order: CourtOrder | None


class CertificatesIssued(Message, frozen=True):
    """What was certified, and what waits for two officers; of what is not on record there is none."""

    certificates: tuple[SignedCertificate, ...]
    waiting: tuple[CertificateKind, ...]


class BundleReported(Addressed, frozen=True):
    """SHA-256 of a bundle's seal.json, and when it was sealed."""

    seal: Bytes32
    sealed_at: Instant


class BundleDelivered(Addressed, frozen=True):
    """Which bundle was handed over, and when."""

    seal: Bytes32
    delivered_at: Instant


class MatterClosed(Addressed, frozen=True):
    """The member closes a matter: its lawyers see it no longer, and nothing more is certified."""


assert HUB == "hub"  # what `Addressed.recipient` spells out, because a Literal takes no name

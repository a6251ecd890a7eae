"""What both reports are drawn from: the bundle's parts, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from member.matters.case import Case
from member.matters.certificate import Certificate
from member.matters.folder import Prepared
from privacy.certificates import AnySaid, SignedCertificate
from privacy.checkpoint import Note, read_note, verify_counted
from privacy.evidence import IdentityOpening, MatterEvidence, MatterRequest
from privacy.keyset import KeySet
from privacy.logged import LogProof


@dataclass(frozen=True)
class Facts:
    """A bundle's parts before they are bound together. `stamped`: an outside authority stamps the seal."""

    prepared: Prepared
    evidence: MatterEvidence
    opening: IdentityOpening
    key_set: KeySet
    at: datetime
    certificate: Certificate
    stamped: bool

    @property
    def case(self) -> Case:
        """What is claimed."""
        return self.prepared.case

    @property
    def request(self) -> MatterRequest:
        """What the member signed when it opened the matter."""
        return self.evidence.request.request

    @cached_property
    def note(self) -> Note:
        """The checkpoint under which all log entries stand."""
        return read_note(self.evidence.checkpoint)

    @cached_property
    def cosigners(self) -> dict[int, datetime]:
        """Which custodians cosigned the checkpoint, and when."""
        return dict(sorted(verify_counted(self.note, self.key_set).items()))

    @cached_property
    def opened(self) -> LogProof:
        """The log entry of the opened matter."""
        return next(each for each in self.evidence.proofs if each.receipt.entry.get("kind") == "matter")

    @cached_property
    def proofs(self) -> list[LogProof]:
        """All log entries, in the log's order."""
        return sorted(self.evidence.proofs, key=lambda proof: proof.index)

    @property
    def certificates(self) -> Sequence[SignedCertificate]:
        """What the hub has certified."""
        return self.evidence.certificates

    @property
    def said(self) -> list[AnySaid]:
        """What the hub's certificates say."""
        return [signed.certificate.said for signed in self.evidence.certificates]

    def kind_of(self, signed: SignedCertificate) -> str:
        """Return what a certificate is about, in one word."""
        return str(signed.certificate.said.__struct_config__.tag)

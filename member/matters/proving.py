"""Whether what the hub gives for a matter holds, before it is put into a bundle.

The verifier of the court checks all of it once more and in full; here the member finds out in time, while the
hub can still be asked.
"""

from __future__ import annotations

from privacy.certificates import SignedCertificate, leaves_of, verify_certificate
from privacy.checkpoint import read_note, verify_counted
from privacy.errors import VerifyError
from privacy.evidence import MatterEvidence, SignedMatterRequest
from privacy.keyset import KeySet
from privacy.logged import verify_logged
from privacy.messages import Reference
from privacy.statements import Enrolment


def verify_own(signed: SignedCertificate, matter: Reference, key_set: KeySet) -> None:
    """Check that the hub signed a certificate, and that it is of this matter; raises VerifyError."""
    certificate = signed.certificate
    verify_certificate(signed, key_set.hub_key)
    named = (certificate.matter, certificate.alliance, certificate.epoch)
    if named != (matter, key_set.alliance, key_set.epoch):
        raise VerifyError("the certificate is of another matter, alliance or epoch")


def verify_evidence(evidence: MatterEvidence, request: SignedMatterRequest, key_set: KeySet) -> None:
    """Check signatures, inclusion, and that nothing is missing of what is named.

    Raises VerifyError or DeserializeError.
    """
    if evidence.request != request:
        raise VerifyError("the evidence is of another request than this member signed")
    note = read_note(evidence.checkpoint)
    verify_counted(note, key_set)
    for proof in evidence.proofs:
        verify_logged(proof, size=note.checkpoint.size, root=note.checkpoint.root)
    for signed in evidence.certificates:
        verify_own(signed, request.request.matter, key_set)
    _require_all(evidence)
    _require_enrolled(evidence, request.request.member)


def _require_all(evidence: MatterEvidence) -> None:
    shown = {proof.receipt.leaf for proof in evidence.proofs}
    named = {signed.leaf for signed in evidence.certificates}
    for signed in evidence.certificates:
        named.update(leaves_of(signed.certificate.said))
    if not named <= shown:
        raise VerifyError("a log entry is missing on which a certificate rests")
    if all(proof.receipt.entry.get("kind") != "matter" for proof in evidence.proofs):
        raise VerifyError("the log entry of the opened matter is missing")


def _require_enrolled(evidence: MatterEvidence, member: str) -> None:
    bodies = [signed.statement.body for signed in evidence.membership]
    if not any(isinstance(body, Enrolment) and body.member == member for body in bodies):
        raise VerifyError("the member's enrolment is missing")

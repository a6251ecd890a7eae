"""What pyHanko's own validator says of a signed report."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from member.matters.certificate import Certificate
from member.matters.stamping import Authority


@dataclass(frozen=True)
class Checked:
    """A validator's verdict."""

    holds: bool
    """Intact, by the certificate that was expected, over the whole file, of the profile PAdES."""
    stamped: bool
    """Whether it bears a time stamp that holds under the authority's roots."""
    says: datetime
    """When it says that it was made."""


def check(pdf: bytes, certificate: Certificate, authority: Authority | None = None) -> Checked:
    """Validate a report's one signature."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    status = validate_pdf_signature(
        signature,
        _context([certificate.shown]),
        ts_validation_context=_context(list(authority.roots) if authority else []),
    )
    whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    unchanged = status.modification_level is ModificationLevel.NONE
    is_pades = signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    stamp = status.timestamp_validity
    return Checked(
        holds=status.bottom_line and whole and unchanged and is_pades,
        stamped=stamp is not None and stamp.intact and stamp.valid and stamp.trusted,
        says=signature.self_reported_timestamp,
    )


def _context(roots: list[x509.Certificate]) -> ValidationContext:
    trusted: list[Any] = [
        each for root in roots for each in load_certs_from_pemder_data(root.public_bytes(Encoding.DER))
    ]
    return ValidationContext(trust_roots=trusted, allow_fetching=False)

"""Signatures inside the reports (PAdES, ETSI EN 319 142-1): who answers for them, in any PDF reader.

The same report, certificate and time give the same bytes; only an authority's time stamp differs each time.
"""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import NoOpStampStyle

from member.matters.certificate import Certificate
from member.matters.stamping import Authority, Stamps
from paper.styles import SIGNATURE

_FIELD = "Signature"

_RESERVED = 32_768
"""Hexadecimal digits kept free for a signature with its certificates and time stamp."""


def sign(pdf: bytes, certificate: Certificate, *, at: datetime, authority: Authority | None = None) -> bytes:
    """Sign a sheet with a box for it on page 1: PAdES B-B, or B-T with the authority's time stamp.

    Raises what `stamping.stamp` raises.
    """
    signer = _DatedSigner(
        PdfSignatureMetadata(field_name=_FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES),
        _KeySigner(certificate),
        timestamper=None if authority is None else Stamps(authority),
        # What is to be read stands on the page already; the field lies over it and opens the reader's panel.
        stamp_style=NoOpStampStyle(),
        new_field_spec=SigFieldSpec(_FIELD, on_page=0, box=tuple(map(round, SIGNATURE))),
    )
    signer.at = at
    signed: io.BytesIO = signer.sign_pdf(_SameWriter(io.BytesIO(pdf)), bytes_reserved=_RESERVED)
    return signed.getvalue()


class _KeySigner(Signer):
    """Signs with a key that is read already: pyHanko's own signer reads and checks it for each report."""

    def __init__(self, certificate: Certificate) -> None:
        super().__init__(signing_cert=_asn1(certificate.shown))
        for each in certificate.chain:
            self.cert_registry.register(_asn1(each))
        self._key = certificate.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the signature over SHA-256 of `data`."""
        return self._key.sign(data, PKCS1v15(), hashes.SHA256())


class _DatedSigner(PdfSigner):
    """Signs at a given time: else the same report would differ with every build."""

    at: datetime

    def init_signing_session(self, *args: Any, **given: Any) -> PdfSigningSession:
        """Begin as pyHanko does, but at the time that was given."""
        session = super().init_signing_session(*args, **given)
        session.system_time = self.at
        return session


class _SameWriter(IncrementalPdfFileWriter):
    """Adds to a file without a random number and without the machine's time."""

    @classmethod
    def _handle_id(cls, prev: Any) -> generic.ArrayObject:
        prev.stream.seek(0)
        second = hashlib.sha256(prev.stream.read()).digest()[:16]
        return generic.ArrayObject([prev.trailer["/ID"][0], generic.ByteStringObject(second)])

    def _update_meta(self) -> None:
        """Leave title, author and times as the sheet has them."""


def _asn1(certificate: x509.Certificate) -> Any:
    """Return a certificate as pyHanko has it."""
    return next(iter(load_certs_from_pemder_data(certificate.public_bytes(Encoding.DER))))

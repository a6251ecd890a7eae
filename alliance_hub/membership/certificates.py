"""What the secretariat signs of a leaving: what was returned, what was erased, what stays and why.

Nobody can prove that something is gone; a certificate proves who said so. It names the custodians' own
certificates where the member has handed them in, and says what the protocol forgets only later.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from privacy import signing
from privacy.messages import Bytes32, Bytes64, Count, Instant, Message, Name, Ordinal
from privacy.receipts import SignedDeletion
from privacy.signing import SigningKey

LABEL = "exit-certificate"


class Remains(StrEnum):
    """What is left for a while, and goes by itself."""

    COPY = "copy"
    """The archive that the member may fetch, until its last day."""
    CONTACTS = "contacts"
    """The names of the member's people, until the archive is gone: they are told where it is."""
    CHUNKS = "chunks"
    """The sealed records of its chunks in the feed, until two further cuts are effective."""
    CONTRACTS = "contracts"
    """That its contracts were known, without what was said of them, until the chunks are gone."""


class Stays(StrEnum):
    """What is kept, and why."""

    STATEMENTS = "statements"
    """Its statements in the feed, without records: every custodian's state follows from all of them."""
    AGREEMENTS = "agreements"
    """Its data agreements as signed: evidence of what was allowed."""
    LOG = "log"
    """The log entries about it, for three years: by law it must be known who asked what (PIPL art. 56)."""
    FILE = "file"
    """Its name, code, licence and application: the register of members, without its people."""
    CUSTODIANS = "custodians"
    """What custodians hold: its contracts count no more, are forgotten by the cuts, and certified by them."""


REMAINS: Mapping[Remains, str] = {
    Remains.COPY: "the archive with its own data, which it may fetch until export_until",
    Remains.CONTACTS: "names, mobile numbers and mail addresses of its people, until export_until",
    Remains.CHUNKS: "sealed records of its chunks in the feed, until two further cuts are effective",
    Remains.CONTRACTS: "opaque references of its contracts, and nothing said of them, as long as the chunks",
}
STAYS: Mapping[Stays, str] = {
    Stays.STATEMENTS: "its statements in the feed, without records: all custodians' state follows from them",
    Stays.AGREEMENTS: "its data agreements as signed: evidence of what was allowed",
    Stays.LOG: "log entries about it, for three years: it must be known who asked what",
    Stays.FILE: "name, code, licence and application in the register of members, without its people",
    Stays.CUSTODIANS: (
        "records at the custodians: what it withdrew or settled is forgotten two cuts later, what was live "
        "when it left blocks its subjects for six cuts and is then forgotten; they certify it to the member"
    ),
}


class Erased(Message, frozen=True):
    """How many rows of a table of the hub were erased."""

    table: str
    rows: Count


class Note(Message, frozen=True):
    """Something that remains or stays, and why."""

    what: str
    why: str


class Certificate(Message, frozen=True):
    """What the secretariat says of a leaving. Number 1 comes with the erasure, the last one is `final`."""

    alliance: Name
    epoch: Count
    member: Name
    number: Ordinal
    final: bool
    issued_at: Instant
    position: Count
    """Where the feed ended when this was signed."""
    suspended_position: Ordinal
    """Where in the feed the member's last suspension stands."""
    export_until: Instant
    export_sha256: Bytes32
    export_bytes: Count
    erased: tuple[Erased, ...]
    custodians: tuple[SignedDeletion, ...]
    remains: tuple[Note, ...]
    stays: tuple[Note, ...]


class SignedCertificate(Message, frozen=True):
    """A certificate under the secretariat's key, which stands in the key set."""

    certificate: Certificate
    signature: Bytes64


def sign_certificate(key: SigningKey, certificate: Certificate) -> SignedCertificate:
    """Sign a certificate as the secretariat."""
    return SignedCertificate(certificate, key.sign_document(LABEL, certificate.document()))


def verify_certificate(signed: SignedCertificate, secretariat: bytes) -> None:
    """Check a certificate's signature; raises VerifyError."""
    signing.verify_document(secretariat, LABEL, signed.certificate.document(), signed.signature)

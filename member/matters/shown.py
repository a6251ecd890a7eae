"""What the hub answers about matters, as far as it is read here; what is signed stands in `privacy`."""

from __future__ import annotations

from member.wire import Form
from privacy.certificates import SignedCertificate
from privacy.logged import LogReceipt


class Opened(Form, frozen=True):
    """A matter as the hub keeps it."""

    matter: str
    state: str
    kind: str
    opened_at: str
    until: str
    law_firm: str | None = None
    lawyers: tuple[str, ...] = ()
    receipt: LogReceipt | None = None


class CertificateShown(Form, frozen=True):
    """One certificate of a matter; `why` it is superseded, where it is."""

    number: int
    kind: str
    issued_at: str
    superseded_at: str | None = None
    why: str | None = None


class BundleShown(Form, frozen=True):
    """One bundle that was reported, by its seal's digest."""

    seal: str
    sealed_at: str
    delivered_at: str | None = None
    superseded_at: str | None = None
    why: str | None = None


class Detail(Opened, frozen=True):
    """A matter with its certificates and bundles."""

    certificates: tuple[CertificateShown, ...] = ()
    bundles: tuple[BundleShown, ...] = ()


class Matters(Form, frozen=True):
    """Matters of the member, and after which the next page begins; None on the last."""

    matters: tuple[Opened, ...]
    next: int | None = None


class Certified(Form, frozen=True):
    """Certificates, and the kinds that wait for the secretariat."""

    certificates: tuple[SignedCertificate, ...]
    waiting: tuple[str, ...] = ()

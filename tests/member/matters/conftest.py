"""A member with a matter that the hub has opened and certified, and a certificate for its reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.authority import Authority as MadeUpAuthority
from member import Member
from member.matters import bundle, office, stamping
from member.matters.certificate import Certificate, make_certificate, read_certificate
from member.matters.folder import Folder, Prepared
from member.matters.stamping import Authority
from privacy.evidence import MatterEvidence, MatterKind, SignedSeal
from tests.member.conftest import Alliance
from tests.member.matters import cases
from tests.member.matters.court import Court
from tests.member.people import identifier

KINDS = ("agreement", "decision", "record", "notice", "settlement")


@dataclass
class Matter:
    """One matter, ready to be assembled."""

    member: Member
    court: Court
    folder: Folder
    prepared: Prepared
    evidence: MatterEvidence
    papers: dict[int, bytes]
    certificate: Certificate

    def assemble(
        self, target: Path, *, at: datetime | None = None, authority: Authority | None = None
    ) -> SignedSeal:
        return bundle.assemble(
            self.member,
            self.prepared,
            self.evidence,
            self.papers,
            target,
            at=at or self.member.clock(),
            authority=authority,
            certificate=self.certificate,
        )


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    """A certificate as an authority would issue it, with a small key: large ones take a second to make."""
    now = datetime.now(UTC)
    return read_certificate(make_certificate("南山小额贷款有限公司", at=now, key_bits=2048), "", at=now)


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeUpAuthority]:
    """A time-stamping authority on loopback."""
    with MadeUpAuthority(tmp_path_factory.mktemp("authority")).serve() as found:
        yield found


@pytest.fixture
def authority(made_up: MadeUpAuthority) -> Authority:
    """The same as a member knows it."""
    return stamping.authority(made_up.url, made_up.roots.read_bytes())


@pytest.fixture
def court(alliance: Alliance, south: Member) -> Court:
    return Court(alliance, south)


@pytest.fixture
def wanted(south: Member) -> office.Wanted:
    """The matter of the case in `cases`, as it is opened at the hub."""
    return office.Wanted(
        matter=cases.MATTER,
        kind=MatterKind.LITIGATION,
        debtor=identifier(1),
        contracts=[cases.contract_ref(1)],
        until=south.clock() + timedelta(days=300),
    )


@pytest.fixture
def matter(south: Member, court: Court, wanted: office.Wanted, certificate: Certificate) -> Matter:
    folder = cases.begin(south)
    cases.add_documents(folder, south.clock())
    office.open_matter(south, wanted)
    certified = office.certify(south, cases.MATTER, KINDS).certificates
    numbers = [signed.certificate.number for signed in certified]
    return Matter(
        member=south,
        court=court,
        folder=folder,
        prepared=cases.prepared(folder),
        evidence=office.evidence(south, cases.MATTER),
        papers=office.papers(south, cases.MATTER, numbers),
        certificate=certificate,
    )

"""Certificates and signatures of reports: pyHanko's validator judges, and what is wrong is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from member import Home, Member, open_member
from member.errors import Refused
from member.matters import pades
from member.matters.certificate import Certificate, own_certificate, read_certificate
from paper.blocks import Language, Paragraph, Sheet
from paper.sheet import render
from tests.member.conftest import PASSPHRASE, Alliance
from tests.member.matters.signatures import check

_DER = Encoding.DER
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHEET = Sheet("报告", (Paragraph("内容"),), "m-000001", Language.CHINESE, signature=("由 南山 签署",))


@pytest.fixture(scope="module")
def sheet() -> bytes:
    return render(SHEET)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def issued(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, days: int = 30) -> x509.Certificate:
    """Return a certificate under a made-up root, valid from ten days ago."""
    root = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named("南山小额贷款有限公司"))
        .issuer_name(named("示范电子认证服务机构"))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now - timedelta(days=10) + timedelta(days=days))
        .sign(root, hashes.SHA256())
    )


def file_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, **given: int) -> bytes:
    encryption = BestAvailableEncryption("口令".encode())
    return pkcs12.serialize_key_and_certificates(b"x", key, issued(key, **given), None, encryption)


def test_the_same_sheet_key_and_time_give_the_same_signature(sheet: bytes, certificate: Certificate) -> None:
    one, two = (pades.sign(sheet, certificate, at=AT) for _ in range(2))

    assert one == two
    assert one.startswith(sheet)
    checked = check(one, certificate)
    assert checked.holds
    assert checked.says == AT
    assert pades.sign(sheet, certificate, at=AT + timedelta(seconds=1)) != one


def test_a_changed_page_is_found(sheet: bytes, certificate: Certificate) -> None:
    signed = pades.sign(sheet, certificate, at=AT)
    place = signed.index(b"/Title")

    broken = signed[: place + 1] + b"X" + signed[place + 2 :]
    assert not check(broken, certificate).holds


def test_the_members_own_certificate_is_made_once_and_kept_sealed(
    alliance: Alliance, south: Member, home: Home, sheet: bytes, certificate: Certificate
) -> None:
    first = own_certificate(south.vault, at=AT)
    south.close()
    with open_member(home, PASSPHRASE, clock=alliance.clock) as again:
        second = own_certificate(again.vault, at=AT + timedelta(days=400))
        (stored,) = again.vault.db.execute(
            "SELECT value FROM meta WHERE name = 'paper-certificate'"
        ).fetchone()

    assert first.shown == second.shown
    assert first.own
    assert first.holder == south.name
    assert first.key.key_size == 3072
    assert first.shown.public_bytes(_DER) not in stored
    assert check(pades.sign(sheet, first, at=AT), first).holds
    assert not check(pades.sign(sheet, certificate, at=AT), first).holds


def test_a_file_of_an_authority_is_read_with_its_passphrase(certificate: Certificate) -> None:
    key = certificate.key

    found = read_certificate(file_of(key), "口令", at=datetime.now(UTC))

    assert (found.holder, found.own) == ("南山小额贷款有限公司", False)
    assert found.fingerprint == found.shown.fingerprint(hashes.SHA256()).hex()
    with pytest.raises(Refused, match="does not open"):
        read_certificate(file_of(key), "wrong", at=datetime.now(UTC))
    with pytest.raises(Refused, match="not valid today"):
        read_certificate(file_of(key, days=5), "口令", at=datetime.now(UTC))


def test_what_is_no_certificate_for_reports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"\.p12"):
        read_certificate(b"not a certificate", "口令", at=AT)
    with pytest.raises(Refused, match="no RSA key"):
        read_certificate(file_of(ec.generate_private_key(ec.SECP256R1())), "口令", at=AT)

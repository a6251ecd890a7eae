"""Signatures written by hand from RFC 9421 hold; then every request that somebody else made of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from privacy import request_signing
from privacy.errors import VerifyError
from privacy.request_signing import Request, Verified, content_digest
from privacy.signing import SigningKey, key_id
from tests.privacy.samples import key

KEY, OTHER = key("south/signing"), key("north/signing")
KEYS = {key_id(each.public): each.public for each in (KEY, OTHER)}
NOW = datetime(2026, 11, 2, 1, 2, 3, tzinfo=UTC)
URL = "https://hub.example:8443/v1/statements?after=7&limit=100"
BODY = b'{"recipient":"hub"}'
NONCE = "abcdefghijklmnopqrstuvwx"
COMPONENTS = ("@method", "@authority", "@path", "@query", "content-digest")


def sha256_field(body: bytes) -> str:
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


@dataclass
class ByHand:
    """A signed request as RFC 9421 section 2.5 has it built, with nothing of a library."""

    values: dict[str, str] = field(
        default_factory=lambda: {
            "@method": "POST",
            "@authority": "hub.example:8443",
            "@path": "/v1/statements",
            "@query": "?after=7&limit=100",
            "content-digest": sha256_field(BODY),
        }
    )
    components: tuple[str, ...] = COMPONENTS
    created: str = f";created={int(NOW.timestamp())}"
    keyid: str = f';keyid="{key_id(KEY.public)}"'
    nonce: str = f';nonce="{NONCE}"'
    more: str = ""
    signer: SigningKey = KEY

    @property
    def parameters(self) -> str:
        covered = " ".join(f'"{name}"' for name in self.components)
        return f"({covered}){self.created}{self.keyid}{self.nonce}{self.more}"

    @property
    def base(self) -> str:
        lines = [f'"{name}": {self.values[name]}' for name in self.components]
        return "\n".join([*lines, f'"@signature-params": {self.parameters}'])

    def headers(self) -> dict[str, str]:
        signature = base64.b64encode(self.signer.sign(self.base.encode())).decode()
        return {
            "Content-Digest": sha256_field(BODY),
            "Signature-Input": f"sig={self.parameters}",
            "Signature": f"sig=:{signature}:",
        }


def check(
    headers: dict[str, str],
    *,
    method: str = "POST",
    url: str = URL,
    body: bytes = BODY,
    now: datetime = NOW,
    find_key: Callable[[str], bytes | None] = KEYS.get,
) -> Verified:
    return request_signing.verify(
        Request(method, url, headers), digest=content_digest([body]), find_key=find_key, now=now
    )


def refused(headers: dict[str, str], **changes: Any) -> str:
    with pytest.raises(VerifyError) as refusal:
        check(headers, **changes)
    return str(refusal.value)


def signed(**changes: Any) -> dict[str, str]:
    asked = {"method": "POST", "url": URL, "body": BODY, "now": NOW} | changes
    request = Request(asked["method"], asked["url"])
    return request_signing.sign(request, digest=content_digest([asked["body"]]), key=KEY, now=asked["now"])


# What holds


def test_a_signature_written_by_hand_holds() -> None:
    verified = check(ByHand().headers())
    assert verified.keyid == key_id(KEY.public)
    assert verified.nonce == NONCE
    assert verified.created == NOW
    assert verified.base == ByHand().base
    assert verified.signature == ByHand().headers()["Signature"]


def test_what_is_signed_here_holds_and_covers_the_five_components() -> None:
    headers = signed()
    verified = check(headers)
    lines = dict(line.split(": ", 1) for line in verified.base.split("\n"))
    params = lines.pop('"@signature-params"')
    assert lines == {f'"{name}"': value for name, value in ByHand().values.items()}
    assert headers["Signature-Input"] == f"sig={params}"
    signature = base64.b64decode(headers["Signature"].removeprefix("sig=:").removesuffix(":"))
    Ed25519PublicKey.from_public_bytes(KEY.public).verify(signature, verified.base.encode())


def test_base_and_signature_are_what_a_log_needs_to_show_it_later() -> None:
    verified = check(signed())
    raw = base64.b64decode(verified.signature.split(":")[1])
    Ed25519PublicKey.from_public_bytes(KEY.public).verify(raw, verified.base.encode())
    assert sha256_field(BODY) in verified.base


def test_each_request_has_a_nonce_of_its_own() -> None:
    assert len({check(signed()).nonce for _ in range(50)}) == 50


def test_that_a_nonce_was_seen_before_is_for_the_caller_to_know() -> None:
    headers = signed()
    assert check(headers).nonce == check(headers).nonce
    assert request_signing.NONCE_LIFE == 2 * request_signing.SKEW == timedelta(seconds=600)


def test_an_empty_body_is_covered_too() -> None:
    headers = signed(method="GET", body=b"")
    assert headers["Content-Digest"] == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    assert check(headers, method="GET", body=b"").keyid == key_id(KEY.public)
    refused(headers, method="GET", body=b"\n")


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_a_digest_does_not_depend_on_the_pieces(chunks: list[bytes]) -> None:
    assert content_digest(chunks) == sha256_field(b"".join(chunks))


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("https://hub.example:8443", "/", "?"),
        ("https://hub.example:8443/v1/alliance", "/v1/alliance", "?"),
        ("https://hub.example:8443/v1/a%2Fb?x=%E5%8D%97&x=1", "/v1/a%2Fb", "?x=%E5%8D%97&x=1"),
    ],
)
def test_path_and_query_stand_as_they_are_sent(url: str, path: str, query: str) -> None:
    base = check(signed(url=url), url=url).base
    assert f'"@path": {path}\n"@query": {query}\n' in base


def test_names_of_headers_and_hosts_have_no_case() -> None:
    shouted = {name.upper(): value for name, value in ByHand().headers().items()}
    check(shouted, url=URL.replace("hub.example", "HUB.Example"))


def test_other_headers_may_be_covered_as_well() -> None:
    by_hand = ByHand(components=(*COMPONENTS, "idempotency-key"), more=';alg="ed25519";tag="alliance-hub"')
    by_hand.values["idempotency-key"] = "south-2026-11"
    headers = by_hand.headers() | {"Idempotency-Key": "south-2026-11"}
    assert check(headers).base == by_hand.base
    refused(headers | {"Idempotency-Key": "south-2026-12"})
    refused(by_hand.headers())


# What does not


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"method": "post"},
        {"url": URL.replace("hub.example", "other.example")},
        {"url": URL.replace(":8443", "")},
        {"url": URL.replace(":8443", ":8444")},
        {"url": URL.replace("statements", "matches")},
        {"url": URL.replace("/v1", "/v1/")},
        {"url": URL.replace("after=7", "after=8")},
        {"url": URL.replace("&limit=100", "")},
        {"url": URL.replace("after=7&limit=100", "limit=100&after=7")},
        {"url": URL.split("?")[0]},
        {"url": URL + "%20"},
        {"url": URL + "#fragment 1"},
        {"url": "/v1/statements"},
        {"url": "https://hub.example:8443/南"},
        {"body": BODY + b" "},
        {"body": b""},
        {"now": NOW + timedelta(seconds=301)},
        {"now": NOW - timedelta(seconds=301)},
        {"now": NOW + timedelta(days=3650)},
        {"find_key": {}.get},
        {"find_key": {key_id(KEY.public): OTHER.public}.get},
        {"find_key": {key_id(KEY.public): b""}.get},
        {"find_key": {key_id(KEY.public): KEY.public + b"\0"}.get},
    ],
    ids=lambda changes: next(name for name in changes),
)
def test_a_request_that_was_changed_is_refused(changes: dict[str, Any]) -> None:
    refused(ByHand().headers(), **changes)


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_clocks_may_differ_by_300_seconds_both_ways(seconds: int) -> None:
    assert check(ByHand().headers(), now=NOW + timedelta(seconds=seconds)).created == NOW


@pytest.mark.parametrize("left_out", COMPONENTS)
def test_every_component_must_be_covered(left_out: str) -> None:
    refused(ByHand(components=tuple(name for name in COMPONENTS if name != left_out)).headers())


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"created": ""}, id="no-created"),
        pytest.param({"created": ';created="1"'}, id="created-as-text"),
        pytest.param({"created": f";created={NOW.timestamp()}"}, id="created-with-fraction"),
        pytest.param({"created": ";created=-1"}, id="created-before-1970"),
        pytest.param({"created": ";created=999999999999999"}, id="created-at-the-end-of-time"),
        pytest.param({"created": ";created"}, id="created-as-a-flag"),
        pytest.param({"keyid": ""}, id="no-keyid"),
        pytest.param({"keyid": ';keyid="nobody"'}, id="unknown-keyid"),
        pytest.param({"keyid": ";keyid=1"}, id="keyid-as-number"),
        pytest.param({"keyid": f';keyid="{key_id(OTHER.public)}"'}, id="anothers-keyid"),
        pytest.param({"nonce": ""}, id="no-nonce"),
        pytest.param({"nonce": ';nonce=""'}, id="empty-nonce"),
        pytest.param({"nonce": ';nonce="short"'}, id="short-nonce"),
        pytest.param({"nonce": f';nonce="{"n" * 65}"'}, id="long-nonce"),
        pytest.param({"nonce": f';nonce="{NONCE} "'}, id="nonce-with-space"),
        pytest.param({"nonce": ";nonce=7"}, id="nonce-as-number"),
        pytest.param({"more": f";expires={int(NOW.timestamp()) - 1}"}, id="expired"),
        pytest.param({"more": ';alg="hmac-sha256"'}, id="other-algorithm"),
        pytest.param({"more": ";secret=1"}, id="unknown-parameter"),
        pytest.param({"signer": OTHER}, id="other-key"),
        pytest.param({"components": (*COMPONENTS, "@path")}, id="component-twice"),
        pytest.param({"components": ("@method", "@authority", "@path", "@query")}, id="no-digest"),
    ],
)
def test_a_signature_with_other_parameters_is_refused(changes: dict[str, Any]) -> None:
    refused(ByHand(**changes).headers())


def test_a_signature_that_has_not_expired_holds() -> None:
    check(ByHand(more=f";expires={int(NOW.timestamp())}").headers())


@pytest.mark.parametrize("name", ["Content-Digest", "Signature-Input", "Signature"])
def test_no_header_may_be_missing_or_mutilated(name: str) -> None:
    headers = ByHand().headers()
    value = headers[name]
    refused({other: kept for other, kept in headers.items() if other != name})
    for changed in (
        "",
        value[:-2],
        value[1:],
        value + "x",
        value.replace("=", "=="),
        value + ", " + value,
        "南",
    ):
        refused(headers | {name: changed})


def test_two_signatures_are_refused_though_both_hold() -> None:
    one, two = ByHand().headers(), ByHand(keyid=f';keyid="{key_id(OTHER.public)}"', signer=OTHER).headers()
    both = dict(one)
    for name in ("Signature-Input", "Signature"):
        both[name] = f"{one[name]}, {two[name].replace('sig=', 'other=', 1)}"
    check(one)
    check(two)
    refused(both)


def test_a_signature_under_another_label_than_its_input_is_refused() -> None:
    headers = ByHand().headers()
    refused(headers | {"Signature": headers["Signature"].replace("sig=", "gis=", 1)})


def test_the_digest_must_be_of_sha_256_alone() -> None:
    sha512 = "sha-512=:" + base64.b64encode(hashlib.sha512(BODY).digest()).decode() + ":"
    for digest in (sha512, f"{sha256_field(BODY)}, {sha512}", sha256_field(BODY).lower()):
        by_hand = ByHand()
        by_hand.values["content-digest"] = digest
        refused(by_hand.headers() | {"Content-Digest": digest})


def test_a_key_of_small_order_signs_no_request() -> None:
    identity = bytes([1]) + bytes(31)
    by_hand = ByHand(keyid=f';keyid="{key_id(identity)}"')
    forged = base64.b64encode(identity + bytes(32)).decode()
    Ed25519PublicKey.from_public_bytes(identity).verify(base64.b64decode(forged), by_hand.base.encode())
    headers = by_hand.headers() | {"Signature": f"sig=:{forged}:"}
    refused(headers, find_key={key_id(identity): identity}.get)


def test_errors_quote_nothing() -> None:
    for message in (
        refused(ByHand().headers(), body=b"x"),
        refused(ByHand(signer=OTHER).headers()),
        refused(ByHand().headers(), now=NOW + timedelta(hours=1)),
        refused(ByHand(nonce=';nonce="short"').headers()),
    ):
        assert key_id(KEY.public) not in message
        assert NONCE not in message
        assert "hub.example" not in message


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_in_the_headers_the_answer_is_one_error(one: str, other: str) -> None:
    headers = ByHand().headers()
    refused(headers | {"Signature-Input": one})
    refused(headers | {"Signature": other})
    refused(headers | {"Signature-Input": f"sig={one}", "Signature": f"sig={other}"})


@given(st.text('"()=;:, @-abc1?', max_size=40))
def test_whatever_looks_like_a_structured_field_too(text: str) -> None:
    headers = ByHand().headers()
    refused(headers | {"Signature-Input": f"sig={text}"})
    refused(headers | {"Signature-Input": f"sig=({text});created={int(NOW.timestamp())}{ByHand().keyid}"})
    refused(headers | {"Signature": f"sig={text}"})

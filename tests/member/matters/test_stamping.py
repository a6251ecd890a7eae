"""An authority's time stamps: believed under the roots that were named, and never when they do not fit."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from demo.authority import Authority as MadeUpAuthority
from demo.authority import verify_command
from member.errors import Refused, Unavailable, Untrusted
from member.matters import stamping

DATA = b"manifest\n"


def test_openssl_accepts_a_stamp(
    made_up: MadeUpAuthority, authority: stamping.Authority, tmp_path: Path
) -> None:
    data, token = tmp_path / "data", tmp_path / "token.tsr"
    data.write_bytes(DATA)

    token.write_bytes(stamping.stamp(authority, DATA))

    done = subprocess.run(verify_command(data, token, made_up.roots), capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout + done.stderr


def test_a_stamp_of_other_data_or_an_earlier_answer_is_not_believed(authority: stamping.Authority) -> None:
    old = stamping.stamp(authority, DATA)

    for data in (b"other", DATA):  # The second differs in its nonce alone.
        with pytest.raises(Untrusted, match="does not hold"):
            stamping.stamp(replace(authority, send=lambda url, query: old), data)


def test_a_stamp_under_other_roots_is_not_believed(authority: stamping.Authority, tmp_path: Path) -> None:
    other = MadeUpAuthority(tmp_path / "other")
    roots = stamping.authority("http://127.0.0.1", other.roots.read_bytes()).roots

    with pytest.raises(Untrusted, match="--authority-roots"):
        stamping.stamp(replace(authority, roots=roots), DATA)


@pytest.mark.parametrize("body", [b"", b"<html>sorry</html>", b"0\x030\x01\x02"])
def test_what_is_no_stamp_is_said(authority: stamping.Authority, body: bytes) -> None:
    with pytest.raises(Untrusted, match="no time stamp"):
        stamping.stamp(replace(authority, send=lambda url, query: body), DATA)


def test_a_silent_authority_is_named_with_the_way_out(authority: stamping.Authority) -> None:
    with pytest.raises(Unavailable, match="build without --authority"):
        stamping.stamp(replace(authority, url="http://127.0.0.1:9/"), DATA)


def test_roots_and_addresses_are_judged_at_once(made_up: MadeUpAuthority) -> None:
    with pytest.raises(Refused, match="no PEM certificates"):
        stamping.authority(made_up.url, b"not a certificate")
    with pytest.raises(Refused, match="address"):
        stamping.authority("ftp://tsa.example", made_up.roots.read_bytes())

#!/usr/bin/env python3
"""Check an evidence bundle offline: all it takes is Python 3.8 and a trust file from elsewhere.

    python3 alliance_verify.py BUNDLE.zip --trust TRUST.json [--lang zh|en] [--json]

A second implementation of the bundle's format (docs/bundle.md), which shares no line with the programs that
make bundles, so that a mistake there is not repeated here. It is slow and plain on purpose: whoever doubts a
result can read how it came about. The standards come first (RFC 8032, 8785, 9162, 9380, 9496, 9497, SM3, C2SP
signed notes), then the forms, then the claims in the order in which they are checked: see `CLAIMS`.

An adversary would hand in a bundle that was changed after it was sealed, or one whose parts belong to other
bundles, or a file that means one thing to this program and another to the reader's unzip. So every byte of
the container is accounted for, every form is exact, and the first claim that fails ends the run.

Exit status: 0 every claim that is checked holds; 1 one fails; 2 the check could not be made.
"""

from __future__ import annotations

import argparse
import base64
import calendar
import hashlib
import json
import locale
import os
import re
import shlex
import struct
import sys
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

if TYPE_CHECKING:
    Json = dict[str, Any]
    Shape = Callable[[Any, str], None]
    Point = tuple[int, int, int, int]

BLOCK = 1 << 20
"""Bytes of a file in memory at a time."""

LARGEST_TEXT = 8 << 20
"""Bytes of a file that is read whole: everything but the payload."""

DAY = 86_400
"""Seconds by which the clocks of member, hub and custodians may differ."""


class Words:
    """A sentence in English with its facts; how it reads in Chinese stands at the end, in `CHINESE`."""

    def __init__(self, text: str, **facts: object) -> None:
        self.text, self.facts = text, facts

    def said(self, lang: str) -> str:
        """Return the sentence in one of the two languages."""
        facts = {name: _said(fact, lang) for name, fact in self.facts.items()}
        return (CHINESE[self.text] if lang == "zh" else self.text).format(**facts)


def _said(fact: object, lang: str) -> object:
    if isinstance(fact, list):
        return ("、" if lang == "zh" else ", ").join(str(_said(each, lang)) for each in fact)
    return fact.said(lang) if isinstance(fact, Words) else fact


class Said(Exception):
    """What ends a check early, in words for people."""

    def __init__(self, words: Words | str, **facts: object) -> None:
        self.words = Words(words, **facts) if isinstance(words, str) else words
        super().__init__(self.words.said("en"))


class Fails(Said):
    """A claim does not hold: why."""


class Absent(Said):
    """The bundle does not say what this claim would be about."""


class CannotCheck(Said):
    """The check could not be made; nothing is said about the bundle."""


def need(holds: bool, why: Words | str, **facts: object) -> None:
    """Go on if it holds; raises Fails with the reason."""
    if not holds:
        raise Fails(why, **facts)


# ---------------------------------------------------------------------------------------------------------
# Bytes and JSON: framing, base64url, RFC 8785
# ---------------------------------------------------------------------------------------------------------


def label(name: str) -> bytes:
    """Return the label under which something of this name is hashed or signed."""
    return b"alliance-hub/" + name.encode() + b"/v1"


def frame(*fields: bytes) -> bytes:
    """Join fields, each behind its length in eight bytes."""
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


def framed_digest(name: str, *fields: bytes) -> bytes:
    """Return SHA-256 over the label and the fields, framed."""
    return hashlib.sha256(frame(label(name), *fields)).digest()


def b64(data: bytes) -> str:
    """Return unpadded base64url."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """Decode unpadded base64url; the one spelling only. Raises ValueError."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if b64(data) != text:
        raise ValueError("not canonical base64url")
    return data


def jcs(value: Any) -> bytes:
    """Return canonical JSON (RFC 8785) of what `read_json` gives.

    Names are ASCII there, so that their order by code points is the standard's, by UTF-16 code units.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_json(data: bytes, where: str) -> Any:
    """Read JSON without fractions, with ASCII names, none of them twice in one object. Raises Fails."""
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_refused,
            parse_constant=_refused,
        )
    except (ValueError, RecursionError):
        raise Fails("{where} is not JSON of the kind that bundles hold", where=where) from None


def read_canonical(data: bytes, where: str) -> Any:
    """Read JSON that is written exactly as RFC 8785 says. Raises Fails."""
    value = read_json(data, where)
    try:
        written = jcs(value)
    except (ValueError, RecursionError):
        written = b""
    need(written == data, "{where} is not canonical JSON (RFC 8785)", where=where)
    return value


def _object(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs) or not "".join(value).isascii():
        raise ValueError("a name twice, or one that no form has")
    return value


def _whole(text: str) -> int:
    # Before it is read: a number of a million digits takes minutes.
    if len(text) > 17 or abs(int(text)) >= 2**53:
        raise ValueError("a number that RFC 8785 cannot say")
    return int(text)


def _refused(text: str) -> Any:
    raise ValueError("a fraction")


def seconds_of(instant: str) -> int:
    """Return an instant such as 2026-10-31T04:00:00Z in seconds since 1970. Raises ValueError."""
    return calendar.timegm(time.strptime(instant, "%Y-%m-%dT%H:%M:%SZ"))


def instant_of(seconds: int) -> str:
    """Return seconds since 1970 as an instant."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


# ---------------------------------------------------------------------------------------------------------
# SM3 (GB/T 32905-2016)
# ---------------------------------------------------------------------------------------------------------

_WORD = 0xFFFFFFFF
_SM3_START = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip


def _turned(word: int, bits: int) -> int:
    bits %= 32
    return (word << bits | word >> (32 - bits)) & _WORD


class Sm3:
    """SM3 in plain Python: for a Python whose OpenSSL does not have it. About half a megabyte a second."""

    def __init__(self) -> None:
        self._state, self._rest, self._length = list(_SM3_START), b"", 0

    def update(self, data: bytes) -> None:
        """Take in more bytes."""
        self._length += len(data)
        data = self._rest + data
        whole = len(data) - len(data) % 64
        for start in range(0, whole, 64):
            self._compress(data[start : start + 64])
        self._rest = data[whole:]

    def hexdigest(self) -> str:
        """Return the digest of all that was taken in; nothing may follow."""
        bits = (self._length * 8).to_bytes(8, "big")
        self.update(b"\x80" + bytes((55 - self._length) % 64) + bits)
        return "".join(f"{word:08x}" for word in self._state)

    def _compress(self, block: bytes) -> None:
        w = list(struct.unpack(">16L", block))
        for j in range(16, 68):
            mixed = w[j - 16] ^ w[j - 9] ^ _turned(w[j - 3], 15)
            mixed ^= _turned(mixed, 15) ^ _turned(mixed, 23)
            w.append(mixed ^ _turned(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = self._state
        for j in range(64):
            constant = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = _turned(_turned(a, 12) + e + _turned(constant, j) & _WORD, 7)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            tt1 = ff + d + (ss1 ^ _turned(a, 12)) + (w[j] ^ w[j + 4]) & _WORD
            tt2 = gg + h + ss1 + w[j] & _WORD
            a, b, c, d = tt1, a, _turned(b, 9), c
            e, f, g, h = tt2 ^ _turned(tt2, 9) ^ _turned(tt2, 17), e, _turned(f, 19), g
        self._state = [old ^ new for old, new in zip(self._state, (a, b, c, d, e, f, g, h))]  # noqa: B905


def new_sm3() -> Any:
    """Return an SM3 hash: OpenSSL's where Python has it, else our own."""
    try:
        return hashlib.new("sm3")
    except ValueError:
        return Sm3()


# ---------------------------------------------------------------------------------------------------------
# The curve: edwards25519 (RFC 8032) and the group ristretto255 on it (RFC 9496)
# ---------------------------------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
ONE_MINUS_D_SQ = 1159843021668779879193775521855586647937357759715417654439879720876111806838
D_MINUS_ONE_SQ = 40440834346308536858101042469323190826248399146238708352240133220865137265952

IDENTITY = (0, 1, 1, 0)
BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
    1,
    46827403850823179245072216630277197565144205554125654976674165829533817101731,
)


def add(p: Point, q: Point) -> Point:
    """Return the sum of two points in extended coordinates X:Y:Z:T (RFC 8032 section 5.1.4)."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p: Point) -> Point:
    """Return twice a point (RFC 8032 section 5.1.4)."""
    a, b, c = p[0] * p[0] % P, p[1] * p[1] % P, 2 * p[2] * p[2] % P
    h = a + b
    e = h - (p[0] + p[1]) * (p[0] + p[1]) % P
    g = a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p: Point) -> Point:
    """Return the point whose sum with `p` is the identity."""
    return -p[0] % P, p[1], p[2], -p[3] % P


def combine(*terms: tuple[int, Point]) -> Point:
    """Return the sum of scalar times point over the terms, by doubling and adding."""
    total: Point = IDENTITY
    for bit in range(max(scalar.bit_length() for scalar, _ in terms) - 1, -1, -1):
        total = double(total)
        for scalar, point in terms:
            if scalar >> bit & 1:
                total = add(total, point)
    return total


def is_identity(p: Point) -> bool:
    """Say whether a point of edwards25519 is the neutral one."""
    return p[0] % P == 0 and (p[1] - p[2]) % P == 0


def sqrt_ratio(u: int, v: int) -> tuple[bool, int]:
    """Return whether u/v is a square, and its root, or that of SQRT_M1*u/v (RFC 9496 section 4.2)."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    turned = check in (-u % P, -u * SQRT_M1 % P)
    if turned:
        r = r * SQRT_M1 % P
    return check in (u % P, -u % P), absolute(r)


def absolute(x: int) -> int:
    """Return x or -x, whichever is even (RFC 9496 section 4.1)."""
    return -x % P if x % P & 1 else x % P


def point_of(data: bytes) -> Point | None:
    """Decode a point as Ed25519 keys and signatures are written (RFC 8032 section 5.1.3)."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    square, x = sqrt_ratio(y * y - 1, D * y * y + 1)
    if len(data) != 32 or y >= P or not square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = -x % P
    return x, y, 1, x * y % P


def bytes_of(p: Point) -> bytes:
    """Encode a point (RFC 8032 section 5.1.2)."""
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def has_small_order(p: Point) -> bool:
    """Say whether eight times the point is the identity: such a key would fit many messages."""
    return is_identity(double(double(double(p))))


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature holds (RFC 8032 section 5.1.7), as strictly as libsodium.

    Refused too: a key or R of small order, a key that is not canonical, S not below the group's order.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= ORDER or has_small_order(key) or has_small_order(r):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return bytes_of(combine((s, BASE), (h, negate(key)))) == signature[:32]


def ed25519_public(seed: bytes) -> bytes:
    """Return the public key of a 32-byte seed (RFC 8032 section 5.1.5)."""
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return bytes_of(combine((number & (2**254 - 8) | 2**254, BASE)))


def element_of(data: bytes) -> Point | None:
    """Decode an element of ristretto255; None for any other text (RFC 9496 section 4.3.1)."""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s & 1:
        return None
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square, root = sqrt_ratio(1, v * u2 * u2 % P)
    x = absolute(2 * s * root * u2)
    y = u1 * root * root * u2 * v % P
    if not square or x * y % P & 1 or y == 0:
        return None
    return x, y, 1, x * y % P


def element_bytes(p: Point) -> bytes:
    """Encode an element of ristretto255 (RFC 9496 section 4.3.2)."""
    x, y, z, t = p
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    _, root = sqrt_ratio(1, u1 * u2 * u2 % P)
    d1, d2 = root * u1 % P, root * u2 % P
    inverse = d1 * d2 * t % P
    if t * inverse % P & 1:
        x, y, d2 = y * SQRT_M1 % P, x * SQRT_M1 % P, d1 * INVSQRT_A_MINUS_D % P
    if x * inverse % P & 1:
        y = -y
    return absolute(d2 * (z - y)).to_bytes(32, "little")


def element_from(wide: bytes) -> Point:
    """Map 64 uniform bytes to an element (RFC 9496 section 4.3.4)."""
    halves = (int.from_bytes(half, "little") % 2**255 for half in (wide[:32], wide[32:]))
    first, second = map(_mapped, halves)
    return add(first, second)


def _mapped(t: int) -> Point:
    r = SQRT_M1 * t * t % P
    u, v = (r + 1) * ONE_MINUS_D_SQ % P, (-1 - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    c = -1 if square else r
    if not square:
        s = -absolute(s * t)
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0, w1, w2, w3 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P, (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


# ---------------------------------------------------------------------------------------------------------
# The verifiable OPRF: RFC 9497, ristretto255-SHA512, mode VOPRF
# ---------------------------------------------------------------------------------------------------------

SUITE = "ristretto255-SHA512"
CONTEXT = b"OPRFV1-\x01-" + SUITE.encode()


def expand(message: bytes, domain: bytes) -> bytes:
    """Return 64 bytes by expand_message_xmd with SHA-512: one block is enough (RFC 9380 section 5.3.1)."""
    domain += bytes([len(domain)])
    first = hashlib.sha512(bytes(128) + message + b"\x00\x40\x00" + domain).digest()
    return hashlib.sha512(first + b"\x01" + domain).digest()


def hash_to_group(data: bytes) -> Point:
    """Map an OPRF input to an element (RFC 9497 section 4.1)."""
    return element_from(expand(data, b"HashToGroup-" + CONTEXT))


def hash_to_scalar(data: bytes) -> int:
    """Map bytes to a scalar (RFC 9497 section 4.1)."""
    return int.from_bytes(expand(data, b"HashToScalar-" + CONTEXT), "little") % ORDER


def _sized(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def evaluation_holds(public: bytes, asked: bytes, answered: bytes, proof: bytes) -> bool:
    """Say whether `answered` is `asked` under the key behind `public` (RFC 9497 section 2.2.2)."""
    key, c_element, d_element = map(element_of, (public, asked, answered))
    c, s = int.from_bytes(proof[:32], "little"), int.from_bytes(proof[32:], "little")
    if key is None or c_element is None or d_element is None or len(proof) != 64 or max(c, s) >= ORDER:
        return False
    if any(map(is_neutral_element, (key, c_element, d_element))):
        return False
    seed = hashlib.sha512(_sized(public, b"Seed-" + CONTEXT)).digest()
    weight = hash_to_scalar(_sized(seed) + b"\x00\x00" + _sized(asked, answered) + b"Composite")
    m, z = combine((weight, c_element)), combine((weight, d_element))
    t2, t3 = combine((s, BASE), (c, key)), combine((s, m), (c, z))
    transcript = _sized(public, *map(element_bytes, (m, z, t2, t3))) + b"Challenge"
    return hash_to_scalar(transcript) == c


def is_neutral_element(p: Point) -> bool:
    """Say whether an element of ristretto255 is the identity, which is refused (RFC 9497 section 2.1)."""
    return element_bytes(p) == bytes(32)


def unblinded(blind: int, shares: Sequence[tuple[int, Point]]) -> Point:
    """Return what the joint key makes of the input: shares at their indices, joined at zero, unblinded."""
    inverse = pow(blind, ORDER - 2, ORDER)
    terms = []
    for i, share in shares:
        weight = inverse
        for j, _ in shares:
            if j != i:
                weight = weight * j * pow(j - i, ORDER - 2, ORDER) % ORDER
        terms.append((weight, share))
    return combine(*terms)


def oprf_output(data: bytes, element: Point) -> bytes:
    """Return the 64 bytes of Finalize (RFC 9497 section 3.3.2)."""
    return hashlib.sha512(_sized(data, element_bytes(element)) + b"Finalize").digest()


# ---------------------------------------------------------------------------------------------------------
# The log's tree (RFC 9162) and its checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature)
# ---------------------------------------------------------------------------------------------------------


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def entry_leaf(entry: Any, salt: bytes) -> bytes:
    """Return the leaf of a log entry: a commitment under its salt."""
    return hashlib.sha256(b"\x00" + hashlib.sha256(salt + jcs(entry)).digest()).digest()


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether the leaf stands at `index` of the tree (RFC 9162 section 2.1.3.2)."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def is_extended(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether the new tree begins with the old one (RFC 9162 section 2.1.4.2)."""
    if old == new:
        return old_root == new_root and not path
    if not 0 < old < new or not path:
        return False
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = nodes[0]
    for c in nodes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


class Note(NamedTuple):
    """A checkpoint and the signature lines under it: name, 4 bytes that name the key, signature."""

    text: str
    origin: str
    size: int
    root: bytes
    lines: list[tuple[str, bytes, bytes]]


_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


def read_note(text: str, where: str) -> Note:
    """Read a signed note whose text is a checkpoint. Raises Fails."""
    try:
        body, signatures = text.split("\n\n", 1)
        origin, size, root = body.split("\n")
        lines = [_read_line(line) for line in signatures[:-1].split("\n")]
        if not re.fullmatch("0|[1-9][0-9]{0,18}", size) or not text.endswith("\n") or "\r" in text:
            raise ValueError("not a checkpoint")
        return Note(body + "\n", origin, int(size), _standard64(root, 32), lines)
    except ValueError:
        raise Fails("{where} is not a signed checkpoint", where=where) from None


def _read_line(line: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(line)
    if not found:
        raise ValueError("not a signature line")
    data = _standard64(found[2])
    return found[1], data[:4], data[4:]


def _standard64(text: str, length: int | None = None) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text or length not in (None, len(data)):
        raise ValueError("not canonical base64")
    return data


def key_hash(name: str, kind: int, public: bytes) -> bytes:
    """Return the 4 bytes by which a note names a key (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def verify_hub(note: Note, origin: str, hub: bytes) -> None:
    """Check that the hub signed a checkpoint of this log; raises Fails."""
    need(note.origin == origin, "the checkpoint is of another log")
    known = key_hash(origin, 1, hub)
    own = [signature for name, key, signature in note.lines if (name, key) == (origin, known)]
    need(bool(own), "the hub has not signed the checkpoint")
    for signature in own:
        holds = ed25519_holds(hub, note.text.encode(), signature)
        need(holds, "the hub's signature under the checkpoint does not hold")


def cosigned_at(note: Note, name: str, public: bytes) -> int | None:
    """Return when a witness cosigned, in seconds; None when it did not. Raises Fails for a false line."""
    found = None
    for line, key, data in note.lines:
        if line == name:
            at = int.from_bytes(data[:8], "big")
            message = f"cosignature/v1\ntime {at}\n{note.text}".encode()
            holds = key == key_hash(name, 4, public) and ed25519_holds(public, message, data[8:])
            need(holds, "the cosignature of {name} does not hold", name=name)
            found = at
    return found


# ---------------------------------------------------------------------------------------------------------
# Forms: what each file says, field by field
# ---------------------------------------------------------------------------------------------------------


def _wrong(where: str) -> Fails:
    return Fails("{where} is not of the form that it must have", where=where)


def text(value: Any, where: str) -> None:
    """Any text of at most 100,000 characters."""
    if not isinstance(value, str) or len(value) > 100_000:
        raise _wrong(where)


def count(value: Any, where: str) -> None:
    """A whole number from 0."""
    if type(value) is not int or value < 0:
        raise _wrong(where)


def truth(value: Any, where: str) -> None:
    """True or false."""
    if type(value) is not bool:
        raise _wrong(where)


def instant(value: Any, where: str) -> None:
    """An instant such as 2026-10-31T04:00:00Z."""
    try:
        good = instant_of(seconds_of(value)) == value
    except (TypeError, ValueError, OverflowError):
        good = False
    if not good:
        raise _wrong(where)


def day(value: Any, where: str) -> None:
    """A calendar day such as 2026-10-31."""
    text(value, where)
    instant(value + "T00:00:00Z", where)


def matching(pattern: str) -> Shape:
    """Text of this pattern."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise _wrong(where)

    return check


def octets(length: int | None = None) -> Shape:
    """Bytes as unpadded base64url, so many of them."""

    def check(value: Any, where: str) -> None:
        try:
            data = unb64(value)
        except (TypeError, ValueError):
            raise _wrong(where) from None
        if not data or length not in (None, len(data)):
            raise _wrong(where)

    return check


def maybe(shape: Shape) -> Shape:
    """Null, or a value of this shape."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            shape(value, where)

    return check


def many(shape: Shape) -> Shape:
    """A list of values of one shape."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list) or len(value) > 100_000:
            raise _wrong(where)
        for place, each in enumerate(value):
            shape(each, f"{where}[{place}]")

    return check


def exactly(line: str, **more: Shape) -> Shape:
    """An object with these fields and no other."""
    shapes = {**fields(line), **more}

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict) or value.keys() != shapes.keys():
            raise _wrong(where)
        for name, shape in shapes.items():
            shape(value[name], f"{where}.{name}")

    return check


def at_least(line: str, **more: Shape) -> Shape:
    """An object with these fields and whatever else is signed with them."""
    shapes = {**fields(line), **more}

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise _wrong(where)
        for name, shape in shapes.items():
            shape(value.get(name), f"{where}.{name}")

    return check


def one_of(field: str, **shapes: Shape) -> Shape:
    """An object whose `field` names which of the shapes it has."""

    def check(value: Any, where: str) -> None:
        kind = value.get(field) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes:
            raise _wrong(where)
        shapes[kind](value, f"{where}({kind})")

    return check


B32, B64 = octets(32), octets(64)
HEX = matching("[0-9a-f]{64}")
REFERENCE = matching(r"[A-Za-z0-9._:-]{8,64}")
_SHAPES = {
    "text": text,
    "count": count,
    "truth": truth,
    "instant": instant,
    "day": day,
    "b32": B32,
    "b64": B64,
    "hex": HEX,
    "reference": REFERENCE,
}


def fields(line: str) -> dict[str, Shape]:
    """Read `name:shape` words; behind a shape, `?` means that it may be null and `*` that it is a list."""
    found = {}
    for word in line.split():
        name, _, named = word.partition(":")
        shape = _SHAPES[named.rstrip("?*")]
        found[name] = maybe(shape) if named.endswith("?") else many(shape) if named.endswith("*") else shape
    return found


TRUST = exactly("version:count alliance:text epoch:count key_set:b32 threshold:count witnesses:b32*")
SEAL = exactly(
    "signature:b64",
    seal=exactly(
        "version:count alliance:text epoch:count matter:reference member:text sealed_at:instant"
        " tagmanifest:b32 timestamp:b32?"
    ),
)
KEY_SET = exactly(
    "signatures:b64*",
    endorsements=many(exactly("custodian:count signature:b64")),
    key_set=at_least(
        "alliance:text epoch:count threshold:count witnesses:b32*",
        oprf=at_least("suite:text publics:b32*"),
        association=exactly("hub:b32 secretariat:b32"),
    ),
)
STATEMENT = exactly(
    "signature:b64 countersignature:b64?",
    statement=exactly(
        "alliance:text epoch:count author:text sequence:count previous:b32? signed_at:instant",
        body=one_of(
            "type",
            enrolment=exactly(
                "type:text member:text signing:b32 recovery:b32 sealing:b32 control_group:text"
                " declared_portfolio:count"
            ),
            acceptance=exactly("type:text enrolment:b32"),
            rotation=exactly("type:text signing:b32 recovery:b32 sealing:b32"),
            settlement=exactly("type:text contract_ref:b32"),
            withdrawal=exactly("type:text contract_ref:b32"),
        ),
    ),
)
PROOF = exactly(
    "index:count path:b32*",
    receipt=exactly("salt:b32 leaf:b32", entry=at_least("kind:text at:instant")),
)
ANCHOR = exactly("note:text anchored_at:instant consistency:b32*", token=octets())
MATTER = exactly(
    "signature:b64",
    request=exactly(
        "alliance:text epoch:count key_set:b32 matter:reference member:text kind:text pseudonym:b32"
        " standing_key:b32 contracts:b32* opening:b32 law_firm:text? lawyers:text* opened_at:instant"
        " until:instant"
    ),
)
OPENING = exactly(
    "alliance:text epoch:count key_set:b32 suite:text input:text blind:b32 element:b32",
    evaluations=many(exactly("request_id:text custodian:count elements:b32* proof:b64 signature:b64")),
)
_PLACED = "contract_ref:b32 position:count stamp:instant leaf:b32 "
SAID = one_of(
    "kind",
    agreement=exactly(
        "kind:text member_signature:b64 position:count stamp:instant state:text leaf:b32",
        terms=at_least("agreement:text version:count member:text"),
    ),
    decision=exactly(
        "kind:text",
        decisions=many(
            exactly(
                "manifest:b32 position:count subjects:count standing:b64 asked_at:instant purpose:text"
                " agreement:text version:count clause:text allowed:truth leaf:b32"
            )
        ),
    ),
    record=exactly("kind:text", records=many(exactly(_PLACED + "as_of:day state:text record:b32 chunk:b32"))),
    flag=exactly("kind:text", flags=many(exactly(_PLACED + "flag:b32 version:count category:text"))),
    settlement=exactly("kind:text", ended=many(exactly(_PLACED + "state:text", statement=STATEMENT))),
    notice=exactly("kind:text", notices=many(exactly(_PLACED + "consent:b32 notice:b32?"))),
    existence=exactly(
        "kind:text held_elsewhere:truth position:count",
        order=exactly("court:text number:text ordered_on:day digest:b32"),
    ),
)
CERTIFICATE = exactly(
    "signature:b64 leaf:b32",
    certificate=exactly(
        "alliance:text epoch:count matter:reference number:count issued_at:instant supersedes:count?",
        said=SAID,
    ),
)
ITEM = exactly(
    "number:count name:text path:text source:text purpose:text pages:count? size:count sha256:hex sm3:hex"
    " collected_at:instant collector:text",
    form=matching("original|copy"),
)
CUSTODY = exactly("number:count at:instant who:text what:text item:count? sha256:hex? previous:b32?")
LOAN = exactly(
    "contract:text contract_ref:b32 name:text signed_on:day lent:count due_on:day rate:count"
    " penalty_rate:count claimed:count",
    day_count=matching("actual/365|actual/360|30/360"),
    opened=exactly("on:day principal:count interest:count penalty:count fees:count"),
    fees=many(exactly("on:day amount:count name:text")),
    payments=many(exactly("on:day amount:count fees:count interest:count penalty:count principal:count")),
    accruals=many(
        exactly(
            "start:day end:day days:count principal:count rate:count amount:count",
            item=matching("interest|penalty"),
        )
    ),
    lines=many(exactly("item:text amount:count formula:text", words=exactly("zh:text en:text"))),
)
CASE = at_least(
    "version:count matter:reference member:text kind:text claimed:count",
    respondents=many(at_least("name:text identifier_kind:text identifier:text")),
    loans=many(LOAN),
)

IDENTITIES = ("RESIDENT_ID", "USCC", "PASSPORT", "HM_PERMIT", "TW_PERMIT")
"""Kinds of identifiers by which a debtor is known; a telephone number or an address is not one."""


# ---------------------------------------------------------------------------------------------------------
# The container: a ZIP of which every byte is accounted for
# ---------------------------------------------------------------------------------------------------------

_ENTRY, _LISTED, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_DATE = 0x21
"""1980-01-01, the only date of a bundle's entries."""

_BARRED = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]|(?:^|/)(?:\.{0,2})(?:/|$)|[ .](?:/|$)')
"""What no path in a bundle has: it would mean another place, or another file, on some machine."""


class Stored(NamedTuple):
    """One file of the container: where its bytes stand."""

    container: BinaryIO
    start: int
    size: int
    crc: int

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes; raises Fails when the container's own checksum does not fit."""
        crc, place, end = 0, self.start, self.start + self.size
        while place < end:
            self.container.seek(place)
            block = self.container.read(min(BLOCK, end - place))
            need(bool(block), "the file became shorter while it was read")
            crc, place = zlib.crc32(block, crc), place + len(block)
            yield block
        need(crc == self.crc, "a checksum of the ZIP container does not fit")


if TYPE_CHECKING:
    Source = bytes | Stored


def read_zip(container: BinaryIO) -> tuple[str, dict[str, Source]]:
    """Return the name of the one top folder and the files in it, by path. Raises Fails."""
    container.seek(0, os.SEEK_END)
    size = container.tell()
    container.seek(max(0, size - _END.size))
    end = container.read(_END.size)
    need(len(end) == _END.size and end[:4] == b"PK\x05\x06", _NOT_OURS)
    _, disk, first, here, entries, length, start, comment = _END.unpack(end)
    plain = (disk, first, comment) == (0, 0, 0) and here == entries < 10_000
    need(plain and start + length + _END.size == size and length <= LARGEST_TEXT, _NOT_OURS)
    container.seek(start)
    files: list[tuple[str, Stored]] = []
    directory, place = container.read(length), 0
    for _ in range(entries):
        path, stored, directory = _next_entry(container, directory, place)
        files.append((path, stored))
        place = stored.start + stored.size
    # Nothing between the entries, before the first or behind the last: no byte that nobody checks.
    need(place == start and not directory, _NOT_OURS)
    paths = [path for path, _ in files]
    need(paths == sorted(set(paths)), "the ZIP's files are not in order, or one is there twice")
    folders = {path.partition("/")[0] for path in paths}
    need(len(folders) == 1, "a bundle has one top folder")
    (folder,) = folders
    return folder, {path[len(folder) + 1 :]: stored for path, stored in files}


_NOT_OURS = Words(
    "this is not a ZIP file as bundles are: whole, with nothing before, between or behind its files",
)


def _next_entry(container: BinaryIO, directory: bytes, place: int) -> tuple[str, Stored, bytes]:
    """Read one line of the directory and the header before the file itself: both must say the same."""
    need(len(directory) >= _LISTED.size, _NOT_OURS)
    magic, _made_by, needed, *rest = _LISTED.unpack(directory[: _LISTED.size])
    flags, method, clock, date, crc, packed, size, named, extra, comment, disk, inner, outer, offset = rest
    need(not flags & 1, "a file in the ZIP is encrypted")
    need(method == 0 and packed == size, "a file in the ZIP is compressed; bundles store files as they are")
    plain = (magic, clock, date, extra, comment, disk) == (b"PK\x01\x02", 0, _DATE, 0, 0, 0)
    need(plain and flags in (0, 0x800) and needed <= 20 and inner <= 1 and offset == place, _NOT_OURS)
    # A link would point out of the folder once it is unpacked.
    need(
        outer >> 16 & 0o170000 in (0, 0o100000) and not outer & 0x10,
        "the ZIP holds something other than plain files",
    )
    name, rest_of_directory = directory[_LISTED.size :][:named], directory[_LISTED.size + named :]
    container.seek(offset)
    header = _ENTRY.pack(b"PK\x03\x04", needed, flags, 0, 0, _DATE, crc, size, size, named, 0) + name
    need(len(name) == named and container.read(len(header)) == header, _NOT_OURS)
    try:
        path = name.decode("utf-8" if flags else "ascii")
    except UnicodeDecodeError:
        raise Fails("a file's name in the ZIP is not readable") from None
    return path, Stored(container, offset + len(header), size, crc), rest_of_directory


def blocks_of(source: Source) -> Iterable[bytes]:
    """Return the bytes of a file, block by block."""
    return [source] if isinstance(source, bytes) else source.blocks()


def size_of(source: Source) -> int:
    """Return how many bytes a file has."""
    return len(source) if isinstance(source, bytes) else source.size


# ---------------------------------------------------------------------------------------------------------
# The claims
# ---------------------------------------------------------------------------------------------------------

TAGS = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "seal.json", "tagmanifest-sha256.txt")
EVIDENCE = tuple(
    f"evidence/{name}"
    for name in (
        "case.json",
        "certificates.json",
        "checkpoint.txt",
        "custody.json",
        "items.json",
        "key-set.json",
        "log.json",
        "matter.json",
        "membership.json",
        "opening.json",
    )
)
OPTIONAL = ("seal.tsr", "evidence/anchor.json")
KNOWN = frozenset(TAGS + EVIDENCE + OPTIONAL)
UNLISTED = ("seal.json", "seal.tsr", "tagmanifest-sha256.txt")
"""What no manifest names: the seal binds these."""


class Bundle:
    """A bundle under check: its files by path, the trust, and what earlier claims have established."""

    def __init__(self, folder: str, files: Mapping[str, Source], trust: Json) -> None:
        self.folder, self.files, self.trust = folder, files, trust
        self.digests: dict[str, tuple[str, str]] = {}
        """SHA-256 and SM3 of every document, as they were computed."""
        self.keys: list[tuple[int, bytes]] = []
        """The member's signing keys, each with the second from which it was in force."""
        self.entries: dict[str, Json] = {}
        """Log entries that stand under the checkpoint, by leaf."""
        self.checkpoint: Note | None = None
        self._read: dict[str, Any] = {}

    def data(self, path: str) -> bytes:
        """Return a small file whole; raises Fails."""
        need(path in self.files, "{path} is missing", path=path)
        source = self.files[path]
        need(size_of(source) <= LARGEST_TEXT, "{path} is too large", path=path)
        return b"".join(blocks_of(source))

    def text(self, path: str) -> str:
        """Return a small text file (UTF-8); raises Fails."""
        try:
            return self.data(path).decode("utf-8")
        except UnicodeDecodeError:
            raise Fails("{path} is not UTF-8 text", path=path) from None

    def json(self, path: str, shape: Shape) -> Any:
        """Return what a file of canonical JSON says; raises Fails."""
        if path not in self._read:
            value = read_canonical(self.data(path), path)
            shape(value, path)
            self._read[path] = value
        return self._read[path]

    @property
    def seal(self) -> Json:
        """The seal, without its signature."""
        return self.json("seal.json", SEAL)["seal"]  # type: ignore[no-any-return]

    @property
    def key_set(self) -> Json:
        """The key set of the epoch."""
        return self.json("evidence/key-set.json", KEY_SET)["key_set"]  # type: ignore[no-any-return]

    @property
    def request(self) -> Json:
        """The matter request, without its signature."""
        return self.json("evidence/matter.json", MATTER)["request"]  # type: ignore[no-any-return]

    @property
    def certificates(self) -> list[Json]:
        """The hub's certificates, signed."""
        return self.json("evidence/certificates.json", many(CERTIFICATE))  # type: ignore[no-any-return]

    @property
    def items(self) -> list[Json]:
        """The evidence list."""
        return self.json("evidence/items.json", many(ITEM))  # type: ignore[no-any-return]

    def said(self, kind: str) -> list[Json]:
        """Return what the certificates of one kind say."""
        saids = (signed["certificate"]["said"] for signed in self.certificates)
        return [said for said in saids if said["kind"] == kind]

    @property
    def sealed_at(self) -> int:
        """When the seal says that it was made, in seconds."""
        return seconds_of(self.seal["sealed_at"])

    def entry(self, leaf: str, kind: str, where: Words, **facts: Any) -> Json:
        """Return the log entry with this leaf; raises Fails when it is missing or says something else."""
        found = self.entries.get(leaf)
        if found is None:
            raise Fails("{where} names a log entry that log.json does not show", where=where)
        same = found["kind"] == kind and all(
            name in found and found[name] == fact and type(found[name]) is type(fact)
            for name, fact in facts.items()
        )
        need(same, "{where} and its log entry do not say the same", where=where)
        return found


def is_signed(public: bytes | str, name: str, document: Any, signature: str | None) -> bool:
    """Say whether a document is signed under this label by the key."""
    key = unb64(public) if isinstance(public, str) else public
    return bool(signature) and ed25519_holds(key, frame(label(name), jcs(document)), unb64(signature or ""))


def sha256_b64(value: Any) -> str:
    """Return SHA-256 over canonical JSON as base64url."""
    return b64(hashlib.sha256(jcs(value)).digest())


def check_files(bundle: Bundle) -> Words:
    """Exactly the files that a bundle has, each named in one of the manifests."""
    paths = list(bundle.files)
    barred = any(map(_BARRED.search, paths))
    need(not barred, "a file's name leads out of the bundle or means another file elsewhere")
    folded = {unicodedata.normalize("NFC", path).casefold() for path in paths}
    need(len(folded) == len(paths), "two files would be one on some machines: their names differ too little")
    payload = [path for path in paths if path.startswith("data/")]
    others = [path for path in paths if not path.startswith("data/")]
    for path in others:
        need(path in KNOWN, "{path} does not belong in a bundle", path=path)
    for path in TAGS + EVIDENCE:
        need(path in bundle.files, "{path} is missing", path=path)
    _check_listing(bundle, "manifest-sha256.txt", payload)
    _check_listing(bundle, "tagmanifest-sha256.txt", [path for path in others if path not in UNLISTED])
    need(
        bundle.text("bagit.txt") == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bagit.txt does not say BagIt 1.0",
    )
    number = len(bundle.files)
    return Words("The bundle holds exactly the {number} files that it lists.", number=number)


def _check_listing(bundle: Bundle, manifest: str, paths: Iterable[str]) -> None:
    listed = [path for path, _ in _listing(bundle, manifest)]
    for path in sorted(set(paths).symmetric_difference(listed)):
        if path in bundle.files:
            raise Fails(
                "{path} is in the bundle, but {manifest} does not list it", path=path, manifest=manifest
            )
        raise Fails("{manifest} lists {path}, which is not in the bundle", manifest=manifest, path=path)
    need(
        listed == sorted(set(listed)), "{manifest} is not in order, or names a file twice", manifest=manifest
    )


def _listing(bundle: Bundle, manifest: str) -> list[tuple[str, str]]:
    """Return the paths of a manifest with their digests, in its order."""
    text = bundle.text(manifest)
    found = re.findall("([0-9a-f]{64})  ([^\n]+)\n", text)
    whole = "".join(f"{digest}  {path}\n" for digest, path in found)
    need(whole == text, "{manifest} is not a list of digests", manifest=manifest)
    return [(path, digest) for digest, path in found]


def check_digests(bundle: Bundle) -> Words:
    """Every file has the digest that stands in its manifest; the small files come first."""
    for manifest in ("tagmanifest-sha256.txt", "manifest-sha256.txt"):
        for path, listed in _listing(bundle, manifest):
            is_document = path.startswith("data/documents/")
            hashes = [hashlib.sha256(), new_sm3()] if is_document else [hashlib.sha256()]
            for block in blocks_of(bundle.files[path]):
                for each in hashes:
                    each.update(block)
            need(
                hashes[0].hexdigest() == listed,
                "{path} is not the file whose digest was listed: it was changed",
                path=path,
            )
            if is_document:
                bundle.digests[path] = hashes[0].hexdigest(), hashes[1].hexdigest()
    payload = [source for path, source in bundle.files.items() if path.startswith("data/")]
    total = sum(map(size_of, payload))
    need(
        _bag_info(bundle).get("Payload-Oxum") == f"{total}.{len(payload)}", "bag-info.txt counts other files"
    )
    return Words(
        "The SHA-256 digests of all files fit ({number} payload files, {total} bytes).",
        number=len(payload),
        total=total,
    )


def _bag_info(bundle: Bundle) -> dict[str, str]:
    lines = (line.partition(": ") for line in bundle.text("bag-info.txt").splitlines())
    return {name: value for name, _, value in lines}


def check_seal(bundle: Bundle) -> Words:
    """The seal is canonical, and names this tag manifest, this time stamp and this folder."""
    seal, trust = bundle.seal, bundle.trust
    need(seal["version"] == 1, "the seal is of a version that this program does not know")
    tagmanifest = b64(hashlib.sha256(bundle.data("tagmanifest-sha256.txt")).digest())
    need(seal["tagmanifest"] == tagmanifest, "the seal binds another list of files")
    _check_time_stamp(bundle)
    named = _bag_info(bundle).get("External-Identifier")
    need(bundle.folder == seal["matter"] == named, "folder, bag-info.txt and seal name different matters")
    same = (seal["alliance"], seal["epoch"]) == (trust["alliance"], trust["epoch"])
    need(same, "the seal is of another alliance or epoch than the trust file")
    return Words("The seal binds the list of all files by its digest.")


def _check_time_stamp(bundle: Bundle) -> None:
    """Check that the seal binds the time stamp that is there, and that this one is of the tag manifest."""
    token = bundle.data("seal.tsr") if "seal.tsr" in bundle.files else None
    bound = None if token is None else b64(hashlib.sha256(token).digest())
    need(bundle.seal["timestamp"] == bound, "the seal binds another time stamp")
    same = token is None or is_stamped(bundle.data("tagmanifest-sha256.txt"), token)
    need(same, "the time stamp is of another file than the tag manifest")


def is_stamped(data: bytes, token: bytes) -> bool:
    """Say whether a time stamp names the digest of these bytes; whose stamp it is, OpenSSL says."""
    hashes = (hashlib.sha256, hashlib.sha384, hashlib.sha512)
    return any(make(data).digest() in token for make in hashes)


def check_key_set(bundle: Bundle) -> Words:
    """The key set is the one that the trust file names, and all its custodians signed it."""
    signed, trust = bundle.json("evidence/key-set.json", KEY_SET), bundle.trust
    key_set = signed["key_set"]
    same = all(key_set[name] == trust[name] for name in ("alliance", "epoch", "threshold", "witnesses"))
    is_named = b64(framed_digest("key-set", jcs(key_set))) == trust["key_set"]
    need(same and is_named, "the key set is not the one that the trust file names")
    witnesses, signatures = trust["witnesses"], signed["signatures"]
    need(
        len(signatures) == len(witnesses) == len(key_set["oprf"]["publics"]),
        "the key set lacks a custodian's signature or key",
    )
    for index in range(len(witnesses)):
        holds = is_signed(witnesses[index], "key-set", key_set, signatures[index])
        need(holds, "custodian {custodian} has not signed this key set", custodian=index + 1)
    number = len(witnesses)
    return Words("All {number} custodians of the trust file signed the key set.", number=number)


def check_member_key(bundle: Bundle) -> Words:
    """The member's keys follow from its enrolment, which custodians accepted, and its own rotations."""
    statements = bundle.json("evidence/membership.json", many(STATEMENT))
    for signed in statements:
        said = signed["statement"]
        same = (said["alliance"], said["epoch"]) == (bundle.trust["alliance"], bundle.trust["epoch"])
        need(same, "a statement about the member is of another alliance or epoch")
    need(bool(statements), "the member's enrolment is missing")
    recovery = _check_enrolment(bundle, statements[0])
    enrolment = b64(framed_digest("statement-digest", jcs(statements[0])))
    accepted, sequence = set(), 0
    for signed in statements[1:]:
        said = signed["statement"]
        if said["body"]["type"] == "acceptance":
            accepted.add(_accepting_custodian(bundle, signed, enrolment))
        else:
            need(said["sequence"] > sequence, "the member's key changes are not in order")
            sequence, recovery = said["sequence"], _check_rotation(bundle, signed, recovery)
    threshold = bundle.trust["threshold"]
    need(
        len(accepted) >= threshold,
        "{threshold} custodians must have accepted the member's key, {accepted} did",
        threshold=threshold,
        accepted=len(accepted),
    )
    who = ", ".join(map(str, sorted(accepted)))
    return Words(
        "Custodians {who} accepted the member's key; it was changed {changes} times since, each time signed.",
        who=who,
        changes=len(bundle.keys) - 1,
    )


def _check_enrolment(bundle: Bundle, signed: Json) -> str:
    """Check the member's own first statement; return its recovery key."""
    said, body = signed["statement"], signed["statement"]["body"]
    wrong = Words("the member's enrolment does not hold")
    need(body["type"] == "enrolment" and body["member"] == bundle.seal["member"], wrong)
    need((said["author"], said["sequence"], said["previous"]) == (f"member/{body['member']}", 0, None), wrong)
    need(is_signed(body["signing"], "statement", said, signed["signature"]), wrong)
    secretariat = bundle.key_set["association"]["secretariat"]
    need(
        is_signed(secretariat, "countersignature", said, signed["countersignature"]),
        "the secretariat has not countersigned the member's enrolment",
    )
    bundle.keys = [(seconds_of(said["signed_at"]), unb64(body["signing"]))]
    return body["recovery"]  # type: ignore[no-any-return]


def _accepting_custodian(bundle: Bundle, signed: Json, enrolment: str) -> int:
    """Check a custodian's acceptance of this enrolment; return the custodian's index."""
    said, witnesses = signed["statement"], bundle.trust["witnesses"]
    found = re.fullmatch("custodian/([1-9][0-9]{0,2})", said["author"])
    index = int(found[1]) if found else 0
    holds = 1 <= index <= len(witnesses) and said["body"]["enrolment"] == enrolment
    holds = holds and is_signed(witnesses[index - 1], "statement", said, signed["signature"])
    need(
        holds and signed["countersignature"] is None,
        "a custodian's acceptance of the member's key does not hold",
    )
    return index


def _check_rotation(bundle: Bundle, signed: Json, recovery: str) -> str:
    """Check a change of the member's keys; return the recovery key behind it."""
    said, body, (since, current) = signed["statement"], signed["statement"]["body"], bundle.keys[-1]
    wrong = Words("a change of the member's key does not hold")
    need(body["type"] == "rotation" and said["author"] == f"member/{bundle.seal['member']}", wrong)
    # Only the recovery key replaces the recovery key.
    keys = [unb64(recovery)] + ([current] if body["recovery"] == recovery else [])
    need(any(is_signed(key, "statement", said, signed["signature"]) for key in keys), wrong)
    at = seconds_of(said["signed_at"])
    need(at >= since and said["previous"] is not None and signed["countersignature"] is None, wrong)
    bundle.keys.append((at, unb64(body["signing"])))
    return body["recovery"]  # type: ignore[no-any-return]


def check_seal_signature(bundle: Bundle) -> Words:
    """The member that the seal names signed it, with its newest key."""
    signed = bundle.json("seal.json", SEAL)
    holds = is_signed(bundle.keys[-1][1], "seal", signed["seal"], signed["signature"])
    member = bundle.seal["member"]
    need(holds, "the signature of {member} under the seal does not hold", member=member)
    need(bundle.sealed_at >= bundle.keys[-1][0], "the seal is older than the key that signed it")
    return Words("{member} signed the seal, and with it every file.", member=member)


def check_checkpoint(bundle: Bundle) -> Words:
    """The hub signed the log's checkpoint, and enough custodians cosigned it."""
    note = read_note(bundle.text("evidence/checkpoint.txt"), "evidence/checkpoint.txt")
    origin = f"alliance-hub/{bundle.trust['key_set']}"
    verify_hub(note, origin, unb64(bundle.key_set["association"]["hub"]))
    times = {}
    for index, witness in enumerate(bundle.trust["witnesses"], 1):
        at = cosigned_at(note, f"{origin}/custodian/{index}", unb64(witness))
        if at is not None:
            times[index] = at
    threshold = bundle.trust["threshold"]
    need(
        len(times) >= threshold,
        "{threshold} custodians must cosign a checkpoint, {cosigned} did",
        threshold=threshold,
        cosigned=len(times),
    )
    early = max(times.values()) <= bundle.sealed_at + DAY
    need(early, "the seal says that it was made before the checkpoint inside it was cosigned")
    bundle.checkpoint = note
    who = "; ".join(f"{index}: {instant_of(at)}" for index, at in sorted(times.items()))
    return Words("Log of {size} entries, cosigned by custodians {who}.", size=note.size, who=who)


def _counted(bundle: Bundle) -> Note:
    if bundle.checkpoint is None:
        raise Fails("there is no checkpoint")
    return bundle.checkpoint


def check_log(bundle: Bundle) -> Words:
    """Every log entry gives its leaf, and the leaf stands under the checkpoint."""
    note, places = _counted(bundle), set()
    for proof in bundle.json("evidence/log.json", many(PROOF)):
        receipt, index = proof["receipt"], proof["index"]
        leaf = entry_leaf(receipt["entry"], unb64(receipt["salt"]))
        need(b64(leaf) == receipt["leaf"], "log entry {index} does not give its leaf", index=index)
        path = [unb64(node) for node in proof["path"]]
        held = is_included(leaf, index, note.size, path, note.root)
        need(held, "log entry {index} does not stand under the checkpoint", index=index)
        need(index not in places, "log entry {index} is shown twice", index=index)
        places.add(index)
        bundle.entries[receipt["leaf"]] = receipt["entry"]
    number = len(places)
    return Words("{number} log entries stand in the log that the custodians cosigned.", number=number)


def check_anchor(bundle: Bundle) -> Words:
    """The checkpoint extends the one that a time-stamping authority stamped."""
    if "evidence/anchor.json" not in bundle.files:
        raise Absent("The bundle holds no checkpoint stamped by an outside authority.")
    anchor, newest = bundle.json("evidence/anchor.json", ANCHOR), _counted(bundle)
    note = read_note(anchor["note"], "anchor.json")
    verify_hub(note, newest.origin, unb64(bundle.key_set["association"]["hub"]))
    path = [unb64(node) for node in anchor["consistency"]]
    extends = is_extended(note.size, note.root, newest.size, newest.root, path)
    need(extends, "the log does not begin with the one that the authority stamped")
    same = is_stamped(note.text.encode(), unb64(anchor["token"]))
    need(same, "the anchor's time stamp is of another checkpoint")
    return Words(
        "The log extends the one of {size} entries that was stamped at {at}.",
        size=note.size,
        at=anchor["anchored_at"],
    )


def check_matter(bundle: Bundle) -> Words:
    """The member signed the matter request, and the hub logged it then."""
    signed, seal = bundle.json("evidence/matter.json", MATTER), bundle.seal
    request = signed["request"]
    same = all(request[name] == seal[name] for name in ("alliance", "epoch", "matter", "member"))
    need(same and request["key_set"] == bundle.trust["key_set"], "the matter request is of another matter")
    entries = [entry for entry in bundle.entries.values() if entry["kind"] == "matter"]
    need(len(entries) == 1, "log.json must show one entry for the opening of the matter")
    (entry,) = entries
    logged = {
        "member": request["member"],
        "matter": request["matter"],
        "request": sha256_b64(request),
        "signature": signed["signature"],
    }
    need(
        all(entry.get(name) == fact for name, fact in logged.items()),
        "the log records another matter request",
    )
    known = [key for _, key in bundle.keys if b64(key) == entry.get("key")]
    need(
        bool(known) and is_signed(known[0], "matter", request, signed["signature"]),
        "the member's signature under the matter request does not hold",
    )
    opened, logged_at = seconds_of(request["opened_at"]), seconds_of(entry["at"])
    in_time = (
        abs(logged_at - opened) <= DAY
        and opened <= bundle.sealed_at
        and request["until"] > request["opened_at"]
    )
    need(in_time, "the times of request, log entry and seal do not fit")
    return Words(
        "{member} opened the matter at {opened}; the log recorded it at {logged}.",
        member=request["member"],
        opened=request["opened_at"],
        logged=entry["at"],
    )


def check_identity(bundle: Bundle) -> Words:
    """The debtor's identifier gives, by the custodians' keys, the pseudonym that the request named."""
    request, opening = bundle.request, bundle.json("evidence/opening.json", OPENING)
    committed = b64(hashlib.sha256(bundle.data("evidence/opening.json")).digest())
    need(committed == request["opening"], "the matter request committed to another identity opening")
    same = all(opening[name] == request[name] for name in ("alliance", "epoch", "key_set"))
    need(same and opening["suite"] == SUITE, "the identity opening is of another epoch or suite")
    version, kind, identifier = [*opening["input"].split("|", 2), "", ""][:3]
    need(
        version == "v1" and kind in IDENTITIES and bool(identifier),
        "the identity opening is not about a debtor's identifier",
    )
    blind = int.from_bytes(unb64(opening["blind"]), "little")
    element = hash_to_group(opening["input"].encode())
    blinds = 0 < blind < ORDER and element_bytes(combine((blind, element))) == unb64(opening["element"])
    need(blinds, "the identity opening blinds another identifier")
    shares = sorted({each["custodian"]: _share(bundle, each) for each in opening["evaluations"]}.items())
    threshold = bundle.trust["threshold"]
    need(
        len(shares) >= threshold,
        "{threshold} custodians must have evaluated the identifier, {shares} did",
        threshold=threshold,
        shares=len(shares),
    )
    output = oprf_output(opening["input"].encode(), unblinded(blind, shares[:threshold]))
    need(
        b64(output[:32]) == request["pseudonym"],
        "the identifier gives another pseudonym than the request names",
    )
    need(
        b64(ed25519_public(output[32:])) == request["standing_key"],
        "the identifier gives another standing key than the request names",
    )
    who = ", ".join(str(index) for index, _ in shares)
    return Words(
        "The identifier ({kind}, ...{ending}) is this matter's debtor; custodians {who} evaluated it.",
        kind=kind,
        ending=identifier[-4:],
        who=who,
    )


def _share(bundle: Bundle, answer: Json) -> Point:
    """Check one custodian's evaluation; return its share."""
    opening = bundle.json("evidence/opening.json", OPENING)
    index, publics = answer["custodian"], bundle.key_set["oprf"]["publics"]
    wrong = Words("custodian {index}'s evaluation of the identifier does not hold", index=index)
    need(1 <= index <= len(publics) and len(answer["elements"]) == 1, wrong)
    asked, answered, proof = map(unb64, (opening["element"], answer["elements"][0], answer["proof"]))
    document = {
        "key_set": opening["key_set"],
        "request_id": answer["request_id"],
        "custodian": index,
        "batch": b64(framed_digest("evaluation-batch", asked)),
        "answer": b64(framed_digest("evaluation-answer", answered, proof)),
    }
    need(is_signed(bundle.trust["witnesses"][index - 1], "evaluation", document, answer["signature"]), wrong)
    need(evaluation_holds(unb64(publics[index - 1]), asked, answered, proof), wrong)
    share = element_of(answered)
    if share is None:
        raise Fails(wrong)
    return share


def check_certificates(bundle: Bundle) -> Words:
    """The hub signed every certificate, the log recorded it, and every entry that it names says the same."""
    request, numbers = bundle.request, []
    for signed in bundle.certificates:
        certificate = signed["certificate"]
        number, kind = certificate["number"], certificate["said"]["kind"]
        where = Words("certificate {number}", number=number)
        document = {"certificate": certificate, "leaf": signed["leaf"]}
        hub = bundle.key_set["association"]["hub"]
        need(
            is_signed(hub, "certificate", document, signed["signature"]),
            "the hub's signature under {where} does not hold",
            where=where,
        )
        same = all(certificate[name] == request[name] for name in ("alliance", "epoch", "matter"))
        need(same, "{where} is of another matter", where=where)
        digest = sha256_b64(certificate)
        entry = bundle.entry(
            signed["leaf"],
            "certificate",
            where,
            matter=request["matter"],
            number=number,
            said=kind,
            certificate=digest,
        )
        near = abs(seconds_of(entry["at"]) - seconds_of(certificate["issued_at"])) <= DAY
        need(near, "{where} was not issued when the log says", where=where)
        for line in _feed_lines(certificate["said"]):
            _check_feed_line(bundle, line, where)
        numbers.append(number)
    need(numbers == sorted(set(numbers)), "the certificates' numbers are not in order")
    kinds = [KINDS[signed["certificate"]["said"]["kind"]] for signed in bundle.certificates]
    return Words("The hub's certificates hold, {number} of them: {kinds}.", number=len(numbers), kinds=kinds)


KINDS = {
    "agreement": Words("data agreement"),
    "decision": Words("questions asked"),
    "record": Words("records"),
    "flag": Words("evasion flags"),
    "settlement": Words("contracts that ended"),
    "notice": Words("consent and notice"),
    "existence": Words("records of other members"),
}


def _feed_lines(said: Json) -> list[Json]:
    """Return what a certificate says of single contracts, each with its place on the feed."""
    return [line for name in ("records", "flags", "notices", "ended") for line in said.get(name, [])]


def _check_feed_line(bundle: Bundle, line: Json, where: Words) -> None:
    """Check that a fact is about a contract of this matter, and that the member's statement is logged."""
    need(
        line["contract_ref"] in bundle.request["contracts"], "{where} is about another contract", where=where
    )
    author = f"member/{bundle.request['member']}"
    entry = bundle.entry(line["leaf"], "statement", where, author=author, position=line["position"])
    kinds = ("settlement", "withdrawal") if "statement" in line else ("chunk",)
    need(entry.get("type") in kinds, "{where} names a log entry of another kind", where=where)


def check_agreement(bundle: Bundle) -> Words:
    """The member signed the terms under which it took part, and the secretariat stated them."""
    member, names = bundle.request["member"], []
    for said in bundle.said("agreement"):
        terms = said["terms"]
        name = f"{terms['agreement']} ({terms['version']})"
        signed = any(is_signed(key, "agreement", terms, said["member_signature"]) for _, key in bundle.keys)
        need(
            signed and terms["member"] == member,
            "the member's signature under agreement {name} does not hold",
            name=name,
        )
        bundle.entry(
            said["leaf"],
            "statement",
            Words("agreement {name}", name=name),
            author="secretariat",
            type="agreement",
            position=said["position"],
        )
        names.append(name)
    if not names:
        raise Absent("The bundle holds no agreement certificate.")
    return Words("The member signed {names}, and the secretariat put it on the feed.", names=", ".join(names))


def check_decisions(bundle: Bundle) -> Words:
    """The member asked about this very debtor, and the log says what the agreement decided."""
    request = bundle.request
    decisions = [each for said in bundle.said("decision") for each in said["decisions"]]
    for number, each in enumerate(decisions, 1):
        where = Words("question {number}", number=number)
        names = ("manifest", "subjects", "purpose", "agreement", "version", "clause", "allowed")
        entry = bundle.entry(
            each["leaf"], "match", where, member=request["member"], **{name: each[name] for name in names}
        )
        message = frame(label("standing"), unb64(each["manifest"]), each["position"].to_bytes(4, "big"))
        standing = ed25519_holds(unb64(request["standing_key"]), message, unb64(each["standing"]))
        need(
            standing and each["position"] < each["subjects"],
            "{where} was not about this debtor: its standing key did not sign",
            where=where,
        )
        near = abs(seconds_of(entry["at"]) - seconds_of(each["asked_at"])) <= DAY
        need(
            near and _is_asked(bundle, entry),
            "{where}: the member's own signature in the log does not hold",
            where=where,
        )
    if not decisions:
        raise Absent("The bundle holds no certificate of questions about this debtor.")
    first = min(each["asked_at"] for each in decisions)
    return Words(
        "{number} questions of the member were about this debtor, the first at {first}.",
        number=len(decisions),
        first=first,
    )


def _is_asked(bundle: Bundle, entry: Json) -> bool:
    """Say whether one of the member's keys signed the request that the log entry records (RFC 9421).

    The request's body is not shown; that it was a question its method and path tell.
    """
    base, signature = entry.get("signature_base"), entry.get("signature")
    if not isinstance(base, str) or not isinstance(signature, str):
        return False
    if not all(re.search(line, base, re.M) for line in ('^"@method": POST$', '^"@path": .*/v1/match')):
        return False
    found = re.fullmatch("[a-z][a-z0-9_.*-]*=:([A-Za-z0-9+/]{86}==):", signature)
    data = base64.b64decode(found[1]) if found else b""
    return any(ed25519_holds(key, base.encode(), data) for _, key in bundle.keys)


def check_settlements(bundle: Bundle) -> Words:
    """The member itself said that a contract is settled or taken back."""
    ended = [each for said in bundle.said("settlement") for each in said["ended"]]
    for number, each in enumerate(ended, 1):
        signed = each["statement"]
        said, body = signed["statement"], signed["statement"]["body"]
        where = Words("settlement {number}", number=number)
        keys = [key for _, key in bundle.keys]
        holds = any(is_signed(key, "statement", said, signed["signature"]) for key in keys)
        own = (said["author"], body.get("contract_ref")) == (
            f"member/{bundle.request['member']}",
            each["contract_ref"],
        )
        need(holds and own, "the member's signature under {where} does not hold", where=where)
        digest = b64(framed_digest("statement-digest", jcs(signed)))
        bundle.entry(
            each["leaf"],
            "statement",
            where,
            digest=digest,
            type=body["type"],
            position=each["position"],
            sequence=said["sequence"],
        )
    if not ended:
        raise Absent("No contract of this matter is certified as ended.")
    return Words(
        "{number} contracts of this matter have ended by the member's own statement.", number=len(ended)
    )


def check_items(bundle: Bundle) -> Words:
    """The evidence list numbers every document, with the digests of its very bytes."""
    items = bundle.items
    for number, item in enumerate(items, 1):
        path = item["path"]
        where = Words("item {number}", number=number)
        named = item["number"] == number and path.startswith(f"data/documents/{number:03d}-")
        need(
            named and path in bundle.digests,
            "{where} is numbered otherwise, or its file is missing",
            where=where,
        )
        found = (size_of(bundle.files[path]), *bundle.digests[path])
        same = (item["size"], item["sha256"], item["sm3"]) == found
        need(same, "{where}: size, SHA-256 or SM3 is not its file's", where=where)
        need(
            seconds_of(item["collected_at"]) <= bundle.sealed_at,
            "{where} was collected after the seal",
            where=where,
        )
    need(len(items) == len(bundle.digests), "a document is not on the evidence list")
    return Words("The evidence list names {number} documents; SHA-256 and SM3 fit each.", number=len(items))


def check_custody(bundle: Bundle) -> Words:
    """The custody log is a chain: no step was taken out or put between."""
    steps = bundle.json("evidence/custody.json", many(CUSTODY))
    digests = {item["number"]: item["sha256"] for item in bundle.items}
    previous, at = None, ""
    for number, step in enumerate(steps, 1):
        where = Words("custody step {number}", number=number)
        need(
            (step["number"], step["previous"]) == (number, previous),
            "{where} does not follow the one before it",
            where=where,
        )
        need(
            at <= step["at"] and seconds_of(step["at"]) <= bundle.sealed_at,
            "{where} goes back in time, or lies after the seal",
            where=where,
        )
        # A step without a number is about a file that is not in this bundle: taken off, or an earlier bundle.
        about = step["item"] is None or step["item"] in digests
        need(
            about and (step["item"] is None or step["sha256"] in (None, digests[step["item"]])),
            "{where} is about another file",
            where=where,
        )
        previous, at = sha256_b64(step), step["at"]
    return Words("The custody log is an unbroken chain of {number} steps.", number=len(steps))


def check_case(bundle: Bundle) -> Words:
    """What is claimed is about this debtor and these contracts, and adds up."""
    case, request = bundle.json("evidence/case.json", CASE), bundle.request
    same = all(case[name] == request[name] for name in ("matter", "member", "kind"))
    contracts = [loan["contract_ref"] for loan in case["loans"]]
    need(
        same and case["version"] == 1 and contracts == request["contracts"],
        "the claim is about another matter or other contracts",
    )
    debtor = (case["respondents"] or [{}])[0]
    known = f"v1|{debtor.get('identifier_kind')}|{debtor.get('identifier')}"
    opened = bundle.json("evidence/opening.json", OPENING)["input"]
    need(known == opened, "the first respondent is not the debtor whom the identity opening shows")
    for loan in case["loans"]:
        _check_loan(loan)
    total = sum(loan["claimed"] for loan in case["loans"])
    need(case["claimed"] == total, "the sum claimed is not the sum of the loans")
    yuan = f"{total // 100:,}.{total % 100:02d}"
    return Words("The sum of CNY {yuan} adds up. It is claimed, not proved.", yuan=yuan)


def _check_loan(loan: Json) -> None:
    """Check one loan's figures (docs/bundle.md, section 8), in fen."""
    where = Words("contract {contract}", contract=loan["contract"])
    wrong = Words("the figures of {where} do not add up", where=where)
    for accrual in loan["accruals"]:
        days = days_between(accrual["start"], accrual["end"], loan["day_count"])
        base = 1_000_000 * (365 if loan["day_count"] == "actual/365" else 360)
        exact = accrual["principal"] * accrual["rate"] * days
        # Half a fen is rounded up.
        need(accrual["days"] == days >= 0 and accrual["amount"] == (2 * exact + base) // (2 * base), wrong)
        paid = sum(each["principal"] for each in loan["payments"] if each["on"] <= accrual["start"])
        rate = loan["rate"] if accrual["item"] == "interest" else loan["penalty_rate"]
        need((accrual["principal"], accrual["rate"]) == (loan["opened"]["principal"] - paid, rate), wrong)
    parts = ("fees", "interest", "penalty", "principal")
    for payment in loan["payments"]:
        need(payment["amount"] == sum(payment[part] for part in parts), wrong)
    owed = {part: loan["opened"][part] - sum(payment[part] for payment in loan["payments"]) for part in parts}
    owed["fees"] += sum(fee["amount"] for fee in loan["fees"])
    for accrual in loan["accruals"]:
        owed[accrual["item"]] += accrual["amount"]
    lines = [(line["item"], line["amount"]) for line in loan["lines"]]
    need(lines == [(part, owed[part]) for part in ("principal", "interest", "penalty", "fees")], wrong)
    need(loan["claimed"] == sum(owed.values()), wrong)


def days_between(start: str, end: str, day_count: str) -> int:
    """Return the days from one day to another as the loan counts them; the last is not counted."""
    if day_count == "30/360":
        (y1, m1, d1), (y2, m2, d2) = (map(int, each.split("-")) for each in (start, end))
        return (y2 - y1) * 360 + (m2 - m1) * 30 + min(d2, 30) - min(d1, 30)
    return (seconds_of(end + "T00:00:00Z") - seconds_of(start + "T00:00:00Z")) // DAY


class Claim(NamedTuple):
    """Something that a bundle claims, and how it is checked."""

    name: str
    title: Words
    check: Callable[[Bundle], Words]
    meaning: Words
    """What it means when it fails."""


_CHANGED = Words(
    "The bundle is not as it was sealed: do not rely on anything in it; ask the member for the original.",
)
_WHOSE = Words(
    "Who made this bundle is not shown: ask a custodian whether the trust file is the right one.",
)
_UNLOGGED = Words(
    "The log does not bear the bundle out: what it says may have been made up later.",
)
_UNCERTIFIED = Words(
    "What the alliance is said to have recorded is not borne out; the documents stand for themselves.",
)
_UNSOUND = Words(
    "The member's own list or figures contradict themselves: ask for one that is mended and sealed anew.",
)

CLAIMS = (
    Claim("files", Words("Files"), check_files, _CHANGED),
    Claim("digests", Words("Digests"), check_digests, _CHANGED),
    Claim("seal", Words("Seal"), check_seal, _CHANGED),
    Claim("key-set", Words("Key set"), check_key_set, _WHOSE),
    Claim("member-key", Words("Member's key"), check_member_key, _WHOSE),
    Claim("seal-signature", Words("Seal's signature"), check_seal_signature, _WHOSE),
    Claim("checkpoint", Words("Checkpoint"), check_checkpoint, _UNLOGGED),
    Claim("log", Words("Log entries"), check_log, _UNLOGGED),
    Claim("anchor", Words("Anchor"), check_anchor, _UNLOGGED),
    Claim("matter", Words("Matter request"), check_matter, _UNLOGGED),
    Claim(
        "identity",
        Words("Debtor's identity"),
        check_identity,
        Words(
            "That the records are about this debtor is not shown: nothing in the log may be held against it.",
        ),
    ),
    Claim("certificates", Words("Certificates"), check_certificates, _UNCERTIFIED),
    Claim("agreement", Words("Data agreement"), check_agreement, _UNCERTIFIED),
    Claim("decisions", Words("Questions asked"), check_decisions, _UNCERTIFIED),
    Claim("settlements", Words("Settlements"), check_settlements, _UNCERTIFIED),
    Claim("items", Words("Evidence list"), check_items, _UNSOUND),
    Claim("custody", Words("Custody log"), check_custody, _UNSOUND),
    Claim("case", Words("Sum claimed"), check_case, _UNSOUND),
)


class Finding(NamedTuple):
    """What was found about one claim: `state` is one of those in `STATES`."""

    name: str
    title: Words
    state: str
    detail: Words
    meaning: Words | None = None
    command: str | None = None


STATES = {
    "holds": Words("HOLDS"),
    "fails": Words("FAILS"),
    "absent": Words("NOT IN THIS BUNDLE"),
    "unreached": Words("NOT REACHED"),
    "outside": Words("NOT CHECKED HERE"),
}

_UNREACHED = Words("An earlier claim fails, and this one rests on it.")
_UNREADABLE = Words("the data are not such as this claim needs")


def verify(folder: str, files: Mapping[str, Source], trust: Json) -> list[Finding]:
    """Check the files of a bundle, by their paths below the top folder, claim by claim.

    The first that fails ends the run. `trust` has the form `TRUST`.
    """
    bundle, findings = Bundle(folder, files, trust), list(map(_unreached, CLAIMS))
    for place, claim in enumerate(CLAIMS):
        findings[place] = _find(claim, bundle)
        if findings[place].state == "fails":
            break
    return findings


def _find(claim: Claim, bundle: Bundle) -> Finding:
    try:
        return Finding(claim.name, claim.title, "holds", claim.check(bundle))
    except Absent as absent:
        return Finding(claim.name, claim.title, "absent", absent.words)
    except Fails as fails:
        return _failed(claim, fails.words)
    except OSError:
        raise
    except Exception:
        # Whatever a crafted bundle brings about: the claim does not hold, and that is all there is to say.
        return _failed(claim, _UNREADABLE)


def _failed(claim: Claim, why: Words) -> Finding:
    return Finding(claim.name, claim.title, "fails", why, claim.meaning)


def _unreached(claim: Claim) -> Finding:
    return Finding(claim.name, claim.title, "unreached", _UNREACHED)


# ---------------------------------------------------------------------------------------------------------
# What this program leaves to others, and the report
# ---------------------------------------------------------------------------------------------------------


def outside(path: str, folder: str, files: Mapping[str, Source]) -> list[Finding]:
    """Return what is not checked here: by which program it is, with the command to copy."""
    top = shlex.quote(folder)
    unzip, openssl = f"unzip -o {shlex.quote(path)}", "openssl ts -verify -CAfile ROOTS.pem"
    stamp = f"{unzip} && {openssl} -data {top}/tagmanifest-sha256.txt -in {top}/seal.tsr"
    taken = f'{unzip} && python3 -c "{_TAKE_ANCHOR}" {top}/evidence/anchor.json'
    anchor = f"{taken} && {openssl} -data anchor.txt -in anchor.tsr"
    pyhanko = f"{unzip} && pyhanko sign validate --pretty-print {top}/data/report.zh.pdf"
    findings = [
        _outside("time-stamp", "Time stamp", _STAMPED, stamp),
        _outside("anchor-time", "Anchor's time stamp", _ANCHORED, anchor),
        _outside("pdf-signatures", "Signatures of the PDF reports", _SIGNED, pyhanko),
        _outside("container", "Container", _BAGGED, f"{unzip} && bagit.py --validate {top}"),
        _outside("truth", "Truth of the documents", _TRUE, None),
    ]
    if "seal.tsr" not in files:
        findings[0] = findings[0]._replace(state="absent", detail=_UNSTAMPED, command=None)
    return [each for each in findings if each.name != "anchor-time" or "evidence/anchor.json" in files]


def _outside(name: str, title: str, detail: Words, command: str | None) -> Finding:
    return Finding(name, Words(title), "outside", detail, None, command)


_STAMPED = Words(
    "When the seal existed: OpenSSL checks the outside authority's RFC 3161 token; ROOTS.pem is its own root."
)
_UNSTAMPED = Words("There is no outside authority's time stamp: when it was sealed, the member alone says.")
_ANCHORED = Words("When the log stood at the anchor: OpenSSL checks the outside authority's token.")
_SIGNED = Words("Who signed the reports (PAdES): pyHanko or Acrobat checks it.")
_BAGGED = Words("That it is a BagIt bag, the Library of Congress' program says too.")
_TRUE = Words("Whether the debt exists and the documents are true is for the court to find.")

_TAKE_ANCHOR = (
    "import base64, json, sys; anchor = json.load(open(sys.argv[1])); "
    "open('anchor.txt', 'wb').write(anchor['note'].partition('\\n\\n')[0].encode() + b'\\n'); "
    "open('anchor.tsr', 'wb').write(base64.urlsafe_b64decode(anchor['token'] + '=='))"
)
"""Takes the stamped text and the token out of anchor.json."""


class Report(NamedTuple):
    """What is printed: the heading's facts and a finding for each claim."""

    path: str
    seal: Json
    trust: Json
    findings: list[Finding]

    @property
    def failed(self) -> Finding | None:
        """The claim that fails, if one does."""
        return next((finding for finding in self.findings if finding.state == "fails"), None)


def verify_file(path: str, trust: Json) -> Report:
    """Check a bundle's file. Raises OSError when it cannot be read."""
    with open(path, "rb") as container:
        try:
            folder, files = read_zip(container)
        except Fails as fails:
            findings = [_failed(CLAIMS[0], fails.words), *map(_unreached, CLAIMS[1:])]
            return Report(path, {}, trust, findings)
        findings = verify(folder, files, trust) + outside(path, folder, files)
        try:
            seal = Bundle(folder, files, trust).seal
        except Fails:
            seal = {}
        return Report(path, seal, trust, findings)


def read_trust(path: str) -> Json:
    """Read a trust file; raises CannotCheck."""
    try:
        with open(path, "rb") as file:
            trust = read_json(file.read(LARGEST_TEXT), "trust")
        TRUST(trust, "trust")
    except OSError:
        raise CannotCheck("the trust file cannot be read: give the path of trust.json") from None
    except Fails:
        raise CannotCheck(_NO_TRUST) from None
    number = len(trust["witnesses"])
    sound = trust["version"] == 1 and trust["threshold"] <= number < 2 * trust["threshold"]
    if not sound or len(set(trust["witnesses"])) != number:
        raise CannotCheck(_NO_TRUST)
    return trust  # type: ignore[no-any-return]


_NO_TRUST = Words(
    "this is not a trust file: get trust.json from a custodian, never from the bundle or its sender",
)


def fingerprint(witness: str) -> str:
    """Return a custodian's printed fingerprint: what is compared by telephone or on paper."""
    digest = (
        hashlib.sha256(frame(label("fingerprint"), b"custodian", unb64(witness))).hexdigest()[:40].upper()
    )
    return " ".join(digest[start : start + 4] for start in range(0, 40, 4))


def in_beijing(instant: str) -> str:
    """Return an instant as people in China read it, with the instant in UTC behind it."""
    local = time.gmtime(seconds_of(instant) + 8 * 3600)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', local)} UTC+8 ({instant})"


def heading(report: Report) -> list[tuple[Words, Words]]:
    """Return the facts at the head of the report."""
    seal, trust = report.seal, report.trust
    facts = [(Words("Bundle"), Words("{name}", name=os.path.basename(report.path)))]
    if seal:
        facts += [
            (Words("Matter"), Words("{name}", name=seal["matter"])),
            (Words("Sealed by"), Words("{name}", name=seal["member"])),
            (Words("Sealed at"), Words("{name}", name=in_beijing(seal["sealed_at"]))),
        ]
    known = {"alliance": trust["alliance"], "epoch": trust["epoch"], "threshold": trust["threshold"]}
    number = len(trust["witnesses"])
    pinned = Words("{alliance}, epoch {epoch}, {threshold} of {number} custodians", number=number, **known)
    facts.append((Words("Trust file"), pinned))
    for index, witness in enumerate(trust["witnesses"], 1):
        facts.append((Words("Custodian {index}", index=index), Words("{name}", name=fingerprint(witness))))
    return facts


def conclusion(report: Report) -> list[Words]:
    """Return the sentences at the end."""
    if report.failed:
        return [Words("This bundle does not hold: {title}.", title=report.failed.title)]
    return [
        Words("Every claim that is checked here holds."),
        Words("It is shown who said what and when, and that nothing has changed since."),
        Words("The debt itself is not proved by this."),
    ]


MARKS = {"holds": "✓", "fails": "✗", "absent": "-", "unreached": "·", "outside": "→"}
COLOURS = {"holds": "32", "fails": "1;31", "outside": "33"}


def visible(text: str) -> str:
    """Return text without what could move a terminal's cursor or turn its direction."""
    return "".join(each if each.isprintable() else "�" for each in text)


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def as_text(report: Report, lang: str, *, coloured: bool) -> str:
    """Return the report for people, in one language."""

    def said(words: Words) -> str:
        return visible(words.said(lang))

    def padded(text: str, width: int) -> str:
        return text + " " * (width - width_of(text))

    lines = [said(Words("Check of an evidence bundle")), ""]
    lines += [f"  {padded(said(name), 14)}{said(value)}" for name, value in heading(report)] + [""]
    for finding in report.findings:
        state = f"{MARKS[finding.state]} {padded(said(STATES[finding.state]), 20)}"
        if coloured and finding.state in COLOURS:
            state = f"\x1b[{COLOURS[finding.state]}m{state}\x1b[0m"
        lines += [f"{state}{said(finding.title)}", f"    {said(finding.detail)}"]
        lines += [f"    {said(finding.meaning)}"] if finding.meaning else []
        lines += [f"    $ {visible(finding.command)}"] if finding.command else []
    return "\n".join([*lines, "", *map(said, conclusion(report)), ""])


def as_json(report: Report, lang: str) -> str:
    """Return the report for programs: texts in one language, names and states the same in both."""

    def said(words: Words | None) -> str | None:
        return words.said(lang) if words else None

    claims = [
        {
            "name": finding.name,
            "title": said(finding.title),
            "state": finding.state,
            "detail": said(finding.detail),
            "meaning": said(finding.meaning),
            "command": finding.command,
        }
        for finding in report.findings
    ]
    document = {
        "bundle": os.path.basename(report.path),
        **{name: report.seal.get(name) for name in ("matter", "member", "sealed_at")},
        "trust": report.trust,
        "fingerprints": [fingerprint(witness) for witness in report.trust["witnesses"]],
        "holds": report.failed is None,
        "failed": report.failed.name if report.failed else None,
        "conclusion": [said(words) for words in conclusion(report)],
        "claims": claims,
    }
    return json.dumps(document, indent=2) + "\n"


def default_language() -> str:
    """Return the language of this machine's settings, if it is Chinese; else English."""
    chosen = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    if not chosen:
        try:
            chosen = locale.setlocale(locale.LC_CTYPE, "")
        except locale.Error:
            chosen = ""
    return "zh" if chosen.lower().startswith(("zh", "chinese")) else "en"


_UNREAD = Words("the bundle cannot be read: give the path of the ZIP file")


def has_colours() -> bool:
    """Say whether the output is a terminal that shows colours."""
    knows = os.name != "nt" or "WT_SESSION" in os.environ
    return sys.stdout.isatty() and knows and "NO_COLOR" not in os.environ


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="alliance-verify",
        description="Check an evidence bundle offline. 离线核验证据包。",
        epilog="exit status 退出码: 0 holds 成立; 1 fails 不成立; 2 could not be checked 未能核验",
    )
    parser.add_argument("bundle", metavar="BUNDLE.zip", help="the evidence bundle 证据包")
    parser.add_argument(
        "--trust",
        metavar="TRUST.json",
        required=True,
        help="from a custodian, not from the bundle 由托管方提供，不得取自证据包",
    )
    parser.add_argument("--lang", choices=("zh", "en"), default=default_language(), help="language 语言")
    parser.add_argument("--json", action="store_true", help="for programs 供程序读取")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    given = parser.parse_args(argv)
    try:
        report = verify_file(given.bundle, read_trust(given.trust))
    except CannotCheck as error:
        print(error.words.said(given.lang), file=sys.stderr)
        return 2
    except OSError:
        print(_UNREAD.said(given.lang), file=sys.stderr)
        return 2
    if given.json:
        print(as_json(report, given.lang), end="")
    else:
        print(as_text(report, given.lang, coloured=has_colours()), end="")
    return 1 if report.failed else 0


# ---------------------------------------------------------------------------------------------------------
# The same in Chinese
# ---------------------------------------------------------------------------------------------------------

_TABLE = """
{name}
    {name}
{alliance}, epoch {epoch}, {threshold} of {number} custodians
    {alliance}，第 {epoch} 期，{number} 家托管方中须有 {threshold} 家
this is not a ZIP file as bundles are: whole, with nothing before, between or behind its files
    这不是证据包规定格式的 ZIP 文件（须完整，文件之前、之间、之后均无多余字节）
The bundle is not as it was sealed: do not rely on anything in it; ask the member for the original.
    证据包已非封存时的原状：其中任何内容均不应采信，请向提交方索取原件。
Who made this bundle is not shown: ask a custodian whether the trust file is the right one.
    无法确定证据包由谁制作：请向托管方核实信任文件是否正确。
The log does not bear the bundle out: what it says may have been made up later.
    日志不能印证证据包：其内容可能系事后编造。
What the alliance is said to have recorded is not borne out; the documents stand for themselves.
    证据包所称的联盟记载未获印证；各文件仅就其自身而论。
An earlier claim fails, and this one rests on it.
    在先的主张不成立，而本项以其为基础。
the data are not such as this claim needs
    数据不具备本项主张所需的内容
this is not a trust file: get trust.json from a custodian, never from the bundle or its sender
    这不是信任文件：请向托管方索取 trust.json，不得取自证据包或其提交方
{where} is not canonical JSON (RFC 8785)
    {where} 不是规范 JSON（RFC 8785）
the checkpoint is of another log
    检查点属于另一日志
the hub has not signed the checkpoint
    中心未对检查点签名
{where} is not of the form that it must have
    {where} 不符合规定的格式
the ZIP's files are not in order, or one is there twice
    ZIP 内文件未按次序排列，或者有重复
a bundle has one top folder
    证据包应当只有一个顶层文件夹
a file in the ZIP is encrypted
    ZIP 内有加密的文件
a file in the ZIP is compressed; bundles store files as they are
    ZIP 内有压缩的文件；证据包内的文件应当原样存放
the ZIP holds something other than plain files
    ZIP 内有普通文件以外的内容
bagit.txt does not say BagIt 1.0
    bagit.txt 未载明 BagIt 1.0
The bundle holds exactly the {number} files that it lists.
    证据包恰含清单所列的 {number} 个文件。
{manifest} is not in order, or names a file twice
    {manifest} 未按次序排列，或者重复列明同一文件
{manifest} is not a list of digests
    {manifest} 不是摘要清单
bag-info.txt counts other files
    bag-info.txt 所计文件数量不符
The SHA-256 digests of all files fit ({number} payload files, {total} bytes).
    全部文件的 SHA-256 摘要相符（内容文件 {number} 个，共 {total} 字节）。
the seal is of a version that this program does not know
    封签版本无法识别
the seal binds another list of files
    封签所约束的是另一份文件清单
folder, bag-info.txt and seal name different matters
    文件夹、bag-info.txt 与封签所载案件不一致
the seal is of another alliance or epoch than the trust file
    封签与信任文件不属于同一联盟或同一期
The seal binds the list of all files by its digest.
    封签以摘要约束全部文件的清单。
the seal binds another time stamp
    封签所约束的是另一时间戳
the time stamp is of another file than the tag manifest
    时间戳所涉并非标签清单文件
the key set is not the one that the trust file names
    密钥集不是信任文件所载的密钥集
the key set lacks a custodian's signature or key
    密钥集缺少托管方的签名或密钥
All {number} custodians of the trust file signed the key set.
    信任文件所载 {number} 家托管方均已签署密钥集。
the member's enrolment is missing
    缺少会员的入网声明
{threshold} custodians must have accepted the member's key, {accepted} did
    会员密钥须经 {threshold} 家托管方确认，实有 {accepted} 家
Custodians {who} accepted the member's key; it was changed {changes} times since, each time signed.
    托管方 {who} 确认了会员密钥；其后更换 {changes} 次，每次均有签名。
the member's enrolment does not hold
    会员的入网声明不成立
the secretariat has not countersigned the member's enrolment
    秘书处未会签会员的入网声明
a custodian's acceptance of the member's key does not hold
    托管方对会员密钥的确认不成立
a change of the member's key does not hold
    会员换钥声明不成立
the signature of {member} under the seal does not hold
    {member} 对封签的签名不成立
the seal is older than the key that signed it
    封签早于签署它的密钥
{member} signed the seal, and with it every file.
    {member} 签署了封签，从而签署了每一个文件。
{threshold} custodians must cosign a checkpoint, {cosigned} did
    检查点须经 {threshold} 家托管方副署，实有 {cosigned} 家
the seal says that it was made before the checkpoint inside it was cosigned
    封签所载时间早于其内检查点的副署时间
Log of {size} entries, cosigned by custodians {who}.
    日志共 {size} 条，副署的托管方及时间：{who}。
{number} log entries stand in the log that the custodians cosigned.
    {number} 条日志条目均在托管方副署的日志之内。
the anchor's time stamp is of another checkpoint
    锚定时间戳所涉的是另一检查点
the log does not begin with the one that the authority stamped
    日志并非自经外部机构加盖时间戳的检查点延续而来
The log extends the one of {size} entries that was stamped at {at}.
    日志自 {at} 加盖时间戳时的 {size} 条延续而来。
the matter request is of another matter
    案件申请属于另一案件
log.json must show one entry for the opening of the matter
    log.json 应当恰有一条立项日志
the log records another matter request
    日志所载的是另一份案件申请
the member's signature under the matter request does not hold
    会员对案件申请的签名不成立
the times of request, log entry and seal do not fit
    申请、日志与封签的时间不相符
{member} opened the matter at {opened}; the log recorded it at {logged}.
    {member} 于 {opened} 立项；日志记载时间为 {logged}。
the matter request committed to another identity opening
    案件申请所承诺的是另一份身份开示
the identity opening is of another epoch or suite
    身份开示属于另一期或另一密码套件
the identity opening is not about a debtor's identifier
    身份开示所涉并非债务人的证件号码
the identity opening blinds another identifier
    身份开示所盲化的是另一证件号码
{threshold} custodians must have evaluated the identifier, {shares} did
    须经 {threshold} 家托管方计算，实有 {shares} 家
the identifier gives another pseudonym than the request names
    由证件号码得出的假名与申请所载不符
the identifier gives another standing key than the request names
    由证件号码得出的主体资格密钥与申请所载不符
custodian {index}'s evaluation of the identifier does not hold
    托管方 {index} 的计算结果不成立
the certificates' numbers are not in order
    证明编号未按次序排列
The hub's certificates hold, {number} of them: {kinds}.
    中心出具的 {number} 份证明均成立：{kinds}。
data agreement
    数据协议
questions asked
    查询记录
records
    报送记录
evasion flags
    逃废债标记
contracts that ended
    合同终结
consent and notice
    同意与告知
records of other members
    其他会员有无记录
{where} is about another contract
    {where}涉及另一合同
{where} names a log entry of another kind
    {where}所引日志条目种类不符
The member signed {names}, and the secretariat put it on the feed.
    会员签署了 {names}，秘书处已将其载入账本。
{number} questions of the member were about this debtor, the first at {first}.
    会员针对该债务人查询 {number} 次，首次为 {first}。
{number} contracts of this matter have ended by the member's own statement.
    本案有 {number} 份合同经会员本人声明终结。
a document is not on the evidence list
    有文件未列入证据目录
The evidence list names {number} documents; SHA-256 and SM3 fit each.
    证据目录列明 {number} 份文件，SHA-256 与 SM3 逐一相符。
The custody log is an unbroken chain of {number} steps.
    保管记录共 {number} 步，环环相扣。
the claim is about another matter or other contracts
    请求涉及另一案件或另外的合同
the first respondent is not the debtor whom the identity opening shows
    第一被申请人并非身份开示所示的债务人
the sum claimed is not the sum of the loans
    请求总额不等于各笔之和
The sum of CNY {yuan} adds up. It is claimed, not proved.
    请求金额 {yuan} 元，计算无误。此系主张，并非证明。
contract {contract}
    合同 {contract}
the figures of {where} do not add up
    {where} 的金额计算有误
HOLDS
    成立
FAILS
    不成立
NOT IN THIS BUNDLE
    无此内容
NOT REACHED
    未及核验
NOT CHECKED HERE
    不在此核验
the hub's signature under the checkpoint does not hold
    中心对检查点的签名不成立
a checksum of the ZIP container does not fit
    ZIP 容器的校验和不符
{path} is missing
    缺少 {path}
{path} is too large
    {path} 过大
{where} and its log entry do not say the same
    {where}与其日志条目不一致
a file's name leads out of the bundle or means another file elsewhere
    文件名指向证据包之外，或者在其他系统上会指向别的文件
two files would be one on some machines: their names differ too little
    有两个文件在某些系统上会成为同一文件：文件名过于相近
{path} does not belong in a bundle
    {path} 不属于证据包
{manifest} lists {path}, which is not in the bundle
    {manifest} 列有 {path}，但证据包内没有
custodian {custodian} has not signed this key set
    托管方 {custodian} 未签署该密钥集
a statement about the member is of another alliance or epoch
    有关会员的声明不属于本联盟或本期
there is no checkpoint
    没有检查点
log entry {index} does not give its leaf
    日志条目 {index} 与其叶值不符
log entry {index} does not stand under the checkpoint
    日志条目 {index} 不在检查点之下
log entry {index} is shown twice
    日志条目 {index} 重复出现
The bundle holds no checkpoint stamped by an outside authority.
    证据包内没有经外部机构加盖时间戳的检查点。
certificate {number}
    第 {number} 号证明
the hub's signature under {where} does not hold
    中心对{where}的签名不成立
{where} is of another matter
    {where}属于另一案件
{where} was not issued when the log says
    {where}的出具时间与日志不符
the member's signature under agreement {name} does not hold
    会员对数据协议 {name} 的签名不成立
The bundle holds no agreement certificate.
    证据包内没有数据协议证明。
question {number}
    第 {number} 次查询
{where} was not about this debtor: its standing key did not sign
    {where}并非针对本案债务人：其主体资格密钥未签名
{where}: the member's own signature in the log does not hold
    {where}：日志所载会员签名不成立
The bundle holds no certificate of questions about this debtor.
    证据包内没有针对该债务人的查询证明。
settlement {number}
    第 {number} 份结清声明
the member's signature under {where} does not hold
    会员对{where}的签名不成立
No contract of this matter is certified as ended.
    没有证明载明本案合同已经结清或者撤回。
item {number}
    证据第 {number} 项
{where} is numbered otherwise, or its file is missing
    {where}编号有误，或者缺少文件
{where}: size, SHA-256 or SM3 is not its file's
    {where}：大小、SHA-256 或 SM3 与文件不符
{where} was collected after the seal
    {where}的采集时间晚于封签
custody step {number}
    保管记录第 {number} 步
{where} does not follow the one before it
    {where}与前一步不衔接
{where} goes back in time, or lies after the seal
    {where}时间倒退，或者晚于封签
{where} is about another file
    {where}涉及另一文件
Files
    文件
Digests
    摘要
Seal
    封签
Key set
    密钥集
Member's key
    会员密钥
Seal's signature
    封签签名
Checkpoint
    检查点
Log entries
    日志条目
Anchor
    外部锚定
Matter request
    案件申请
Debtor's identity
    债务人身份
That the records are about this debtor is not shown: nothing in the log may be held against it.
    不能证明有关记载涉及该债务人：日志中的任何内容均不得用于对其不利的认定。
Certificates
    中心证明
Data agreement
    数据协议
Questions asked
    查询记录
Settlements
    结清声明
Evidence list
    证据目录
Custody log
    保管记录
Sum claimed
    请求金额
{where} is not JSON of the kind that bundles hold
    {where} 不是证据包所用格式的 JSON
{where} is not a signed checkpoint
    {where} 不是带签名的检查点
the cosignature of {name} does not hold
    {name} 的副署不成立
the file became shorter while it was read
    文件在读取过程中变短
a file's name in the ZIP is not readable
    ZIP 内有无法识别的文件名
{where} names a log entry that log.json does not show
    {where}所引日志条目不在 log.json 中
{path} is in the bundle, but {manifest} does not list it
    {path} 在证据包内，但 {manifest} 未列明
{path} is not the file whose digest was listed: it was changed
    {path} 与所列摘要不符：文件已被改动
the member's key changes are not in order
    会员换钥声明的次序有误
agreement {name}
    数据协议 {name}
the trust file cannot be read: give the path of trust.json
    无法读取信任文件：请给出 trust.json 的路径
Bundle
    证据包
Trust file
    信任文件
Check of an evidence bundle
    证据包核验
the bundle cannot be read: give the path of the ZIP file
    无法读取证据包：请给出 ZIP 文件的路径
{path} is not UTF-8 text
    {path} 不是 UTF-8 文本
Time stamp
    时间戳
Matter
    案件
Sealed by
    封存人
Sealed at
    封存时间
Custodian {index}
    托管方 {index}
Anchor's time stamp
    锚定时间戳
Signatures of the PDF reports
    PDF 报告的电子签名
Container
    封装格式
Truth of the documents
    文件内容的真实性
There is no outside authority's time stamp: when it was sealed, the member alone says.
    没有外部机构的时间戳：封存时间仅由提交方自述。
When the log stood at the anchor: OpenSSL checks the outside authority's token.
    日志到达锚定检查点的时间：用 OpenSSL 核验外部机构的时间戳。
Who signed the reports (PAdES): pyHanko or Acrobat checks it.
    报告由谁签名（PAdES）：用 pyHanko 或 Acrobat 核验。
That it is a BagIt bag, the Library of Congress' program says too.
    是否符合 BagIt 规范，亦可用美国国会图书馆的程序核验。
Whether the debt exists and the documents are true is for the court to find.
    债务是否存在、文件内容是否真实，由法院认定。
The identifier ({kind}, ...{ending}) is this matter's debtor; custodians {who} evaluated it.
    该证件号码（{kind}，末四位 {ending}）即本案债务人；由托管方 {who} 计算。
The member's own list or figures contradict themselves: ask for one that is mended and sealed anew.
    提交方自行编制的目录或金额自相矛盾：应当由提交方更正后重新封存。
This bundle does not hold: {title}.
    本证据包核验不通过：{title}。
Every claim that is checked here holds.
    在此核验的各项主张全部成立。
It is shown who said what and when, and that nothing has changed since.
    何人于何时作出何种陈述、其后未经改动，均已证明。
The debt itself is not proved by this.
    债务本身并不因此得到证明。
When the seal existed: OpenSSL checks the outside authority's RFC 3161 token; ROOTS.pem is its own root.
    封签形成的时间：用 OpenSSL 核验外部机构的 RFC 3161 时间戳；ROOTS.pem 为该机构自己的根证书。
"""

_LINES = _TABLE.strip().split("\n")
CHINESE = {_LINES[at]: _LINES[at + 1].strip() for at in range(0, len(_LINES), 2)}
"""Every sentence of this program in Chinese, by its English."""


if __name__ == "__main__":
    sys.exit(main())

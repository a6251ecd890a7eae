"""Checkpoints of the transparency log as C2SP signed notes, with the cosignatures of its witnesses.

An adversary that keeps the log would show two people two logs, or take an entry back. A checkpoint commits
to the whole log; it counts when `threshold` custodians have cosigned it, and a custodian cosigns only what
begins with everything that it cosigned before. A cosignature would be moved to another log or time: so the
log's name and the time stand in what is signed.

    C2SP signed-note, tlog-checkpoint, tlog-cosignature; Ed25519 as libsodium verifies (RFC 8032).

The log's name, its origin, is made from the key set's digest: one log for each alliance and epoch.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from privacy import signing
from privacy.encoding import b64
from privacy.errors import DeserializeError, VerifyError
from privacy.keyset import KeySet
from privacy.merkle import HASH_BYTES
from privacy.signing import SIGNATURE_BYTES, SigningKey

SIGNATURE_TYPE = 0x01
"""A plain Ed25519 signature over the note's text (signed-note)."""

COSIGNATURE_TYPE = 0x04
"""A timestamped Ed25519 cosignature (tlog-cosignature, cosignature/v1)."""

KEY_HASH_BYTES = 4
TIME_BYTES = 8
MAX_NOTE_BYTES = 100_000
MAX_LINES = 1_000

_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's size and RFC 9162 root under its origin."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note's text: three lines, each with its newline (tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Line:
    """A signature line of a note: who signed, 4 bytes that name the key, and the signature."""

    name: str
    key_hash: bytes
    signature: bytes

    def text(self) -> str:
        """Return the line, without its newline."""
        return f"— {self.name} {base64.b64encode(self.key_hash + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with the signature lines under it, in their order."""

    checkpoint: Checkpoint
    lines: tuple[Line, ...]

    def text(self) -> str:
        """Return the signed note; `read_note` reads it."""
        return self.checkpoint.text() + "\n" + "".join(f"{line.text()}\n" for line in self.lines)


def log_origin(key_set: KeySet) -> str:
    """Return the origin of the log of one alliance and epoch, which is also the name of the hub's key."""
    return f"alliance-hub/{b64(key_set.digest)}"


def custodian_name(origin: str, index: int) -> str:
    """Return the name under which custodian `index` cosigns."""
    return f"{origin}/custodian/{index}"


def member_name(origin: str, public: bytes) -> str:
    """Return the name under which a member cosigns: by its signing key, since its name may have spaces."""
    return f"{origin}/member/{signing.key_id(public)}"


def sign_checkpoint(key: SigningKey, checkpoint: Checkpoint) -> Line:
    """Return the log's own signature under its checkpoint."""
    key_hash = _key_hash(checkpoint.origin, SIGNATURE_TYPE, key.public)
    return Line(checkpoint.origin, key_hash, key.sign(checkpoint.text().encode()))


def cosign(key: SigningKey, name: str, checkpoint: Checkpoint, *, at: datetime) -> Line:
    """Return a witness's cosignature, made after it has checked that the log only grew."""
    seconds = int(at.timestamp())
    signature = key.sign(_cosigned(checkpoint, seconds))
    key_hash = _key_hash(name, COSIGNATURE_TYPE, key.public)
    return Line(name, key_hash, seconds.to_bytes(TIME_BYTES, "big") + signature)


def read_note(text: str) -> Note:
    """Read a signed note; whose signatures hold is another question. Raises DeserializeError."""
    if len(text.encode()) > MAX_NOTE_BYTES or not text.endswith("\n"):
        raise DeserializeError("not a signed note: it is too long or cut short")
    body, separator, signatures = text.partition("\n\n")
    parts, lines = body.split("\n"), signatures.split("\n")[:-1]
    if not separator or len(parts) != 3 or not 1 <= len(lines) <= MAX_LINES:
        raise DeserializeError("a checkpoint has three lines, an empty one and its signatures")
    note = Note(_read_checkpoint(*parts), tuple(map(_read_line, lines)))
    if note.text() != text:
        raise DeserializeError("not a canonical signed note")
    return note


def verify_checkpoint(note: Note, key_set: KeySet) -> Checkpoint:
    """Return the checkpoint if the key set's hub signed it for the key set's log; raises VerifyError."""
    checkpoint, key = note.checkpoint, key_set.hub_key
    if checkpoint.origin != log_origin(key_set):
        raise VerifyError("the checkpoint is of another log")
    key_hash = _key_hash(checkpoint.origin, SIGNATURE_TYPE, key)
    own = [line for line in note.lines if (line.name, line.key_hash) == (checkpoint.origin, key_hash)]
    if not own:
        raise VerifyError("the hub has not signed the checkpoint")
    for line in own:
        signing.verify(key, checkpoint.text().encode(), line.signature)
    return checkpoint


def verify_cosignature(line: Line, checkpoint: Checkpoint, *, name: str, public: bytes) -> datetime:
    """Return when `name` says that it cosigned this checkpoint; raises VerifyError."""
    if (line.name, line.key_hash) != (name, _key_hash(name, COSIGNATURE_TYPE, public)):
        raise VerifyError("the cosignature is another witness's")
    if len(line.signature) != TIME_BYTES + SIGNATURE_BYTES:
        raise VerifyError("the cosignature is not well formed")
    seconds = int.from_bytes(line.signature[:TIME_BYTES], "big")
    signing.verify(public, _cosigned(checkpoint, seconds), line.signature[TIME_BYTES:])
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise VerifyError("the cosignature names no time") from error


def cosigners(note: Note, key_set: KeySet) -> dict[int, datetime]:
    """Return which custodians have cosigned, and when; a line that claims to be one's and is not is an error.

    Lines of names that are no custodian's are passed over, as the note's standard asks. Raises VerifyError.
    """
    origin, found = note.checkpoint.origin, dict[int, datetime]()
    names = {custodian_name(origin, index): index for index in range(1, key_set.count + 1)}
    for line in note.lines:
        if (index := names.get(line.name)) is not None:
            public = key_set.witness(index)
            found[index] = verify_cosignature(line, note.checkpoint, name=line.name, public=public)
    return found


def verify_counted(note: Note, key_set: KeySet) -> dict[int, datetime]:
    """Check that the hub signed and at least `threshold` custodians cosigned; return who, and when.

    Raises VerifyError.
    """
    verify_checkpoint(note, key_set)
    found = cosigners(note, key_set)
    if len(found) < key_set.threshold:
        raise VerifyError(f"{key_set.threshold} custodians must cosign a checkpoint, {len(found)} did")
    return found


def with_lines(note: Note, lines: Sequence[Line]) -> Note:
    """Return the note with further signature lines behind those that it has."""
    return Note(note.checkpoint, (*note.lines, *lines))


def _read_checkpoint(origin: str, size: str, root: str) -> Checkpoint:
    if not origin or not _SIZE.fullmatch(size):
        raise DeserializeError("a checkpoint names its log and a size")
    return Checkpoint(origin, int(size), _read_bytes(root, HASH_BYTES))


def read_line(text: str) -> Line:
    """Read one signature line, without its newline; raises DeserializeError."""
    line = _read_line(text)
    if line.text() != text:
        raise DeserializeError("not a canonical signature line")
    return line


def _read_line(text: str) -> Line:
    found = _LINE.fullmatch(text)
    if found is None:
        raise DeserializeError("not a signature line of a note")
    data = _read_bytes(found[2])
    if len(data) <= KEY_HASH_BYTES:
        raise DeserializeError("a signature line is too short")
    return Line(found[1], data[:KEY_HASH_BYTES], data[KEY_HASH_BYTES:])


def _read_bytes(text: str, length: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DeserializeError("not base64") from error
    if length is not None and len(data) != length:
        raise DeserializeError("a root has 32 bytes")
    return data


def _key_hash(name: str, kind: int, public: bytes) -> bytes:
    """Return SHA-256(name || newline || type || key), its first 4 bytes (signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:KEY_HASH_BYTES]


def _cosigned(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.text()}".encode()

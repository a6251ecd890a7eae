"""Checkpoints: a published one first, then an encoder that knows only the standard, then what liars say."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey as Ed25519

from privacy import checkpoint
from privacy.checkpoint import (
    Checkpoint,
    Line,
    Note,
    cosign,
    cosigners,
    custodian_name,
    log_origin,
    member_name,
    read_line,
    read_note,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignature,
    verify_counted,
    with_lines,
)
from privacy.errors import DeserializeError, VerifyError
from privacy.keyset import KeySet
from privacy.signing import SigningKey
from tests.feeds import Alliance, secret
from tests.logs import PaperLog

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "checkpoints.json").read_text("utf-8"))
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SEED = secret("a log")
ROOT = secret("a root")


# What others have published


def test_a_published_checkpoint_with_a_witness_is_read_and_holds() -> None:
    vector = VECTORS["witnessed"]
    note = read_note(vector["note"])
    name, key_hash, key = vector["witness"].split("+", 2)
    kind, public = base64.b64decode(key)[:1], base64.b64decode(key)[1:]
    (line,) = [each for each in note.lines if each.name == name]

    assert note.checkpoint.size == 1_432_088_532
    assert (kind, line.key_hash.hex()) == (b"\x04", key_hash)
    at = verify_cosignature(line, note.checkpoint, name=name, public=public)
    assert int(at.timestamp()) == vector["cosigned_at"]
    assert note.text() == vector["note"]
    another = Checkpoint(note.checkpoint.origin, note.checkpoint.size + 1, note.checkpoint.root)
    with pytest.raises(VerifyError):
        verify_cosignature(line, another, name=name, public=public)


def test_a_key_has_the_name_that_go_gives_it() -> None:
    name, key_hash, key = VECTORS["signed"]["secret"].removeprefix("PRIVATE+KEY+").split("+", 2)
    public = base64.b64decode(VECTORS["signed"]["public"].split("+", 2)[2])[1:]
    signer = SigningKey(base64.b64decode(key)[1:])

    line = sign_checkpoint(signer, Checkpoint(name, 1, ROOT))

    assert signer.public == public
    assert (line.name, line.key_hash.hex()) == (name, key_hash)


# An encoder that knows the standard and nothing of ours


def written(origin: str, size: int, root: bytes) -> bytes:
    return b"\n".join([origin.encode(), str(size).encode(), base64.b64encode(root), b""])


def line_of(name: str, kind: int, key: Ed25519, payload: bytes) -> str:
    hashed = hashlib.sha256(name.encode() + b"\x0a" + bytes([kind]) + bytes(key.verify_key)).digest()
    return "\u2014 " + name + " " + base64.b64encode(hashed[:4] + payload).decode()


@settings(max_examples=50)
@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32), st.integers(0, 2**33))
def test_notes_are_those_of_the_standard(size: int, root: bytes, seconds: int) -> None:
    key = Ed25519(SEED)
    body = written("a log", size, root)
    own = line_of("a", 1, key, key.sign(written("a", size, root)).signature)
    stamp = seconds.to_bytes(8, "big")
    signed = key.sign(b"cosignature/v1\ntime " + str(seconds).encode() + b"\n" + body).signature
    witnessed = line_of("w", 4, key, stamp + signed)

    ours = SigningKey(SEED)
    shown = Checkpoint("a log", size, root)
    assert shown.text().encode() == body
    assert sign_checkpoint(ours, Checkpoint("a", size, root)).text() == own
    cosigned = cosign(ours, "w", shown, at=datetime.fromtimestamp(seconds, UTC))
    assert cosigned.text() == witnessed
    assert read_line(witnessed) == cosigned
    note = Note(shown, (cosigned,))
    assert note.text().encode() == body + b"\n" + witnessed.encode() + b"\n"
    assert read_note(note.text()) == note


# What may be believed


@pytest.fixture(scope="module")
def log() -> PaperLog:
    return PaperLog(Alliance().key_set).grows(7)


@pytest.fixture(scope="module")
def key_set(log: PaperLog) -> KeySet:
    return log.key_set


def test_a_checkpoint_is_the_hubs_for_the_key_sets_log(log: PaperLog, key_set: KeySet) -> None:
    note = log.newest()

    assert verify_checkpoint(note, key_set) == note.checkpoint
    assert note.checkpoint.origin == log_origin(key_set)


@pytest.mark.parametrize(
    "change",
    [
        lambda note: Note(Checkpoint(note.checkpoint.origin, 8, note.checkpoint.root), note.lines),
        lambda note: Note(Checkpoint(note.checkpoint.origin, 7, ROOT), note.lines),
        lambda note: Note(Checkpoint("another", 7, note.checkpoint.root), note.lines),
        lambda note: Note(note.checkpoint, ()),
        lambda note: Note(note.checkpoint, (Line("another", *_rest(note.lines[0])),)),
        lambda note: Note(note.checkpoint, (Line(note.lines[0].name, b"\0\0\0\0", note.lines[0].signature),)),
        lambda note: with_lines(note, [_flipped(note.lines[0])]),
        lambda note: Note(note.checkpoint, (Line(*_name(note.lines[0]), note.lines[0].signature[:-1]),)),
    ],
    ids=["size", "root", "origin", "unsigned", "name", "key", "second line corrupted", "truncated"],
)
def test_anything_else_is_not_the_hubs(log: PaperLog, key_set: KeySet, change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(VerifyError):
        verify_checkpoint(change(log.newest()), key_set)


def _rest(line: Line) -> tuple[bytes, bytes]:
    return line.key_hash, line.signature


def _name(line: Line) -> tuple[str, bytes]:
    return line.name, line.key_hash


def _flipped(line: Line) -> Line:
    return Line(line.name, line.key_hash, bytes([line.signature[0] ^ 1]) + line.signature[1:])


@pytest.mark.parametrize("by", [(1, 2), (3, 1), (1, 2, 3)])
def test_a_checkpoint_counts_with_enough_custodians(
    log: PaperLog, key_set: KeySet, by: tuple[int, ...]
) -> None:
    assert verify_counted(log.counted(at=AT, by=by), key_set) == dict.fromkeys(by, AT)


@pytest.mark.parametrize("by", [(), (2,), (2, 2)])
def test_one_custodian_does_not_make_it_count_however_often_it_signs(
    log: PaperLog, key_set: KeySet, by: tuple[int, ...]
) -> None:
    with pytest.raises(VerifyError, match="2 custodians must cosign"):
        verify_counted(log.counted(at=AT, by=by), key_set)


def test_members_cosign_under_their_own_names_and_count_for_nothing(log: PaperLog, key_set: KeySet) -> None:
    shown, keys = log.newest().checkpoint, [SigningKey(secret("member", str(n))) for n in range(3)]
    lines = [cosign(key, member_name(shown.origin, key.public), shown, at=AT) for key in keys]
    note = with_lines(log.counted(at=AT, by=(1,)), lines)

    assert cosigners(note, key_set) == {1: AT}
    with pytest.raises(VerifyError):
        verify_counted(note, key_set)


def test_a_line_that_claims_to_be_a_custodians_and_is_not_spoils_the_note(
    log: PaperLog, key_set: KeySet
) -> None:
    note = log.counted(at=AT, by=(1, 2))
    forged = cosign(SigningKey(SEED), custodian_name(note.checkpoint.origin, 3), note.checkpoint, at=AT)

    with pytest.raises(VerifyError):
        verify_counted(with_lines(note, [forged]), key_set)


@pytest.mark.parametrize("wrong", ["checkpoint", "time", "name", "key", "truncated", "empty", "too large"])
def test_a_cosignature_holds_for_one_checkpoint_time_name_and_key(log: PaperLog, wrong: str) -> None:
    shown, key = log.newest().checkpoint, SigningKey(SEED)
    line, name, public = cosign(key, "w", shown, at=AT), "w", key.public
    assert verify_cosignature(line, shown, name=name, public=public) == AT
    match wrong:
        case "checkpoint":
            shown = log.newest(6).checkpoint
        case "time":
            line = Line("w", line.key_hash, (1).to_bytes(8, "big") + line.signature[8:])
        case "name":
            name = "v"
        case "key":
            public = SigningKey(ROOT).public
        case "truncated":
            line = Line("w", line.key_hash, line.signature[:-1])
        case "empty":
            line = Line("w", line.key_hash, b"")
        case "too large":
            line = Line("w", line.key_hash, line.signature + b"\0")

    with pytest.raises(VerifyError):
        verify_cosignature(line, shown, name=name, public=public)


def test_a_time_that_no_calendar_has_is_refused() -> None:
    key, shown = Ed25519(SEED), Checkpoint("a log", 1, ROOT)
    seconds = 2**63
    signed = key.sign(f"cosignature/v1\ntime {seconds}\n{shown.text()}".encode()).signature
    line = read_line(line_of("w", 4, key, seconds.to_bytes(8, "big") + signed))

    with pytest.raises(VerifyError, match="names no time"):
        verify_cosignature(line, shown, name="w", public=bytes(key.verify_key))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n7\n", "\n07\n"),
        lambda text: text.replace("\n7\n", "\n-7\n"),
        lambda text: text.replace("\n7\n", "\n7 \n"),
        lambda text: text.replace("=\n\n", "=\nan extension\n\n"),
        lambda text: text.replace("=\n\n", "\n\n"),
        lambda text: text.replace("\u2014", "--"),
        lambda text: text.replace("\u2014 ", "\u2014  "),
        lambda text: text.partition("\n\n")[0] + "\n\n",
        lambda text: text[text.index("\n") :],
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text + "\u2014 w AAAA\n",
        lambda text: text + "\u2014 w AAAAAB==\n",
        lambda text: text + "\u2014 w AAAAAAA=\n" * checkpoint.MAX_LINES,
        lambda text: "",
    ],
)
def test_what_is_no_canonical_note_is_refused(log: PaperLog, change) -> None:  # type: ignore[no-untyped-def]
    text = log.newest().text()
    assert read_note(text).text() == text
    changed = change(text)
    assert changed != text

    with pytest.raises(DeserializeError):
        read_note(changed)

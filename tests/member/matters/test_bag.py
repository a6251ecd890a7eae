"""The bag's ZIP: nothing left to chance, documents streamed, and too much refused."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from member.errors import Refused
from member.matters import bag
from member.matters.bag import Document

FILES = {"evidence/b.json": b"{}", "data/a.txt": b"hello", "data/documents/001-合同.pdf": b"%PDF"}


def test_manifests_list_each_file_once_in_order() -> None:
    whole = bag.bag(FILES, {"External-Identifier": "m-000001"})

    def digest(path: str) -> str:
        content = whole[path]
        assert isinstance(content, bytes)
        return hashlib.sha256(content).hexdigest()

    listed = ["data/a.txt", "data/documents/001-合同.pdf"]
    tags = ["bag-info.txt", "bagit.txt", "evidence/b.json", "manifest-sha256.txt"]
    for manifest, paths in (("manifest-sha256.txt", listed), ("tagmanifest-sha256.txt", tags)):
        assert whole[manifest] == "".join(f"{digest(path)}  {path}\n" for path in paths).encode()
    assert whole["bag-info.txt"] == b"External-Identifier: m-000001\nPayload-Oxum: 9.2\n"


def test_the_zip_has_one_date_no_compression_and_no_extra_fields() -> None:
    out = io.BytesIO()
    bag.write(out, "m-000001", FILES, lambda done: None)

    with zipfile.ZipFile(out) as archive:
        entries = archive.infolist()
        assert {each.filename: archive.read(each) for each in entries} == {
            f"m-000001/{path}": content for path, content in FILES.items()
        }
    for each in entries:
        assert (each.date_time, each.compress_type) == ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
        assert (each.extra, each.comment, each.create_system) == (b"", b"", 3)
    assert [each.filename for each in entries] == sorted(each.filename for each in entries)


def test_a_recording_streams_through_and_says_how_far_it_is(tmp_path: Path) -> None:
    recording, size = tmp_path / "call.wav", 24_000_000
    recording.write_bytes(bytes(size))
    digest = hashlib.sha256(recording.read_bytes()).hexdigest()
    heard: list[int] = []
    tracemalloc.start()

    with (tmp_path / "bundle.zip").open("wb") as stream:
        bag.write(stream, "m", {"data/documents/001.wav": Document(recording, size, digest)}, heard.append)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(heard) == size
    assert peak < 6_000_000


@pytest.mark.parametrize("now", [b"other", b"hell", b"hello, world"], ids=["same size", "shorter", "longer"])
def test_a_document_that_is_another_is_refused(tmp_path: Path, now: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(now)
    was = Document(path, 5, hashlib.sha256(b"hello").hexdigest())

    with pytest.raises(Refused, match=r"a\.txt was changed"):
        bag.write(io.BytesIO(), "m", {"data/a.txt": was}, lambda done: None)


def test_more_than_two_gigabytes_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    halves = {f"data/{n}.wav": Document(tmp_path / "gone", 1_000_000_001, "00" * 32) for n in (1, 2)}

    with pytest.raises(Refused, match="larger than 2 GB"):
        bag.bag(halves, {})
    assert bag.size_of(halves["data/1.wav"]) == 1_000_000_001


def test_two_gigabytes_fit_into_a_plain_zip() -> None:
    # Beyond its limit a ZIP writes extra fields, which a bundle must not have.
    assert bag.LARGEST * 1.05 < zipfile.ZIP64_LIMIT

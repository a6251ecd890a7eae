"""A matter's folder: documents byte for byte, a list that is numbered, a log that says what was done."""

from __future__ import annotations

import hashlib
import itertools
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from member import Home, Refused
from member.files.errors import BadMapping, UnreadableFile
from member.matters.custody import custody_of
from member.matters.evidence_list import PagesUnknown, Said, bag_path, pages_of
from member.matters.folder import (
    Folder,
    UnknownMatter,
    create_folder,
    find_folder,
    list_folders,
    open_folder,
)
from member.matters.forms import Form
from member.matters.profiles import DocumentKind, profile_named
from member.matters.state import Contracted, Opened
from privacy.encoding import b64
from privacy.evidence import MatterKind
from privacy.identifiers import Kind
from tests.member.matters import filing
from tests.member.people import person

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SAID = Said(DocumentKind.CONTRACT, "借款合同", "本公司档案", "证明借款关系", Form.COPY, "赵某")
PNG = b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    opened = Opened(
        reference="M20261122-0001",
        member="南山",
        kind=MatterKind.LITIGATION,
        profile="court-internet",
        epoch=1,
        debtor_kind=Kind.RESIDENT_ID,
        debtor=person(1),
        contracts=(Contracted("NA/1", b64(bytes(32))),),
        law_firm=None,
        lawyers=(),
        until="2027-11-22T16:00:00Z",
    )
    return create_folder(Home(tmp_path / "south"), opened, {"kind": "litigation"}, profile_named("mediation"))


def file(folder: Folder, name: str, data: bytes) -> Path:
    path = folder.path.parent / name
    path.write_bytes(data)
    return path


def test_only_its_owner_can_read_a_folder(folder: Folder) -> None:
    for path in (folder.path, folder.path.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.path / "matter.json").stat().st_mode) == 0o600


def test_a_document_is_copied_byte_for_byte(folder: Folder) -> None:
    data = filing.pdf("借款")
    item = folder.add(file(folder, "scan 1.PDF", data), SAID, AT)

    assert folder.stored(item).read_bytes() == data
    assert (item.number, item.pages, item.size) == (1, 1, len(data))
    assert item.sha_256 == hashlib.sha256(data).hexdigest()
    assert item.sm3 == hashlib.new("sm3", data).hexdigest()
    assert (item.path, item.collected_at) == ("data/documents/001-借款合同.pdf", "2026-11-22T01:02:03Z")


def test_the_same_file_stands_on_the_list_once(folder: Folder) -> None:
    folder.add(file(folder, "a.png", PNG), SAID, AT)
    with pytest.raises(Refused, match="number 1 of the list"):
        folder.add(file(folder, "b.png", PNG), SAID, AT)


def test_what_is_taken_off_the_list_stays_in_the_log(folder: Folder) -> None:
    first = folder.add(file(folder, "a.png", PNG + b"1"), SAID, AT)
    second = folder.add(file(folder, "b.png", PNG + b"2"), SAID, AT + timedelta(hours=1))
    folder.remove(1, "赵某", AT + timedelta(hours=2))
    # A clock that was set back does not turn the log's order round.
    folder.log("赵某", "复核", AT)

    (left,) = folder.documents().listed
    assert (left.item.number, left.item.path) == (1, "data/documents/001-借款合同.png")
    assert left.item.sha_256 == second.sha_256
    assert not folder.stored(first).exists()
    steps = custody_of(folder.documents())
    assert [(step.item, step.sha_256) for step in steps] == [
        (None, first.sha_256), (1, second.sha_256), (None, first.sha_256), (None, None),
    ]  # fmt: skip
    assert [step.number for step in steps] == [1, 2, 3, 4]
    assert steps[3].at == steps[2].at == "2026-11-22T03:02:03Z"
    assert steps[0].previous is None
    for before, after in itertools.pairwise(steps):
        assert after.previous == b64(hashlib.sha256(before.canonical()).digest())
    with pytest.raises(Refused, match="no number 2"):
        folder.remove(2, "赵某", AT)


def test_a_list_is_made_to_be_these_files(folder: Folder) -> None:
    paths = [file(folder, f"{name}.png", PNG + name.encode()) for name in "abc"]
    folder.set_documents([(path, SAID) for path in paths], AT)
    before = folder.documents()
    folder.set_documents([(path, SAID) for path in paths], AT + timedelta(days=1))
    assert folder.documents() == before

    other = file(folder, "d.png", PNG + b"d")
    folder.set_documents([(each, SAID) for each in (other, paths[2], paths[0], paths[0])], AT)
    wanted = [hashlib.sha256(PNG + name).hexdigest() for name in (b"d", b"c", b"a")]
    assert [each.item.sha_256 for each in folder.documents().listed] == wanted
    assert [each.item.number for each in folder.documents().listed] == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("empty.pdf", b"", "empty"),
        ("scan.pdf", b"\xff\xd8\xff a picture", "not what its ending says"),
        ("scan.png", b"%PDF-1.7", "not what its ending says"),
        ("scan", PNG, "names no file type"),
    ],
)
def test_a_file_that_is_none_is_refused(folder: Folder, name: str, data: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what):
        folder.add(file(folder, name, data), SAID, AT)
    assert folder.documents().listed == ()


def test_pages_are_counted_or_asked_for(folder: Folder) -> None:
    assert pages_of(file(folder, "a.pdf", filing.pdf("页\n" * 120)), "pdf") == 3
    assert pages_of(file(folder, "a.jpg", b"\xff\xd8\xff"), "jpg") == 1
    assert pages_of(file(folder, "a.wav", b"RIFF"), "wav") is None
    letter = file(folder, "letter.docx", b"PK\x03\x04")
    with pytest.raises(PagesUnknown, match="--pages"):
        folder.add(letter, SAID, AT)
    with pytest.raises(PagesUnknown):
        folder.add(file(folder, "half.pdf", b"%PDF-1.7 and no more"), SAID, AT)
    said = Said(SAID.kind, SAID.name, SAID.source, SAID.purpose, SAID.form, SAID.collector, pages=7)
    assert folder.add(letter, said, AT).pages == 7


def test_what_was_said_wrongly_is_named(folder: Folder) -> None:
    said = Said(SAID.kind, SAID.name, "x" * 501, SAID.purpose, SAID.form, SAID.collector)
    with pytest.raises(BadMapping, match="--source"):
        folder.add(file(folder, "a.png", PNG), said, AT)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("借款合同", "data/documents/007-借款合同.pdf"),
        ('a/b\\c:d*e?"f<g>h|i', "data/documents/007-a-b-c-d-e-f-g-h-i.pdf"),
        ("../../etc/passwd", "data/documents/007-etc-passwd.pdf"),
        ("（2026）某01民初1号", "data/documents/007-（2026）某01民初1号.pdf"),
        ("...", "data/documents/007-document.pdf"),
        ("长" * 90, f"data/documents/007-{'长' * 40}.pdf"),
    ],
)
def test_a_name_becomes_a_path_that_every_machine_can_make(name: str, path: str) -> None:
    assert bag_path(7, name, "pdf") == path


def test_folders_are_found_by_reference(folder: Folder, tmp_path: Path) -> None:
    home = Home(tmp_path / "south")
    assert open_folder(home, "M20261122-0001") == folder
    assert list_folders(home) == [folder]
    assert find_folder(home, "M20261122-0002") is None
    for reference in ("M20261122-0002", "../south", ".hidden-one", "short"):
        with pytest.raises(UnknownMatter):
            open_folder(home, reference)
    with pytest.raises(Refused, match="already"):
        create_folder(home, folder.opened(), {}, profile_named("mediation"))


def test_a_damaged_folder_says_so(folder: Folder) -> None:
    (folder.path / "documents.json").write_bytes(b"{")
    with pytest.raises(UnknownMatter, match="backup"):
        folder.documents()
    folder.case_file.write_text('{"debtors": {}}', encoding="utf-8")
    with pytest.raises(BadMapping, match="field that this message does not have"):
        folder.draft()

"""Every byte counts: a change anywhere in a sealed bundle is caught, and the claim that breaks is named."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from privacy.encoding import canonical
from privacy.signing import SigningKey
from tests.verifier import making
from tests.verifier.conftest import failed
from tests.verifier.story import FIRST_KEY, SECOND_KEY
from verifier import alliance_verify as verifier

FILES = making.small().sealed()
STRANGER = SigningKey(bytes(32))

BOUND = ("bag", "manifest", "tagmanifest", "seal", "evidence/log", "evidence/key-set", "evidence/membership")
EVERY_BYTE = sorted(
    path for path in FILES if path.startswith((*BOUND, "evidence/checkpoint", "evidence/anchor"))
)
"""The tag, log, key and seal files."""


def test_the_bundle_holds_before_anybody_touches_it() -> None:
    assert failed(FILES) is None
    findings = verifier.verify(making.MATTER, making.draft().sealed(), making.trust())
    assert {finding.state for finding in findings} == {"holds"}


EXPECTED = {
    "seal.json": {"seal", "member-key", "seal-signature"},
    "seal.tsr": {"seal"},
    "tagmanifest-sha256.txt": {"files", "digests"},
    "manifest-sha256.txt": {"files", "digests"},
    "bagit.txt": {"files"},
}


@pytest.mark.parametrize("path", EVERY_BYTE)
def test_every_byte_of_the_tag_log_key_and_seal_files(path: str) -> None:
    data = bytearray(FILES[path])
    for place in range(len(data)):
        data[place] ^= 1
        claim = failed({**FILES, path: bytes(data)})
        data[place] ^= 1
        assert claim in EXPECTED.get(path, {"digests"}), place


@pytest.mark.parametrize("path", sorted(FILES.keys() - EVERY_BYTE))
def test_sampled_bytes_of_each_other_file(path: str) -> None:
    data, chosen = bytearray(FILES[path]), random.Random(path)
    for place in chosen.sample(range(len(data)), min(200, len(data))):
        data[place] ^= 1 << chosen.randrange(8)
        assert failed({**FILES, path: bytes(data)}) == "digests", place
        data[:] = FILES[path]


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_file_cut_short_or_made_longer(path: str) -> None:
    for data in (FILES[path][:-1], FILES[path] + b"\n", b""):
        assert failed({**FILES, path: data}) in {"files", "digests", "seal"}


# Somebody who computes the manifests anew, but has no key.

LEAF = tuple[tuple[str | int, ...], Any]


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[LEAF]:
    """Yield each value that is neither list nor object, with its path."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from leaves(each, (*path, name))
    if not isinstance(value, (dict, list)):
        yield path, value


def altered(value: Any) -> Any:
    """Return another value of the same kind: as much like the old one as can be."""
    if value is None or isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    # The second character: of base64url, of an instant's year, of a word.
    return value[:1] + ("1" if value[1:2] == "0" else "0") + value[2:]


def changed_at(document: Any, path: tuple[str | int, ...]) -> Any:
    """Return a copy of a document with one value altered."""
    document = copy.deepcopy(document)
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = altered(inner[path[-1]])
    return document


def fields_of(document: Any) -> list[tuple[str | int, ...]]:
    """Return the paths of a document's values, of like ones in a list the first."""
    found: dict[tuple[str, ...], tuple[str | int, ...]] = {}
    for path, _ in leaves(document):
        found.setdefault(tuple(str(name) if isinstance(name, str) else "*" for name in path), path)
    return list(found.values())


WHOLE = making.draft()
SEALED = WHOLE.sealed()
CASES = [(name, path) for name, document in WHOLE.evidence.items() for path in fields_of(document)]


def named(case: tuple[str, tuple[str | int, ...]]) -> str:
    return f"{case[0]}.{'.'.join(str(name) for name in case[1] if isinstance(name, str))}"


def changed(case: tuple[str, tuple[str | int, ...]]) -> dict[str, bytes]:
    """Return the files with one value of one document altered."""
    name, path = case
    return {**SEALED, f"evidence/{name}.json": canonical(changed_at(WHOLE.evidence[name], path))}


def test_without_a_key_nothing_can_be_changed() -> None:
    """Manifests that fit are no help, nor is a seal that names them: nobody signed it."""
    before = {"key-set", "member-key", "seal-signature"}
    for case in CASES:
        assert failed(making.listed(changed(case))) == "seal", named(case)
    for case in {name: (name, path) for name, path in CASES}.values():
        assert failed(making.sealed_anew(changed(case), STRANGER)) in before, named(case)


# Somebody who holds the member's key. What is its own word is listed in docs/bundle.md, section 9.

DOCUMENTS = {f"items.{name}" for name in ("name", "source", "purpose", "pages", "collector")}
OPENLY_OWN = {"case.profile", "case.as_of", "case.forum", "case.cause", "case.judgment"}
OWN_PARTS = ("case.creditor.", "case.respondents.", "case.loans.", "case.requests", "case.facts")
NOT_LOOKED_AT = {"anchor.token", "anchor.anchored_at"}
"""OpenSSL judges the token."""

BY_CLAIM = {
    "anchor": "anchor",
    "case": "case",
    "certificates": "certificates",
    "custody": "custody",
    "items": "items",
    "key-set": "key-set",
    "log": "log",
    "matter": "matter",
    "membership": "member-key",
    "opening": "identity",
}


def test_with_the_members_key_only_its_own_words_can_be_changed() -> None:
    free = set()
    for case in CASES:
        claim = failed(making.sealed_anew(changed(case)))
        if claim is None:
            free.add(named(case))
        else:
            assert claim in {BY_CLAIM[case[0]], "custody"}, named(case)
    figures = {"claimed", "amount", "contract_ref", "days", "principal", "interest", "penalty", "fees"}
    assert not {each for each in free if each.rpartition(".")[2] in figures}
    assert "case.respondents.identifier" not in free
    own = {each for each in free if each.startswith(OWN_PARTS)}
    assert own
    assert free - own == DOCUMENTS | OPENLY_OWN | NOT_LOOKED_AT


# Origin, size, root, an empty line, the hub, two custodians; the member's own line counts for nothing.
@pytest.mark.parametrize(("line", "claim"), [*((line, "checkpoint") for line in range(7)), (7, None)])
def test_every_line_of_the_checkpoint_counts(line: int, claim: str | None) -> None:
    lines = WHOLE.note.split("\n")
    middle = len(lines[line]) // 2
    lines[line] = (
        lines[line][:middle]
        + ("7" if lines[line][middle : middle + 1] != "7" else "8")
        + (lines[line][middle + 1 :])
    )
    note = "\n".join(lines).encode()
    assert failed(making.sealed_anew({**SEALED, "evidence/checkpoint.txt": note})) == claim


def test_another_members_key_does_not_seal() -> None:
    assert failed(making.sealed_anew(SEALED, STRANGER)) == "seal-signature"
    assert failed(making.sealed_anew(SEALED, FIRST_KEY)) == "seal-signature"
    assert failed(making.sealed_anew(SEALED, SECOND_KEY)) is None

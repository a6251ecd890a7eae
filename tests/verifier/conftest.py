"""Checks in memory, each signature checked once: thousands of changed bundles share most of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from privacy.encoding import Json, canonical
from tests.verifier import making
from verifier import alliance_verify as verifier

TRUST = making.trust()

PURE = ("ed25519_holds", "ed25519_public", "evaluation_holds", "hash_to_group", "combine", "read_canonical")
"""Functions that always say the same of the same bytes."""


@pytest.fixture(scope="module", autouse=True)
def remembered() -> Iterator[None]:
    """Remember what a pure function gave: the same bytes give the same verdict."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PURE:
            patch.setattr(verifier, name, cache(getattr(verifier, name)))
        yield


def failed(files: Mapping[str, bytes], trust: Json | None = None, folder: str = making.MATTER) -> str | None:
    """Return the name of the claim that fails, None when all hold; the claims behind it were not reached."""
    findings = verifier.verify(folder, files, trust or TRUST)
    states = [finding.state for finding in findings]
    wrong = states.index("fails") if "fails" in states else len(states)
    assert set(states[:wrong]) <= {"holds", "absent"}
    assert set(states[wrong + 1 :]) <= {"unreached"}
    return findings[wrong].name if wrong < len(states) else None


def why(files: Mapping[str, bytes], trust: Json | None = None) -> str:
    """Return the sentence with which a bundle fails."""
    findings = verifier.verify(making.MATTER, files, trust or TRUST)
    return next(each.detail.said("en") for each in findings if each.state == "fails")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound bundle as a file."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(making.zipped(making.draft().sealed()))
    return path


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """The trust file that a custodian gave."""
    path = tmp_path / "trust.json"
    path.write_bytes(canonical(making.trust()))
    return path

"""The proof of plaintext knowledge: what a member cannot have sealed itself stays out of the feed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from privacy import merkle
from privacy.encoding import b64, unb64
from privacy.records import SubmittedRecord
from privacy.statements import KnowledgeProof
from tests.alliance_hub.builders import Platform, seed
from tests.alliance_hub.records.builders import SignedChunk, proof_of, record_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance

Forge = Callable[[Alliance, Platform, tuple[SubmittedRecord, ...]], SignedChunk]


def _root(records: tuple[SubmittedRecord, ...]) -> bytes:
    return merkle.root(each.record.leaf() for each in records)


def _none(alliance: Alliance, member: Platform, records: tuple[SubmittedRecord, ...]) -> SignedChunk:
    return sign_chunk(member, alliance.hub.key_set, records, proof=None)


def _of_another(alliance: Alliance, member: Platform, records: tuple[SubmittedRecord, ...]) -> SignedChunk:
    """The hub lends a member's whole chunk to another, which signs it as its own."""
    key_set = alliance.hub.key_set
    return sign_chunk(
        member, key_set, records, proof=proof_of(key_set, "South Bank", _root(records), records)
    )


def _of_another_root(
    alliance: Alliance, member: Platform, records: tuple[SubmittedRecord, ...]
) -> SignedChunk:
    key_set = alliance.hub.key_set
    return sign_chunk(member, key_set, records, proof=proof_of(key_set, member.name, seed("root"), records))


def _shifted(alliance: Alliance, member: Platform, records: tuple[SubmittedRecord, ...]) -> SignedChunk:
    """One ciphertext is another's, with 5 added to what it holds; the proof is of what was sealed."""
    key_set, (first, *rest) = alliance.hub.key_set, records
    public = key_set.public_key
    value = int.from_bytes(unb64(first.record.contribution), "big") * (1 + 5 * public.n) % public.n_squared
    lent = b64(value.to_bytes(public.bits // 4, "big"))
    record = msgspec.structs.replace(first.record, contribution=lent)
    forged = (msgspec.structs.replace(first, record=record), *rest)
    proof = proof_of(key_set, member.name, _root(forged), records)
    return sign_chunk(member, key_set, forged, proof=proof)


def _garbled(alliance: Alliance, member: Platform, records: tuple[SubmittedRecord, ...]) -> SignedChunk:
    proof = KnowledgeProof(a=b64(b"a"), z_m=b64(b"m"), z_r=b64(b"r"))
    return sign_chunk(member, alliance.hub.key_set, records, proof=proof)


FORGED: dict[str, Forge] = {
    "no proof": _none,
    "another member's": _of_another,
    "another chunk's": _of_another_root,
    "a ciphertext that was shifted": _shifted,
    "no proof's form": _garbled,
}


@pytest.mark.parametrize("name", FORGED)
def test_a_chunk_without_a_good_proof_is_refused(alliance: Alliance, name: str) -> None:
    north, key_set = alliance.join("North Bank"), alliance.hub.key_set
    records = (record_of(key_set, "c1"), record_of(key_set, "c2", "Wu"))
    before = alliance.position

    submission = alliance.submit(north, [FORGED[name](alliance, north, records)])

    assert [(chunk.state, chunk.reason) for chunk in submission.chunks] == [("refused", "proof")]
    assert (submission.refused, alliance.rows(submission)) == (2, [])
    assert (alliance.position, alliance.live(north)) == (before, 0)


def test_a_row_that_is_no_ciphertext_is_named_and_not_the_proof(alliance: Alliance) -> None:
    """The member mends the row; that the proof fails over it tells nothing."""
    north, key_set = alliance.join("North Bank"), alliance.hub.key_set
    octets = key_set.public_key.bits // 4
    bad = record_of(key_set, "c1", contribution=b64(bytes(octets)))
    submission = alliance.submit(north, [sign_chunk(north, key_set, [bad, record_of(key_set, "c2")])])
    assert [chunk.reason for chunk in submission.chunks] == ["rows"]
    assert alliance.rows(submission) == [(0, 0, "refused", "contribution")]

"""A lender's side of a submission: contracts become records, records chunks, chunks a body."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from alliance_hub.hub import Hub
from privacy import knowledge, merkle, paillier
from privacy.encoding import b64, encode_integer, unb64
from privacy.exposure import contribution_of
from privacy.keyset import KeySet
from privacy.knowledge import ChunkContext
from privacy.records import Flag, PrivateRest, Record, SubmittedRecord
from privacy.request_signing import content_digest
from privacy.signing import SigningKey
from privacy.statements import Chunk, KnowledgeProof, SignedStatement
from tests.alliance_hub.builders import Platform, seed

OCTOBER = date(2026, 10, 31)
NOVEMBER = date(2026, 11, 30)


SEALED: dict[str, tuple[int, int]] = {}
"""What each contribution seals, and with which randomness: a lender knows it of its own, and no one else."""


def pseudonym_of(debtor: str) -> bytes:
    """Return what a debtor is called; the same at every lender."""
    return seed("pseudonym", debtor)


def standing_key_of(debtor: str) -> SigningKey:
    """Return the key that whoever knows the debtor's identifier can derive."""
    return SigningKey(seed("standing", debtor))


def reference_of(contract: str) -> bytes:
    """Return the contract_ref of a contract."""
    return seed("contract", contract)


def record_of(
    key_set: KeySet,
    contract: str,
    debtor: str = "Lin",
    *,
    as_of: date = OCTOBER,
    outstanding: int = 100_000,
    lost_contact: bool | None = False,
    product_class: str = "consumer_loan",
    flag: Flag | None = None,
    **changed: Any,
) -> SubmittedRecord:
    """Return a sound record of a contract, with some of its fields changed afterwards."""
    public = key_set.public_key
    m = contribution_of(outstanding, 0, None, as_of, in_court=False, judged=False).pack()
    r = int.from_bytes(hashlib.sha256(f"{contract}{as_of}{m}".encode()).digest(), "big")
    private = PrivateRest(
        product_class=product_class,
        lost_contact=lost_contact,
        consent_digest=b64(seed("consent", contract)),
        notice_digest=None,
        flag=flag,
    )
    salt = seed("salt", contract, str(as_of))
    contribution = encode_integer(paillier.encrypt(public, m, r), public.bits // 4)
    SEALED[contribution] = m, r
    record = Record(
        pseudonym=b64(pseudonym_of(debtor)),
        epoch=key_set.epoch,
        standing_key=b64(standing_key_of(debtor).public),
        contract_ref=b64(reference_of(contract)),
        as_of=as_of.isoformat(),
        contribution=contribution,
        private_digest=b64(private.digest(salt)),
    )
    return SubmittedRecord(record=msgspec.structs.replace(record, **changed), private=private, salt=b64(salt))


@dataclass(frozen=True)
class SignedChunk:
    """A chunk's statement with its records."""

    statement: SignedStatement
    records: tuple[SubmittedRecord, ...]


def sign_chunk(
    member: Platform, keys: KeySet, records: Sequence[SubmittedRecord], **changed: Any
) -> SignedChunk:
    """Sign records as the member's next chunk, with some of its fields changed before."""
    root = merkle.root(each.record.leaf() for each in records)
    body = Chunk(
        key_set=b64(keys.digest),
        root=b64(root),
        size=len(records),
        proof=proof_of(keys, member.name, root, records),
    )
    signed = member.say(msgspec.structs.replace(body, **changed))
    return SignedChunk(member.said(signed), tuple(records))


def proof_of(
    keys: KeySet, member: str, root: bytes, records: Sequence[SubmittedRecord]
) -> KnowledgeProof | None:
    """Prove that a member knows what its records seal; None for a contribution that nobody sealed."""
    texts = [each.record.contribution for each in records]
    if not all(text in SEALED for text in texts):
        return None
    ciphertexts = [int.from_bytes(unb64(text), "big") for text in texts]
    context = ChunkContext(member, keys.digest, root)
    return knowledge.prove(keys.public_key, context, ciphertexts, [SEALED[text] for text in texts])


@dataclass
class Body:
    """A submission as it travels, in pieces that end anywhere."""

    hub: Hub
    reference: str
    chunks: Sequence[SignedChunk]
    header: dict[str, Any] = field(default_factory=dict)

    def __bytes__(self) -> bytes:
        key_set = self.hub.key_set
        header = {
            "recipient": "hub",
            "epoch": key_set.epoch,
            "key_set": b64(key_set.digest),
            "reference": self.reference,
            "as_of": OCTOBER.isoformat(),
            "rows": sum(len(chunk.records) for chunk in self.chunks),
            "chunks": len(self.chunks),
        }
        lines = [msgspec.json.encode(header | self.header)]
        for chunk in self.chunks:
            lines += [msgspec.json.encode({"statement": chunk.statement})]
            lines += [msgspec.json.encode(record) for record in chunk.records]
        return b"\n".join(lines) + b"\n"

    @property
    def digest(self) -> str:
        return content_digest([bytes(self)])

    def pieces(self, size: int = 1000) -> Iterator[bytes]:
        whole = bytes(self)
        for start in range(0, len(whole), size):
            yield whole[start : start + size]

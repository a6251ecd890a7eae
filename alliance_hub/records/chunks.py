"""Read a spooled chunk and check all that needs no database: encodings, root, digests, ciphertexts, proof.

The slow part of processing (a second for the proof of 4,096 records), and so done before the transaction
begins: nobody waits for it at the feed's head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from alliance_hub.flags.rules import is_acceptable
from alliance_hub.records.rules import ChunkReason, Incoming, RowReason, is_taken_product
from alliance_hub.records.spool import ChunkLine
from privacy import knowledge, merkle, paillier
from privacy.encoding import b64, digest, unb64
from privacy.errors import DeserializeError, VerifyError
from privacy.keyset import KeySet
from privacy.knowledge import ChunkContext
from privacy.messages import parse_json
from privacy.records import Flag, Record, SubmittedRecord
from privacy.statements import Chunk, SignedStatement, member_author

_DECODER = msgspec.json.Decoder(SubmittedRecord, strict=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, decoded: what the hub keeps of it, and the ciphertext that it only checks."""

    place: int
    contract_ref: bytes
    pseudonym: bytes
    standing_key: bytes
    as_of: date
    product_class: str
    lost_contact: bool | None
    consent_digest: bytes
    notice_digest: bytes | None
    content_digest: bytes
    leaf: bytes
    flag: Flag | None

    @property
    def incoming(self) -> Incoming:
        """What the rules judge of it."""
        return Incoming(self.place, self.contract_ref, self.pseudonym, self.as_of, self.content_digest)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chunk, its rows but those at fault, the faults of rows by place, and its own fault."""

    signed: SignedStatement
    body: Chunk
    records: tuple[Record, ...]
    rows: tuple[Row, ...]
    faults: dict[int, RowReason]
    reason: ChunkReason | None


def prepare(body: bytes, key_set: KeySet) -> Prepared:
    """Read a chunk's lines and judge them as far as they go by themselves."""
    first, _, rest = body.partition(b"\n")
    signed = parse_json(ChunkLine, first).statement
    chunk = signed.statement.body
    assert isinstance(chunk, Chunk)  # so it was when it was received
    submitted = _DECODER.decode_lines(rest)
    leaves = [each.record.leaf() for each in submitted]
    found = [
        _fault(each, key_set) or _row(place, each, leaf)
        for place, (each, leaf) in enumerate(zip(submitted, leaves, strict=True))
    ]
    faults = {place: each for place, each in enumerate(found) if isinstance(each, RowReason)}
    ciphertexts = _ciphertexts(submitted, key_set)
    # Rows that are no ciphertexts are named one by one; a proof over them could only fail as a whole.
    bad = paillier.find_bad_ciphertexts(key_set.public_key, ciphertexts)
    reason = _reason(chunk, leaves, key_set) or (None if bad else _unproven(signed, ciphertexts, key_set))
    return Prepared(
        signed=signed,
        body=chunk,
        records=tuple(each.record for each in submitted),
        rows=tuple(each for each in found if isinstance(each, Row)),
        faults=dict.fromkeys(bad, RowReason.CONTRIBUTION) | faults,
        reason=reason,
    )


def _reason(chunk: Chunk, leaves: Sequence[bytes], key_set: KeySet) -> ChunkReason | None:
    if chunk.key_set != b64(key_set.digest):
        return ChunkReason.KEY_SET
    if (chunk.size, chunk.root) != (len(leaves), b64(merkle.root(leaves))):
        return ChunkReason.ROOT
    return None


def _unproven(signed: SignedStatement, ciphertexts: Sequence[int], key_set: KeySet) -> ChunkReason | None:
    """Refuse a chunk whose member does not show that it knows what it sealed."""
    chunk, author = signed.statement.body, signed.statement.author
    assert isinstance(chunk, Chunk)
    context = ChunkContext(author.removeprefix(member_author("")), key_set.digest, unb64(chunk.root))
    if chunk.proof is None:
        return ChunkReason.PROOF
    try:
        knowledge.verify(key_set.public_key, context, ciphertexts, chunk.proof)
    except VerifyError:
        return ChunkReason.PROOF
    return None


def _row(place: int, submitted: SubmittedRecord, leaf: bytes) -> Row:
    record, private = submitted.record, submitted.private
    return Row(
        place=place,
        contract_ref=unb64(record.contract_ref),
        pseudonym=unb64(record.pseudonym),
        standing_key=unb64(record.standing_key),
        as_of=date.fromisoformat(record.as_of),
        product_class=private.product_class,
        lost_contact=private.lost_contact,
        consent_digest=unb64(private.consent_digest),
        notice_digest=None if private.notice_digest is None else unb64(private.notice_digest),
        content_digest=content_digest(submitted),
        leaf=leaf,
        flag=private.flag,
    )


def content_digest(submitted: SubmittedRecord) -> bytes:
    """Return the digest over what the member says of a contract: record and private rest without salts.

    A contribution is derived from what it seals, so the same figures give the same digest.
    """
    record = msgspec.structs.replace(submitted.record, private_digest="")
    return digest("record-content", record.canonical(), submitted.private.canonical())


def _fault(submitted: SubmittedRecord, key_set: KeySet) -> RowReason | None:
    record, private = submitted.record, submitted.private
    if record.epoch != key_set.epoch:
        return RowReason.EPOCH
    if not is_taken_product(private.product_class):
        return RowReason.PRODUCT_CLASS
    if private.flag is not None and not is_acceptable(private.flag):
        return RowReason.FLAG
    if record.private_digest != b64(private.digest(unb64(submitted.salt))):
        return RowReason.PRIVATE_DIGEST
    return None


def _ciphertexts(submitted: Sequence[SubmittedRecord], key_set: KeySet) -> list[int]:
    """Return the contributions as numbers, those of another than the exact length as 0."""
    octets = key_set.public_key.bits // 4
    return [_integer(each.record.contribution, octets) for each in submitted]


def _integer(text: str, octets: int) -> int:
    """Return a contribution as a number; 0, which is no ciphertext, for what is not `octets` bytes long."""
    try:
        return int.from_bytes(unb64(text, length=octets), "big")
    except DeserializeError:
        return 0

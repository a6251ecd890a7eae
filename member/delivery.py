"""How records reach the feed: chunks signed, kept in the outbox, sent; their outcome noted in the vault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

import msgspec

from member import faults, wire
from member.errors import Declined, RetryLater
from member.http import printable
from member.member import Member, next_statement
from member.records import Prepared, opening_of
from member.vault import outbox, statements
from member.vault.outbox import Header
from privacy import knowledge, merkle
from privacy.encoding import b64, digest, unb64
from privacy.errors import DeserializeError
from privacy.knowledge import ChunkContext
from privacy.messages import parse
from privacy.records import SubmittedRecord
from privacy.statements import MAX_CHUNK, Chunk, KnowledgeProof, SignedStatement

Outgoing: TypeAlias = tuple[SubmittedRecord, Prepared]
"""A record as it is sent, and the row that it was made from."""

_PAUSE = 0.25
_LONGEST_PAUSE = 3.0
_PATIENCE = timedelta(minutes=30)
_ATTEMPTS = 10

_DEAD = frozenset({409, 422})
"""With these the hub has read the submission and will never take it: it may be forgotten."""


@dataclass(slots=True)
class Delivered:
    """What became of a submission's records, by `contract_ref`."""

    accepted: set[bytes] = field(default_factory=set)
    unchanged: set[bytes] = field(default_factory=set)
    refused: dict[bytes, str] = field(default_factory=dict)
    """Refused for their own sake, and why."""
    chunk_reasons: list[str] = field(default_factory=list)
    """Why chunks were refused in which no single record was at fault."""

    @property
    def taken(self) -> set[bytes]:
        """The records that the hub has."""
        return self.accepted | self.unchanged


def put(member: Member, records: Sequence[Outgoing], as_of: date) -> None:
    """Sign the records as this member's next chunks and keep them in the outbox."""
    account = member.active_account()
    sequence, previous = next_statement(account.next_sequence, account.previous)
    chunks, said = [], []
    for start in range(0, len(records), MAX_CHUNK):
        part = records[start : start + MAX_CHUNK]
        signed = member.sign(_chunk(member, part), sequence=sequence, previous=previous)
        sequence, previous = sequence + 1, signed.digest()
        said.append(signed)
        chunks.append(outbox.Chunk(_lines(signed, part), [prepared.entry for _, prepared in part]))
    header = Header(
        recipient="hub",
        epoch=member.epoch,
        key_set=member.key_set_digest,
        reference=b64(digest("submission", *(signed.digest() for signed in said))),
        as_of=as_of.isoformat(),
        rows=len(records),
        chunks=len(chunks),
    )
    with member.vault.transaction():
        outbox.put(member.vault, header, chunks)
        for signed in said:
            statements.keep(member.vault, signed, at=member.clock())
    faults.reached("submit.outbox")


def _chunk(member: Member, part: Sequence[Outgoing]) -> Chunk:
    root = merkle.root(submitted.record.leaf() for submitted, _ in part)
    return Chunk(
        key_set=member.key_set_digest, root=b64(root), size=len(part), proof=_prove(member, part, root)
    )


def _prove(member: Member, part: Sequence[Outgoing], root: bytes) -> KnowledgeProof:
    """Prove that this member knows what it sealed, for these records in this chunk and no other."""
    return knowledge.prove(
        member.key_set.public_key,
        ChunkContext(member=member.name, key_set=member.key_set.digest, root=root),
        [int.from_bytes(unb64(submitted.record.contribution), "big") for submitted, _ in part],
        [opening_of(member, prepared) for _, prepared in part],
    )


def _lines(signed: SignedStatement, part: Sequence[Outgoing]) -> bytes:
    statement = msgspec.json.encode({"statement": signed})
    return b"\n".join([statement, *(msgspec.json.encode(record) for record, _ in part), b""])


def deliver(member: Member) -> Delivered | None:
    """Send the submission in the outbox, wait for its outcome, note it; None when the outbox is empty.

    Raises RetryLater while the outcome is open: the outbox stays. Raises Declined when the hub takes no
    such submission; then the outbox is emptied, unless asking again may help.
    """
    header = outbox.header(member.vault)
    if header is None:
        return None
    try:
        submission = _await(member, _send(member, header))
    except Declined as error:
        if error.status in _DEAD:
            _settle(member, range(header.chunks), [])
        raise
    delivered = _outcome(member, submission)
    states = [chunk.state for chunk in submission.chunks[: header.chunks]]
    _settle(member, (number for number, state in enumerate(states) if state == "refused"), delivered.taken)
    return delivered


def _settle(member: Member, refused: Iterable[int], taken: Iterable[bytes]) -> None:
    """Empty the outbox; what the hub refused in so many words need not be looked for in the feed."""
    with member.vault.transaction():
        for number in refused:
            statements.drop(member.vault, _statement(outbox.lines(member.vault, number)).digest())
        outbox.settle(member.vault, taken)


def _statement(lines: bytes) -> SignedStatement:
    document = msgspec.json.decode(lines[: lines.index(b"\n")])
    return parse(SignedStatement, document["statement"])


def finish_earlier(member: Member) -> int:
    """Bring to its end what an interrupted run left in the outbox; returns how many records it brought."""
    try:
        delivered = deliver(member)
    except Declined as error:
        member.report.warn(f"an interrupted submission was not taken and is signed anew. {error}")
        return 0
    if delivered is None:
        return 0
    member.report.tell(f"An interrupted submission was finished: {len(delivered.taken)} records taken.")
    return len(delivered.taken)


def _send(member: Member, header: Header) -> wire.Submission:
    for _ in range(_ATTEMPTS):
        try:
            body = member.hub.stream(
                "/v1/submissions",
                lambda: outbox.body(member.vault),
                headers={"Idempotency-Key": header.reference},
            )
        except Declined as error:
            # The reference is made from the content, so this is our own first attempt, still being taken in.
            if error.rule != "reference":
                raise
            member.sleep(_LONGEST_PAUSE)
        else:
            faults.reached("submit.posted")
            return wire.read(wire.Submission, body, member.hub.name)
    raise RetryLater("the hub is still taking in the submission: run the same command again later")


def _await(member: Member, submission: wire.Submission) -> wire.Submission:
    deadline, pause = member.clock() + _PATIENCE, _PAUSE
    path = f"/v1/submissions/{submission.id}"
    while True:
        submission = wire.read(wire.Submission, member.hub.get(path), member.hub.name)
        if submission.state == "done":
            return submission
        if member.clock() > deadline:
            raise RetryLater("the hub is still at work on the submission: run the same command again later")
        member.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _outcome(member: Member, submission: wire.Submission) -> Delivered:
    delivered = Delivered()
    appended = [chunk.state == "appended" for chunk in submission.chunks]
    for row in _rows(member, submission.id):
        ref = _ref(row.contract_ref)
        if row.outcome == "refused":
            delivered.refused[ref] = printable(row.reason or "refused by the hub")
        elif row.outcome == "unchanged":
            delivered.unchanged.add(ref)
    chunk_of = outbox.refs(member.vault)
    in_feed = {ref for ref, number in chunk_of.items() if number < len(appended) and appended[number]}
    delivered.accepted = in_feed - delivered.unchanged - delivered.refused.keys()
    at_fault = {chunk_of[ref] for ref in delivered.refused if ref in chunk_of}
    delivered.chunk_reasons = [
        printable(chunk.reason or "no reason given")
        for number, chunk in enumerate(submission.chunks)
        if chunk.state == "refused" and number not in at_fault
    ]
    return delivered


def _rows(member: Member, submission: wire.Id) -> Iterator[wire.RowOutcome]:
    path = f"/v1/submissions/{submission}/rows"
    query: dict[str, str | int] = {"limit": 1_000}
    while True:
        page = wire.read(wire.RowOutcomes, member.hub.get(path, query), member.hub.name)
        yield from page.rows
        if page.next is None or not page.rows:
            return
        query["after"] = page.next


def _ref(text: str) -> bytes:
    try:
        return unb64(text, length=32)
    except DeserializeError:
        return b""

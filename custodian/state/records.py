"""Rule for chunks: which records of a member are taken into the state.

- chunk: of an active member, for this key set; every record of this epoch with a contribution that is a
  ciphertext; no more records than twice the declared portfolio in the period of the stamp; a proof that
  the member knows what all its contributions hold [the hub lends another's ciphertext to a member that
  shifts it and signs it as its own]. Else void. What costs least is asked first.

A record of a valid chunk is ignored, the others are taken, when

- its contract has ended;
- its `as_of` is not later than that of its contract's newest accepted;
- its `as_of` is after the stamp's day where the alliance lives (a synthetic alliance may play the future);
- with it the member would have more than 256 running contracts of one pseudonym.

Records are judged in their order, each after the ones before it in the same chunk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from custodian.state.act import Act, Void
from custodian.state.delivery import seconds
from custodian.state.schema import NEVER
from custodian.state.values import VoidReason
from privacy import knowledge, paillier, periods
from privacy.encoding import parse_instant, unb64
from privacy.errors import DeserializeError, VerifyError
from privacy.keyset import KeySet
from privacy.knowledge import ChunkContext
from privacy.records import Record
from privacy.statements import MAX_CHUNK, Chunk

PORTFOLIOS_PER_PERIOD: Final = 2
"""How often a member may submit what it has declared."""

CONTRACTS_PER_PSEUDONYM: Final = 256
"""Running contracts of one member with one pseudonym: a total of many members must fit its slots."""

_DAY: Final = 86_400


def chunk(act: Act, body: Chunk) -> int:
    """Take the records of a chunk; return how many were ignored."""
    if not act.member.active:
        raise Void(VoidReason.NOT_ACTIVE)
    records = act.delivery.entry.records or ()
    epoch = act.key_set.epoch
    if unb64(body.key_set) != act.key_set.digest or any(record.epoch != epoch for record in records):
        raise Void(VoidReason.KEY_SET)
    ciphertexts = _ciphertexts(act.key_set, records)
    charged = _portfolio_charge(act, body.size)
    _require_knowledge(act, body, ciphertexts)
    act.db.execute("UPDATE members SET taken_in = ?, taken = ? WHERE id = ?", (*charged, act.member.id))
    intake = _take(act, records)
    _write_records(act, intake, ciphertexts)
    _write_contracts(act, intake)
    return len(records) - len(intake.taken)


@dataclass(slots=True)
class _Contract:
    """A contract as far as the chunk has been read: its newest accepted record.

    `pseudonym` is None once that is forgotten; then the contract counts for no pseudonym.
    """

    id: int
    newest: int
    ended: bool
    as_of: str
    pseudonym: str | None


@dataclass(slots=True)
class _Intake:
    """What a chunk changes, gathered record by record and then written at once."""

    contracts: dict[str, _Contract]
    running: Counter[str | None]
    latest_day: str | None
    taken: dict[int, Record] = field(default_factory=dict)
    superseded: list[int] = field(default_factory=list)

    def read(self, identity: int, record: Record) -> None:
        """Take `record` under the id `identity`, or ignore it."""
        known = self.contracts.get(record.contract_ref)
        if not self._is_news(known, record) or not self._has_room(known, record):
            return
        if known is not None:
            self.superseded.append(known.newest)
            self.running[known.pseudonym] -= 1
        self.running[record.pseudonym] += 1
        self.taken[identity] = record
        self.contracts[record.contract_ref] = _Contract(
            identity if known is None else known.id, identity, False, record.as_of, record.pseudonym
        )

    def _is_news(self, known: _Contract | None, record: Record) -> bool:
        if self.latest_day is not None and record.as_of > self.latest_day:
            return False
        return known is None or (not known.ended and record.as_of > known.as_of)

    def _has_room(self, known: _Contract | None, record: Record) -> bool:
        if known is not None and known.pseudonym == record.pseudonym:
            return True
        return self.running[record.pseudonym] < CONTRACTS_PER_PSEUDONYM


def _ciphertexts(key_set: KeySet, records: Iterable[Record]) -> list[bytes]:
    """Return the contributions as bytes; raises Void unless all are ciphertexts under the key set."""
    octets = 2 * key_set.public_key.bits // 8
    try:
        encoded = [unb64(record.contribution, length=octets) for record in records]
    except DeserializeError as error:
        raise Void(VoidReason.CONTRIBUTION) from error
    if paillier.find_bad_ciphertexts(key_set.public_key, [int.from_bytes(each, "big") for each in encoded]):
        raise Void(VoidReason.CONTRIBUTION)
    return encoded


def _portfolio_charge(act: Act, size: int) -> tuple[str, int]:
    """Return the period and what the member has submitted in it with this chunk, ignored records too.

    Raises Void beyond twice the declared portfolio.
    """
    period = periods.name_of(act.key_set.policy.period, act.stamp)
    query = "SELECT taken_in, taken FROM members WHERE id = ?"
    taken_in, taken = act.db.execute(query, (act.member.id,)).fetchone()
    total = size + (taken if taken_in == period else 0)
    if total > PORTFOLIOS_PER_PERIOD * act.member.declared_portfolio:
        raise Void(VoidReason.PORTFOLIO)
    return period, total


def _require_knowledge(act: Act, body: Chunk, ciphertexts: Iterable[bytes]) -> None:
    """Check the proof over the contributions of all records of the chunk; raises Void."""
    if body.proof is None:
        raise Void(VoidReason.PROOF)
    context = ChunkContext(act.member.name, act.key_set.digest, unb64(body.root))
    numbers = [int.from_bytes(each, "big") for each in ciphertexts]
    try:
        knowledge.verify(act.key_set.public_key, context, numbers, body.proof)
    except VerifyError as error:
        raise Void(VoidReason.PROOF) from error


def _take(act: Act, records: Iterable[Record]) -> _Intake:
    synthetic = act.key_set.policy.synthetic
    intake = _Intake(
        _known_contracts(act, [record.contract_ref for record in records]),
        _running_contracts(act, {record.pseudonym for record in records}),
        None if synthetic else periods.day_of(act.stamp).isoformat(),
    )
    for index, record in enumerate(records):
        intake.read(act.position * MAX_CHUNK + index, record)
    return intake


def _known_contracts(act: Act, contract_refs: list[str]) -> dict[str, _Contract]:
    rows = act.db.execute(
        "SELECT contracts.contract_ref, contracts.id, contracts.newest, contracts.ended_at <> ?,"
        " records.as_of, records.pseudonym"
        " FROM json_each(?) AS asked"
        " CROSS JOIN contracts ON contracts.member = ? AND contracts.contract_ref = asked.value"
        " JOIN records ON records.id = contracts.newest",
        (NEVER, _json(contract_refs), act.member.id),
    )
    return {contract_ref: _Contract(*row) for contract_ref, *row in rows}


def _running_contracts(act: Act, pseudonyms: set[str]) -> Counter[str | None]:
    """Return how many running contracts the member has of each pseudonym."""
    rows = act.db.execute(
        "SELECT asked.value, count(*) FROM json_each(?) AS asked"
        " CROSS JOIN records ON records.pseudonym = asked.value AND records.superseded_at = ?"
        " JOIN contracts ON contracts.id = records.contract"
        " WHERE contracts.member = ? AND contracts.ended_at = ? GROUP BY asked.value",
        (_json(sorted(pseudonyms)), NEVER, act.member.id, NEVER),
    )
    return Counter(dict(rows.fetchall()))


def _write_records(act: Act, intake: _Intake, ciphertexts: list[bytes]) -> None:
    first = act.position * MAX_CHUNK
    act.db.executemany(
        "INSERT INTO records (id, contract, accepted_at, superseded_at, expires, erased_at, as_of, leaf,"
        " pseudonym, standing_key, private_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _rows(act, intake),
    )
    act.db.executemany(
        "INSERT INTO contributions (record, ciphertext) VALUES (?, ?)",
        ((identity, ciphertexts[identity - first]) for identity in intake.taken),
    )
    act.db.executemany(
        "UPDATE records SET superseded_at = ? WHERE id = ?",
        ((act.position, identity) for identity in intake.superseded),
    )


def _rows(act: Act, intake: _Intake) -> Iterator[tuple[int | str | bytes, ...]]:
    signed_at = parse_instant(act.signed.statement.signed_at)
    expires = seconds(signed_at) + act.key_set.policy.record_days * _DAY
    for identity, record in intake.taken.items():
        contract = intake.contracts[record.contract_ref].id
        leaf = act.delivery.leaves[identity - act.position * MAX_CHUNK]
        body = (record.pseudonym, record.standing_key, record.private_digest)
        yield (identity, contract, act.position, NEVER, expires, NEVER, record.as_of, leaf, *body)


def _write_contracts(act: Act, intake: _Intake) -> None:
    act.db.executemany(
        "INSERT INTO contracts (id, member, contract_ref, newest, ended_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET newest = excluded.newest",
        (
            (contract.id, act.member.id, contract_ref, contract.newest, NEVER)
            for contract_ref, contract in intake.contracts.items()
            if contract.newest in intake.taken
        ),
    )


def _json(texts: list[str]) -> str:
    return msgspec.json.encode(texts).decode()

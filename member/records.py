"""From a row of a portfolio to the record that leaves the member, with nothing in it that is only its own.

Everything derives from the row and the vault's keys, so that the same row gives the same record again (but
for a sealed narrative, which is sealed anew).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import repeat

from member.files import Row
from member.flags import seal_flag
from member.member import Member
from member.report import Advance
from member.tokenise import Pseudonym, pseudonym_of, standing_seed_of, subject_key_of
from member.vault import Vault, contracts, tokens
from member.vault.outbox import Entry
from privacy import exposure
from privacy.encoding import b64, canonical, digest, encode_integer
from privacy.paillier import PublicKey, Sealer
from privacy.records import Flag, PrivateRest, Record, SubmittedRecord
from privacy.signing import SigningKey

_SLICE = 128
"""Contributions that one process seals at a time."""

_WORTH_PROCESSES = 2_000
"""Below this many contributions, starting processes and their tables takes longer than it saves."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row with what is known of its record before anything is asked or sealed."""

    row: Row
    entry: Entry
    plaintext: int

    @property
    def inputs(self) -> tuple[bytes, ...]:
        """The OPRF inputs that the record needs: a subject key only where something is sealed under it."""
        identifier = self.row.identifier
        if self.row.flag_category is None:
            return (identifier.oprf_input,)
        return (identifier.oprf_input, identifier.subject_key_input)


def prepare(vault: Vault, row: Row, as_of: date) -> Prepared:
    """Return the row with its `contract_ref` and the mark of its content; raises InvalidInputError."""
    plaintext = exposure.contribution_of(
        row.outstanding, row.overdue, row.overdue_on, as_of, row.in_court, row.judged
    ).pack()
    content = [
        b64(row.identifier.oprf_input),
        str(plaintext),
        row.product_class,
        row.lost_contact,
        row.consent_no,
        row.consent_on.isoformat(),
        row.flag_category,
        row.flag_narrative,
    ]
    entry = Entry(
        ref=contracts.ref(vault, row.contract),
        subject=tokens.mark(vault, row.identifier.oprf_input),
        as_of=as_of,
        mark=vault.mark("content", canonical(content)),
    )
    return Prepared(row, entry, plaintext)


def make_records(
    member: Member, prepared: Sequence[Prepared], outputs: Mapping[bytes, bytes], advance: Advance
) -> list[SubmittedRecord]:
    """Return the records in order, contributions sealed; `outputs` holds every OPRF output needed."""
    public = member.key_set.public_key
    pairs = [opening_of(member, each) for each in prepared]
    octets = 2 * public.bits // 8
    return [
        _record(member, each, outputs, encode_integer(sealed, octets))
        for each, sealed in zip(prepared, seal_all(public, pairs, advance), strict=True)
    ]


def opening_of(member: Member, prepared: Prepared) -> tuple[int, int]:
    """Return plaintext and randomness of a row's contribution.

    Derived anew for each use, and kept by nobody: who has both can show what was sealed.
    """
    r = exposure.randomness(
        member.keys.secret,
        epoch=member.epoch,
        contract_ref=b64(prepared.entry.ref),
        as_of=prepared.entry.as_of.isoformat(),
        plaintext=prepared.plaintext,
        bits=member.key_set.public_key.bits,
    )
    return prepared.plaintext, r


def _record(
    member: Member, prepared: Prepared, outputs: Mapping[bytes, bytes], contribution: str
) -> SubmittedRecord:
    output = outputs[prepared.row.identifier.oprf_input]
    pseudonym = pseudonym_of(output)
    private = _private(member, prepared, outputs, pseudonym)
    ref = prepared.entry.ref
    salt = member.vault.mark("private-salt", ref, pseudonym, canonical(private.document()))
    record = Record(
        pseudonym=b64(pseudonym),
        epoch=member.epoch,
        standing_key=b64(SigningKey(standing_seed_of(output)).public),
        contract_ref=b64(ref),
        as_of=prepared.entry.as_of.isoformat(),
        contribution=contribution,
        private_digest=b64(private.digest(salt)),
    )
    return SubmittedRecord(record=record, private=private, salt=b64(salt))


def _private(
    member: Member, prepared: Prepared, outputs: Mapping[bytes, bytes], pseudonym: Pseudonym
) -> PrivateRest:
    row = prepared.row
    return PrivateRest(
        product_class=row.product_class,
        lost_contact=row.lost_contact,
        consent_digest=b64(_consent_digest(member.vault, prepared)),
        notice_digest=None,
        flag=_flag(member, prepared, outputs, pseudonym),
    )


def _consent_digest(vault: Vault, prepared: Prepared) -> bytes:
    """Commit to the written consent. Salted: consent numbers follow contract numbers and could be guessed."""
    row = prepared.row
    salt = vault.mark("consent-salt", prepared.entry.ref)
    return digest("consent", salt, row.consent_no.encode(), row.consent_on.isoformat().encode())


def _flag(
    member: Member, prepared: Prepared, outputs: Mapping[bytes, bytes], pseudonym: Pseudonym
) -> Flag | None:
    row = prepared.row
    if row.flag_category is None:
        return None
    return seal_flag(
        subject_key_of(outputs[row.identifier.subject_key_input]),
        flag_id=member.vault.mark("flag", prepared.entry.ref),
        as_of=prepared.entry.as_of,
        category=row.flag_category,
        narrative=row.flag_narrative or "",
        member=member.name,
        pseudonym=pseudonym,
        epoch=member.epoch,
    )


def seal_all(public: PublicKey, pairs: Sequence[tuple[int, int]], advance: Advance) -> list[int]:
    """Return the ciphertexts of `(plaintext, randomness)` pairs, in order, with every core for a long list.

    Processes and not threads: the arithmetic holds the interpreter's lock, two threads took longer than
    one. Fresh processes and not forked ones: this one has threads.
    """
    slices = [pairs[start : start + _SLICE] for start in range(0, len(pairs), _SLICE)]
    workers = os.cpu_count() or 1
    if len(pairs) < _WORTH_PROCESSES or workers == 1:
        return _gather(map(_seal, repeat(public), slices), advance)
    # Here and not above: few lists are that long, and every command would wait for the import.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return _gather(pool.map(_seal, repeat(public), slices), advance)


def _gather(parts: Iterable[list[int]], advance: Advance) -> list[int]:
    sealed: list[int] = []
    for part in parts:
        sealed += part
        advance(len(part))
    return sealed


@lru_cache(maxsize=1)
def _sealer(public: PublicKey) -> Sealer:
    """The table of powers, made once in each process: it takes as long as sealing 200 contributions."""
    return Sealer(public)


def _seal(public: PublicKey, pairs: Sequence[tuple[int, int]]) -> list[int]:
    return _sealer(public).seal_many(pairs)

"""A contributor's answer to an auditor: what one of its records sealed, shown so that it can be checked.

Amounts are not kept in the vault: the row comes again from the file from which it was submitted, and
everything else derives from the row and the vault's keys, as it did then. A flag alone was sealed with fresh
randomness: of a record that carried one the auditor says the digest of its private rest.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from member.errors import MemberError, Refused
from member.files import Row, contract_number, read_portfolio
from member.member import Member
from member.records import Prepared, make_records, opening_of, prepare
from member.tokenise import tokenise
from member.vault import contracts, epochs, tokens
from privacy import contributions
from privacy.contributions import ContributionOpening, SignedContributionOpening
from privacy.encoding import unb64
from privacy.errors import DeserializeError, InvalidInputError, VerifyError
from privacy.exposure import Exposure
from privacy.messages import Bytes32, parse
from privacy.records import Record


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What an opening would tell: for the member's people to see before it is signed."""

    contract: str = dataclasses.field(repr=False)
    as_of: date
    exposure: Exposure = dataclasses.field(repr=False)
    opening: ContributionOpening = dataclasses.field(repr=False)


def prepare_opening(
    member: Member,
    portfolio: Path,
    *,
    ref: bytes,
    as_of: date | None = None,
    epoch: int | None = None,
    mapping: Mapping[str, str] | None = None,
    private_digest: str | None = None,
) -> Disclosure:
    """Return what the record of a contract sealed, from the row of the file of that day.

    `ref` is the contract's reference, see `ref_of`. Without `as_of` the newest figures that the vault knows
    are meant, without `epoch` the present one. Raises FileError for the file, Refused when the row is not
    there, is not what was submitted, or the record cannot be made again.
    """
    then = _in_epoch(member, member.epoch if epoch is None else epoch)
    day = as_of or _newest_day(then, member, ref)
    prepared = _prepared(then, portfolio, ref, day, mapping)
    _require_submitted(then, member, prepared)
    record = _record(then, member, prepared, private_digest)
    plaintext, randomness = opening_of(then, prepared)
    opening = contributions.open_contribution(
        record, plaintext=plaintext, randomness=randomness, key_set=then.key_set
    )
    return Disclosure(prepared.row.contract, day, opening.exposure(), opening)


def sign_opening(member: Member, disclosure: Disclosure) -> SignedContributionOpening:
    """Sign what was shown; it is checked as the auditor will check it, and raises MemberError if it fails."""
    signed = contributions.sign_contribution(member.keys.signing, disclosure.opening)
    key_set = epochs.get_key_set(member.vault, disclosure.opening.record.epoch).key_set
    try:
        contributions.verify_contribution(signed, member.keys.signing.public, key_set)
    except VerifyError as error:
        raise MemberError(f"the opening that was made does not hold: {error}") from error
    return signed


def ref_of(member: Member, *, contract: str | None, ref: str | None) -> bytes:
    """Return the reference of a contract that is named by its number or, by an auditor, as its reference.

    Raises Refused unless it is named in exactly one way, and well.
    """
    if (contract is None) == (ref is None):
        raise Refused("name the contract: either --contract with its number, or --ref", rule="contract")
    try:
        if contract is not None:
            return contracts.ref(member.vault, contract_number(contract))
        return unb64(ref, length=32)
    except InvalidInputError as error:
        raise Refused(str(error), rule="contract") from error
    except DeserializeError as error:
        raise Refused("a reference is 43 letters, as the auditor's paper has it", rule="contract") from error


def _in_epoch(member: Member, epoch: int) -> Member:
    """Return the member as it was in an epoch: the same vault, with the key set of that time."""
    if epoch == member.epoch:
        return member
    key_set = epochs.get_key_set(member.vault, epoch)
    then = copy.copy(member)
    then.vault = copy.copy(member.vault)
    then.vault.settings = msgspec.structs.replace(member.settings, key_set=key_set)
    return then


def _newest_day(then: Member, member: Member, ref: bytes) -> date:
    note = contracts.find(member.vault, ref) if then is member else None
    if note is None:
        raise Refused(
            "say with --as-of which day's figures are meant: this vault does not know", rule="as-of"
        )
    return note.as_of


def _prepared(
    then: Member, portfolio: Path, ref: bytes, day: date, mapping: Mapping[str, str] | None
) -> Prepared:
    """Return the row of a contract as it was prepared for submission; raises Refused when there is none."""
    for row in read_portfolio(portfolio, as_of=day, mapping=mapping, synthetic=then.key_set.policy.synthetic):
        if isinstance(row, Row) and contracts.ref(then.vault, row.contract) == ref:
            try:
                return prepare(then.vault, row, day)
            except InvalidInputError as error:
                raise Refused(f"{portfolio.name}, row {row.number}: {error}", rule="contract") from error
    raise Refused(
        f"{portfolio.name} has no row of that contract that could be submitted: use the file of {day}",
        rule="contract",
    )


def _require_submitted(then: Member, member: Member, prepared: Prepared) -> None:
    """Refuse a row that differs from what the vault knows was submitted for this day."""
    note = contracts.find(member.vault, prepared.entry.ref) if then is member else None
    if note is not None and note.as_of == prepared.entry.as_of and note.mark != prepared.entry.mark:
        raise Refused(
            f"the row has another content than was submitted for {note.as_of}: use the file as it was then",
            rule="contract",
        )


def _record(then: Member, member: Member, prepared: Prepared, private_digest: str | None) -> Record:
    if prepared.row.flag_category is not None and private_digest is None:
        raise Refused(
            "this record carried a flag, whose sealed narrative cannot be made again: ask the auditor for "
            "the private_digest of the record, and give it with --private-digest",
            rule="private-digest",
        )
    plain = dataclasses.replace(
        prepared, row=dataclasses.replace(prepared.row, flag_category=None, flag_narrative=None)
    )
    outputs = _outputs(then, member, plain)
    (submitted,) = make_records(then, [plain], outputs, lambda done: None)
    if private_digest is None:
        return submitted.record
    return msgspec.structs.replace(submitted.record, private_digest=_digest(private_digest))


def _outputs(then: Member, member: Member, prepared: Prepared) -> Mapping[bytes, bytes]:
    """Return the OPRF outputs that the record needs; custodians of an epoch that has ended answer no more."""
    if then is member:
        return tokenise(member, prepared.inputs)
    found = tokens.find(then.vault, then.epoch, prepared.inputs)
    if len(found) < len(prepared.inputs):
        raise Refused(
            f"this vault has no pseudonym of the debtor in epoch {then.epoch}: restore the backup that has",
            rule="epoch",
        )
    return found


def _digest(text: str) -> str:
    try:
        return parse(Bytes32, text)
    except InvalidInputError as error:
        raise Refused(
            "a private_digest is 43 letters, as the auditor's paper has it", rule="private-digest"
        ) from error

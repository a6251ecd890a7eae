"""A matter begins: debtor and contracts are settled here first, then the hub is told, without names.

The folder is made before the hub is asked, so a command that was stopped goes on with the same reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import msgspec

from member.errors import Refused
from member.matters import keeping, office
from member.matters.draft import Document, Draft, draft_of, number_of_contract
from member.matters.folder import Folder, create_folder, find_folder
from member.matters.profiles import USUAL, Profile, profile_named, require_kind
from member.matters.reading import day_of_text
from member.matters.state import Contracted, Opened
from member.member import Member
from member.vault import contracts, tokens
from privacy.encoding import b64, instant_text, parse_instant, unb64
from privacy.errors import InvalidInputError
from privacy.evidence import MAX_CONTRACTS, MatterKind
from privacy.identifiers import CONTACT_KINDS, Identifier, is_synthetic, normalise
from privacy.identifiers import Kind as IdentifierKind
from privacy.messages import Name, parse
from privacy.periods import SHANGHAI, day_of

USUAL_DAYS = 365
"""So long a matter is open where nobody says otherwise; [D]."""

MAX_YEARS = 3
"""The hub takes no later end."""


def begin(member: Member, reference: str, document: Document, profile: str | None, *, source: str) -> Folder:
    """Make a matter's folder from a case file, or renew what stands in it; nothing leaves this machine.

    Raises InvalidInputError naming the field, BadMapping and BadProfile naming the file, and Refused when the
    reference is that of another matter.
    """
    draft = draft_of(document, source)
    kind = kind_of(draft)
    known = find_folder(member.home, reference)
    named = profile or draft.profile
    chosen = known.profile() if known and named is None else profile_named(named or USUAL[kind])
    require_kind(chosen, kind)
    opened = _opened(member, reference, draft, kind, chosen)
    if known is None:
        return create_folder(member.home, opened, document, chosen)
    _begin_again(member, known, opened, draft)
    known.write_draft(document)
    known.write_profile(chosen)
    return known


def _begin_again(member: Member, folder: Folder, opened: Opened, draft: Draft) -> None:
    """Keep what was begun before; who looks at it and until when may change while the hub knows nothing."""
    old = folder.opened()
    if old.subject() != opened.subject():
        raise Refused("another matter has that reference: choose another", rule="matter")
    renewed = msgspec.structs.replace(old, profile=opened.profile)
    if old.opened_at is None:
        until = opened.until if draft.until else old.until
        renewed = msgspec.structs.replace(opened, until=until)
    kept = keeping.find(member.vault, opened.reference)
    if kept is not None and kept.request is not None and _wanted(old) != _wanted(renewed):
        raise Refused(
            "the hub may have opened this matter already: run `matters open` with its reference "
            "and nothing else, then change lawyers or end in the console",
            rule="matter",
        )
    folder.keep(renewed)


def tell(member: Member, folder: Folder, *, silent: set[int] | None = None) -> Opened:
    """Open a matter at the hub, unless it is; raises Refused and RetryLater as `office.open_matter` does."""
    opened = folder.opened()
    if opened.opened_at is not None:
        return opened
    shown = office.open_matter(member, _wanted(opened), silent=silent)
    opened = msgspec.structs.replace(opened, opened_at=shown.opened_at)
    folder.keep(opened)
    return opened


def kind_of(draft: Draft) -> MatterKind:
    """Return the kind of matter that a draft names; raises InvalidInputError."""
    if draft.kind not in set(MatterKind):
        raise InvalidInputError(f"say one of {', '.join(MatterKind)}", field="kind")
    return MatterKind(draft.kind)


def debtor_of(draft: Draft, *, synthetic: bool) -> Identifier:
    """Return the debtor's number in its one spelling; raises InvalidInputError naming the field."""
    raw = draft.debtor.identifier
    try:
        found = normalise(draft.debtor.identifier_kind, "" if raw is None else str(raw))
    except InvalidInputError as error:
        names = {"kind": "identifier_kind"}
        field = f"debtor.{names.get(error.field, error.field)}"
        raise InvalidInputError(str(error), field=field) from None
    if found.kind in CONTACT_KINDS:
        raise InvalidInputError("a contact point names nobody", field="debtor.identifier_kind")
    if synthetic and found.kind is IdentifierKind.RESIDENT_ID and not is_synthetic(found):
        raise InvalidInputError(
            "this alliance takes made-up data only: resident IDs of area 000000", field="debtor.identifier"
        )
    return found


def contracts_of(draft: Draft) -> list[str]:
    """Return the contract numbers that a draft names; raises InvalidInputError."""
    numbers = [number_of_contract(each.contract) for each in draft.loans]
    if not numbers:
        raise InvalidInputError("name at least one contract", field="loans")
    if len(numbers) > MAX_CONTRACTS:
        raise InvalidInputError(f"a matter has at most {MAX_CONTRACTS} contracts", field="loans")
    for index, number in enumerate(numbers):
        if not number or number in numbers[:index]:
            reason = "this contract stands there twice" if number else "the contract's number is missing"
            raise InvalidInputError(reason, field=f"loans[{index}].contract")
    return numbers


def until_of(draft: Draft, now: datetime) -> datetime:
    """Return the end of the matter, 24:00 of its last day in Shanghai; raises InvalidInputError."""
    today = day_of(now)
    last = day_of_text(draft.until, "until") if draft.until else today + timedelta(days=USUAL_DAYS)
    if not today < last <= today + timedelta(days=365 * MAX_YEARS):
        raise InvalidInputError(f"a matter ends after today, within {MAX_YEARS} years", field="until")
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=SHANGHAI)


def _opened(member: Member, reference: str, draft: Draft, kind: MatterKind, profile: Profile) -> Opened:
    debtor = debtor_of(draft, synthetic=member.key_set.policy.synthetic)
    refs = [Contracted(number, b64(contracts.ref(member.vault, number))) for number in contracts_of(draft)]
    _require_submitted(member, debtor, refs)
    if draft.lawyers and not draft.law_firm:
        raise InvalidInputError("lawyers belong to a law firm: name it", field="law_firm")
    return Opened(
        reference=reference,
        member=member.name,
        kind=kind,
        profile=profile.name,
        epoch=member.epoch,
        debtor_kind=debtor.kind,
        debtor=debtor.value,
        contracts=tuple(refs),
        law_firm=_name(draft.law_firm, "law_firm") if draft.law_firm else None,
        lawyers=tuple(_name(each, f"lawyers[{index}]") for index, each in enumerate(draft.lawyers)),
        until=instant_text(until_of(draft, member.clock())),
    )


def _require_submitted(member: Member, debtor: Identifier, refs: Sequence[Contracted]) -> None:
    """Refuse what the hub would refuse: a contract that it does not know as this debtor's."""
    subject = tokens.mark(member.vault, debtor.oprf_input)
    for index, each in enumerate(refs):
        note = contracts.find(member.vault, unb64(each.ref))
        if note is None:
            raise InvalidInputError(
                "this contract was never submitted: run alliance-member submit first",
                field=f"loans[{index}].contract",
            )
        if note.subject != subject:
            raise InvalidInputError(
                "this contract was submitted for another debtor: correct one of the two",
                field=f"loans[{index}].contract",
            )


def _name(text: str, field: str) -> str:
    try:
        return parse(Name, text)
    except InvalidInputError:
        raise InvalidInputError("1 to 64 visible characters are expected", field=field) from None


def _wanted(opened: Opened) -> office.Wanted:
    return office.Wanted(
        matter=opened.reference,
        kind=opened.kind,
        debtor=opened.identifier,
        contracts=[unb64(each.ref) for each in opened.contracts],
        until=parse_instant(opened.until),
        law_firm=opened.law_firm,
        lawyers=opened.lawyers,
    )

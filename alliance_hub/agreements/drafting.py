"""From a draft to an offer: an officer writes it, another looks it over, the member is shown it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from alliance_hub.agreements import soundness
from alliance_hub.agreements import wording as wordings
from alliance_hub.agreements.keeping import (
    find_under_way,
    get_row,
    next_name,
    next_version,
    record,
    take,
    versions_of,
)
from alliance_hub.agreements.lifecycle import AgreementState, Step
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed.appending import lock
from alliance_hub.hub import Hub
from alliance_hub.membership import directory
from alliance_hub.membership.rules import MemberState
from alliance_hub.parameters import service as parameters
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.roles import Act
from privacy.encoding import instant_text, parse_instant
from privacy.errors import InvalidInputError
from privacy.messages import parse
from privacy.terms import Terms, text_digest

LONGEST_REASON = 1_000


def draft(
    session: Session,
    hub: Hub,
    actor: Actor,
    facts: Mapping[str, Any],
    *,
    wording: str | None = None,
    now: datetime,
    campaign: int | None = None,
) -> AgreementRow:
    """Write a new agreement, or the next version of one that `facts` name, and return it as a draft.

    `facts` are plain JSON values of the terms' fields. What is left out is the next name and version, the
    key set's contributors, and a year from now; the text's digest is always made anew from `wording`.
    Raises Invalid naming the field, NotFound for the member, Conflict while another version is under way.
    """
    require_act(actor, Act.WRITE_AGREEMENTS)
    lock(session)
    name = facts.get("agreement") or next_name(session)
    _require_free(session, str(name), now)
    version = next_version(session, str(name))
    if facts.get("version", version) != version:
        raise Invalid(f"the next version of this agreement is {version}", field="terms.version")
    usual = {
        "min_contributors": hub.key_set.policy.min_contributors,
        "valid_from": instant_text(now),
        "valid_until": instant_text(now + parameters.span(session, "agreement_days")),
    }
    own = {"agreement": name, "version": version}
    words = wordings.standard() if wording is None else wording
    terms, text = terms_of(hub, {**usual, **facts, **own}, words, newest=version - 1)
    require_member(session, terms)
    row = new_row(terms, words, text, author=actor.ref, now=now)
    row.campaign = campaign
    session.add(row)
    record(session, actor, "agreement_drafted", row, now)
    return row


def revise(
    session: Session,
    hub: Hub,
    actor: Actor,
    agreement: str,
    version: int,
    facts: Mapping[str, Any],
    *,
    wording: str | None = None,
    now: datetime,
) -> AgreementRow:
    """Change a draft: `facts` replace the fields that they name; whoever changes it is its author."""
    require_act(actor, Act.WRITE_AGREEMENTS)
    lock(session)
    row = get_row(session, agreement, version)
    take(row, Step.REVISE, now=now)
    fixed = {"agreement": agreement, "version": version, "member": row.member}
    words = row.wording if wording is None else wording
    document = {**row.terms.document(), **facts, **fixed}
    terms, text = terms_of(hub, document, words, newest=version - 1)
    put_terms(row, terms, words, text)
    row.author, row.drafted_at, row.changed_at = actor.ref, now, now
    record(session, actor, "agreement_revised", row, now)
    return row


def read_document(data: str | bytes) -> dict[str, Any]:
    """Read terms that were pasted or uploaded as JSON; raises Invalid. `draft` judges the fields."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid("this is not JSON", field="document") from error
    if not isinstance(document, dict):
        raise Invalid("the terms are one JSON object", field="document")
    return document


def send_to_review(
    session: Session, actor: Actor, agreement: str, version: int, now: datetime
) -> AgreementRow:
    """Say that a draft is ready to be looked over by another officer."""
    require_act(actor, Act.WRITE_AGREEMENTS)
    row = _take(session, agreement, version, Step.SEND_TO_REVIEW, actor, now)
    row.given_back = row.reviewed_by = row.reviewed_at = None
    record(session, actor, "agreement_sent_to_review", row, now)
    return row


def review(session: Session, actor: Actor, agreement: str, version: int, now: datetime) -> AgreementRow:
    """Say that a version may be offered; raises Forbidden for its author."""
    require_act(actor, Act.WRITE_AGREEMENTS)
    row = _take(session, agreement, version, Step.REVIEW, actor, now)
    row.reviewed_by, row.reviewed_at = actor.ref, now
    record(session, actor, "agreement_reviewed", row, now)
    return row


def give_back(
    session: Session, actor: Actor, agreement: str, version: int, reason: str, now: datetime
) -> AgreementRow:
    """Ask the author for changes, with a reason; it is a draft again."""
    require_act(actor, Act.WRITE_AGREEMENTS)
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise Invalid(f"a reason is needed, of at most {LONGEST_REASON} characters", field="reason")
    row = _take(session, agreement, version, Step.GIVE_BACK, actor, now)
    row.given_back, row.reviewed_by, row.reviewed_at = words, None, None
    record(session, actor, "agreement_given_back", row, now)
    return row


def offer(
    session: Session, hub: Hub, actor: Actor, agreement: str, version: int, now: datetime
) -> AgreementRow:
    """Show a reviewed version to the member, which may then sign it.

    Raises Conflict when nobody has reviewed it, its end has come, or the member is a mere applicant.
    """
    require_act(actor, Act.WRITE_AGREEMENTS)
    row = _take(session, agreement, version, Step.OFFER, actor, now)
    # The member, the key set's policy or the clock may have moved on since it was written.
    require_member(session, row.terms)
    soundness.require_sound(row.terms, hub.key_set.policy, newest=version - 1)
    if now >= row.ends_at:
        raise Conflict("its end has come before it was offered: give it back and set later dates")
    row.offered_at = now
    record(session, actor, "agreement_offered", row, now)
    return row


def withdraw(session: Session, actor: Actor, agreement: str, version: int, now: datetime) -> AgreementRow:
    """Take back a version that has not taken effect; it stays readable."""
    require_act(actor, Act.WRITE_AGREEMENTS)
    row = _take(session, agreement, version, Step.WITHDRAW, actor, now)
    row.ends_at = min(row.ends_at, now)
    record(session, actor, "agreement_withdrawn", row, now)
    return row


def terms_of(hub: Hub, facts: Mapping[str, Any], wording: str, *, newest: int = 0) -> tuple[Terms, str]:
    """Return terms from plain values, and their text; raises Invalid naming `terms.PATH`, or `wording`.

    `newest` is the last version that the agreement has.
    """
    unnamed = _parsed({**facts, "text": text_digest("")})
    soundness.require_sound(unnamed, hub.key_set.policy, newest=newest)
    text = wordings.fill(wording, unnamed)
    return msgspec.structs.replace(unnamed, text=text_digest(text)), text


def new_row(terms: Terms, wording: str, text: str, *, author: str, now: datetime) -> AgreementRow:
    """Return a version as a draft that is not yet kept."""
    row = AgreementRow(
        agreement=terms.agreement,
        version=terms.version,
        member=terms.member,
        state=AgreementState.DRAFT,
        author=author,
        drafted_at=now,
        changed_at=now,
        activates_itself=False,
    )
    put_terms(row, terms, wording, text)
    return row


def put_terms(row: AgreementRow, terms: Terms, wording: str, text: str) -> None:
    """Put terms and text into a version, with what is found by them."""
    row.document, row.wording, row.text = msgspec.json.encode(terms), wording, text
    row.purposes = f",{','.join(terms.purposes)},"
    row.valid_from, row.ends_at = parse_instant(terms.valid_from), parse_instant(terms.valid_until)


def _parsed(document: Mapping[str, Any]) -> Terms:
    missing = [name for name in Terms.__struct_fields__ if name not in document]
    if missing:
        raise Invalid("this clause is missing", field=f"terms.{missing[0]}")
    unknown = document.keys() - set(Terms.__struct_fields__)
    if unknown:
        raise Invalid("there is a field that terms do not have", field="terms")
    try:
        return parse(Terms, dict(document))
    except InvalidInputError as error:
        raise Invalid(str(error), field=f"terms.{error.field}".rstrip(".")) from error


def _take(
    session: Session, agreement: str, version: int, step: Step, actor: Actor, now: datetime
) -> AgreementRow:
    lock(session)
    row = get_row(session, agreement, version)
    take(row, step, now=now, officer=actor.ref)
    return row


def _require_free(session: Session, agreement: str, now: datetime) -> None:
    under_way = find_under_way(session, agreement, at=now)
    if under_way is not None:
        raise Conflict(
            f"version {under_way.version} is under way: go on with it, or withdraw it first",
            slug="agreement-under-way",
        )


def require_member(session: Session, terms: Terms, *, how: str = "admit it first") -> None:
    """Raise Conflict for a mere applicant or another member's agreement, NotFound for nobody's name."""
    if directory.get(session, terms.member).state is MemberState.APPLIED:
        raise Conflict(f"the member is not admitted yet: {how}")
    others = [row for row in versions_of(session, terms.agreement) if row.member != terms.member]
    if others:
        raise Conflict("this agreement is another member's: choose another name for it")

"""The first half of a match, in one transaction: check the question, decide it, log it, keep it.

A denied question is logged just as well, with the asker's own signature, and then refused: whoever
writes the log must commit before it refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session, undefer

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import PolicyDecision
from alliance_hub.errors import Conflict, HubError, Invalid
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.matching import rules
from alliance_hub.matching.models import MatchRow, MatchState, MatchSubject
from alliance_hub.matching.rules import ANSWERED
from alliance_hub.membership import quotas
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.records import service as records
from alliance_hub.transparency import service as transparency
from privacy.answers import SubjectAnswer
from privacy.encoding import b64, parse_instant, unb64
from privacy.errors import DeserializeError, VerifyError
from privacy.logged import LogReceipt
from privacy.matching import Decision, Manifest, MatchRequest, verify_match
from privacy.messages import parse_json
from privacy.vocabulary import Category

MANIFEST_LIFE = timedelta(hours=24)
"""Custodians open nothing for an older one; the hub says so before anything is logged."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The member's HTTP signature over the request that brought a manifest: it goes into the log."""

    base: str
    signature: str


@dataclass(frozen=True, slots=True)
class Case:
    """A match as decided: what custodians are asked and what the hub itself says, at one position."""

    row: int
    request: MatchRequest
    decision: Decision
    position: int
    opens: bool
    subjects: tuple[SubjectAnswer, ...]
    answer: bytes | None

    @property
    def digest(self) -> bytes:
        """The manifest's digest."""
        return self.request.manifest.sha256()


def decide(
    session: Session, hub: Hub, member: Member, request: MatchRequest, signed: Signed, now: datetime
) -> Case | HubError:
    """Decide a match and log it; a denial is returned, for the caller to raise once it is committed.

    The same request again returns the case as it stands, unless it waits for its answer and the agreement no
    longer allows it. Raises Forbidden for a member that is not
    active, Invalid naming the field, Conflict for another manifest under a known request id, for old keys
    or for a period that is not the newest.
    """
    # Also one at a time: two posts of one request make one match.
    position = feed.lock(session).position
    membership.require_active(session, member)
    known = find(session, member.name, request.manifest.request_id)
    if known is not None:
        return _again(session, hub, member, known, request, signed, position, now)
    _require_sound(hub, member, request, now)
    decisions = _decisions(session, hub, member, request.manifest, now)
    named = next((each for each in decisions.values() if each.allowed), decisions[Category.EXPOSURE])
    opens = decisions[Category.EXPOSURE].allowed
    if opens:
        newest = feed.newest_effective_cut(session)
        rules.require_period(request.manifest, newest.period if newest else None)
    receipt = _log(session, request, named, signed, position, now)
    if not named.allowed:
        return _denial(named, receipt)
    quotas.require_left(session, member, len(request.manifest.subjects), now)
    row = MatchRow(
        member=member.name,
        request_id=request.manifest.request_id,
        digest=request.manifest.sha256(),
        state=MatchState.DECIDED,
        position=position,
        opens=opens,
        log_leaf=unb64(receipt.leaf),
        decided_at=now,
        request=msgspec.json.encode(request),
        decision=msgspec.json.encode(_decision(named, receipt)),
        subjects=msgspec.json.encode(_say(session, member, request, _allowed(decisions), now)),
    )
    session.add(row)
    session.flush()
    _index(session, row, request.manifest)
    return case_of(row)


def move(session: Session, hub: Hub, case: Case, signed: Signed, now: datetime) -> Case | HubError:
    """Judge a case anew at the feed's newest head, which some custodian has seen to differ.

    What the agreement allows no longer is logged and returned as its denial.
    """
    position = feed.lock(session).position
    row = session.get_one(MatchRow, case.row, with_for_update=True, options=[undefer("*")])
    member = membership.get(session, row.member)
    decisions = _decisions(session, hub, member, case.request.manifest, now, charged=True)
    denied = _lost(session, row, case.request, decisions, signed, position, now)
    if denied is not None:
        return denied
    row.position = position
    row.subjects = msgspec.json.encode(_say(session, member, case.request, _allowed(decisions), now))
    session.flush()
    return case_of(row)


def find(session: Session, member: str, request_id: str) -> MatchRow | None:
    """Return a member's match with everything in it, if there is one."""
    own = select(MatchRow).where(MatchRow.member == member, MatchRow.request_id == request_id)
    return session.scalar(own.options(undefer("*")))


def case_of(row: MatchRow) -> Case:
    """Return a stored match as a value that outlives its session."""
    return Case(
        row.id,
        parse_json(MatchRequest, row.request),
        parse_json(Decision, row.decision),
        row.position,
        row.opens,
        parse_json(tuple[SubjectAnswer, ...], row.subjects),
        row.answer,
    )


def _index(session: Session, row: MatchRow, manifest: Manifest) -> None:
    """Note whom the match is about; in bulk, for there may be a thousand."""
    places = enumerate(manifest.subjects)
    named = [{"match": row.id, "place": place, "pseudonym": unb64(each)} for place, each in places]
    session.execute(insert(MatchSubject), named)


def _require_sound(hub: Hub, member: Member, request: MatchRequest, now: datetime) -> None:
    rules.require_addressed(request.manifest, hub.key_set, member.name)
    try:
        verify_match(request, member.signing)
        age = now - parse_instant(request.manifest.requested_at)
    except VerifyError as error:
        raise Invalid(
            "the manifest is not signed by the member's key in force", field="signature", slug="signature"
        ) from error
    except DeserializeError as error:
        raise Invalid(str(error), field="manifest.requested_at") from error
    if abs(age) > MANIFEST_LIFE:
        raise Invalid("made more than 24 hours ago: sign a new one", field="manifest.requested_at")


def _again(
    session: Session,
    hub: Hub,
    member: Member,
    row: MatchRow,
    request: MatchRequest,
    signed: Signed,
    position: int,
    now: datetime,
) -> Case | HubError:
    if row.digest != request.manifest.sha256():
        raise Conflict(
            "this request id was used for another manifest: take a new one", slug="request-id-taken"
        )
    if row.answer is not None:
        return case_of(row)
    decisions = _decisions(session, hub, member, request.manifest, now, charged=True)
    return _lost(session, row, request, decisions, signed, position, now) or case_of(row)


def _lost(
    session: Session,
    row: MatchRow,
    request: MatchRequest,
    decisions: dict[Category, PolicyDecision],
    signed: Signed,
    position: int,
    now: datetime,
) -> HubError | None:
    """Log and return the denial of what was allowed when it was first asked and is not now."""
    exposure = decisions[Category.EXPOSURE]
    still = exposure.allowed if row.opens else any(each.allowed for each in decisions.values())
    if still:
        return None
    return _denial(exposure, _log(session, request, exposure, signed, position, now))


def _decisions(
    session: Session,
    hub: Hub,
    member: Member,
    manifest: Manifest,
    now: datetime,
    *,
    charged: bool = False,
) -> dict[Category, PolicyDecision]:
    """Decide for each category; of a question that was charged only the rest is asked, not how much."""
    return agreements.decide(
        session,
        hub,
        member,
        agreement=manifest.agreement,
        purpose=manifest.purpose,
        categories=ANSWERED,
        subjects=0 if charged else len(manifest.subjects),
        at=now,
    )


def _allowed(decisions: dict[Category, PolicyDecision]) -> list[Category]:
    return [category for category, decision in decisions.items() if decision.allowed]


def _decision(named: PolicyDecision, receipt: LogReceipt) -> Decision:
    return Decision(
        allowed=named.allowed,
        agreement=named.agreement,
        version=named.version,
        clause=named.clause,
        leaf=receipt.leaf,
    )


def _denial(named: PolicyDecision, receipt: LogReceipt) -> HubError:
    denial = agreements.refusal(named)
    denial.extra["receipt"] = receipt.document()
    return denial


def _log(
    session: Session,
    request: MatchRequest,
    named: PolicyDecision,
    signed: Signed,
    position: int,
    now: datetime,
) -> LogReceipt:
    manifest = request.manifest
    # The case reference stays out: it is the member's own text, and the digest covers it.
    facts = {
        "member": manifest.member,
        "manifest": b64(manifest.sha256()),
        "subjects": len(manifest.subjects),
        "unpacked": manifest.unpacked,
        "purpose": manifest.purpose,
        "agreement": named.agreement,
        "version": named.version,
        "clause": named.clause,
        "allowed": named.allowed,
        "position": position,
        "signature_base": signed.base,
        "signature": signed.signature,
    }
    return transparency.record_entry(session, "match", facts, now=now)


def _say(
    session: Session, member: Member, request: MatchRequest, categories: Sequence[Category], now: datetime
) -> tuple[SubjectAnswer, ...]:
    held = records.holders(session, [unb64(subject) for subject in request.manifest.subjects])
    return rules.answers(
        request, held, asker=member.name, group=member.control_group, categories=categories, now=now
    )

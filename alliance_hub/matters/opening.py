"""Open a matter: check what the member signed, decide by its agreement, log it, keep it.

A denied matter is logged just as well, with the member's own signature, and then refused: whoever writes
the log must commit before it refuses.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.agreements.service import PolicyDecision
from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.matters import appointing, rules
from alliance_hub.matters.kinds import PURPOSES
from alliance_hub.matters.models import MatterContract, MatterRow
from alliance_hub.matters.reading import find_own
from alliance_hub.membership.models import Member
from alliance_hub.people.models import Officer
from alliance_hub.permissions import Permission, Sender, require_permission
from alliance_hub.records.models import RecordRow
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, b64, parse_instant, unb64
from privacy.errors import VerifyError
from privacy.evidence import MatterRequest, SignedMatterRequest, verify_matter
from privacy.logged import LogReceipt
from privacy.terms import Terms
from privacy.vocabulary import Category


def open_matter(
    session: Session, hub: Hub, member: Member, signed: SignedMatterRequest, now: datetime
) -> MatterRow | HubError:
    """Open a matter; a denial is returned, for the caller to raise once it is committed.

    The same request again returns the matter as it stands. Raises Forbidden, Invalid naming the field, and
    Conflict for another request under a known reference or for old keys.
    """
    # Also one at a time: two posts of one request open one matter.
    feed.lock(session)
    session.refresh(member)
    require_permission(Sender.for_member(member.name, member.state), Permission.OPEN_MATTER)
    request = signed.request
    known = find_own(session, member.name, request.matter)
    if known is not None:
        return _again(known, request)
    _require_sound(session, hub, member, signed, now)
    lawyers = _lawyers(session, request, now)
    decision = _decide(session, hub, member, request, now)
    refusal = _refusal(session, member, request, decision)
    if refusal is not None:
        receipt = _log(session, member, signed, "matter_denied", _decided(decision), now)
        refusal.extra["receipt"] = receipt.document()
        return refusal
    receipt = _log(session, member, signed, "matter", {}, now)
    row = _row(signed, decision, receipt, now)
    session.add(row)
    session.flush()
    _keep(session, row, request, lawyers, now)
    return row


def _again(known: MatterRow, request: MatterRequest) -> MatterRow:
    if known.digest != request.sha256():
        raise Conflict(
            "this reference was used for another matter: choose a fresh one", slug="reference-taken"
        )
    return known


def _require_sound(
    session: Session, hub: Hub, member: Member, signed: SignedMatterRequest, now: datetime
) -> None:
    request = signed.request
    rules.require_addressed(request, hub.key_set, member.name)
    try:
        verify_matter(signed, member.signing)
    except VerifyError as error:
        raise Invalid(
            "the matter is not signed by the member's key in force", field="signature", slug="signature"
        ) from error
    rules.require_timely(request, now)
    rules.require_distinct(request)
    _require_contracts(session, member, request)


def _require_contracts(session: Session, member: Member, request: MatterRequest) -> None:
    """Raise Invalid for a contract of which no record of the member has this pseudonym and standing key."""
    refs = [unb64(each) for each in request.contracts]
    own = select(RecordRow).where(RecordRow.member == member.name, RecordRow.contract_ref.in_(refs))
    held = {row.contract_ref: (row.pseudonym, row.standing_key) for row in session.scalars(own)}
    debtor = (unb64(request.pseudonym), unb64(request.standing_key))
    for index, ref in enumerate(refs):
        if held.get(ref) != debtor:
            raise Invalid(
                "no record of this contract stands under this pseudonym and standing key: hand it in first",
                field=f"request.contracts[{index}]",
            )


def _lawyers(session: Session, request: MatterRequest, now: datetime) -> list[Officer]:
    firm = request.law_firm
    appointing.require_firm(session, firm, field="request.law_firm")
    return [
        appointing.require_lawyer(session, firm, number, now, field=f"request.lawyers[{index}]")
        for index, number in enumerate(request.lawyers)
    ]


def _decide(
    session: Session, hub: Hub, member: Member, request: MatterRequest, now: datetime
) -> PolicyDecision:
    """Return the decision by the first agreement that allows the matter, else the last denial."""
    stated = select(AgreementRow.agreement).where(
        AgreementRow.member == member.name, AgreementRow.position.is_not(None)
    )
    names = sorted(set(session.scalars(stated))) or [""]
    decisions = [
        agreements.decide(
            session,
            hub,
            member,
            agreement=name,
            purpose=PURPOSES[request.kind],
            categories=(Category.EVIDENCE,),
            subjects=0,
            at=now,
        )[Category.EVIDENCE]
        for name in names
    ]
    return next((each for each in decisions if each.allowed), decisions[-1])


def _refusal(
    session: Session, member: Member, request: MatterRequest, decision: PolicyDecision
) -> HubError | None:
    """Return why the agreement does not allow the matter, or the law firm that it names."""
    if not decision.allowed:
        return agreements.refusal(decision)
    if request.law_firm is None or _terms(session, decision).sub_processing:
        return None
    named = {"agreement": decision.agreement, "version": decision.version, "clause": "sub_processing"}
    return Forbidden("by the agreement no law firm may handle answers for this member", extra=named)


def _terms(session: Session, decision: PolicyDecision) -> Terms:
    return session.get_one(AgreementRow, (decision.agreement, decision.version)).terms


def _decided(decision: PolicyDecision) -> Json:
    return {"agreement": decision.agreement, "version": decision.version, "clause": decision.clause}


def _log(
    session: Session, member: Member, signed: SignedMatterRequest, kind: str, more: Json, now: datetime
) -> LogReceipt:
    # Neither pseudonym nor contracts: the digest covers them, and the member shows them when it wants to.
    facts: Json = {
        "member": member.name,
        "matter": signed.request.matter,
        "object": f"matter/{signed.request.matter}",
        "request": b64(signed.request.sha256()),
        "signature": signed.signature,
        "key": b64(member.signing),
    }
    return transparency.record_entry(session, kind, {**facts, **more}, now=now)


def _row(
    signed: SignedMatterRequest, decision: PolicyDecision, receipt: LogReceipt, now: datetime
) -> MatterRow:
    request = signed.request
    return MatterRow(
        member=request.member,
        reference=request.matter,
        kind=request.kind,
        pseudonym=unb64(request.pseudonym),
        standing_key=unb64(request.standing_key),
        digest=request.sha256(),
        request=msgspec.json.encode(signed),
        agreement=decision.agreement,
        version=decision.version,
        law_firm=request.law_firm,
        opened_at=now,
        until=parse_instant(request.until),
        closed_at=None,
        log_leaf=unb64(receipt.leaf),
        handed_out=[],
        forgotten_at=None,
    )


def _keep(
    session: Session, row: MatterRow, request: MatterRequest, lawyers: list[Officer], now: datetime
) -> None:
    places = enumerate(request.contracts)
    named = [{"matter": row.id, "contract_ref": unb64(each), "place": place} for place, each in places]
    session.execute(insert(MatterContract), named)
    for officer in lawyers:
        appointing.appoint(session, row, officer, now)

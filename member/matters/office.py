"""A matter at the hub: opened, certified, gathered as evidence, reported as sealed and delivered, closed.

What goes there is a pseudonym, contract references and digests: neither a name nor a document. In a batch
open and certify all matters first and gather afterwards: then all of them wait for the same checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

import msgspec

from member import wire
from member.errors import Declined, Refused, Unavailable, Untrusted
from member.matters import identity, keeping, proving, requesting
from member.matters.keeping import Kept
from member.matters.requesting import Wanted as Wanted
from member.matters.shown import Certified, Detail, Matters, Opened
from member.member import Member
from member.vault import receipts
from privacy.certificates import CourtOrder
from privacy.encoding import b64, instant_text
from privacy.errors import PrivacyError
from privacy.evidence import MatterEvidence, SignedMatterRequest
from privacy.logged import LogReceipt, verify_receipt
from privacy.messages import Reference

_PATIENCE = timedelta(minutes=10)
"""So long a checkpoint is waited for: custodians cosign with every pull of the feed."""

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


def open_matter(member: Member, wanted: Wanted, *, silent: set[int] | None = None) -> Opened:
    """Evaluate the debtor's identifier, and open the matter at the hub; the same again opens nothing twice.

    `silent` is as in `identity.open_debtor`. Raises Refused for a reference that names another matter, and
    Declined in the hub's words.
    """
    requesting.require_fit_name(wanted.matter)
    identity.open_debtor(member, wanted.matter, wanted.debtor, silent=silent)
    kept = keeping.get(member.vault, wanted.matter)
    if kept.request is None:
        kept = msgspec.structs.replace(kept, request=requesting.sign(member, wanted, kept))
        keeping.keep(member.vault, wanted.matter, kept)
    elif not requesting.is_same(kept.request.request, wanted):
        raise Refused(
            "this matter was begun with other contracts, lawyers, kind or end: choose another reference, or "
            "open it as it was begun",
            rule="matter",
        )
    return _send(member, wanted, kept)


def certify(
    member: Member, matter: Reference, kinds: Sequence[str], *, order: CourtOrder | None = None
) -> Certified:
    """Ask for certificates of these kinds; what is certified already and still stands is given again.

    `existence` needs a court's order and the secretariat's approval: until then it is named as waiting.
    """
    body = {**member.addressed("hub"), "kinds": list(kinds), "order": order}
    answer = member.hub.post(f"{_path(matter)}/certificates", msgspec.json.encode(body))
    certified = wire.read(Certified, answer, member.hub.name)
    for each in certified.certificates:
        _trusted(partial(proving.verify_own, each, matter, member.key_set))
    return certified


def evidence(member: Member, matter: Reference) -> MatterEvidence:
    """Return all that the hub gives for a matter, each part checked; waits until custodians have cosigned.

    Raises Untrusted for what does not hold, Unavailable when no checkpoint counts within ten minutes.
    """
    request = _request_of(member, matter)
    body = _waited(member, lambda: member.hub.get(f"{_path(matter)}/evidence"))
    found = wire.read(MatterEvidence, body, member.hub.name)
    _trusted(partial(proving.verify_evidence, found, request, member.key_set))
    for proof in found.proofs:
        receipts.keep(member.vault, proof.receipt, at=member.clock())
    return found


def papers(member: Member, matter: Reference, numbers: Sequence[int]) -> dict[int, bytes]:
    """Return certificates as the hub sets them on paper, PDF, by number."""
    return {number: member.hub.get(f"{_path(matter)}/certificates/{number}/paper") for number in numbers}


def report_sealed(member: Member, matter: Reference, *, seal: bytes, sealed_at: datetime) -> LogReceipt:
    """Tell the hub that a bundle was sealed; `seal` is SHA-256 of its seal.json. May be told twice."""
    fields = {"seal": b64(seal), "sealed_at": instant_text(sealed_at)}
    return _report(member, f"{_path(matter)}/bundles", fields)


def report_delivered(member: Member, matter: Reference, *, seal: bytes, delivered_at: datetime) -> LogReceipt:
    """Tell the hub that a bundle was handed over. May be told twice."""
    fields = {"seal": b64(seal), "delivered_at": instant_text(delivered_at)}
    return _report(member, f"{_path(matter)}/deliveries", fields)


def close(member: Member, matter: Reference) -> LogReceipt:
    """Close a matter: its lawyers see it no longer."""
    return _report(member, f"{_path(matter)}/close", {})


def list_matters(member: Member) -> list[Opened]:
    """Return all matters of this member as the hub keeps them, the oldest first."""
    found, query = list[Opened](), dict[str, str | int]()
    while True:
        page = wire.read(Matters, member.hub.get("/v1/matters", query), member.hub.name)
        found += page.matters
        if page.next is None or not page.matters:
            return found
        query["after"] = page.next


def show(member: Member, matter: Reference) -> Detail:
    """Return a matter with its certificates and bundles, and what has superseded them."""
    return wire.read(Detail, member.hub.get(_path(matter)), member.hub.name)


def _send(member: Member, wanted: Wanted, kept: Kept) -> Opened:
    assert kept.request is not None
    try:
        body = member.hub.post("/v1/matters", msgspec.json.encode(kept.request))
    except Declined as error:
        _keep_denial(member, error)
        # Nothing was opened: it may be asked otherwise, and a later time is signed then.
        if kept.receipt is None:
            keeping.keep(member.vault, wanted.matter, msgspec.structs.replace(kept, request=None))
        raise
    opened = wire.read(Opened, body, member.hub.name)
    receipt, digest = opened.receipt, b64(kept.request.request.sha256())
    if receipt is None or receipt.entry.get("request") != digest:
        raise Untrusted("the hub opened another matter than it was asked to: tell the secretariat")
    _keep_receipt(member, receipt)
    keeping.keep(member.vault, wanted.matter, msgspec.structs.replace(kept, receipt=receipt))
    return opened


def _request_of(member: Member, matter: Reference) -> SignedMatterRequest:
    kept = keeping.get(member.vault, matter)
    if kept.request is None:
        raise Refused(
            "the matter is not open at the hub yet: run alliance-member matters open", rule="matter"
        )
    if kept.key_set != member.key_set_digest:
        raise Refused(
            "the matter was opened under an earlier key set: open another one under the present",
            rule="epoch",
        )
    return kept.request


def _waited(member: Member, ask: Callable[[], bytes]) -> bytes:
    """Ask until the hub no longer says when to ask again."""
    deadline = member.clock() + _PATIENCE
    with member.report.step("Waiting for the custodians to cosign", 1) as advance:
        while True:
            try:
                body = ask()
            except Unavailable as error:
                if error.retry_at is None or member.clock() > deadline:
                    raise
                left = (error.retry_at - member.clock()).total_seconds()
                member.sleep(min(max(left, _SHORTEST_PAUSE), _LONGEST_PAUSE))
            else:
                advance(1)
                return body


def _report(member: Member, path: str, fields: dict[str, str]) -> LogReceipt:
    body = member.hub.post(path, msgspec.json.encode({**member.addressed("hub"), **fields}))
    receipt = wire.read(LogReceipt, body, member.hub.name)
    _keep_receipt(member, receipt)
    return receipt


def _keep_receipt(member: Member, receipt: LogReceipt) -> None:
    _trusted(partial(verify_receipt, receipt))
    receipts.keep(member.vault, receipt, at=member.clock())


def _keep_denial(member: Member, error: Declined) -> None:
    """Keep the receipt of a matter that the agreement did not allow: the log has it too."""
    if "receipt" in error.extra:
        receipt = wire.read(LogReceipt, msgspec.json.encode(error.extra["receipt"]), member.hub.name)
        _keep_receipt(member, receipt)


def _trusted(check: Callable[[], None]) -> None:
    """Run a check of what the hub gave; raises Untrusted when it does not hold."""
    try:
        check()
    except PrivacyError as error:
        raise Untrusted(f"the hub gave something that does not hold, it was not used: {error}") from error


def _path(matter: Reference) -> str:
    return f"/v1/matters/{quote(matter, safe='')}"

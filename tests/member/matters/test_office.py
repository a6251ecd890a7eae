"""A matter at the hub: asked for once, checked before it is believed, and every receipt kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from member import Member
from member.errors import Declined, Refused, Unavailable, Untrusted
from member.matters import keeping, office
from privacy.encoding import b64, instant_text, unb64
from privacy.evidence import open_identity
from privacy.logged import LogProof
from privacy.messages import Message
from tests.feeds import secret
from tests.member.conftest import Alliance
from tests.member.matters.cases import MATTER, contract_ref
from tests.member.matters.court import PAPER, Court
from tests.member.people import identifier
from tests.member.server import Problem, retry_at


def leaves(member: Member) -> set[bytes]:
    return {leaf for (leaf,) in member.vault.db.execute("SELECT leaf FROM receipts").fetchall()}


def test_a_matter_names_the_debtor_by_what_the_opening_shows(
    alliance: Alliance, south: Member, court: Court, wanted: office.Wanted
) -> None:
    opened = office.open_matter(south, wanted)

    request = court.requests[MATTER].request
    opening = keeping.get(south.vault, MATTER).opening
    assert opening is not None
    output = open_identity(opening, alliance.key_set)
    assert request.pseudonym == b64(output[:32])
    assert request.opening == b64(opening.sha256())
    assert request.contracts == (b64(contract_ref(1)),)
    assert opened.state == "open"
    assert identifier(1).value.encode() not in b"".join(each.body for each in alliance.hub.received)
    assert len(leaves(south)) == 1


def test_the_same_again_sends_the_same_request(south: Member, court: Court, wanted: office.Wanted) -> None:
    office.open_matter(south, wanted)
    first = court.requests[MATTER]
    south.clock.passes(hours=1)  # type: ignore[attr-defined]

    office.open_matter(south, wanted)

    assert court.requests == {MATTER: first}
    assert len(leaves(south)) == 1


def test_a_run_that_was_killed_before_the_answer_opens_the_same_matter(
    alliance: Alliance, south: Member, court: Court, wanted: office.Wanted
) -> None:
    court.refuses = Problem(503, "unavailable", "not now")
    with pytest.raises(Unavailable):
        office.open_matter(south, wanted)
    signed = keeping.get(south.vault, MATTER).request
    court.refuses = None

    office.open_matter(south, wanted)

    assert court.requests[MATTER] == signed


def test_what_the_hub_declines_may_be_asked_otherwise_and_its_receipt_is_kept(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    denied = court.hub.receipt({"kind": "matter_denied"})
    court.refuses = Problem(403, "forbidden", "no open law firm has this name", receipt=denied.document())
    with pytest.raises(Declined, match="no open law firm"):
        office.open_matter(south, replace(wanted, law_firm="别的律所"))
    assert leaves(south) == {unb64(denied.leaf)}
    court.refuses = None

    office.open_matter(south, wanted)

    assert court.requests[MATTER].request.law_firm is None


@pytest.mark.parametrize(
    "change",
    [{"contracts": [contract_ref(2)]}, {"law_firm": "示范律师事务所"}, {"lawyers": ("L001",)}],
    ids=lambda change: next(iter(change)),
)
def test_a_reference_stays_with_its_matter(
    south: Member, court: Court, wanted: office.Wanted, change: dict[str, Any]
) -> None:
    office.open_matter(south, wanted)

    with pytest.raises(Refused, match="choose another reference"):
        office.open_matter(south, replace(wanted, **change))


@pytest.mark.parametrize("reference", ["a:b-2026-1", ".hidden-1", "trailing1."])
def test_a_reference_that_names_no_folder_is_refused(
    south: Member, court: Court, wanted: office.Wanted, reference: str
) -> None:
    with pytest.raises(Refused, match="it names a folder"):
        office.open_matter(south, replace(wanted, matter=reference))
    assert court.requests == {}


def test_a_receipt_of_another_request_is_not_believed(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    office.open_matter(south, replace(wanted, matter="south-2026-0002"))
    court.requests[MATTER] = court.requests["south-2026-0002"]
    court.hub.routes[("POST", "/v1/matters")] = lambda received: court._opened("south-2026-0002")

    with pytest.raises(Untrusted, match="another matter"):
        office.open_matter(south, wanted)
    assert keeping.get(south.vault, MATTER).receipt is None


def test_certificates_come_signed_and_existence_waits_for_an_order(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    office.open_matter(south, wanted)

    certified = office.certify(south, MATTER, ["record", "existence"])

    assert [each.certificate.number for each in certified.certificates] == [1]
    assert certified.waiting == ("existence",)


def test_a_certificate_of_another_matter_is_not_believed(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    other = replace(wanted, matter="south-2026-0002")
    for each in (wanted, other):
        office.open_matter(south, each)
    office.certify(south, other.matter, ["record"])
    court.certificates[MATTER] = court.certificates[other.matter]

    with pytest.raises(Untrusted, match="another matter"):
        office.certify(south, MATTER, ["record"])


def test_evidence_is_waited_for_and_its_receipts_are_kept(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    office.open_matter(south, wanted)
    office.certify(south, MATTER, ["agreement", "record"])
    court.pending = 3
    before = south.clock()

    evidence = office.evidence(south, MATTER)

    assert court.pending == 0
    assert timedelta(seconds=5) < south.clock() - before < timedelta(seconds=60)
    assert {b64(leaf) for leaf in leaves(south)} == {each.receipt.leaf for each in evidence.proofs}


def test_nobody_waits_for_ever(
    south: Member, court: Court, wanted: office.Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.open_matter(south, wanted)
    court.pending = 10_000
    monkeypatch.setattr(office, "_PATIENCE", timedelta(seconds=20))

    with pytest.raises(Unavailable, match="ask again"):
        office.evidence(south, MATTER)


def test_a_hub_that_names_no_time_is_not_waited_for(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    office.open_matter(south, wanted)
    court.hub.routes[("GET", "/v1/matters/([^/]+)/evidence")] = lambda received: _raise()

    with pytest.raises(Unavailable):
        office.evidence(south, MATTER)


def _raise() -> None:
    raise Problem(503, "unavailable", "down")


def _changed(message: Message, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


def _other_salt(proof: LogProof) -> LogProof:
    return _changed(proof, receipt=_changed(proof.receipt, salt=b64(secret("salt"))))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda found: {"proofs": found.proofs[1:]}, "opened matter is missing"),
        (lambda found: {"proofs": found.proofs[:-1]}, "a log entry is missing"),
        (
            lambda found: {"proofs": (_other_salt(found.proofs[0]), *found.proofs[1:])},
            "does not give its leaf",
        ),
        (lambda found: {"proofs": (_changed(found.proofs[0], path=()), *found.proofs[1:])}, "not hold"),
        (lambda found: {"membership": found.membership[1:]}, "enrolment is missing"),
        (lambda found: {"checkpoint": _uncosigned(found.checkpoint)}, "must cosign"),
        (lambda found: {"certificates": (_renumbered(found.certificates[0]),)}, "not hold"),
        (lambda found: {"request": _changed(found.request, signature=b64(bytes(64)))}, "another request"),
    ],
    ids=["no matter", "entry", "salt", "path", "enrolment", "cosignatures", "certificate", "request"],
)
def test_evidence_that_does_not_hold_is_not_used(
    south: Member, court: Court, wanted: office.Wanted, change: Any, reason: str
) -> None:
    office.open_matter(south, wanted)
    office.certify(south, MATTER, ["agreement", "record"])
    court.evidence_changes = change(office.evidence(south, MATTER))

    with pytest.raises(Untrusted, match=reason):
        office.evidence(south, MATTER)


def _uncosigned(note: str) -> str:
    return "\n".join(note.split("\n")[:-2]) + "\n"


def _renumbered(signed: Any) -> Any:
    return _changed(signed, certificate=_changed(signed.certificate, number=9))


def test_evidence_of_a_matter_that_is_not_open_is_refused(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    court.refuses = Problem(429, "quota-exceeded", "later", retry_at=retry_at(court.alliance.clock))
    with pytest.raises(Exception, match="later"):
        office.open_matter(south, wanted)
    with pytest.raises(Refused, match="matters open"):
        office.evidence(south, "south-2026-0009")


def test_bundles_deliveries_and_the_end_are_reported_with_receipts(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    office.open_matter(south, wanted)
    seal, at = secret("seal"), south.clock()

    office.report_sealed(south, MATTER, seal=seal, sealed_at=at)
    office.report_delivered(south, MATTER, seal=seal, delivered_at=at)
    office.close(south, MATTER)

    assert [each["what"] for each in court.reported] == ["bundles", "deliveries", "close"]
    assert court.reported[0]["seal"] == court.reported[1]["seal"] == b64(seal)
    assert court.reported[0]["sealed_at"] == court.reported[1]["delivered_at"] == instant_text(at)
    assert len(leaves(south)) == 4


def test_papers_and_lists_come_as_the_hub_shows_them(
    south: Member, court: Court, wanted: office.Wanted
) -> None:
    references = [MATTER, "south-2026-0002", "south-2026-0003"]
    for reference in references:
        office.open_matter(south, replace(wanted, matter=reference))
    office.certify(south, MATTER, ["record"])

    assert office.papers(south, MATTER, [1]) == {1: PAPER + b"1"}
    assert [each.matter for each in office.list_matters(south)] == references
    assert [each.kind for each in office.show(south, MATTER).certificates] == ["record"]
    assert keeping.list_matters(south.vault) == references

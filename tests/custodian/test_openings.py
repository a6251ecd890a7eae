"""What the hub may have opened for an asker, and every way to be refused."""

from __future__ import annotations

from typing import Any

import pytest

from custodian import openings
from custodian.clocks import AHEAD
from custodian.openings import FRESH
from privacy import decryption, exposure, matching, threshold_paillier
from privacy.encoding import b64, instant_text, unb64
from privacy.errors import VerifyError
from privacy.matching import Decision, MatchRequest, OpeningRequest, Reason, SealedOpening, Status, Verdict
from privacy.messages import parse_json
from privacy.signing import SigningKey
from privacy.vocabulary import Purpose
from tests.custodian.conftest import INDEX, Office
from tests.custodian.test_evaluations import slug
from tests.feeds import LI, WANG, ZHANG, Member

PATH = "/v1/openings"


@pytest.fixture
def north(office: Office) -> Member:
    """The asker; two others hold Li, one of them Wang; the cut is effective."""
    alliance = office.alliance
    north, south, west = (alliance.enrols(name) for name in ("北辰", "南山", "西河"))
    north.agrees()
    north.submits(north.record(LI, "N-1"), north.record(WANG, "N-2"))
    south.submits(south.record(LI, "S-1", outstanding=70_00), south.record(WANG, "S-2"))
    west.submits(west.record(LI, "W-1", outstanding=5_00))
    office.begins_period()
    office.west = west
    return north


def request(office: Office, match: MatchRequest, **changes: Any) -> OpeningRequest:
    decision = Decision(allowed=True, agreement="a", version=1, clause="purposes", leaf=b64(bytes(32)))
    usual: dict[str, Any] = {
        "recipient": f"custodian/{INDEX}",
        "epoch": 1,
        "key_set": b64(office.alliance.key_set.digest),
        "match": match,
        "decision": decision,
        "position": len(office.alliance.entries),
    }
    return OpeningRequest(**usual | changes)


def opened(office: Office, north: Member, match: MatchRequest) -> matching.Opening:
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, match))
    assert response.status_code == 200, response.text
    return matching.open_opening(
        north.sealing,
        parse_json(SealedOpening, response.data),
        manifest_digest=match.manifest.sha256(),
        witness=office.alliance.key_set.witness(INDEX),
    ).opening


def test_an_opening_is_sealed_to_the_asker_and_gives_the_others_total(office: Office, north: Member) -> None:
    key_set, match = office.alliance.key_set, north.asks(LI, WANG)
    opening = opened(office, north, match)
    assert opening.verdicts == (
        Verdict(status=Status.OPEN, reason=None),
        Verdict(status=Status.WITHHELD, reason=Reason.TOO_FEW_CONTRIBUTORS),
    )
    (c,) = (int.from_bytes(unb64(each), "big") for each in opening.ciphertexts)
    (mine,) = (int.from_bytes(unb64(each), "big") for each in opening.partials)
    share = int.from_bytes(unb64(office.alliance.shares[2].paillier), "big")
    theirs = threshold_paillier.partial(key_set.public_key, 3, share, c)
    total = threshold_paillier.combine(key_set.public_key, 3, {INDEX: mine, 2: theirs})
    (debts,) = exposure.split(total, 1)
    assert (debts.contracts, debts.outstanding) == (2, 75_00)


def integers(texts: tuple[str, ...]) -> list[int]:
    return [int.from_bytes(unb64(each), "big") for each in texts]


def test_the_asker_can_check_what_was_done_with_the_share(office: Office, north: Member) -> None:
    key_set, match = office.alliance.key_set, north.asks(LI, WANG)
    opening = opened(office, north, match)
    assert opening.proof is not None
    partials = integers(opening.partials)

    def check(partials: list[int], manifest: bytes) -> None:
        assert opening.proof is not None
        decryption.verify(
            key_set.public_key,
            count=3,
            custodian=INDEX,
            v_i=key_set.verification_key(INDEX),
            manifest=manifest,
            ciphertexts=integers(opening.ciphertexts),
            partials=partials,
            proof=opening.proof,
        )

    check(partials, match.manifest.sha256())
    n = key_set.public_key.n
    with pytest.raises(VerifyError):
        check([partials[0] * (1 + n) % n**2], match.manifest.sha256())
    with pytest.raises(VerifyError):
        check(partials, north.asks(LI).manifest.sha256())


def test_where_nothing_is_open_there_is_nothing_to_prove(office: Office, north: Member) -> None:
    opening = opened(office, north, north.asks(WANG))
    assert (opening.ciphertexts, opening.partials, opening.proof) == ((), (), None)


@pytest.mark.parametrize("unpacked", [False, True])
def test_unpacked_subjects_stand_alone(office: Office, north: Member, unpacked: bool) -> None:
    """Two subjects are open; at 1024 bits two go into one ciphertext, unless the manifest says otherwise."""
    alliance, west = office.alliance, office.west
    assert west is not None
    north.submits(north.record(ZHANG, "N-3"))
    for name in ("东桥", "新丰"):
        other = alliance.enrols(name)
        other.submits(other.record(ZHANG, f"{name}-1", outstanding=8_00))
    alliance.passes(days=1)
    office.begins_period()
    opening = opened(office, north, north.asks(LI, ZHANG, unpacked=unpacked))
    share = int.from_bytes(unb64(alliance.shares[2].paillier), "big")
    public = alliance.key_set.public_key
    found = []
    for c, mine in zip(integers(opening.ciphertexts), integers(opening.partials), strict=True):
        theirs = threshold_paillier.partial(public, 3, share, c)
        total = threshold_paillier.combine(public, 3, {INDEX: mine, 2: theirs})
        width = 1 if unpacked else 2
        found.append([debts.outstanding for debts in exposure.split(total, width)])
    assert found == ([[75_00], [16_00]] if unpacked else [[75_00, 16_00]])


def test_more_than_an_answer_holds_is_refused_and_costs_nothing(
    office: Office, north: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings, "MAX_CIPHERTEXTS", 0)
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, north.asks(LI)))
    assert (response.status_code, slug(response)) == (413, "too-large")
    assert office.ask("GET", "/v1/account", north.key).json["openings"]["used"] == 0


def test_nothing_opens_when_the_hub_lives_in_the_future(office: Office, north: Member) -> None:
    office.alliance.now += AHEAD * 1.1
    office.west.settles("W-1")  # type: ignore[union-attr]
    office.alliance.now -= AHEAD * 1.1
    office.custodian.follow()
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, north.asks(LI)))
    assert (response.status_code, slug(response)) == (503, "hub-ahead")


def test_a_heartbeat_from_the_future_keeps_nothing_fresh(office: Office, north: Member) -> None:
    """Else the hub could sign one for next week, and then hide a suspension until then."""
    office.hub.heartbeat = office.alliance.heartbeat(at=instant_text(office.alliance.now + FRESH * 60))
    office.custodian.follow()
    office.alliance.now += FRESH * 1.1
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, north.asks(LI)))
    assert (response.status_code, slug(response)) == (503, "hub-silent")


@pytest.mark.parametrize(
    ("fact", "status"), [("closed", 410), ("restored", 503), ("stopped", 503), ("paused", 503)]
)
def test_a_custodian_that_does_not_serve_says_so(
    office: Office, north: Member, fact: str, status: int
) -> None:
    value = '{"backed_up_at":null,"restored_at":null}' if fact == "restored" else "a reason"
    office.custodian.ledger.set_fact(fact, value)
    for path, key in ((PATH, office.alliance.hub.key), ("/v1/evaluations", north.key)):
        response = office.ask("POST", path, key, request(office, north.asks(LI)))
        assert (response.status_code, slug(response)) == (status, fact)


def test_an_opening_is_charged_once(office: Office, north: Member) -> None:
    match = north.asks(LI)
    for _ in range(2):
        opened(office, north, match)
    assert office.ask("GET", "/v1/account", north.key).json["openings"]["used"] == 1


def test_an_exhausted_opening_quota_says_when_to_return(office: Office, north: Member) -> None:
    office.custodian.ledger.set_quota(north.name, "openings_per_period", 0)
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, north.asks(LI)))
    assert (response.status_code, slug(response)) == (429, "quota-exceeded")
    assert response.json["retry_at"] == "2026-11-01T16:00:00Z"


def test_only_the_hub_may_forward(office: Office, north: Member) -> None:
    for key in (north.key, SigningKey(bytes(32))):
        assert office.ask("POST", PATH, key, request(office, north.asks(LI))).status_code == 401


def test_a_manifest_that_the_member_did_not_sign_is_refused(office: Office, north: Member) -> None:
    match = north.asks(LI)
    forged = MatchRequest(match.manifest, SigningKey(bytes(32)).sign_document("manifest", {}), match.standing)
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, forged))
    assert (response.status_code, slug(response)) == (403, "signature")


def test_an_old_position_that_the_head_judges_otherwise_is_stale(office: Office, north: Member) -> None:
    """West settles: at the old position Li opens, at the head the cohort has changed."""
    match, before = north.asks(LI), len(office.alliance.entries)
    assert office.west is not None
    office.west.settles("W-1")
    office.custodian.follow()
    asked = request(office, match, position=before)
    response = office.ask("POST", PATH, office.alliance.hub.key, asked)
    assert (response.status_code, slug(response), response.json["position"]) == (409, "stale", before + 1)
    changed = Verdict(status=Status.WITHHELD, reason=Reason.CHANGED)
    assert opened(office, north, match).verdicts == (changed,)


def test_an_agreement_that_ended_meanwhile_makes_an_old_position_stale(office: Office, north: Member) -> None:
    match, before = north.asks(LI), len(office.alliance.entries)
    north.agrees(version=2, purposes=(Purpose.AUDIT,))
    office.custodian.follow()
    asked = request(office, match, position=before)
    assert slug(office.ask("POST", PATH, office.alliance.hub.key, asked)) == "stale"
    asked = request(office, match)
    assert slug(office.ask("POST", PATH, office.alliance.hub.key, asked)) == "purpose"


def test_a_position_that_is_not_here_is_stale(office: Office, north: Member) -> None:
    here = len(office.alliance.entries)
    response = office.ask(
        "POST", PATH, office.alliance.hub.key, request(office, north.asks(LI), position=here + 1)
    )
    assert (response.status_code, slug(response), response.json["position"]) == (409, "stale", here)


def test_nothing_opens_while_the_hub_is_silent(office: Office, north: Member) -> None:
    office.hub.silent = True
    office.alliance.now += FRESH * 1.1
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, north.asks(LI)))
    assert (response.status_code, slug(response)) == (503, "hub-silent")


def test_a_manifest_of_the_day_before_yesterday_is_refused(office: Office, north: Member) -> None:
    match = north.asks(LI)
    office.alliance.passes(hours=25)
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, match))
    assert (response.status_code, slug(response)) == (403, "expired")


def test_a_period_that_is_not_the_newest_is_named(office: Office, north: Member) -> None:
    match = north.asks(LI, period="2026-10-31")
    response = office.ask("POST", PATH, office.alliance.hub.key, request(office, match))
    assert (response.status_code, slug(response)) == (409, "period")

"""Who asked, about whom, and as of when: a hub that forwards questions would like to choose all three."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from custodian import state
from privacy.encoding import b64
from privacy.keyset import KeySet
from privacy.matching import Decision, MatchRequest, OpeningRequest, sign_match, standing_message
from privacy.signing import SigningKey
from privacy.statements import CutSignature
from tests.attacks.alliance import Lenders, gather, hear, lenders
from tests.attacks.attack import Scene, attack, lets_pass
from tests.custodian.conftest import INDEX, Office
from tests.custodian.test_evaluations import slug
from tests.feeds import LI, WANG, ZHANG, secret


@pytest.fixture
def town(office: Office) -> Lenders:
    """The lenders, and an honest custodian that serves; all but North hold Wang too. The period is open."""
    town = gather(office.alliance)
    for member in (town.north, town.south, town.west):
        member.submits(member.record(WANG, "2", outstanding=1_00))
    town.alliance.cuts()
    office.custodian.follow()
    (signed,) = office.hub.published
    town.alliance.custodians[INDEX].said(signed)
    assert isinstance(signed.statement.body, CutSignature)
    town.alliance.signs_cut(signed.statement.body, by=(2, 3))
    office.custodian.follow()
    return town


def forwarded(office: Office, match: MatchRequest, *, position: int | None = None) -> str:
    """Have the hub forward a question to the custodian; return the answer in one word."""
    asked = OpeningRequest(
        recipient=f"custodian/{INDEX}",
        epoch=1,
        key_set=b64(office.alliance.key_set.digest),
        match=match,
        decision=Decision(allowed=True, agreement="a", version=1, clause="purposes", leaf=b64(bytes(32))),
        position=position or len(office.alliance.entries),
    )
    response = office.ask("POST", "/v1/openings", office.alliance.hub.key, asked)
    if response.status_code == 200:
        return "opened"
    return f"{response.status_code} {slug(response)}"


def charged(office: Office, town: Lenders) -> int:
    """Return how many subjects the custodian has opened for North."""
    answer: Any = office.ask("GET", "/v1/account", town.north.key).json
    return int(answer["openings"]["used"])


def as_of_then(db: sqlite3.Connection, key_set: KeySet, request: OpeningRequest) -> state.Judgement:
    """Judge at the position that the hub named, and nowhere else."""
    return state.judge(db, key_set, request.match, request.position)


@attack(
    "old Q replayed",
    by="hub, for member North",
    goal="Li's total opens though a contributor has settled since",
    stopped="409 stale",
    off={"custodian.openings.judge": as_of_then},
)
def test_the_hub_names_an_old_position(scene: Scene, office: Office, town: Lenders) -> None:
    """East has settled and says so on the feed; the hub has the custodian judge as of before."""
    before = len(office.alliance.entries)
    town.east.settles("1")
    office.custodian.follow()

    said = forwarded(office, town.north.asks(LI), position=before)

    scene.ends(reached=said == "opened" and charged(office, town) == 1, seen=said)


def any_signature_will_do(*_: object) -> bool:
    """Take a standing signature for good."""
    return True


UNSIGNED: dict[str, Any] = {
    "privacy.matching.verify_match": lets_pass,
    "custodian.state.judgement._signed": any_signature_will_do,
}
"""Neither the asker's nor the subject's signature is looked at."""


@attack(
    "invented question",
    by="hub",
    goal="a custodian opens and charges a question that North never asked",
    stopped="403 signature",
    off=UNSIGNED,
)
def test_a_hub_invents_that_north_asked(scene: Scene, office: Office, town: Lenders) -> None:
    """The hub writes the manifest itself, signs it, and makes up a standing key."""
    manifest = town.north.asks(LI).manifest
    standing = SigningKey(secret("made up")).sign(standing_message(manifest.sha256(), 0))
    forged = MatchRequest(
        manifest=manifest,
        signature=office.alliance.hub.key.sign_document("manifest", manifest.document()),
        standing=(b64(standing),),
    )

    said = forwarded(office, forged)

    scene.ends(reached=said == "opened" and charged(office, town) == 1, seen=said)


@attack(
    "swapped pseudonyms",
    by="hub",
    goal="custodians open Wang where North asked about Li",
    stopped="403 signature",
    off=UNSIGNED,
)
def test_the_hub_swaps_the_subjects_of_a_signed_manifest(scene: Scene, office: Office, town: Lenders) -> None:
    """North asked about Li; under its signature the hub puts Wang."""
    asked = town.north.asks(LI)
    manifest = msgspec.structs.replace(asked.manifest, subjects=(WANG.pseudonym,))

    said = forwarded(office, msgspec.structs.replace(asked, manifest=manifest))

    scene.ends(reached=said == "opened" and charged(office, town) == 1, seen=said)


@attack(
    "pseudonym swapped by the asker",
    by="hub and member North",
    goal="a debtor opens under another debtor's standing signature",
    stopped="withheld: no_standing",
    off={"custodian.state.judgement._signed": any_signature_will_do},
)
def test_the_asker_signs_for_one_debtor_and_names_another(scene: Scene) -> None:
    """North copies Zhang's record from the feed. It knows Li, and signs for Zhang with Li's standing key."""
    town = lenders()
    for member in (town.north, town.south, town.west):
        member.submits(member.record(ZHANG, "2", outstanding=1_00))
    town.watch.opens_period(days=1)
    manifest = town.north.asks(ZHANG).manifest

    heard = hear(town.watch, sign_match(town.north.key, manifest, [LI.standing_seed]))

    scene.ends(reached=heard.total == 2_00, seen=heard)

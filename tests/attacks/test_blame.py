"""Only a signed falsehood is blamed: a hub, a fellow or a member would have an honest custodian blamed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from member.opening import Judged
from privacy import matching
from privacy.accusations import FalsePartial, verify_accusation
from privacy.encoding import b64, unb64
from privacy.errors import VerifyError
from privacy.matching import MatchRequest, SealedOpening, SignedOpening
from privacy.signing import SigningKey
from tests.attacks.alliance import lenders
from tests.attacks.asker import TRUE_TOTAL, Asker, total_of
from tests.attacks.attack import Scene, attack
from tests.feeds import LI, secret

NOBODY = "the third custodian is asked, the total is right, and nobody is blamed"


def forged_by_the_hub(north: Asker, match: MatchRequest) -> SealedOpening:
    """Anybody can seal to North's key: the hub seals a false opening, and signs it as it can."""
    return forged(north, match, SigningKey(secret("hub", "signing")))


def forged_by_a_fellow(north: Asker, match: MatchRequest) -> SealedOpening:
    """Custodian 3 signs a false opening in custodian 1's name."""
    return forged(north, match, north.town.alliance.custodians[3].key)


def forged(north: Asker, match: MatchRequest, key: SigningKey) -> SealedOpening:
    """Return custodian 1's opening with a false partial, signed with another key than its own."""
    answer = north.answers(match, 1)
    true = matching.open_opening(
        north.town.north.sealing,
        answer,
        manifest_digest=match.manifest.sha256(),
        witness=north.key_set.witness(1),
    ).opening
    false = msgspec.structs.replace(true, partials=true.ciphertexts)
    return matching.seal_opening(key, false, north.town.north.sealing.public)


@attack(
    "custodian framed by {whom}",
    by="{whom}",
    goal="custodian 1 is accused of what it never signed",
    stopped=NOBODY,
    off="privacy.signing.verify_document",
)
@pytest.mark.parametrize(
    ("whom", "forge"), [("the hub", forged_by_the_hub), ("custodian 3", forged_by_a_fellow)]
)
def test_an_opening_that_another_signed(
    scene: Scene, whom: str, forge: Callable[[Asker, MatchRequest], SealedOpening]
) -> None:
    """Whoever relays can put another envelope in a custodian's place."""
    north = Asker(lenders())
    match = north.town.north.asks(LI)

    (judged,) = north.opens(match, [forge(north, match), north.answers(match, 2)])

    scene.ends(reached=any("custodian 1" in fault for fault in north.faults), seen=blamed(north, judged))


def blamed(north: Asker, judged: Judged) -> str:
    """Return who is blamed after all, if anybody."""
    right = total_of(judged) == TRUE_TOTAL and not north.faults and len(north.warned) == 1
    return NOBODY if right and "nobody is blamed" in north.warned[0] else f"{north.faults} {north.warned}"


def corrupted(envelope: SealedOpening) -> SealedOpening:
    """Change the last byte on the way."""
    content = bytearray(unb64(envelope.envelope))
    content[-1] ^= 1
    return msgspec.structs.replace(envelope, envelope=b64(bytes(content)))


def relabelled(envelope: SealedOpening) -> SealedOpening:
    """Pass custodian 2's envelope off as custodian 1's."""
    return msgspec.structs.replace(envelope, custodian=1)


@pytest.mark.parametrize(
    ("source", "spoil"), [(1, corrupted), (2, relabelled)], ids=["corrupted", "relabelled"]
)
def test_an_envelope_that_the_hub_has_spoilt_blames_nobody(
    source: int, spoil: Callable[[SealedOpening], SealedOpening]
) -> None:
    """It does not open, whatever is switched off: there is nothing in it that could accuse anybody."""
    north = Asker(lenders())
    match = north.town.north.asks(LI)

    (judged,) = north.opens(match, [spoil(north.answers(match, source)), north.answers(match, 2)])

    assert blamed(north, judged) == NOBODY


@attack(
    "custodian framed by a member",
    by="member North",
    goal="auditors take North's word that custodian 1 lied",
    stopped="the signature does not hold",
    off="privacy.signing.verify_document",
)
def test_an_accusation_that_the_accuser_has_edited(scene: Scene) -> None:
    """North writes another partial into an opening that custodian 1 signed, and accuses it."""
    north = Asker(lenders())
    match = north.town.north.asks(LI)
    true = matching.open_opening(
        north.town.north.sealing,
        north.answers(match, 1),
        manifest_digest=match.manifest.sha256(),
        witness=north.key_set.witness(1),
    ).opening
    signature = north.town.alliance.custodians[1].key.sign_document("opening", true.document())
    edited = SignedOpening(
        opening=msgspec.structs.replace(true, partials=true.ciphertexts), signature=signature
    )

    try:
        said = verify_accusation(FalsePartial(manifest=match.manifest, opening=edited), north.key_set)
    except VerifyError as error:
        said = str(error)

    scene.ends(reached=said.startswith("custodian 1 signed a false opening"), seen=said)

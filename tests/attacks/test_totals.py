"""From partials to totals: a custodian would shift what opens, and not be found out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from math import factorial
from typing import Any

from custodian.openings import OpenedPart
from member.opening import Judged
from privacy import decryption, exposure, threshold_paillier
from privacy.ceremony import paillier_share
from privacy.errors import CannotOpen, VerifyError
from privacy.matching import MatchRequest
from privacy.multiexp import product_of_powers
from privacy.paillier import PublicKey
from tests.attacks.alliance import lenders
from tests.attacks.asker import TRUE_TOTAL, Asker, total_of
from tests.attacks.attack import Scene, attack
from tests.feeds import LI

ACCUSED = "the third custodian is asked, the total is right, custodian 1 is accused by its own signature"

EXTRA = 1_000_00
"""By so much the liar would have Li owe more."""


@attack(
    "wrong partial, shifted",
    by="custodian 1",
    goal="Li's total is 1,000 yuan too high, and nobody notices",
    stopped=ACCUSED,
    off="privacy.decryption.verify",
)
def test_a_partial_times_one_plus_kn(scene: Scene) -> None:
    """`p * (1 + k*N)` adds what the liar likes to the total that it opens together with custodian 2."""
    north = Asker(lenders())
    public = north.key_set.public_key
    scale = 4 * factorial(3) ** 2 * pow(2 * threshold_paillier.lagrange_integer((1, 2), 1, 3), -1, public.n)
    k = (EXTRA << exposure.SLOT_BITS) * scale % public.n

    def shifted(true: OpenedPart) -> OpenedPart:
        (partial,) = true.partials
        return OpenedPart(true.ciphertexts, [partial * (1 + k * public.n) % public.n_squared], true.proof)

    north.lies[1] = shifted

    (judged,) = north.opens(north.town.north.asks(LI))

    scene.ends(reached=total_of(judged) == TRUE_TOTAL + EXTRA, seen=accused(north, judged))


def accused(north: Asker, judged: Judged) -> str:
    """Return how an honest end looks to the asker."""
    named = [fault.partition(" for ")[0] for fault in north.faults]
    right = total_of(judged) == TRUE_TOTAL and named == ["custodian 1 signed a false opening"]
    return ACCUSED if right else f"{total_of(judged)} {north.faults}"


def unsquared_combine(public: PublicKey, count: int, partials: dict[int, int]) -> int:
    """Combine `prod p_i^lambda_i`, where `threshold_paillier.combine` squares."""
    opened = threshold_paillier._interpolate(public, count, partials, scale=1)
    scaled, rest = divmod(opened - 1, public.n)
    if rest:
        raise CannotOpen("the partial openings do not fit together")
    return scaled * pow(2 * factorial(count) ** 2, -1, public.n) % public.n


def unsquared_weighed(
    public: PublicKey, count: int, seed: bytes, ciphertexts: Sequence[int], partials: Sequence[int]
) -> tuple[int, int]:
    """Weigh `a = (prod c_j^w_j)^(2*D)` and `b = prod p_j^w_j`, where `decryption._weighed` squares both."""
    digests = (hashlib.sha256(seed + j.to_bytes(4, "big")).digest() for j in range(1, len(partials) + 1))
    weights = [int.from_bytes(digest[:16], "big") for digest in digests]
    a = product_of_powers(public.n, ciphertexts, weights)
    return pow(a, 2 * factorial(count), public.n_squared), product_of_powers(public.n, partials, weights)


@attack(
    "wrong partial, sign flipped",
    by="custodian 1",
    goal="nothing opens, though every proof holds and nobody can be blamed",
    stopped="the total is right: what is proved and combined are squares",
    off={
        "privacy.decryption._weighed": unsquared_weighed,
        "privacy.threshold_paillier.combine": unsquared_combine,
    },
)
def test_a_partial_with_the_other_sign(scene: Scene) -> None:
    """Where nothing is squared, `-p` passes for every manifest whose weight is even: every second one."""
    north = Asker(lenders())
    matches = (north.town.north.asks(LI, request_id=f"request-{number:04d}") for number in range(64))

    match = next(match for match in matches if flips(north, match))

    try:
        # lambda_1 is odd beside custodian 3: 9. Beside custodian 2 it is 12, and every sign is lost.
        (judged,) = north.opens(match, [north.answers(match, 1), north.answers(match, 3)])
        said = "the total is right: what is proved and combined are squares"
        reached = total_of(judged) != TRUE_TOTAL
    except CannotOpen as error:
        reached, said = True, str(error)
    scene.ends(reached=reached and not north.faults, seen=said)


def flips(north: Asker, match: MatchRequest) -> bool:
    """Have custodian 1 flip its partial's sign; say whether its proof of that holds."""
    public, shares = north.key_set.public_key, north.town.alliance.shares
    statement: dict[str, Any] = {
        "count": 3,
        "custodian": 1,
        "v_i": north.key_set.verification_key(1),
        "manifest": match.manifest.sha256(),
    }

    true = north.part(match, 1)
    partials = [public.n_squared - p for p in true.partials]
    statement |= {"ciphertexts": true.ciphertexts, "partials": partials}
    proof = decryption.prove(public, share=paillier_share(shares[1]), **statement)
    north.lies[1] = lambda _: OpenedPart(true.ciphertexts, partials, proof)
    try:
        decryption.verify(public, proof=proof, **statement)
    except VerifyError:
        return False
    return True

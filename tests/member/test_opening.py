"""Totals come only from what enough custodians say alike and prove; who signed a falsehood is accused."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec
import pytest

from member.opening import Disagreement, Judged, open_manifest
from privacy import decryption, matching
from privacy.accusations import Accusation, FalsePartial, UnsoundTotal, verify_accusation
from privacy.ceremony import paillier_share
from privacy.encoding import b64, encode_integer, unb64
from privacy.errors import VerifyError
from privacy.exposure import Exposure
from privacy.keyset import Policy
from privacy.matching import Manifest, MatchRequest, Opening, Reason, SealedOpening, Status, Verdict
from privacy.sealing import SealingKey
from privacy.signing import SigningKey
from privacy.statements import custodian_author
from tests.feeds import made, secret
from tests.member.matches import CUT_AT, Held, make_opening

SIGNED, SHARES = made(Policy.for_synthetic_data(), 3, 2)
KEY_SET = SIGNED.key_set
ASKER = SigningKey(secret("asker"))
BOX = SealingKey(secret("asker's box"))
PERIOD = "2026-11"


def owes(yuan: int) -> Exposure:
    """One contract, not overdue."""
    return Exposure(1, yuan * 100, 0, 0, 0, 0, 0, 0, 0, 0)


SUBJECTS = [b64(bytes([number]) * 32) for number in range(5)]
OTHERS: dict[str, list[Held]] = {
    SUBJECTS[0]: [owes(10), owes(20)],
    SUBJECTS[1]: [owes(1)],
    SUBJECTS[3]: [owes(5), owes(6), owes(7)],
    SUBJECTS[4]: [owes(100), owes(200)],
}
TOTALS = {0: (2, 3_000), 3: (3, 1_800), 4: (2, 30_000)}


def manifest(**changes: object) -> Manifest:
    usual: dict[str, object] = {
        "alliance": KEY_SET.alliance,
        "epoch": 1,
        "key_set": b64(KEY_SET.digest),
        "request_id": "request-1",
        "member": "南山",
        "agreement": "协议",
        "purpose": "post_loan_management",
        "case": "",
        "period": PERIOD,
        "requested_at": "2026-11-02T00:00:00Z",
        "unpacked": False,
        "subjects": tuple(SUBJECTS),
    }
    return Manifest(**(usual | changes))  # type: ignore[arg-type]


MANIFEST = manifest()
REQUEST = matching.sign_match(ASKER, MANIFEST, [secret(str(number)) for number in range(5)])

Change = Callable[[Opening], Opening]


@lru_cache
def opening(index: int) -> Opening:
    """What an honest custodian says; made once, as it is the same every time but for its proof."""
    return make_opening(KEY_SET, SHARES[index], REQUEST, OTHERS, period=PERIOD)


def sealed(
    index: int,
    change: Change = lambda same: same,
    *,
    key: SigningKey | None = None,
    box: SealingKey = BOX,
) -> SealedOpening:
    signer = key or SigningKey(secret(custodian_author(index), "signing"))
    return matching.seal_opening(signer, change(opening(index)), box.public)


def both(request: MatchRequest, others: dict[str, list[Held]]) -> list[SealedOpening]:
    """Return what two honest custodians say to another question, or about other contributions."""
    return [
        sealed(
            index, lambda said: make_opening(KEY_SET, SHARES[said.custodian], request, others, period=PERIOD)
        )
        for index in (1, 2)
    ]


class Further:
    """Hands out the openings of further custodians and counts who was asked."""

    def __init__(self, *openings: SealedOpening) -> None:
        self.openings = {each.custodian: each for each in openings}
        self.asked: list[int] = []

    def __call__(self, index: int) -> SealedOpening | None:
        self.asked.append(index)
        return self.openings.get(index)


class Court:
    """Takes accusations as a member's vault does: only those that anybody can check."""

    def __init__(self) -> None:
        self.taken: list[Accusation] = []

    def __call__(self, accusation: Accusation) -> bool:
        try:
            verify_accusation(accusation, KEY_SET)
        except VerifyError:
            return False
        self.taken.append(accusation)
        return True

    @property
    def custodians(self) -> list[int]:
        """The custodians that were accused of a false opening."""
        return [each.opening.opening.custodian for each in self.taken if isinstance(each, FalsePartial)]


def open_all(
    openings: list[SealedOpening],
    further: Further | None = None,
    warned: list[str] | None = None,
    *,
    court: Court | None = None,
    manifest: Manifest = MANIFEST,
) -> list[Judged]:
    return open_manifest(
        manifest,
        openings,
        key=BOX,
        key_set=KEY_SET,
        ask_further=further or Further(),
        accuse=court or Court(),
        warn=(warned if warned is not None else list[str]()).append,
    )


def require_right(judged: list[Judged]) -> None:
    assert [each.verdict.status for each in judged] == [
        Status.OPEN,
        Status.WITHHELD,
        Status.NONE,
        Status.OPEN,
        Status.OPEN,
    ]
    for number, (contracts, outstanding) in TOTALS.items():
        total = judged[number].total
        assert total is not None
        assert (total.contracts, total.outstanding, total.overdue) == (contracts, outstanding, 0)
    assert judged[1].total is judged[2].total is None


@pytest.mark.parametrize("pair", [(1, 2), (1, 3), (3, 2)])
def test_any_two_custodians_open_the_same_totals(pair: tuple[int, int]) -> None:
    further, warned, court = Further(), list[str](), Court()

    judged = open_all([sealed(index) for index in pair], further, warned, court=court)

    require_right(judged)
    assert (warned, court.taken) == ([], [])
    assert judged[1].verdict.reason is Reason.TOO_FEW_CONTRIBUTORS
    assert {(each.period, each.cut_at) for each in judged} == {(PERIOD, CUT_AT)}
    assert further.asked == []


# Well proved, and another judgement


def another_feed(said: Opening) -> Opening:
    """What an honest custodian says that was shown one contributor more."""
    others = OTHERS | {SUBJECTS[0]: [*OTHERS[SUBJECTS[0]], owes(7)]}
    return make_opening(KEY_SET, SHARES[said.custodian], REQUEST, others, period=PERIOD)


def other_verdict(said: Opening) -> Opening:
    changed = Verdict(status=Status.WITHHELD, reason=Reason.CHANGED)
    return msgspec.structs.replace(said, verdicts=(said.verdicts[0], changed, *said.verdicts[2:]))


def another_position(said: Opening) -> Opening:
    return msgspec.structs.replace(said, position=said.position + 1)


def another_cut(said: Opening) -> Opening:
    return msgspec.structs.replace(said, cut_at="2026-11-01T00:00:01Z")


@pytest.mark.parametrize("change", [another_feed, other_verdict, another_position, another_cut])
def test_who_says_otherwise_is_outvoted_by_a_third_and_not_accused(change: Change) -> None:
    further, warned, court = Further(sealed(3)), list[str](), Court()

    require_right(open_all([sealed(1, change), sealed(2)], further, warned, court=court))

    assert further.asked == [3]
    assert warned == ["custodian 1 signed another judgement than custodians 2, 3"]
    assert court.taken == []


# Signed, and no answer to the question


def another_period(said: Opening) -> Opening:
    return msgspec.structs.replace(said, period="2026-10")


def one_verdict_less(said: Opening) -> Opening:
    return msgspec.structs.replace(said, verdicts=said.verdicts[:-1])


def one_partial_less(said: Opening) -> Opening:
    return msgspec.structs.replace(said, partials=said.partials[:-1])


def one_ciphertext_more(said: Opening) -> Opening:
    return msgspec.structs.replace(
        said,
        ciphertexts=(*said.ciphertexts, said.ciphertexts[0]),
        partials=(*said.partials, said.partials[0]),
    )


def a_reason_too_many(said: Opening) -> Opening:
    odd = Verdict(status=Status.NONE, reason=Reason.CHANGED)
    return msgspec.structs.replace(said, verdicts=(*said.verdicts[:2], odd, *said.verdicts[3:]))


@pytest.mark.parametrize("change", [another_period, a_reason_too_many])
def test_an_opening_that_does_not_fit_its_question_is_not_used(change: Change) -> None:
    further, warned, court = Further(sealed(3)), list[str](), Court()

    require_right(open_all([sealed(1, change), sealed(2)], further, warned, court=court))

    assert further.asked == [3]
    assert len(warned) == 1
    assert warned[0].startswith("the opening of custodian 1 was not used")
    assert court.taken == []


@pytest.mark.parametrize("change", [one_verdict_less, one_partial_less, one_ciphertext_more])
def test_an_opening_whose_lists_do_not_fit_each_other_accuses_its_custodian(change: Change) -> None:
    further, court = Further(sealed(3)), Court()

    require_right(open_all([sealed(1, change), sealed(2)], further, court=court))

    assert (further.asked, court.custodians) == ([3], [1])


# Not from the custodian at all


def another_manifest(said: Opening) -> Opening:
    return msgspec.structs.replace(said, manifest=b64(bytes(32)))


def tampered(envelope: SealedOpening) -> SealedOpening:
    content = bytearray(unb64(envelope.envelope))
    content[-1] ^= 1
    return msgspec.structs.replace(envelope, envelope=b64(bytes(content)))


@pytest.mark.parametrize(
    "bad",
    [
        sealed(1, key=SigningKey(secret("somebody"))),
        sealed(1, box=SealingKey(secret("somebody's box"))),
        tampered(sealed(1)),
        msgspec.structs.replace(sealed(3), custodian=1),
        msgspec.structs.replace(sealed(3), custodian=9),
        msgspec.structs.replace(sealed(1), envelope="AA"),
        sealed(1, another_manifest),
    ],
    ids=[
        "another's signature",
        "another's box",
        "tampered",
        "another's name",
        "no such custodian",
        "truncated",
        "another manifest's",
    ],
)
def test_an_envelope_that_does_not_hold_is_not_used_and_blames_nobody(bad: SealedOpening) -> None:
    further, warned, court = Further(sealed(1), sealed(3)), list[str](), Court()

    require_right(open_all([bad, sealed(2)], further, warned, court=court))

    assert len(warned) == 1
    assert "did not arrive well and was not used, nobody is blamed" in warned[0]
    assert court.taken == []
    assert further.asked


def test_too_few_alike_are_a_disagreement() -> None:
    further = Further(sealed(3, other_verdict))

    with pytest.raises(Disagreement, match="fewer than 2"):
        open_all([sealed(1, another_feed), sealed(2)], further)

    assert further.asked == [3]


def test_one_opening_alone_is_not_enough() -> None:
    further = Further()

    with pytest.raises(Disagreement):
        open_all([sealed(1)], further)

    assert further.asked == [2, 3]


def test_an_opening_given_twice_counts_once() -> None:
    with pytest.raises(Disagreement):
        open_all([sealed(1), sealed(1)])


def test_a_custodian_has_one_opinion_its_first() -> None:
    further = Further(sealed(3))

    require_right(open_all([sealed(1), sealed(1, other_verdict), sealed(2)], further))

    assert further.asked == []


# False, and signed


def with_partials(said: Opening, *partials: int, proved: bool = False) -> Opening:
    """Replace the first partials; `proved`, with the best proof that the custodian's share can give."""
    octets = KEY_SET.public_key.bits // 4
    texts = (*(encode_integer(each, octets) for each in partials), *said.partials[len(partials) :])
    changed = msgspec.structs.replace(said, partials=texts)
    return msgspec.structs.replace(changed, proof=prove(changed)) if proved else changed


def prove(said: Opening, *, by: int | None = None, manifest: str | None = None) -> matching.DecryptionProof:
    custodian = by or said.custodian
    return decryption.prove(
        KEY_SET.public_key,
        count=KEY_SET.count,
        custodian=custodian,
        share=paillier_share(SHARES[custodian]),
        v_i=KEY_SET.verification_key(custodian),
        manifest=unb64(manifest or said.manifest),
        ciphertexts=list(map(integer, said.ciphertexts)),
        partials=list(map(integer, said.partials)),
    )


def integer(text: str) -> int:
    return int.from_bytes(unb64(text), "big")


def shifted(said: Opening, *, proved: bool) -> Opening:
    """The lie that shows in no other way: times `1 + k*N`, another number opens."""
    public = KEY_SET.public_key
    wrong = integer(said.partials[0]) * (1 + 5 * public.n) % public.n_squared
    return with_partials(said, wrong, proved=proved)


def flipped(said: Opening, *, proved: bool) -> Opening:
    return with_partials(said, KEY_SET.public_key.n_squared - integer(said.partials[0]), proved=proved)


def of_another_share(said: Opening) -> Opening:
    others = opening(2).partials
    return with_partials(said, *map(integer, others), proved=True)


def of_another_ciphertext(said: Opening) -> Opening:
    return with_partials(said, integer(said.partials[1]), integer(said.partials[0]), proved=True)


LIES: dict[str, Change] = {
    "shifted": lambda said: shifted(said, proved=False),
    "shifted, with a proof made for it": lambda said: shifted(said, proved=True),
    "a sign flipped under the proof": lambda said: flipped(said, proved=False),
    "another's share": of_another_share,
    "another ciphertext's": of_another_ciphertext,
    "no proof": lambda said: msgspec.structs.replace(said, proof=None),
    "the proof of another custodian": lambda said: msgspec.structs.replace(said, proof=prove(said, by=2)),
    "the proof of another manifest": lambda said: msgspec.structs.replace(
        said, proof=prove(said, manifest=b64(bytes(32)))
    ),
    "no residue": lambda said: with_partials(said, 0),
    "too short": lambda said: msgspec.structs.replace(said, partials=("AA", *said.partials[1:])),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_custodian_that_lies_is_accused_and_a_third_asked(lie: Change) -> None:
    further, court = Further(sealed(3)), Court()

    require_right(open_all([sealed(1, lie), sealed(2)], further, court=court))

    assert (further.asked, court.custodians) == ([3], [1])
    assert "custodian 1" in verify_accusation(court.taken[0], KEY_SET)


def test_a_flipped_sign_with_a_proof_of_its_own_changes_nothing() -> None:
    further, court = Further(), Court()

    require_right(
        open_all([sealed(1, lambda said: flipped(said, proved=True)), sealed(2)], further, court=court)
    )

    assert (further.asked, court.taken) == ([], [])


def test_a_liar_with_nobody_else_to_ask_opens_nothing() -> None:
    court = Court()

    with pytest.raises(Disagreement):
        open_all([sealed(1, LIES["shifted"]), sealed(2)], court=court)

    assert court.custodians == [1]


def test_two_liars_are_both_accused() -> None:
    court = Court()

    with pytest.raises(Disagreement):
        open_all([sealed(1, LIES["shifted"]), sealed(2)], Further(sealed(3, LIES["no proof"])), court=court)

    assert court.custodians == [1, 3]


def test_a_custodian_that_opens_nothing_needs_no_proof() -> None:
    question = manifest(request_id="request-2", subjects=(SUBJECTS[1], SUBJECTS[2]))
    request = matching.sign_match(ASKER, question, [secret("1"), secret("2")])

    judged = open_all(both(request, OTHERS), manifest=question)

    assert [each.verdict.status for each in judged] == [Status.WITHHELD, Status.NONE]


# Rightly opened, and poisoned

NOTHING = Exposure(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

POISON: dict[str, Held] = {
    "more overdue than outstanding": Exposure(1, 10, 20, 0, 0, 0, 0, 0, 0, 0),
    "in three buckets": Exposure(1, 10, 0, 1, 1, 1, 0, 0, 0, 0),
    "no contract": Exposure(0, 10, 0, 0, 0, 0, 0, 0, 0, 0),
    "negative": -5,
    "into the neighbour": 1 << 500,
    "beyond all": 1 << 1_000,
}
ALONE = manifest(unpacked=True)
REQUEST_ALONE = matching.sign_match(ASKER, ALONE, [secret(str(number)) for number in range(5)])


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_a_total_that_honest_members_cannot_give_spoils_only_its_ciphertext(poison: Held) -> None:
    further, court = Further(sealed(3)), Court()

    judged = open_all(both(REQUEST, OTHERS | {SUBJECTS[0]: [poison, NOTHING]}), further, court=court)

    # Two subjects share a ciphertext at this size of key: the first two that are open.
    assert [judged[number].is_unsound for number in (0, 3, 4)] == [True, True, False]
    total = judged[4].total
    assert total is not None
    assert total.outstanding == 30_000
    # The custodians proved what they did: no other could open anything else, and nobody can be named yet.
    assert (further.asked, court.taken) == ([], [])


@pytest.mark.parametrize("poison", list(POISON.values())[2:5], ids=list(POISON)[2:5])
def test_opened_alone_it_spoils_nobody_and_accuses_its_contributors(poison: Held) -> None:
    court = Court()
    openings = both(REQUEST_ALONE, OTHERS | {SUBJECTS[0]: [poison, NOTHING]})

    judged = open_all(openings, court=court, manifest=ALONE)

    assert [judged[number].is_unsound for number in (0, 3, 4)] == [True, False, False]
    assert [judged[number].total for number in (3, 4)] == [
        Exposure(3, 1_800, 0, 0, 0, 0, 0, 0, 0, 0),
        Exposure(2, 30_000, 0, 0, 0, 0, 0, 0, 0, 0),
    ]
    (accusation,) = court.taken
    assert isinstance(accusation, UnsoundTotal)
    assert (accusation.subject, accusation.manifest) == (0, ALONE)
    assert "contributor" in verify_accusation(accusation, KEY_SET)

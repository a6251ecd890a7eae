"""Totals come only from what enough custodians say alike, and only where they make sense."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from member.opening import Disagreement, Judged, open_manifest
from privacy import matching, paillier
from privacy.encoding import b64, unb64
from privacy.exposure import Exposure
from privacy.keyset import Policy, encode_integer
from privacy.matching import Manifest, MatchRequest, Opening, Reason, SealedOpening, Status, Verdict
from privacy.sealing import SealingKey
from privacy.signing import SigningKey
from privacy.statements import custodian_author
from tests.feeds import made, secret
from tests.member.matches import CUT_AT, make_opening

SIGNED, SHARES = made(Policy.for_synthetic_data(), 3, 2)
KEY_SET = SIGNED.key_set
ASKER = SigningKey(secret("asker"))
BOX = SealingKey(secret("asker's box"))
PERIOD = "2026-11"


def owes(yuan: int) -> Exposure:
    """One contract, not overdue."""
    return Exposure(1, yuan * 100, 0, 0, 0, 0, 0, 0, 0, 0)


SUBJECTS = [b64(bytes([number]) * 32) for number in range(5)]
OTHERS = {
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


def opening(index: int, request: MatchRequest = REQUEST) -> Opening:
    return make_opening(KEY_SET, SHARES[index], request, OTHERS, period=PERIOD)


def sealed(
    index: int, change: Change = lambda same: same, *, key: SigningKey | None = None, box: SealingKey = BOX
) -> SealedOpening:
    signer = key or SigningKey(secret(custodian_author(index), "signing"))
    return matching.seal_opening(signer, change(opening(index)), box.public)


class Further:
    """Hands out the openings of further custodians and counts who was asked."""

    def __init__(self, *openings: SealedOpening) -> None:
        self.openings = {each.custodian: each for each in openings}
        self.asked: list[int] = []

    def __call__(self, index: int) -> SealedOpening | None:
        self.asked.append(index)
        return self.openings.get(index)


def open_all(
    openings: list[SealedOpening], further: Further | None = None, warned: list[str] | None = None
) -> list[Judged]:
    return open_manifest(
        MANIFEST,
        openings,
        key=BOX,
        key_set=KEY_SET,
        ask_further=further or Further(),
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
    further = Further()

    judged = open_all([sealed(index) for index in pair], further)

    require_right(judged)
    assert judged[1].verdict.reason is Reason.TOO_FEW_CONTRIBUTORS
    assert {(each.period, each.cut_at) for each in judged} == {(PERIOD, CUT_AT)}
    assert further.asked == []


def other_ciphertexts(said: Opening) -> Opening:
    return msgspec.structs.replace(said, ciphertexts=tuple(reversed(said.ciphertexts)))


def other_verdict(said: Opening) -> Opening:
    changed = Verdict(status=Status.WITHHELD, reason=Reason.CHANGED)
    return msgspec.structs.replace(said, verdicts=(said.verdicts[0], changed, *said.verdicts[2:]))


def another_position(said: Opening) -> Opening:
    return msgspec.structs.replace(said, position=said.position + 1)


def another_cut(said: Opening) -> Opening:
    return msgspec.structs.replace(said, cut_at="2026-11-01T00:00:01Z")


@pytest.mark.parametrize("change", [other_ciphertexts, other_verdict, another_position, another_cut])
def test_who_says_otherwise_is_outvoted_by_a_third(change: Change) -> None:
    further, warned = Further(sealed(3)), list[str]()

    require_right(open_all([sealed(1, change), sealed(2)], further, warned))

    assert further.asked == [3]
    assert warned == ["custodian 1 signed another judgement than custodians 2, 3"]


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


def another_manifest(said: Opening) -> Opening:
    return msgspec.structs.replace(said, manifest=b64(bytes(32)))


@pytest.mark.parametrize(
    "change",
    [
        another_period,
        one_verdict_less,
        one_partial_less,
        one_ciphertext_more,
        a_reason_too_many,
        another_manifest,
    ],
)
def test_an_opening_that_does_not_fit_its_question_is_not_used(change: Change) -> None:
    further, warned = Further(sealed(3)), list[str]()

    require_right(open_all([sealed(1, change), sealed(2)], further, warned))

    assert further.asked == [3]
    assert len(warned) == 1
    assert warned[0].startswith("the opening of custodian 1 was not used")


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
    ],
    ids=[
        "another's signature",
        "another's box",
        "tampered",
        "another's name",
        "no such custodian",
        "truncated",
    ],
)
def test_an_envelope_that_does_not_hold_is_not_used(bad: SealedOpening) -> None:
    further, warned = Further(sealed(1), sealed(3)), list[str]()

    require_right(open_all([bad, sealed(2)], further, warned))

    assert warned
    assert further.asked


def test_too_few_alike_are_a_disagreement() -> None:
    further = Further(sealed(3, other_verdict))

    with pytest.raises(Disagreement, match="fewer than 2"):
        open_all([sealed(1, other_ciphertexts), sealed(2)], further)

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


def false_partial(said: Opening) -> Opening:
    """A partial that is a group element, but not the power of this ciphertext."""
    public = KEY_SET.public_key
    wrong = paillier.encrypt(public, 5, 7)
    octets = 2 * public.bits // 8
    return msgspec.structs.replace(said, partials=(encode_integer(wrong, octets), *said.partials[1:]))


def test_a_false_partial_is_found_and_a_third_asked() -> None:
    further = Further(sealed(3))

    require_right(open_all([sealed(1, false_partial), sealed(2)], further))

    assert further.asked == [3]


def test_a_false_partial_with_nobody_else_to_ask_spoils_only_its_ciphertext() -> None:
    judged = open_all([sealed(1, false_partial), sealed(2)])

    # Two subjects share a ciphertext at this size of key: the first two that are open.
    assert [judged[number].total for number in (0, 3)] == [None, None]
    total = judged[4].total
    assert total is not None
    assert total.outstanding == 30_000


def test_a_partial_that_is_no_group_element_spoils_only_its_ciphertext() -> None:
    def zero(said: Opening) -> Opening:
        return msgspec.structs.replace(said, partials=("AA", *said.partials[1:]))

    judged = open_all([sealed(1, zero), sealed(2)])

    assert judged[0].total is None
    assert judged[4].total is not None


@pytest.mark.parametrize(
    "lie",
    [
        Exposure(1, 10, 20, 0, 0, 0, 0, 0, 0, 0),
        Exposure(1, 10, 0, 1, 1, 1, 0, 0, 0, 0),
        Exposure(0, 10, 0, 0, 0, 0, 0, 0, 0, 0),
    ],
    ids=["more overdue than outstanding", "in three buckets", "no contract"],
)
def test_a_total_that_honest_members_cannot_give_is_not_shown(
    lie: Exposure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OTHERS, SUBJECTS[4], [lie, Exposure(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)])
    further = Further(sealed(3))

    judged = open_all([sealed(1), sealed(2)], further)

    assert judged[4].total is None
    assert judged[0].total is not None
    assert further.asked == [3]

"""Matching's rules as tables of named cases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.matching import rules
from alliance_hub.records.service import Holder
from privacy.answers import Reachability
from privacy.encoding import b64
from privacy.matching import Manifest, MatchRequest, sign_match
from privacy.signing import SigningKey
from privacy.vocabulary import Category
from tests.alliance_hub.builders import Ceremony, seed
from tests.alliance_hub.matching.story import ALL, flag_of
from tests.alliance_hub.records.builders import pseudonym_of, standing_key_of

NOW = datetime(2026, 11, 1, 18, 0, tzinfo=UTC)


def holder(member: str, debtor: str = "Lin", **changes: Any) -> Holder:
    """Return a live record with which its member reaches the debtor and has flagged it."""
    facts: dict[str, Any] = {
        "pseudonym": pseudonym_of(debtor),
        "standing_key": standing_key_of(debtor).public,
        "member": member,
        "group": member,
        "lost_contact": False,
        "as_of": date(2026, 10, 31),
        "held": False,
        "flag": flag_of(member),
    }
    return Holder(**(facts | changes))


@pytest.fixture
def manifest(ceremony: Ceremony) -> Manifest:
    return Manifest(
        alliance=ceremony.key_set.alliance,
        epoch=1,
        key_set=b64(ceremony.key_set.digest),
        request_id="request-0001",
        member="North",
        agreement="data-0001",
        purpose="skip_trace",
        case="",
        period="2026-11",
        requested_at="2026-11-01T18:00:00Z",
        unpacked=False,
        subjects=(b64(pseudonym_of("Lin")), b64(pseudonym_of("Mao"))),
    )


@pytest.fixture
def request_(manifest: Manifest) -> MatchRequest:
    seeds = [standing_key_of(debtor).seed for debtor in ("Lin", "Mao")]
    return sign_match(SigningKey(seed("signing", "North")), manifest, seeds)


OWN = [holder("North"), holder("North", "Mao")]


@pytest.mark.parametrize(
    ("others", "heard"),
    [
        pytest.param([], ("unknown", 0), id="nobody else"),
        pytest.param([holder("South")], ("yes", 1), id="another lender"),
        pytest.param([holder("South"), holder("West")], ("yes", 2), id="two lenders"),
        pytest.param([holder("South", group="North")], ("unknown", 0), id="a sister of the asker's"),
        pytest.param(
            [holder("South", standing_key=seed("forged"))], ("unknown", 0), id="under another standing key"
        ),
        pytest.param([holder("South", lost_contact=True, flag=None)], ("no", 0), id="lost there too"),
        pytest.param([holder("South", held=True)], ("yes", 0), id="on hold: the flag may be in dispute"),
        pytest.param([holder("South", "Mao")], ("unknown", 0), id="another subject"),
    ],
)
def test_what_is_said_of_a_subject(
    request_: MatchRequest, others: list[Holder], heard: tuple[str, int]
) -> None:
    answers = rules.answers(request_, OWN + others, asker="North", group="North", categories=ALL, now=NOW)
    assert (answers[0].reachable.status, len(answers[0].flags)) == heard


def test_answers_keep_the_order_of_the_subjects(request_: MatchRequest) -> None:
    held = [*OWN, holder("South", "Mao"), holder("South", lost_contact=True)]
    answers = rules.answers(request_, held, asker="North", group="North", categories=ALL, now=NOW)
    assert [answer.reachable.status for answer in answers] == [Reachability.NO, Reachability.YES]


@pytest.mark.parametrize(
    "own",
    [
        pytest.param([], id="no record"),
        pytest.param([holder("North", "Mao")], id="a record of another subject"),
        pytest.param([holder("North", standing_key=seed("forged"))], id="a record under another key"),
        pytest.param([holder("Sister", group="North")], id="a record of a sister's"),
    ],
)
def test_without_standing_nothing_is_said(request_: MatchRequest, own: list[Holder]) -> None:
    held = [*own, holder("South")]
    answers = rules.answers(request_, held, asker="North", group="North", categories=ALL, now=NOW)
    assert (answers[0].reachable.status, answers[0].flags) == (Reachability.UNKNOWN, ())


def test_a_standing_signature_counts_at_its_own_position_only(request_: MatchRequest) -> None:
    swapped = msgspec.structs.replace(request_, standing=request_.standing[::-1])
    own = {b64(pseudonym_of(debtor)): [standing_key_of(debtor).public] for debtor in ("Lin", "Mao")}
    assert None not in rules.standing_keys(request_, own)
    assert rules.standing_keys(swapped, own) == [None, None]


@pytest.mark.parametrize(
    ("categories", "status", "flags"),
    [
        ([], Reachability.UNKNOWN, 0),
        ([Category.EXPOSURE], Reachability.UNKNOWN, 0),
        ([Category.REACHABILITY], Reachability.YES, 0),
        ([Category.FLAGS], Reachability.UNKNOWN, 1),
    ],
)
def test_what_the_agreement_does_not_name_stays_unsaid(
    request_: MatchRequest, categories: list[Category], status: Reachability, flags: int
) -> None:
    held = [*OWN, holder("South")]
    answers = rules.answers(request_, held, asker="North", group="North", categories=categories, now=NOW)
    assert (answers[0].reachable.status, len(answers[0].flags)) == (status, flags)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"alliance": "Another"}, "manifest.alliance"), ({"member": "South"}, "manifest.member")],
)
def test_a_manifest_for_somebody_else_is_refused(
    manifest: Manifest, ceremony: Ceremony, change: dict[str, Any], field: str
) -> None:
    rules.require_addressed(manifest, ceremony.key_set, "North")
    with pytest.raises(Invalid) as refused:
        rules.require_addressed(msgspec.structs.replace(manifest, **change), ceremony.key_set, "North")
    assert refused.value.field == field


@pytest.mark.parametrize("change", [{"epoch": 2}, {"key_set": b64(seed("another"))}])
def test_a_manifest_under_other_keys_is_a_conflict(
    manifest: Manifest, ceremony: Ceremony, change: dict[str, Any]
) -> None:
    with pytest.raises(Conflict) as refused:
        rules.require_addressed(msgspec.structs.replace(manifest, **change), ceremony.key_set, "North")
    assert refused.value.slug == "key-set"


def test_the_period_is_the_newest_effective_one(manifest: Manifest) -> None:
    rules.require_period(manifest, "2026-11")
    with pytest.raises(Conflict) as none_yet:
        rules.require_period(manifest, None)
    with pytest.raises(Conflict) as another:
        rules.require_period(manifest, "2026-12")
    assert (none_yet.value.slug, another.value.slug) == ("no-period", "period")
    assert another.value.extra == {"period": "2026-12"}


def test_every_custodian_comes_first_for_some_manifests() -> None:
    orders = [rules.custodian_order(bytes([0, 0, 0, last]) + bytes(28), 3) for last in range(3)]
    assert sorted(order[0] for order in orders) == [1, 2, 3]
    for order in orders:
        assert sorted(order) == [1, 2, 3]
        assert all((after - before) % 3 == 1 for before, after in pairwise(order))

"""The catalogue, and which values and modes can be set: one line for each case that could be argued about."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from alliance_hub.errors import Conflict, HubError, Invalid
from alliance_hub.parameters import rules
from alliance_hub.parameters.catalogue import PARAMETERS, Group, Mark
from alliance_hub.parameters.rules import Standing
from alliance_hub.policy import RegulatoryMode
from privacy.keyset import KeySet, Policy
from tests.alliance_hub.builders import Ceremony

OPINION = "5f" * 32
RECORDED = Standing(RegulatoryMode.POST_LOAN_MATCH, OPINION, "京金融函 2026-17", names_amounts=True)
TWENTY = PARAMETERS["dispute_answer_days"]


@pytest.fixture
def real(ceremony: Ceremony) -> KeySet:
    """The same key set, if it were for real data."""
    return msgspec.structs.replace(ceremony.key_set, policy=Policy.for_real_data())


def test_every_default_is_sound_and_has_a_source() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.low <= parameter.default <= parameter.high, parameter.name
        assert parameter.source.reference
        assert parameter.says.endswith(".")


def test_the_catalogue_stands_in_the_order_of_its_groups() -> None:
    order = list(Group)
    places = [order.index(parameter.group) for parameter in PARAMETERS.values()]

    assert places == sorted(places)


def test_what_a_statute_says_cannot_be_stretched() -> None:
    # 征信业管理条例 第二十五条: verified and answered within 20 days of receipt.
    assert (TWENTY.source.mark, TWENTY.default, TWENTY.high) == (Mark.STATUTE, 20, 20)
    with pytest.raises(Invalid, match=r"art\. 25"):
        rules.require_sound(TWENTY, 21, old=20)


VALUES: dict[str, tuple[int, type[HubError] | None]] = {
    "the lowest": (1, None),
    "the highest": (20, None),
    "below": (0, Invalid),
    "above": (21, Invalid),
    "as it is": (15, Conflict),
}


@pytest.mark.parametrize(("new", "refused"), VALUES.values(), ids=VALUES.keys())
def test_which_values_can_be_set(new: int, refused: type[HubError] | None) -> None:
    if refused is None:
        rules.require_sound(TWENTY, new, old=15)
    else:
        with pytest.raises(refused):
            rules.require_sound(TWENTY, new, old=15)


WANTED: dict[str, tuple[Standing, str | None]] = {
    "all there": (RECORDED, None),
    "no opinion": (replace(RECORDED, opinion_digest=""), "opinion_digest"),
    "half a digest": (replace(RECORDED, opinion_digest="5f" * 16), "opinion_digest"),
    "in capitals": (replace(RECORDED, opinion_digest=OPINION.upper()), "opinion_digest"),
    "no consultation": (replace(RECORDED, consultation="  "), "consultation"),
    "too long": (replace(RECORDED, consultation="x" * 201), "consultation"),
    "the bureau's needs it too": (Standing(RegulatoryMode.VIA_LICENSED_BUREAU), "opinion_digest"),
    "made-up data need none": (Standing(RegulatoryMode.SYNTHETIC), None),
}


@pytest.mark.parametrize(("wanted", "field"), WANTED.values(), ids=WANTED.keys())
def test_what_a_mode_stands_on(wanted: Standing, field: str | None) -> None:
    if field is None:
        rules.require_recorded(wanted)
    else:
        with pytest.raises(Invalid) as caught:
            rules.require_recorded(wanted)
        assert caught.value.field == field


@pytest.mark.parametrize("mode", list(RegulatoryMode))
def test_a_mode_fits_its_key_set(mode: RegulatoryMode, ceremony: Ceremony, real: KeySet) -> None:
    made_up = mode is RegulatoryMode.SYNTHETIC
    own, other = (ceremony.key_set, real) if made_up else (real, ceremony.key_set)

    rules.require_fitting(own, mode)
    with pytest.raises(Conflict, match="key set of epoch 1"):
        rules.require_fitting(other, mode)


@pytest.mark.parametrize(
    ("standing", "tells"),
    [
        (Standing(RegulatoryMode.SYNTHETIC), True),
        (Standing(RegulatoryMode.POST_LOAN_MATCH), False),
        (RECORDED, True),
    ],
)
def test_amounts_are_told_where_the_opinion_names_them(standing: Standing, tells: bool) -> None:
    assert standing.tells_amounts is tells

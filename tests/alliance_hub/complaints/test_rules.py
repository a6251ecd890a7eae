"""When complaints are late, which words are refused, how they end: tables of named cases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from alliance_hub.complaints import rules
from alliance_hub.complaints.kinds import SOURCES, Kind, Misconduct, Outcome
from alliance_hub.complaints.rules import Standing
from alliance_hub.errors import Invalid
from alliance_hub.parameters.catalogue import PARAMETERS
from privacy.periods import SHANGHAI


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("received", "days", "late"),
    [
        ("2026-11-02T09:00", 20, "2026-11-23T00:00"),
        ("2026-11-02T00:00", 20, "2026-11-23T00:00"),
        ("2026-11-02T23:59", 20, "2026-11-23T00:00"),
        ("2026-12-31T23:59", 1, "2027-01-02T00:00"),
        ("2028-02-28T12:00", 1, "2028-03-01T00:00"),
    ],
    ids=["a morning", "its first minute", "its last minute", "over the year", "over a leap day"],
)
def test_the_day_of_receipt_is_not_counted_and_the_last_ends_at_midnight(
    received: str, days: int, late: str
) -> None:
    assert rules.due_at(shanghai(received), days) == shanghai(late)


@pytest.mark.parametrize(
    ("replied", "closed", "at", "standing"),
    [
        (None, None, -1, Standing.OPEN),
        (None, None, 0, Standing.OVERDUE),
        (-1, 5, 9, Standing.CLOSED),
        (0, 5, 9, Standing.CLOSED_LATE),
        (None, -1, 9, Standing.CLOSED),
        (None, 1, 9, Standing.CLOSED_LATE),
    ],
    ids=[
        "the last minute",
        "midnight",
        "replied in time, closed later",
        "replied a minute late",
        "taken back in time",
        "taken back late",
    ],
)
def test_what_counts_is_when_the_reply_went_out(
    replied: int | None, closed: int | None, at: int, standing: Standing
) -> None:
    due = shanghai("2026-11-23T00:00")

    def minute(offset: int | None) -> datetime | None:
        return None if offset is None else due + timedelta(minutes=offset)

    found = rules.standing(
        due, replied_at=minute(replied), closed_at=minute(closed), at=due + timedelta(minutes=at)
    )

    assert found is standing


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("身份证 11010519491231002X 的人", "resident ID"),
        ("１１０１０５ １９４９１２３１ ００２Ｘ", "resident ID"),
        ("id 110105-19491231-0021, a slip of the pen", "resident ID"),
        ("000000199001010002", "resident ID"),
        ("old card 110105491231002", "resident ID"),
        ("called from 13800138000", "mobile number"),
        ("+86 138-0013-8000", "mobile number"),
        ("008613800138000", "mobile number"),
        ("138 0013 8000，多次", "mobile number"),
        ("1\u200b3800138000", "mobile number"),
        ("write to Li.Si@Example.com", "mail address"),
    ],
)
def test_identities_and_contact_points_are_refused_however_they_are_spelt(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        rules.words(text, field="summary")

    assert refused.value.field == "summary"
    assert not any(character.isdigit() for character in str(refused.value))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02 09:30 至 22:15 共拨打 17 次, 本金 12,345,678.90 元",
        "transfer letter 2026-0012345 of 2026-11-02",
        "landline 010-65882233 ext. 138",
        "12378 and 12345 hotlines",
        "contract 20261102138001380001234567",
        "@everybody: see rule 7",
    ],
)
def test_dates_amounts_and_other_numbers_are_kept(text: str) -> None:
    assert rules.words(text, field="summary") == text


@pytest.mark.parametrize("text", ["", " \n ", "x" * (rules.LONGEST_TEXT + 1)])
def test_a_text_is_there_and_not_endless(text: str) -> None:
    with pytest.raises(Invalid):
        rules.words(text, field="summary")


@pytest.mark.parametrize("text", ["rd-2026-00017", " RD-2026-00017 ", "ＲＤ－2026－00017"])
def test_a_reference_has_one_spelling(text: str) -> None:
    assert rules.reference(text) == "RD-2026-00017"


@pytest.mark.parametrize("text", ["王小明", "WANG XIAOMING", "", "RD", "13800138000", "11010519491231002X"])
def test_a_reference_is_neither_name_nor_number_of_a_person(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.reference(text)

    assert refused.value.field == "complainant"


NOW = shanghai("2026-11-20T12:00")


@pytest.mark.parametrize(
    ("outcome", "replied", "fine"),
    [
        (Outcome.UPHELD, "2026-11-19T12:00", True),
        (Outcome.UPHELD, None, False),
        (Outcome.PASSED_ON, None, False),
        (Outcome.WITHDRAWN, None, True),
        (Outcome.WITHDRAWN, "2026-11-19T12:00", True),
        (Outcome.NOT_UPHELD, "2026-11-20T12:01", False),
        (Outcome.NOT_UPHELD, "2026-11-01T00:00", False),
    ],
    ids=["told", "not told", "passed on in silence", "taken back", "taken back and told", "future", "before"],
)
def test_whoever_complained_is_told_how_it_ended(outcome: Outcome, replied: str | None, fine: bool) -> None:
    at = None if replied is None else shanghai(replied)
    received = shanghai("2026-11-02T09:00")

    if fine:
        rules.require_reply(outcome, at, received_at=received, now=NOW)
    else:
        with pytest.raises(Invalid) as refused:
            rules.require_reply(outcome, at, received_at=received, now=NOW)
        assert refused.value.field == "replied_at"


@pytest.mark.parametrize("received", ["2026-11-20T12:01", "2020-01-01T00:00"], ids=["future", "long ago"])
def test_a_complaint_was_received_lately(received: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.require_received(shanghai(received), now=NOW)

    assert refused.value.field == "received_at"


@pytest.mark.parametrize(
    ("kind", "misconduct", "field"),
    [
        (Kind.MISCONDUCT, [], "misconduct"),
        (Kind.DISPUTE, [Misconduct.THREATS], "kind"),
    ],
)
def test_misconduct_is_named_where_it_is_complained_of(
    kind: Kind, misconduct: list[Misconduct], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rules.require_misconduct(kind, misconduct)

    assert refused.value.field == field


def test_every_kind_has_its_rule_and_its_days() -> None:
    assert set(SOURCES) == set(Misconduct)
    assert all(source.endswith("]") for source in SOURCES.values())
    assert set(rules.DAYS_OF) == set(Kind)
    assert set(rules.DAYS_OF.values()) <= set(PARAMETERS)


def test_a_dispute_about_data_never_has_more_than_twenty_days() -> None:
    assert PARAMETERS[rules.DAYS_OF[Kind.DISPUTE]].high == 20

"""What an applicant types: every fault at its field and all at once, nothing of it quoted."""

from __future__ import annotations

import json
from datetime import date

import pytest

from alliance_hub.membership import applying
from alliance_hub.membership.applying import InvalidFacts, read_application, read_card, read_firm
from alliance_hub.membership.vocabulary import ContactRole, LicenceKind, MemberKind
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.membership.firms import card_text, facts, uscc

TODAY = date(2026, 11, 2)


def faults(raw: dict[str, str]) -> dict[str, str]:
    with pytest.raises(InvalidFacts) as refused:
        read_firm(raw, TODAY)
    return refused.value.faults


def test_what_is_right_is_read_and_normalised() -> None:
    firm = read_firm(facts(controller_uscc=f" {uscc(7)[:10].lower()}-{uscc(7)[10:].lower()} "), TODAY)

    assert (firm.kind, firm.licence_kind) == (MemberKind.LENDING_PLATFORM, LicenceKind.SMALL_LOAN)
    assert (firm.uscc, firm.controller_uscc) == (uscc(1), uscc(7))
    assert (firm.declared_portfolio, firm.licence_until) == (2_000, date(2027, 12, 31))
    (contact,) = firm.contacts
    assert contact.role is ContactRole.BUSINESS
    assert (contact.mobile, contact.email) == ("8613800000000", "zhang@example.com")


WRONG = {
    "another check character": (
        "uscc",
        uscc(1)[:17] + ("0" if uscc(1)[17] != "0" else "1"),
        applying.NO_USCC,
    ),
    "no code": ("uscc", "", applying.MISSING),
    "its own controller": ("controller_uscc", uscc(1), applying.OWN_CONTROLLER),
    "a kind of its own": ("kind", "bank", applying.NO_CHOICE),
    "a name of one letter": ("legal_name", "南", applying.NO_NAME),
    "a name that runs backwards": ("legal_name", "南山\u202e北京", applying.NO_NAME),
    "a licence that has run out": ("licence_until", "2026-11-01", applying.RUN_OUT),
    "no day": ("licence_until", "2027-02-30", applying.NO_DAY),
    "no contracts": ("declared_portfolio", "0", applying.NO_PORTFOLIO),
    "a portfolio in words": ("declared_portfolio", "两千", applying.NO_PORTFOLIO),
    "too many contracts": ("declared_portfolio", "100000001", applying.NO_PORTFOLIO),
    "a landline": ("business_mobile", "010-8888 8888", applying.NO_MOBILE),
    "no mail": ("business_email", "zhang", applying.NO_EMAIL),
    "half a contact": ("technical_name", "李强", applying.MISSING),
}


@pytest.mark.parametrize(("field", "text", "reason"), WRONG.values(), ids=list(WRONG))
def test_a_fault_stands_at_its_field(field: str, text: str, reason: str) -> None:
    found = faults(facts(1, **{field: text}))

    expected = "technical_mobile" if field == "technical_name" else field
    assert found[expected] == reason
    assert len(text) < 3 or text not in " ".join(found.values())


def test_all_faults_are_found_at_once() -> None:
    assert set(faults(facts(uscc="1", kind="", business_email="-"))) == {"uscc", "kind", "business_email"}


def test_the_last_day_of_a_licence_is_a_day_of_it() -> None:
    assert read_firm(facts(licence_until="2026-11-02"), TODAY).licence_until == TODAY


def test_a_file_may_hold_a_licence_that_has_run_out() -> None:
    assert read_firm(facts(licence_until="2020-01-01"), None).licence_until == date(2020, 1, 1)


def test_a_card_is_read_with_and_without_its_fingerprint(clock: Clock) -> None:
    text = card_text(platform("North Bank", clock))
    bare = {name: value for name, value in json.loads(text).items() if name != "fingerprint"}

    assert read_card(text) == read_card(json.dumps(bare))


CARDS = {
    "nothing": ("", applying.MISSING),
    "not JSON": ("card", applying.NO_CARD),
    "another role": ('{"role": "custodian"}', applying.NO_CARD),
    "too long": ("[" * 5_000, applying.NO_CARD),
    "nested": ("[" * 4_000, applying.NO_CARD),
}


@pytest.mark.parametrize(("text", "reason"), CARDS.values(), ids=list(CARDS))
def test_what_is_no_card_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidFacts) as refused:
        read_card(text)

    assert refused.value.faults == {"card": reason}


def test_a_card_with_another_fingerprint_is_refused(clock: Clock) -> None:
    card = json.loads(card_text(platform("North Bank", clock)))
    other = json.loads(card_text(platform("South Bank", clock)))
    mixed = json.dumps({**card, "fingerprint": other["fingerprint"]})

    with pytest.raises(InvalidFacts) as refused:
        read_application({**facts(), "card": mixed}, TODAY)

    assert refused.value.faults == {"card": applying.OTHER_FINGERPRINT}


def test_a_card_with_one_key_twice_is_refused(clock: Clock) -> None:
    card = json.loads(card_text(platform("North Bank", clock)))
    del card["fingerprint"]

    with pytest.raises(InvalidFacts) as refused:
        read_card(json.dumps({**card, "recovery": card["signing"]}))

    assert refused.value.faults == {"card": applying.SAME_KEYS}

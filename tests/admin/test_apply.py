"""The public pages of an application: faults at their fields, a link that alone leads back."""

from __future__ import annotations

import io
from typing import Any

import pytest

from alliance_hub.hub import Hub
from alliance_hub.membership import applications, reviewing
from alliance_hub.membership.models import Application
from alliance_hub.membership.vocabulary import ApplicationState
from alliance_hub.people.roles import Role
from tests.admin.people import Browser, Office
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.membership.firms import card_text, facts


@pytest.fixture
def firm(office: Office) -> Browser:
    """A browser in which nobody is logged in."""
    return office.browser()


def typed(clock: Clock, **changes: Any) -> dict[str, Any]:
    return {**facts(1), "card": card_text(platform("河东", clock)), **changes}


def test_a_firm_applies_and_follows_its_link(firm: Browser, clock: Clock) -> None:
    sent = firm.post("/console/apply", data=typed(clock))

    assert sent.status_code == 303
    page = firm.get(sent.location).get_data(as_text=True)
    assert sent.location.removesuffix("?new=1") in page
    assert "河东" in page
    assert firm.get("/console/apply/status/guessed").status_code == 404


def test_the_card_comes_as_a_file_too(firm: Browser, clock: Clock) -> None:
    card = (io.BytesIO(card_text(platform("河东", clock)).encode()), "card.json")
    data = typed(clock, card="", file=card)

    assert firm.post("/console/apply", data=data, content_type="multipart/form-data").status_code == 303


def test_every_fault_stands_at_its_field(firm: Browser, clock: Clock) -> None:
    refused = firm.post("/console/apply?lang=en", data=typed(clock, uscc="1", kind="", card="no"))
    page = refused.get_data(as_text=True)

    assert refused.status_code == 422
    for field in ("uscc", "kind", "card"):
        assert f'id="{field}-wrong"' in page
    assert 'id="legal_name-wrong"' not in page
    assert "南山信息科技" in page  # what was right need not be typed again


def test_a_large_form_is_not_read(firm: Browser, clock: Clock) -> None:
    assert firm.post("/console/apply", data=typed(clock, legal_name="x" * 200_000)).status_code == 413


def test_a_form_without_its_token_is_refused(firm: Browser, clock: Clock) -> None:
    assert firm.post("/console/apply", data=typed(clock, csrf_token="")).status_code == 400


def test_the_eleventh_try_of_an_hour_waits(firm: Browser, clock: Clock) -> None:
    for _ in range(10):
        assert firm.post("/console/apply", data=typed(clock, uscc="1")).status_code == 422

    assert firm.post("/console/apply", data=typed(clock)).status_code == 429


def test_what_is_returned_is_corrected_and_taken_back(
    firm: Browser, office: Office, hub: Hub, clock: Clock
) -> None:
    link = firm.post("/console/apply", data=typed(clock)).location.removesuffix("?new=1")
    assert firm.post(f"{link}/amend", data=typed(clock)).status_code == 409
    officer = office.officer(Role.MEMBERSHIP_OFFICER)
    with hub.database.transaction() as session:
        reviewing.give_back(session, officer, 1, "许可证编号有误", clock())
    assert "许可证编号有误" in firm.get(link).get_data(as_text=True)
    assert "南山信息科技" in firm.get(f"{link}/amend").get_data(as_text=True)

    assert firm.post(f"{link}/amend", data=typed(clock, licence_number="9")).status_code == 303
    with hub.database.reading() as session:
        assert session.get_one(Application, 1).licence_number == "9"

    assert firm.post(f"{link}/withdraw").status_code == 303
    with hub.database.reading() as session:
        assert applications.get(session, 1).state is ApplicationState.WITHDRAWN

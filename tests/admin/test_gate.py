"""Who gets in, and how."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from admin.gate import confirm_second_factor, path_within
from alliance_hub.errors import Invalid
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from tests.admin.people import Office


def test_a_code_is_taken_once(office: Office) -> None:
    actor = office.officer(Role.MEMBERSHIP_OFFICER)
    code = office.code_for(actor)
    with office.app.test_request_context("/console/"):
        confirm_second_factor(actor, code)
        with pytest.raises(Invalid, match="wrong or has been used"):
            confirm_second_factor(actor, code)


def test_each_code_of_an_officer_is_another(office: Office, code_for: Callable[[Actor], str]) -> None:
    actor = office.officer(Role.MEMBERSHIP_OFFICER)
    with office.app.test_request_context("/console/"):
        for _ in range(6):
            confirm_second_factor(actor, code_for(actor))


@pytest.mark.parametrize(
    ("asked", "within"),
    [
        ("/console/members?state=active", "/console/members?state=active"),
        (None, "/console/"),
        ("", "/console/"),
        ("/v1/feed", "/console/"),
        ("//evil.example/console/", "/console/"),
        ("https://evil.example/console/", "/console/"),
        ("/console/\\evil.example", "/console/"),
        ("/console//evil.example", "/console/"),
        ("javascript:alert(1)", "/console/"),
    ],
)
def test_one_comes_back_only_to_pages_of_the_console(asked: str | None, within: str) -> None:
    assert path_within(asked) == within

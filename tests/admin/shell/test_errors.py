"""Refusals as pages."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from tests.admin.shell.conftest import OFFICER


def test_a_refusal_names_its_rule_and_says_what_to_do_in_both_languages(
    client: FlaskClient, english: FlaskClient
) -> None:
    chinese, other = (each.get("/console/sample/fails/forbidden") for each in (client, english))
    assert (chinese.status_code, other.status_code) == (403, 403)
    assert "请向管理员申请相应角色" in chinese.text
    assert "This is for members, not for custodians" in other.text
    assert "Refused by <strong>section 8</strong>" in other.text
    assert "ask your administrator for the role" in other.text


@pytest.mark.parametrize("path", ["/console/sample/fails/missing", "/console/no/such/page", "/console"])
def test_what_is_missing_and_what_is_not_yours_look_the_same(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "没有您可以查看的这一页" in response.text
    assert "officer" not in response.text.partition("<main")[2]


def test_a_surprise_says_nothing_of_its_content(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = client.get("/console/sample/fails/surprise")
    assert response.status_code == 500
    assert "系统出现故障" in response.text
    assert "110101" not in response.text + caplog.text
    assert "RuntimeError" in caplog.text


def test_errors_elsewhere_are_left_to_others(client: FlaskClient) -> None:
    assert client.get("/v1/nowhere").text.count("console") == 0
    elsewhere = client.get("/v1/elsewhere")
    assert elsewhere.status_code == 500
    assert "系统" not in elsewhere.text


@pytest.mark.usefixtures("nobody")
def test_a_refusal_needs_nobody_logged_in(client: FlaskClient) -> None:
    response = client.get("/console/no/such/page")
    assert response.status_code == 404
    assert OFFICER.name not in response.text


def test_a_wrong_method_is_a_page(client: FlaskClient) -> None:
    assert client.put("/console/sample/list").status_code in (400, 405)
    assert client.delete("/console/sample/list").mimetype == "text/html"

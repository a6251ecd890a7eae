"""Acts in two steps."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

ACT = "/console/sample/act"


def test_an_act_says_what_will_happen_before_it_asks(client: FlaskClient) -> None:
    page = client.get(ACT).text
    will, effects = page.index("将要办理"), page.index("对其他各方的影响")
    confirm = page.index("Suspend</button>")
    assert will < page.index("may not ask or submit") < effects
    assert effects < page.index("1,204 records") < page.index('name="reason"')
    assert page.index('name="reason"') < page.index('name="code"') < confirm
    assert 'class="danger">Suspend</button>' in page
    assert 'href="/console/sample/1">返回，不作更改' in page


def test_a_form_that_is_wrong_comes_back_with_what_was_written(
    client: FlaskClient, form_token: Callable[[str], str]
) -> None:
    sent = {"csrf_token": form_token(ACT), "reason": "too long " * 300, "code": "123456"}
    response = client.post(ACT, data=sent)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert "too long too long" in response.text

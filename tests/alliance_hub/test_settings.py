"""Where settings come from, and which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance_hub.errors import Invalid
from alliance_hub.policy import RegulatoryMode
from alliance_hub.settings import is_loopback, load_settings, write_settings

CUSTODIANS = ("http://127.0.0.1:1", "https://custodian.example/two", "http://localhost:3")


def test_defaults_are_for_one_machine_and_made_up_data(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)

    assert settings.regulatory_mode is RegulatoryMode.SYNTHETIC
    assert settings.database == f"sqlite:///{tmp_path}/hub.sqlite"
    assert is_loopback(settings.base_url)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_settings(tmp_path, {"base_url": "https://hub.example", "custodians": CUSTODIANS})

    settings = load_settings(tmp_path)

    assert (settings.base_url, settings.custodians) == ("https://hub.example", CUSTODIANS)


def test_the_environment_wins_over_the_file_and_arguments_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(tmp_path, {"base_url": "http://127.0.0.1:1", "broker_url": "amqp://file"})
    monkeypatch.setenv("ALLIANCE_HUB_HOME", str(tmp_path))
    monkeypatch.setenv("ALLIANCE_HUB_BASE_URL", "http://127.0.0.1:2")

    settings = load_settings(custodians=CUSTODIANS[:1])

    assert settings.home == tmp_path
    assert (settings.base_url, settings.broker_url) == ("http://127.0.0.1:2", "amqp://file")
    assert settings.custodians == CUSTODIANS[:1]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"base_url": "http://hub.example"}, "base_url: plain http"),
        ({"base_url": "hub.example"}, "base_url"),
        ({"base_url": "ftp://127.0.0.1"}, "base_url"),
        ({"custodians": ("http://192.0.2.1:80",)}, "custodians: plain http"),
        ({"regulatory_mode": "anything"}, "regulatory_mode"),
        ({"regulatory_mode": "post_loan_match"}, "opinion_digest"),
        ({"colour": "blue"}, "colour"),
        ({"smtp_url": "https://mail.example"}, "smtp_url"),
        ({"smtp_url": "smtp://"}, "smtp_url"),
        ({"smtp_url": "smtps://mail.example"}, "mail_from"),
        ({"webhook_url": "http://hook.example"}, "webhook_url: plain http"),
    ],
)
def test_unsafe_or_unknown_settings_are_named(tmp_path: Path, given: dict[str, object], named: str) -> None:
    with pytest.raises(Invalid, match=named):
        load_settings(tmp_path, **given)


def test_a_refusal_does_not_repeat_a_value(tmp_path: Path) -> None:
    for given in (
        {"base_url": "http://name:secret@hub.example"},
        {"smtp_url": "pop://name:secret@mail.example"},
        {"webhook_url": "http://hook.example/secret"},
    ):
        with pytest.raises(Invalid) as refused:
            load_settings(tmp_path, **given)
        assert "secret" not in str(refused.value)


def test_settings_that_are_printed_keep_the_mail_servers_password(tmp_path: Path) -> None:
    settings = load_settings(
        tmp_path,
        smtp_url="smtps://name:secret@mail.example",
        mail_from="hub@mail.example",
        webhook_url="https://hook.example/secret",
    )

    assert "secret" not in repr(settings)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("base_url = ")

    with pytest.raises(Invalid, match=r"settings\.toml"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8400", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:8400", True),
        ("http://localhost", True),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://0.0.0.0", False),
        ("http://192.168.0.1", False),
    ],
)
def test_what_is_this_machine(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_a_bureaus_hub_answers_no_match() -> None:
    assert [mode for mode in RegulatoryMode if not mode.answers_matches] == [
        RegulatoryMode.VIA_LICENSED_BUREAU
    ]

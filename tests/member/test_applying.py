"""A firm applies by command: what it says comes from a file, its keys from the vault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from member import Member, Refused
from member.applying import EXAMPLE, apply, read_facts
from privacy.encoding import b64
from tests.member.conftest import Alliance
from tests.member.server import Received


def test_a_firm_applies_with_the_keys_of_its_vault(alliance: Alliance, south: Member, tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    def take(received: Received) -> Any:
        heard.append(json.loads(received.body))
        return {"id": 7, "state": "received", "link": "https://hub.example/console/apply/status/x"}

    alliance.hub.routes["POST", "/v1/applications"] = take
    file = tmp_path / "firm.toml"
    file.write_text(EXAMPLE, encoding="utf-8")

    applied = apply(south, read_facts(file))

    (sent,) = heard
    assert applied.link.endswith("/x")
    assert sent["card"]["signing"] == b64(south.keys.signing.public)
    assert (sent["licence_until"], sent["controller_uscc"]) == ("2027-12-31", None)
    assert sent["declared_portfolio"] == 100
    assert [contact["role"] for contact in sent["contacts"]] == ["business"]


@pytest.mark.parametrize("text", ["legal_name = ", "password = 'x'"])
def test_a_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "firm.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(Refused):
        read_facts(file)

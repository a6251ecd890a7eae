"""Asking as a member or custodian does: every request signed anew, with what a test wants to be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Flask
from werkzeug.test import TestResponse

from privacy import request_signing
from privacy.signing import SigningKey
from tests.alliance_hub.builders import Clock

BASE_URL = "http://127.0.0.1:8400"
"""The settings' default; the client itself says `localhost`, which must not matter."""


@dataclass(frozen=True)
class Asker:
    """Who signs with a key."""

    app: Flask
    key: SigningKey
    clock: Clock

    def headers(
        self, method: str, path: str, body: bytes = b"", *, base_url: str = BASE_URL
    ) -> dict[str, str]:
        """Return the headers that sign a request now."""
        return request_signing.sign(
            request_signing.Request(method, base_url + path),
            digest=request_signing.content_digest([body]),
            key=self.key,
            now=self.clock(),
        )

    def get(self, path: str) -> TestResponse:
        return self.app.test_client().get(path, headers=self.headers("GET", path))

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Post bytes as they are, anything else as JSON; an underscore in a header's name is a hyphen."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = self.headers("POST", path, data)
        return self.app.test_client().post(path, data=data, headers=signed | more)


def problem(response: TestResponse) -> tuple[int, str]:
    """Return status and short name of a problem, having checked its form."""
    assert response.mimetype == "application/problem+json"
    document = response.json
    assert document is not None
    assert document["status"] == response.status_code
    assert document["detail"].endswith(".")
    return response.status_code, document["type"].removeprefix("urn:alliance-hub:problem:")


def fields(response: TestResponse) -> list[str]:
    """Return which fields a problem names."""
    assert response.json is not None
    return [each["field"] for each in response.json["errors"]]

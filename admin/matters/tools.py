"""Tools for the court: the verifier, as a file of Python and as a page, for whoever has a bundle to check.

Open to everybody: a judge has no login here, and the files hold no secret. They are handed out to be saved
and never shown, so that nothing in them runs in the console's own place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from flask import Blueprint, Response, abort, render_template
from flask_babel import gettext, lazy_gettext

from admin.files import as_file
from admin.gate import public
from admin.groups import in_groups
from admin.objects import Text

bp = Blueprint("court_tools", __name__, url_prefix="/tools")

FILES: Mapping[str, Text] = {
    "alliance_verify.html": lazy_gettext(
        "One page for a browser: checks digests, seal and log. Nothing is installed or sent anywhere."
    ),
    "alliance_verify.py": lazy_gettext(
        "One file for Python 3.8 or later, without anything else: checks all that can be checked offline."
    ),
}
"""What each of the verifier's files is for."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One file to save. `digest` is its SHA-256 in hex, in groups."""

    name: str
    says: Text
    size: int
    digest: str


@bp.get("/")
@public
def index() -> str:
    """Show the files with their digests, and how they are used."""
    tools = [_tool(name) for name in FILES if _read(name) is not None]
    return render_template("matters/tools.html", title=gettext("Tools for the court"), tools=tools)


@bp.get("/<name>")
@public
def file(name: str) -> Response:
    """Hand out one file."""
    data = _read(name) if name in FILES else None
    if data is None:
        abort(404)
    return as_file(data, name, "application/octet-stream")


def _tool(name: str) -> Tool:
    data = _read(name) or b""
    return Tool(name, FILES[name], len(data), in_groups(hashlib.sha256(data).hexdigest()))


@cache
def _read(name: str) -> bytes | None:
    """Return a file of the verifier; None where it was not installed with the hub."""
    found = resources.files("verifier").joinpath(name)
    return found.read_bytes() if found.is_file() else None

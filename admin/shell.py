"""What every page has: static files named by their content, the facts of the frame, a choice of language."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.utils import redirect

from admin import i18n, navigation, office, safety
from admin.words import MODES, ROLES
from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from alliance_hub.policy import RegulatoryMode

STATIC = Path(__file__).parent / "static"


def install(app: Flask) -> None:
    """Let `app` find the console's templates and static files, and every template its frame."""
    files = Blueprint("console", __name__, static_folder="static", template_folder="templates")
    app.register_blueprint(files, url_prefix=office.ROOT)
    app.add_url_rule("/", "front", lambda: redirect(f"{office.ROOT}/"))
    app.jinja_env.globals["asset"] = asset
    app.before_request(_choose_language)
    app.context_processor(frame)


def asset(path: str) -> str:
    """Return a static file's address; it changes with the content, so that browsers may keep it for good."""
    return url_for("console.static", filename=path, v=_version(path))


def frame() -> dict[str, Any]:
    """Return what the frame of a page shows: the alliance, its mode, the officer, the menu, languages."""
    if not office.is_console():
        return {}
    hub, actor = office.the_hub(), office.find_actor()
    mode = _mode(hub)
    return {
        "actor": actor,
        "alliance": hub.key_set.alliance,
        "language": i18n.language(),
        "languages": [(code, name, _in(code)) for code, name in i18n.LANGUAGES.items()],
        "log_out": navigation.log_out(),
        "menu": navigation.menu(actor),
        "mode_code": str(mode),
        "mode": MODES[mode],
        "now": office.now(),
        "roles": ROLES,
    }


def _mode(hub: Hub) -> RegulatoryMode:
    # The page that says that the database is down has a banner, too.
    with suppress(SQLAlchemyError), hub.database.reading() as session:
        return parameters.mode(session, hub)
    return hub.settings.regulatory_mode


@cache
def _version(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def _in(code: str) -> str:
    """Return the address of this very page in another language."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', code)])}"


def _choose_language() -> ResponseReturnValue | None:
    """Keep the language that a link asks for, and show the same page in it."""
    code = request.args.get("lang", "")
    if not office.is_console() or request.method != "GET" or code not in i18n.LANGUAGES:
        return None
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    response = redirect(request.path + (f"?{urlencode(kept)}" if kept else ""), 303)
    response.set_cookie(
        i18n.COOKIE,
        code,
        max_age=i18n.KEPT_FOR,
        path=office.ROOT,
        secure=safety.is_secure(office.the_hub()),
        httponly=True,
        samesite="Lax",
    )
    return response

"""Who gets in: every page of the console says which acts it is for, or that it is for everybody.

- A page that says neither is shown to nobody, so that forgetting shows at once and harms no one.
- Whoever is not logged in is asked to, and comes back to the page; whoever may not see a page meets the
  same answer as where there is none.
- Acts that matter ask for the second factor again: `confirm_second_factor`.

Flask-Login keeps a session's secret in the browser's signed cookie; `people.sessions` says whose it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.utils import redirect

from admin import office
from admin.office import the_hub
from alliance_hub.people import login, sessions
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of
from alliance_hub.people.roles import Act

__all__ = ["Visitor", "confirm_second_factor", "current_actor", "install", "public", "shows", "the_hub"]

View = TypeVar("View", bound=Callable[..., Any])

LOGIN = "login.show"
"""The endpoint that asks who somebody is."""

_MARK = "console_acts"
_FILES = "console.static"


class Visitor(UserMixin):  # type: ignore[misc]
    """An officer at the console, as Flask-Login wants to see one: known by the session's secret."""

    def __init__(self, secret: str, actor: Actor) -> None:
        self.secret = secret
        self.actor = actor

    def get_id(self) -> str:
        """Return what the cookie holds."""
        return self.secret


def install(app: Flask) -> None:
    """Stand before every page of the console."""
    manager = LoginManager()
    # A session is not bound to a network address: offices change theirs, and the cookie is what is guarded.
    manager.session_protection = None
    manager.user_loader(_find_visitor)
    manager.unauthorized_handler(_ask_to_log_in)
    # Not `init_app`: it would look for a remember-me cookie, which does not exist here, after each answer
    # of the API too.
    app.login_manager = manager  # type: ignore[attr-defined]
    app.before_request(_let_in)


def public(view: View) -> View:
    """Show this page to everybody."""
    setattr(view, _MARK, None)
    return view


def shows(*acts: Act) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Show a page to officers who may do one of these acts; with none named, to every officer.

    The view receives the officer as `actor`, first. To everybody else the page does not exist.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def shown(**values: Any) -> Any:
            actor = office.find_actor()
            if actor is None:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if acts and not any(actor.may(act) for act in acts):
                abort(404)
            return view(actor, **values)

        setattr(shown, _MARK, frozenset(acts))
        return shown

    return decorate


def acts_of_view(view: Callable[..., Any]) -> frozenset[Act] | None:
    """Return for which acts a page is shown, none for every officer; None for a public page."""
    acts: frozenset[Act] | None = getattr(view, _MARK)
    return acts


def current_actor() -> Actor:
    """Return the officer who asks; 404 where nobody is logged in."""
    return office.find_actor() or abort(404)


def current_secret() -> str:
    """Return the secret of the session under way; 404 where nobody is logged in."""
    return str(current_user.get_id()) if office.find_actor() else abort(404)


def confirm_second_factor(actor: Actor, code: str | None) -> None:
    """Check a code of the officer's second factor, as at login; raises Invalid for field `code`.

    Wrong codes count as failed logins do, and the last one that is allowed ends the session.
    """
    hub = the_hub()
    with hub.database.transaction() as database:
        refused = login.confirm(database, hub, actor.officer, code or "", hub.clock())
    if refused is not None:
        raise refused


def path_within(target: str | None) -> str:
    """Return `target` if it is the path of a page of the console, else the console's first page."""
    parts = urlsplit(target or "")
    within = parts.path.startswith(f"{office.ROOT}/") and not (parts.scheme or parts.netloc)
    if not within or "\\" in parts.path or "//" in parts.path:
        return f"{office.ROOT}/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _let_in() -> None:
    if not office.is_console() or request.endpoint == _FILES:
        return
    # Also where no page is: whoever is logged in meets the same frame there as around what it may not see.
    if current_user.is_authenticated:
        g.actor = current_user.actor
    if request.endpoint and not hasattr(current_app.view_functions[request.endpoint], _MARK):
        abort(404)


def _find_visitor(secret: str) -> Visitor | None:
    """Return whose session a cookie's secret is; noting, at most once a minute, that it is at work."""
    hub = the_hub()
    now = hub.clock()
    with hub.database.reading() as database:
        found = sessions.find(database, secret, now)
        if isinstance(found, sessions.Ending):
            g.ending = found
            return None
        actor = actor_of(database, found.officer, at=now)
    if found.touch_due:
        with hub.database.transaction() as database:
            sessions.touch(database, secret, now)
    return Visitor(secret, actor)


def _ask_to_log_in() -> ResponseReturnValue:
    """Send to the login's page, which leads back here; say there why the session before is over."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else ""
    ending = g.get("ending")
    session.pop("_user_id", None)
    said: dict[str, Any] = {"next": asked or None, "ended": ending and str(ending)}
    return redirect(url_for(LOGIN, **said), 303)

"""Log in: who one is and the password, then a second factor; and log out.

Between the two pages the browser's signed cookie says, for five minutes, who has shown the password. What is
wrong is answered the same, whatever it was; many failures from one address are answered with 429.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import login_user, logout_user
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from werkzeug.utils import redirect
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin import i18n, office
from admin.choices import choices
from admin.gate import Visitor, current_secret, path_within, public, shows, the_hub
from admin.objects import Text
from alliance_hub.errors import QuotaExceeded
from alliance_hub.people import login, passkeys, service
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.models import ASSOCIATION
from alliance_hub.people.sessions import Ending
from alliance_hub.policy import LOGIN_PENDING, PASSWORD_LONGEST
from privacy.encoding import b64, unb64

bp = Blueprint("login", __name__)

STAFF_NUMBER, MOBILE = "staff-number", "mobile"

ENDINGS: dict[str, Text] = {
    Ending.REPLACED: lazy_gettext(
        "You logged in somewhere else, so this session ended. If it was not you, tell the security "
        "administrator at once."
    ),
    Ending.RESTED: lazy_gettext("Nothing was done for 15 minutes, so the session ended."),
    Ending.OVER: lazy_gettext("A session lasts eight hours at most, and yours is over."),
    Ending.ENDED: lazy_gettext("Your session was ended."),
}
WRONG = lazy_gettext("This does not fit, or the login is locked: after five failures it is for 30 minutes.")
WRONG_CODE = lazy_gettext(
    "The code is wrong or has been used, or the login is locked: after five failures it is for 30 minutes."
)

_PENDING = "pending"


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Who one is, in one of two ways, and the password."""

    by = HiddenField()
    next = HiddenField()
    organisation = SelectField(lazy_gettext("Organisation"), [Optional()], validate_choice=False)
    staff_number = StringField(
        lazy_gettext("Staff number"), [Length(max=64)], render_kw={"autocomplete": "username"}
    )
    mobile = StringField(
        lazy_gettext("Mobile number"),
        [Length(max=64)],
        render_kw={"autocomplete": "username", "inputmode": "tel"},
    )
    password = PasswordField(
        lazy_gettext("Password"),
        [InputRequired(), Length(max=PASSWORD_LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of an authenticator or a recovery code; or what a passkey answered."""

    code = StringField(
        lazy_gettext("Code"),
        [Length(max=32)],
        description=lazy_gettext("Six digits from your authenticator, or one of your recovery codes."),
        render_kw={"autocomplete": "one-time-code", "autofocus": True},
    )
    credential = HiddenField()


@bp.get("/login")
@public
def show() -> ResponseReturnValue:
    """Ask who somebody is."""
    if office.find_actor():
        return redirect(path_within(request.args.get("next")), HTTPStatus.SEE_OTHER)
    form = LoginForm(
        by=request.args.get("by", STAFF_NUMBER), next=request.args.get("next"), organisation=ASSOCIATION
    )
    return _ask(form, says=ENDINGS.get(request.args.get("ended", ""), ""))


@bp.post("/login")
@public
def take_password() -> ResponseReturnValue:
    """Take the password."""
    hub, form = the_hub(), LoginForm()
    source = login.source_of(hub, _address())
    with hub.database.reading() as database:
        try:
            login.require_patience(database, source, hub.clock())
        except QuotaExceeded as error:
            return _ask(form, wait=error)
        candidate = (
            login.find_by_mobile(database, form.mobile.data or "")
            if form.by.data == MOBILE
            else login.find_by_staff_number(
                database, form.organisation.data or "", form.staff_number.data or ""
            )
        )
    verdict = login.check_password(hub, candidate, (form.password.data or "")[:PASSWORD_LONGEST])
    with hub.database.transaction() as database:
        officer = login.take_password(database, candidate, verdict, hub.clock())
        if officer is None:
            login.note_source(database, source, hub.clock())
    if officer is None:
        return _ask(form, refusal=WRONG)
    session.clear()
    session[_PENDING] = {
        "officer": officer.id, "until": (hub.clock() + LOGIN_PENDING).timestamp(), "next": form.next.data,
    }  # fmt: skip
    return redirect(url_for("login.ask_code"), HTTPStatus.SEE_OTHER)


@bp.get("/login/code")
@public
def ask_code() -> ResponseReturnValue:
    """Ask for the second factor."""
    pending = _pending()
    return _back() if pending is None else _ask_code(pending, CodeForm())


@bp.post("/login/code")
@public
def take_code() -> ResponseReturnValue:
    """Take the second factor, and begin the session."""
    pending, form, hub = _pending(), CodeForm(), the_hub()
    if pending is None:
        return _back()
    source, now, officer = login.source_of(hub, _address()), hub.clock(), int(pending["officer"])
    with hub.database.reading() as database:
        try:
            login.require_patience(database, source, now)
        except QuotaExceeded as error:
            return _ask(LoginForm(formdata=None), wait=error)
    with hub.database.transaction() as database:
        if form.credential.data:
            challenge = unb64(session.pop("challenge", ""))
            refused = passkeys.check(database, hub, officer, form.credential.data, challenge, now)
        else:
            refused = login.check_code(database, hub, officer, form.code.data or "", now)
        if refused is not None:
            login.note_source(database, source, now)
        else:
            secret = login.enter(database, officer, now)
            row = get_officer(database, officer)
            actor, language = actor_of(database, row, at=now), row.language
    if refused is not None:
        form.credential.data = ""
        return _ask_code(pending, form, refusal=WRONG_CODE)
    return _enter(Visitor(secret, actor), path_within(pending["next"]), language)


@bp.post("/logout")
@shows()
def log_out(actor: Actor) -> ResponseReturnValue:
    """Log out."""
    hub = the_hub()
    with hub.database.transaction() as database:
        login.leave(database, actor.officer, current_secret(), hub.clock())
    logout_user()
    session.clear()
    return redirect(url_for("login.show"), HTTPStatus.SEE_OTHER)


def _enter(visitor: Visitor, target: str, language: str) -> ResponseReturnValue:
    # A cookie from before the login must be worth nothing after it.
    session.clear()
    login_user(visitor)
    if i18n.COOKIE not in request.cookies and language != i18n.language():
        target += f"{'&' if '?' in target else '?'}lang={language}"
    return redirect(target, HTTPStatus.SEE_OTHER)


def _ask(
    form: LoginForm, *, says: Text = "", refusal: Text = "", wait: QuotaExceeded | None = None
) -> ResponseReturnValue:
    """Show the first page; `says` is why one is here, `refusal` what did not fit."""
    hub = the_hub()
    with hub.database.reading() as database:
        found = service.list_organisations(database)
    form.organisation.choices = choices((each.id, each.name) for each in found)
    by_mobile = form.by.data == MOBILE
    page = render_template(
        "login/login.html",
        title=gettext("Log in"),
        form=form,
        fields=[form.mobile] if by_mobile else [form.organisation, form.staff_number],
        other=url_for("login.show", by=STAFF_NUMBER if by_mobile else MOBILE, next=form.next.data or None),
        by_mobile=by_mobile,
        nobody=not found,
        says=says,
        refusal=refusal,
        wait=wait,
    )
    response = make_response(page, _status(refusal, wait))
    if wait is not None and wait.retry_at is not None:
        response.headers["Retry-After"] = str(max(1, int((wait.retry_at - hub.clock()).total_seconds())))
    return response


def _status(refusal: Text, wait: QuotaExceeded | None) -> HTTPStatus:
    if wait is not None:
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK


def _ask_code(pending: dict[str, Any], form: CodeForm, *, refusal: Text = "") -> ResponseReturnValue:
    hub = the_hub()
    with hub.database.reading() as database:
        asked = passkeys.ask_to_log_in(database, hub, int(pending["officer"]))
    if asked is not None:
        session["challenge"] = b64(asked.challenge)
    page = render_template(
        "login/code.html",
        title=gettext("Second factor"),
        form=form,
        refusal=refusal,
        options=asked and asked.options,
    )
    return make_response(page, _status(refusal, None))


def _pending() -> dict[str, Any] | None:
    """Return who has shown the password within the last five minutes."""
    pending: dict[str, Any] | None = session.get(_PENDING)
    if pending is None or the_hub().clock().timestamp() >= pending["until"]:
        return None
    return pending


def _back() -> ResponseReturnValue:
    session.pop(_PENDING, None)
    return redirect(url_for("login.show"), HTTPStatus.SEE_OTHER)


def _address() -> str:
    forwarded = request.headers.get("X-Forwarded-For", "")
    return address_of(request.remote_addr or "", forwarded, the_hub().settings.proxies)


def address_of(peer: str, forwarded: str, proxies: int) -> str:
    """Return the network address of whoever asks, behind as many proxies as are one's own."""
    told = [each.strip() for each in forwarded.split(",")]
    return told[-proxies] if proxies and len(told) >= proxies and told[-proxies] else peer

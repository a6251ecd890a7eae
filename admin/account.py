"""One's own account: password, second factors, language, sessions, roles and deputies."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import logout_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from admin import steps
from admin.attempts import attempt, refuse
from admin.gate import confirm_second_factor, shows, the_hub
from admin.invitation import CODES, picture
from admin.objects import Text
from admin.officers.views import timeline
from admin.officers.words import by
from admin.passwords import NewPassword, PresentPassword
from admin.steps import Step, StepForm
from alliance_hub.errors import Invalid, NotFound
from alliance_hub.people import account, deputies, factors, grants, invitations, login, passkeys, sessions
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer, get_organisation
from alliance_hub.people.passwords import hash_password
from alliance_hub.transparency.search import list_about
from privacy.encoding import b64, unb64

bp = Blueprint("my_account", __name__, url_prefix="/account")

_NEW_SECRET = "new-authenticator"


class OwnPasswordForm(PresentPassword, NewPassword, StepForm):
    """The present password, a new one, and a code."""


class AuthenticatorForm(StepForm):
    """A code of the new authenticator."""

    new_code = StringField(
        lazy_gettext("Code that the new authenticator shows"),
        [InputRequired(lazy_gettext("Scan the picture, then enter the six digits.")), Length(max=16)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class PasskeyForm(StepForm):
    """A passkey's name, and what the browser answered."""

    label = StringField(
        lazy_gettext("Name of the passkey"),
        [Length(max=passkeys.LABEL_LONGEST)],
        description=lazy_gettext("By which you tell it from others, such as: key at the office."),
    )
    credential = HiddenField()


@bp.get("/")
@shows()
def show(actor: Actor) -> ResponseReturnValue:
    """Show one's own account."""
    hub = the_hub()
    now = hub.clock()
    with hub.database.reading() as database:
        row = get_officer(database, actor.officer)
        around = deputies.list_concerning(database, row.id, now)
        page = render_template(
            "account/account.html",
            title=gettext("My account"),
            officer=row,
            place=get_organisation(database, row.organisation).name,
            held=grants.list_held(database, row.id, now),
            by=by,
            deputies=around,
            may_deputise=True,
            entries=timeline(list_about(database, f"officer/{row.ref}", limit=10), actor),
            people={id: get_officer(database, id) for each in around for id in (each.principal, each.deputy)},
            passkeys=[(b64(each.credential), each) for each in passkeys.list_of(database, row.id)],
            passkeys_possible=passkeys.are_possible(hub),
            codes_left=factors.count_recovery_codes(database, row.id),
            sessions=[
                (each, sessions.runs(database, each, now))
                for each in sessions.list_of(database, row.id, limit=5)
            ],
        )
    return make_response(page)


@bp.post("/language")
@shows()
def choose_language(actor: Actor) -> ResponseReturnValue:
    """Keep a language; the link with `lang` lets this browser speak it, too."""
    language = request.form.get("language", "")
    with the_hub().database.transaction() as database:
        account.choose_language(database, actor.officer, language)
    return redirect(url_for("my_account.show", lang=language), HTTPStatus.SEE_OTHER)


@bp.route("/password", methods=["GET", "POST"])
@shows()
def change_password(actor: Actor) -> ResponseReturnValue:
    """Choose another password."""
    hub, form = the_hub(), OwnPasswordForm()
    step = Step(
        gettext("Change the password"),
        [gettext("Your new password works from now on. You are logged out and log in with it.")],
        [],
        gettext("Change the password"),
        url_for("my_account.show"),
        second_factor=True,
    )

    def act() -> Response:
        encoded = hash_password(form.password.data, hub.password_cost)
        with hub.database.transaction() as database:
            account.change_password(database, actor.officer, encoded, hub.clock())
        logout_user()
        session.clear()
        return steps.done(gettext("The password is changed: log in with it."), url_for("login.show"))

    # Before the code, which is taken once, is taken.
    if form.validate_on_submit() and (refused := _check_passwords(actor, form)):
        return refuse(step, form, refused)
    return attempt(actor, step, form, act, then="")


@bp.route("/authenticator", methods=["GET", "POST"])
@shows()
def replace_authenticator(actor: Actor) -> ResponseReturnValue:
    """Set up another authenticator."""
    hub, form = the_hub(), AuthenticatorForm()
    with hub.database.reading() as database:
        row = get_officer(database, actor.officer)
    secret = session.setdefault(_NEW_SECRET, factors.new_secret())
    step = Step(
        gettext("Set up another authenticator"),
        [gettext("Codes of the new authenticator work from now on, and those of the old one no more.")],
        [],
        gettext("Use the new authenticator"),
        url_for("my_account.show"),
        second_factor=True,
    )

    def act() -> Text:
        with hub.database.transaction() as database:
            account.replace_authenticator(
                database, hub, actor.officer, secret, form.new_code.data, hub.clock()
            )
        session.pop(_NEW_SECRET)
        return gettext("The new authenticator is in use.")

    return attempt(
        actor, step, form, act, then=url_for("my_account.show"),
        template="account/authenticator.html", picture=picture(row, secret), totp=secret,
    )  # fmt: skip


@bp.route("/recovery-codes", methods=["GET", "POST"])
@shows()
def renew_codes(actor: Actor) -> ResponseReturnValue:
    """Make ten new recovery codes."""
    hub = the_hub()
    step = Step(
        gettext("Make new recovery codes"),
        [gettext("You get ten new codes, shown once. The codes that you have now work no more.")],
        [],
        gettext("Make new codes"),
        url_for("my_account.show"),
        second_factor=True,
    )

    def act() -> Response:
        with hub.database.transaction() as database:
            session[CODES] = account.renew_recovery_codes(database, hub, actor.officer, hub.clock())
        return redirect(url_for("my_account.show_codes"), HTTPStatus.SEE_OTHER)

    return attempt(actor, step, StepForm(), act, then="")


@bp.get("/recovery-codes/new")
@shows()
def show_codes(actor: Actor) -> ResponseReturnValue:
    """Show fresh recovery codes, once."""
    codes = session.pop(CODES, None)
    if codes is None:
        return redirect(url_for("my_account.show"), HTTPStatus.SEE_OTHER)
    return make_response(
        render_template("account/codes.html", title=gettext("Your recovery codes"), codes=codes)
    )


@bp.route("/passkeys/new", methods=["GET", "POST"])
@shows()
def add_passkey(actor: Actor) -> ResponseReturnValue:
    """Ask the browser for a passkey, and keep it."""
    hub, form = the_hub(), PasskeyForm()
    if not passkeys.are_possible(hub):
        raise NotFound("there are no passkeys at a bare network address")
    step = Step(
        gettext("Add a passkey"),
        [
            gettext("Your browser asks for a security key, a fingerprint or the telephone."),
            gettext("From then on you log in with the password and the passkey, or a code as before."),
        ],
        [],
        gettext("Add the passkey"),
        url_for("my_account.show"),
        second_factor=True,
    )

    def act() -> Text:
        challenge = unb64(session.pop("challenge", ""))
        with hub.database.transaction() as database:
            row = get_officer(database, actor.officer)
            passkeys.register(
                database, hub, row, form.credential.data, challenge, form.label.data or "", hub.clock()
            )
        return gettext("The passkey is added.")

    # Checked before the form is shown again: that asks the browser a new question.
    if form.validate_on_submit() and form.credential.data:
        try:
            confirm_second_factor(actor, form.code.data)
            return steps.done(act(), url_for("my_account.show"))
        except Invalid as error:
            form.credential.data = ""
            return refuse(step, form, error, **_question(actor))
    return steps.ask(step, form, **_question(actor))


@bp.route("/passkeys/<credential>/remove", methods=["GET", "POST"])
@shows()
def remove_passkey(actor: Actor, credential: str) -> ResponseReturnValue:
    """Remove a passkey."""
    hub = the_hub()
    with hub.database.reading() as database:
        found = {b64(row.credential): row.label for row in passkeys.list_of(database, actor.officer)}
    if credential not in found:
        raise NotFound("there is no such passkey")
    step = Step(
        gettext("Remove the passkey %(label)s", label=found[credential]),
        [gettext("You log in with the password and a code, or with another passkey.")],
        [],
        gettext("Remove the passkey"),
        url_for("my_account.show"),
        danger=True,
        second_factor=True,
    )

    def act() -> Text:
        with hub.database.transaction() as database:
            passkeys.remove(database, get_officer(database, actor.officer), credential, hub.clock())
        return gettext("The passkey is removed.")

    return attempt(actor, step, StepForm(), act, then=url_for("my_account.show"))


def _question(actor: Actor) -> dict[str, Any]:
    """Return what the page of a new passkey asks the browser, and remember its challenge."""
    hub = the_hub()
    with hub.database.reading() as database:
        asked = passkeys.ask_to_register(database, hub, get_officer(database, actor.officer))
    session["challenge"] = b64(asked.challenge)
    return {"template": "account/passkey.html", "options": asked.options}


def _check_passwords(actor: Actor, form: OwnPasswordForm) -> Invalid | None:
    """Check the present password as at login, counting a wrong one, and whether the new one will do."""
    hub = the_hub()
    with hub.database.reading() as database:
        row = get_officer(database, actor.officer)
    try:
        invitations.require_choosable(row, form.password.data)
    except Invalid as error:
        return error
    verdict = login.check_password(hub, login.Candidate(row.id, row.password), form.present.data)
    if verdict.right:
        return None
    with hub.database.transaction() as database:
        return login.refuse_present(database, actor.officer, hub.clock())

"""An invitation: somebody chooses a password, sets up an authenticator, and is an officer at work.

The link's last part is a secret. The journal writes routes, not addresses, and no other site is told it
(Referrer-Policy).
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from flask import Blueprint, make_response, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import login_user
from markupsafe import Markup
from werkzeug.utils import redirect
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from admin import errors, words
from admin.gate import Visitor, public, the_hub
from admin.passwords import NewPassword
from alliance_hub.errors import Invalid, NotFound
from alliance_hub.people import factors, grants, invitations, login
from alliance_hub.people.directory import actor_of, get_organisation
from alliance_hub.people.models import Officer
from alliance_hub.people.passwords import hash_password

bp = Blueprint("invitation", __name__)

CODES = "recovery-codes"
"""Under this name the signed cookie carries fresh recovery codes to the one page that shows them."""
_ENROLMENT = "enrolment"


class InvitationForm(NewPassword):
    """What an invited officer brings."""

    code = StringField(
        lazy_gettext("Code that the authenticator shows"),
        [InputRequired(lazy_gettext("Scan the picture, then enter the six digits.")), Length(max=16)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


@bp.route("/invitation/<secret>", methods=["GET", "POST"])
@public
def take_up(secret: str) -> ResponseReturnValue:
    """Show what is to be chosen, and take it."""
    hub, form = the_hub(), InvitationForm()
    try:
        with hub.database.reading() as database:
            officer = invitations.get_invited(database, secret, hub.clock())
            place = get_organisation(database, officer.organisation).name
            roles = [row.role for row in grants.list_held(database, officer.id, hub.clock())]
    except NotFound:
        return make_response(render_template("login/no_invitation.html", title=gettext("Invitation")), 404)
    if form.validate_on_submit():
        try:
            return _take_up(secret, officer, form)
        except Invalid as error:
            form[error.field].errors = [errors.sentence(error)]
    totp = _secret_for(secret)
    page = render_template(
        "login/invitation.html",
        title=gettext("Welcome, %(name)s", name=officer.name),
        form=form,
        officer=officer,
        place=place,
        held=words.roles(roles),
        picture=picture(officer, totp),
        totp=totp,
    )
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK)


def picture(officer: Officer, secret: str) -> Markup:
    """Return the QR code that an authenticator scans, as SVG without any style."""
    import segno  # slow to load, and used by this page alone

    address = factors.provisioning(secret, label=officer.ref, issuer=the_hub().key_set.alliance)
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(scale=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True))


def _take_up(secret: str, officer: Officer, form: InvitationForm) -> ResponseReturnValue:
    hub = the_hub()
    invitations.require_choosable(officer, form.password.data)
    chosen = invitations.Choice(
        hash_password(form.password.data, hub.password_cost), _secret_for(secret), form.code.data
    )
    now = hub.clock()
    with hub.database.transaction() as database:
        row, codes = invitations.take_up(database, hub, secret, chosen, now)
        begun = login.enter(database, row.id, now)
        actor = actor_of(database, row, at=now)
    session.clear()
    login_user(Visitor(begun, actor))
    session[CODES] = codes
    return redirect(url_for("my_account.show_codes"), HTTPStatus.SEE_OTHER)


def _secret_for(link: str) -> str:
    """Return the authenticator's secret that this browser was shown for this link; a fresh one at first."""
    mark = hashlib.sha256(link.encode()).hexdigest()
    shown, secret = session.get(_ENROLMENT, ("", ""))
    if shown != mark:
        secret = factors.new_secret()
        session[_ENROLMENT] = (mark, secret)
    return str(secret)

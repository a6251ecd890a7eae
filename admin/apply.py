"""The public pages of an application: a firm applies, follows it by its link, corrects it, takes it back.

There is no login. The secret in the link is all that shows whose application it is, so it stands in no
title, and everything typed here is counted by the network address that it comes from.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from admin.days import today
from admin.gate import public, the_hub
from admin.login import address_of
from admin.members import words
from admin.members.forms import ApplicationForm, facts_of
from admin.safety import takes_upload
from admin.steps import Step, StepForm, ask, done
from alliance_hub.errors import Conflict
from alliance_hub.membership import applications
from alliance_hub.membership.applying import InvalidFacts, read_application
from alliance_hub.membership.models import Application
from alliance_hub.membership.moves import may_move
from alliance_hub.membership.vocabulary import ApplicationState

bp = Blueprint("apply", __name__, url_prefix="/apply")

LARGEST = 100_000
"""Bytes of a whole form; a card has some 300."""

SAYS = {
    ApplicationState.RECEIVED: lazy_gettext(
        "We have your application. The secretariat looks at it within a few working days."
    ),
    ApplicationState.IN_REVIEW: lazy_gettext("The secretariat is reviewing your application."),
    ApplicationState.RETURNED: lazy_gettext("Something must be corrected. Correct it and send it again."),
    ApplicationState.READY: lazy_gettext(
        "The review is done. Two officers of the association decide on your admission."
    ),
    ApplicationState.ADMITTED: lazy_gettext(
        "You are admitted. Run alliance-member enrol to see how far the custodians are, and read your "
        "fingerprint to their operators when they call."
    ),
    ApplicationState.REFUSED: lazy_gettext("Your application was turned down."),
    ApplicationState.WITHDRAWN: lazy_gettext("You took this application back. You may apply anew."),
}


@bp.route("", methods=["GET", "POST"])
@takes_upload(LARGEST)
@public
def show() -> Response:
    """Take an application in."""
    form, hub = ApplicationForm(), the_hub()
    if not form.validate_on_submit():
        return _form_page(form, _("Apply for membership"))
    _count()
    now = hub.clock()
    try:
        card, facts = read_application(form.raw(), today(now))
        with hub.database.transaction() as session:
            received = applications.receive(session, card, facts, now)
    except InvalidFacts as error:
        form.blame(error)
        return _form_page(form, _("Apply for membership"), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("apply.status", secret=received.secret, new="1"), HTTPStatus.SEE_OTHER)


@bp.get("/status/<secret>")
@public
def status(secret: str) -> str:
    """Show an applicant how far its application is."""
    with the_hub().database.reading() as session:
        row = applications.get_by_secret(session, secret)
    state = row.state
    return render_template(
        "apply/status.html",
        title=_("Your application"),
        application=row,
        chip=words.application_chip(state),
        says=SAYS[state],
        is_new="new" in request.args,
        link=the_hub().settings.base_url + url_for("apply.status", secret=secret),
        amend=url_for("apply.amend", secret=secret) if state is ApplicationState.RETURNED else "",
        withdraw=url_for("apply.withdraw", secret=secret)
        if may_move(state, ApplicationState.WITHDRAWN)
        else "",
        enrol=state in {ApplicationState.RECEIVED, ApplicationState.IN_REVIEW, ApplicationState.READY},
    )


@bp.route("/status/<secret>/amend", methods=["GET", "POST"])
@takes_upload(LARGEST)
@public
def amend(secret: str) -> Response:
    """Let an applicant correct what was returned to it."""
    hub = the_hub()
    with hub.database.reading() as session:
        row = applications.get_by_secret(session, secret)
    form = ApplicationForm(data=_typed(row))
    if not form.validate_on_submit():
        return _form_page(form, _("Correct your application"), application=row)
    _count()
    now = hub.clock()
    try:
        card, facts = read_application(form.raw(), today(now))
        with hub.database.transaction() as session:
            applications.amend(session, applications.get_by_secret(session, secret), card, facts, now)
    except InvalidFacts as error:
        form.blame(error)
        wrong = HTTPStatus.UNPROCESSABLE_ENTITY
        return _form_page(form, _("Correct your application"), application=row, status=wrong)
    return done(_("Sent again. The secretariat looks at it anew."), url_for("apply.status", secret=secret))


@bp.route("/status/<secret>/withdraw", methods=["GET", "POST"])
@public
def withdraw(secret: str) -> Response:
    """Let an applicant take its application back."""
    hub, back = the_hub(), url_for("apply.status", secret=secret)
    with hub.database.reading() as session:
        applications.get_by_secret(session, secret)
    step = Step(
        _("Take the application back"),
        [
            _("The secretariat stops its review, and the names of your people are erased here."),
            _("You may apply anew at any time."),
        ],
        [],
        _("Take it back"),
        back,
        danger=True,
    )
    form = StepForm()
    if not form.validate_on_submit():
        return ask(step, form)
    try:
        with hub.database.transaction() as session:
            applications.withdraw(session, applications.get_by_secret(session, secret), hub.clock())
    except Conflict:
        return redirect(back, HTTPStatus.SEE_OTHER)
    return done(_("Taken back."), back)


def _count() -> None:
    """Count what was sent by where it came from, also if it is refused; raises QuotaExceeded."""
    hub = the_hub()
    address = address_of(
        request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), hub.settings.proxies
    )
    with hub.database.transaction() as session:
        applications.count_source(session, hub, address, hub.clock())


def _typed(row: Application) -> dict[str, str]:
    """Return what an application said, as texts; its card is the one that it was sent with."""
    return {**facts_of(row), "card": _card_text(row)}


def _card_text(row: Application) -> str:
    return json.dumps({**row.card, "fingerprint": row.fingerprint}, ensure_ascii=False)


def _form_page(
    form: ApplicationForm, title: str, *, application: Application | None = None, status: int = 200
) -> Response:
    page = render_template("apply/form.html", title=title, form=form, application=application)
    return make_response(page, status)

"""Would this be allowed, and why? For one's own member: nothing is asked, nothing is charged."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from admin.agreements import trying
from admin.gate import shows
from admin.mine import own
from admin.office import the_hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

bp = Blueprint("mine_trying", __name__, url_prefix="/mine/decisions")


@bp.get("/")
@shows(Act.READ_OWN)
def index(actor: Actor) -> str:
    """Answer for the officer's own member."""
    hub, form = the_hub(), trying.begin(trying.TryForm)
    with hub.database.reading() as session:
        member, answers = own.member(session, actor), None
        if "purpose" in request.args and form.validate():
            answers = trying.answer(session, hub, member, form, actor)
    at = trying.instant_of(form)
    title = _("Would this be allowed?")
    return render_template("agreements/try.html", title=title, form=form, answers=answers, at=at)

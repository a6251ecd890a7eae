"""What an administrator does about one officer: each act says first what it will do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.attempts import attempt
from admin.gate import shows, the_hub
from admin.objects import Text
from admin.officers.blueprint import bp
from admin.officers.forms import roles_form
from admin.officers.views import INVITES
from admin.officers.words import TASKS
from admin.steps import Step, StepForm
from alliance_hub.errors import NotFound
from alliance_hub.people import grants, officers
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_organisation
from alliance_hub.people.models import Officer

Change = Callable[[Session, Actor, int, datetime], Officer]


@bp.route("/officers/<int:id>/roles", methods=["GET", "POST"])
@shows(*INVITES)
def roles(actor: Actor, id: int) -> Response:
    """Change which roles an officer holds, and until when."""
    hub, row = the_hub(), _visible(actor, id)
    now = hub.clock()
    with hub.database.reading() as database:
        kind = get_organisation(database, row.organisation).kind
        held = {each.role: each.until_at for each in grants.list_held(database, id, now)}
    form = roles_form(kind, held)
    step = Step(
        gettext("Change the roles of %(name)s", name=row.name),
        [
            gettext(
                "%(name)s holds the roles that are ticked, from now, each to the end of its last day.",
                name=row.name,
            )
        ],
        [
            gettext(
                "What a role allowed is allowed no more as soon as it ends, also in a session that runs."
            ),
            gettext("Deputies of an ended role stand in for it no more."),
        ],
        gettext("Change the roles"),
        url_for("officers.show", id=id),
        second_factor=True,
    )

    def act() -> Text:
        with hub.database.transaction() as database:
            officers.change_roles(database, actor, id, form.chosen(held), hub.clock())
        return gettext("The roles are changed.")

    return attempt(
        actor,
        step,
        form,
        act,
        then=step.back,
        template="officers/roles.html",
        lines=form.lines(),
        tasks=TASKS,
    )


@bp.route("/officers/<int:id>/disable", methods=["GET", "POST"])
@shows(*INVITES)
def disable(actor: Actor, id: int) -> Response:
    """Let an officer in no more."""
    name = _visible(actor, id).name
    step = _step(
        id,
        gettext("Disable %(name)s", name=name),
        [gettext("%(name)s is logged out at once and cannot log in any more.", name=name)],
        [
            gettext("What %(name)s did stays in the log, and open proposals stay to be decided.", name=name),
            gettext("It can be undone: enable the officer again."),
        ],
        gettext("Disable"),
        danger=True,
        second_factor=True,
    )
    return _change(actor, id, step, officers.disable, gettext("The officer is disabled."))


@bp.route("/officers/<int:id>/enable", methods=["GET", "POST"])
@shows(*INVITES)
def enable(actor: Actor, id: int) -> Response:
    """Let a disabled officer in again."""
    name = _visible(actor, id).name
    step = _step(
        id,
        gettext("Enable %(name)s again", name=name),
        [gettext("%(name)s can log in again, with password and second factor as before.", name=name)],
        [gettext("The roles that it holds work again.")],
        gettext("Enable again"),
        second_factor=True,
    )
    return _change(actor, id, step, officers.enable, gettext("The officer is enabled."))


@bp.route("/officers/<int:id>/unlock", methods=["GET", "POST"])
@shows(*INVITES)
def unlock(actor: Actor, id: int) -> Response:
    """Unlock an officer's login."""
    name = _visible(actor, id).name
    step = _step(
        id,
        gettext("Unlock the login of %(name)s", name=name),
        [gettext("%(name)s can log in at once instead of waiting for half an hour.", name=name)],
        [gettext("Ask first who failed five times: it may have been somebody else who was guessing.")],
        gettext("Unlock"),
    )
    return _change(actor, id, step, officers.unlock, gettext("The login is unlocked."))


@bp.route("/officers/<int:id>/end-session", methods=["GET", "POST"])
@shows(*INVITES)
def end_session(actor: Actor, id: int) -> Response:
    """End an officer's session."""
    name = _visible(actor, id).name
    step = _step(
        id,
        gettext("End the session of %(name)s", name=name),
        [gettext("%(name)s has to log in again.", name=name)],
        [gettext("What was typed and not sent is lost.")],
        gettext("End the session"),
    )
    return _change(actor, id, step, officers.end_session, gettext("The session is ended."))


def _visible(actor: Actor, id: int) -> Officer:
    """Return an officer whom the actor may change; to others the page does not exist."""
    hub = the_hub()
    with hub.database.reading() as database:
        row = officers.get_visible(database, actor, id)
        # One's own page is refused by the rule, which says why.
        if actor.officer != id and not officers.may_manage(database, actor, row):
            raise NotFound("there is no such officer")
    return row


def _step(
    id: int,
    title: Text,
    says: list[Text],
    effects: list[Text],
    confirm: Text,
    *,
    danger: bool = False,
    second_factor: bool = False,
) -> Step:
    back = url_for("officers.show", id=id)
    return Step(title, says, effects, confirm, back, danger=danger, second_factor=second_factor)


def _change(actor: Actor, id: int, step: Step, change: Change, said: Text) -> Response:
    hub = the_hub()

    def act() -> Text:
        with hub.database.transaction() as database:
            change(database, actor, id, hub.clock())
        return said

    return attempt(actor, step, StepForm(), act, then=step.back)

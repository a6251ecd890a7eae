"""What two officers do with the log: have an entry's content erased. Its leaf and its number stay."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from admin import office
from admin.attempts import attempt
from admin.gate import shows
from admin.log.blueprint import bp
from admin.objects import Text
from admin.steps import Step, StepForm
from alliance_hub.errors import Invalid, NotFound
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import acts
from privacy.encoding import unb64
from privacy.errors import DeserializeError


class EraseForm(StepForm):
    """Which entry is to be erased."""

    leaf = StringField(
        lazy_gettext("Leaf of the entry"),
        [InputRequired(lazy_gettext("Enter the leaf."))],
        description=lazy_gettext("43 characters, as a receipt or the entry's page shows it."),
    )


@bp.route("/erase", methods=["GET", "POST"])
@shows(Act.PROPOSE_ERASURE)
def erase(actor: Actor) -> Response:
    """Propose that what an entry says be erased."""
    form = EraseForm(leaf=request.args.get("leaf", ""))
    step = Step(
        gettext("Propose to erase an entry"),
        [
            gettext("Nothing happens before another officer approves it."),
            gettext("Then what the entry says goes for good, with its salt and with who did it to what."),
            gettext("Its leaf, its number, its kind and its instant stay: every proof still holds."),
        ],
        [
            gettext("This hub can show nobody any more what the entry said; whoever holds its receipt can."),
            gettext("A certificate that rests on the entry can no longer be proved in a new bundle."),
            gettext("The erasure itself is an entry, which stays."),
        ],
        gettext("Propose"),
        url_for("log_pages.index"),
        danger=True,
        second_factor=True,
        reason=True,
    )

    def act() -> Text:
        hub, leaf = office.the_hub(), _leaf(form.leaf.data or "")
        try:
            with hub.database.transaction() as session:
                acts.propose_erasure(
                    session, hub, actor, leaf, reason=form.reason.data or "", now=office.now()
                )
        except NotFound as error:
            raise Invalid(str(error), field="leaf") from error
        return gettext("Proposed: another officer decides it.")

    return attempt(actor, step, form, act, then=step.back)


def _leaf(text: str) -> bytes:
    try:
        return unb64(text.strip(), length=32)
    except DeserializeError as error:
        raise Invalid("a leaf has 43 characters: copy it from the receipt", field="leaf") from error

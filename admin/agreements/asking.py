"""What acts on a version share: each is asked for, done in one transaction, and leads back to the version."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.validators import DataRequired, Length

from admin.attempts import attempt
from admin.objects import Text
from admin.office import now, the_hub
from admin.steps import Step, StepForm
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementView
from alliance_hub.people.actor import Actor


def carry_out(actor: Actor, step: Step, act: Callable[[Session, StepForm], object], told: Text) -> Response:
    """Ask; on confirmation act, go back to where the step began, and tell there what was done."""
    form = StepForm()
    if step.reason:
        # Asked for before the second factor's code is used up.
        form.reason.validators = [DataRequired(), Length(max=1_000)]

    def do() -> Text:
        with the_hub().database.transaction() as session:
            act(session, form)
        return told

    return attempt(actor, step, form, do, then=step.back)


def version_of(agreement: str, version: int) -> AgreementView:
    """Return a version; raises NotFound."""
    with the_hub().database.reading() as session:
        return agreements.get_version(session, agreement, version, at=now())

"""Carry an act out, or show its page again with what refused it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from admin import errors, steps
from admin.gate import confirm_second_factor
from admin.objects import Text
from admin.steps import Step, StepForm
from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.people.actor import Actor

REFUSALS = (Conflict, Forbidden, Invalid)
"""What an officer can mend, or has to know, on the page itself; anything else gets a page of its own."""


def attempt(
    actor: Actor,
    step: Step,
    form: StepForm,
    act: Callable[[], Text | Response],
    *,
    then: str,
    **context: Any,
) -> Response:
    """Ask; once the form is sent and the second factor shown, act, and go where it leads.

    `act` returns what to say on the page `then`, or a response of its own.
    """
    if not form.validate_on_submit():
        return steps.ask(step, form, **context)
    try:
        if step.second_factor:
            confirm_second_factor(actor, form.code.data)
        said = act()
    except REFUSALS as error:
        return refuse(step, form, error, **context)
    return said if isinstance(said, Response) else steps.done(said, then)


def refuse(step: Step, form: StepForm, error: Exception, **context: Any) -> Response:
    """Show the page again: beside the field that was refused, or above the form."""
    # Taken or wrong: either way it is of no more use.
    form.code.data = ""
    field = form._fields.get(getattr(error, "field", ""))
    if field is None:
        return steps.ask(step, form, refusal=errors.sentence(error), **context)
    field.errors = [*field.errors, errors.sentence(error)]
    return steps.ask(step, form, **context)

"""Acts in two steps: first what will happen, in words and with its effect on others; then confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, flash, make_response, render_template, request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional

from admin.objects import Text


@dataclass(frozen=True, slots=True)
class Step:
    """What the page of an act says. `confirm` is the button's word, and names the act."""

    title: Text
    says: Sequence[Text]
    """What will happen, a sentence each."""
    effects: Sequence[Text]
    """What that means for others, a sentence each."""
    confirm: Text
    back: str
    """Where the way back leads."""
    danger: bool = False
    """Whether it takes something away from somebody."""
    second_factor: bool = False
    """Whether the officer's code is asked for."""
    reason: bool = False
    """Whether a reason is asked for; it goes into the log."""


class StepForm(FlaskForm):  # type: ignore[misc]
    """The form of every act; a family adds the fields that its own act needs."""

    reason = TextAreaField(lazy_gettext("Reason"), [Optional(), Length(max=2_000)])
    code = StringField(lazy_gettext("Code from your second factor"), [Optional(), Length(max=64)])


_SHARED = frozenset({"csrf_token", "reason", "code"})


def ask(
    step: Step, form: StepForm, *, refusal: Text = "", template: str = "console/step.html", **context: Any
) -> Response:
    """Show the page of an act, with what was wrong when it has been sent before."""
    wrong = bool(refusal) or bool(form.errors)
    page = render_template(
        template,
        title=step.title,
        step=step,
        form=form,
        fields=[field for field in form if field.short_name not in _SHARED],
        refusal=refusal,
        **context,
    )
    response = make_response(page)
    if wrong and request.method == "POST":
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


def done(says: Text, href: str) -> AnyResponse:
    """Go to `href` and say there, once, what was done."""
    flash(str(says), "good")
    return redirect(href, HTTPStatus.SEE_OTHER)

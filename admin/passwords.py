"""The forms by which a password is chosen, with its rule beside it."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from alliance_hub.policy import PASSWORD_LONGEST


class PresentPassword(FlaskForm):  # type: ignore[misc]
    """The password that works now. It stands before the new one: fields are shown as they are written."""

    present = PasswordField(
        lazy_gettext("Present password"),
        [InputRequired(lazy_gettext("Enter the present password.")), Length(max=PASSWORD_LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class NewPassword(FlaskForm):  # type: ignore[misc]
    """A new password, twice."""

    password = PasswordField(
        lazy_gettext("New password"),
        [InputRequired(lazy_gettext("Choose a password.")), Length(max=PASSWORD_LONGEST)],
        description=lazy_gettext(
            "At least 12 characters: several words are good. Not your name, staff number or mobile number, "
            "and none of the passwords that everybody tries."
        ),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        lazy_gettext("New password, again"),
        [EqualTo("password", lazy_gettext("The two do not agree."))],
        render_kw={"autocomplete": "new-password"},
    )

"""Acts on one version: each asks first, saying what will happen and what it means for the member."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from admin.agreements.asking import carry_out, version_of
from admin.agreements.family import bp, page_of
from admin.gate import shows
from admin.i18n import instant, number
from admin.office import now, the_hub
from admin.steps import Step
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.keeping import get_row
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act


@bp.route("/<agreement>/<int:version>/send-to-review", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def send_to_review(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Say that a draft is ready."""
    step = Step(
        _("Send %(agreement)s, version %(version)s, to review", agreement=agreement, version=version),
        [_("The draft is closed for changes, and another agreement officer looks it over.")],
        [_("The member sees nothing yet.")],
        _("Send to review"),
        page_of(agreement, version),
    )
    return carry_out(
        actor,
        step,
        lambda session, _form: agreements.send_to_review(session, actor, agreement, version, now()),
        _("It waits for another officer's review."),
    )


@bp.route("/<agreement>/<int:version>/review", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def review(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Say that a version may be offered."""
    step = Step(
        _("Review %(agreement)s, version %(version)s", agreement=agreement, version=version),
        [_("You say that you have read every clause and the Chinese text, and that it may be offered.")],
        [_("Any agreement officer may then offer it to the member.")],
        _("Reviewed: it may be offered"),
        page_of(agreement, version),
    )
    return carry_out(
        actor,
        step,
        lambda session, _form: agreements.review(session, actor, agreement, version, now()),
        _("It is reviewed and may be offered."),
    )


@bp.route("/<agreement>/<int:version>/give-back", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def give_back(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Ask the author for changes."""
    step = Step(
        _("Give back %(agreement)s, version %(version)s", agreement=agreement, version=version),
        [_("It is a draft again, and its author reads your reason.")],
        [_("The member sees nothing.")],
        _("Give back"),
        page_of(agreement, version),
        reason=True,
    )
    return carry_out(
        actor,
        step,
        lambda session, form: agreements.give_back(
            session, actor, agreement, version, form.reason.data or "", now()
        ),
        _("It is given back to its author."),
    )


@bp.route("/<agreement>/<int:version>/offer", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def offer(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Show a version to the member."""
    hub, view = the_hub(), version_of(agreement, version)
    step = Step(
        _("Offer %(agreement)s, version %(version)s", agreement=agreement, version=version),
        [
            _(
                "%(member)s sees these terms at once, and may sign them with its own key.",
                member=view.terms.member,
            ),
            _("They can still be withdrawn until they are put into effect."),
        ],
        [
            _("Nothing changes for the member's running calls until two officers put it into effect."),
            _("Its end stays at %(at)s, also if it is signed late.", at=instant(view.ends_at, weekday=True)),
        ],
        _("Offer to the member"),
        page_of(agreement, version),
    )
    return carry_out(
        actor,
        step,
        lambda session, _form: agreements.offer(session, hub, actor, agreement, version, now()),
        _(
            "It is offered. The member signs with alliance-member agreements sign %(agreement)s",
            agreement=agreement,
        ),
    )


@bp.route("/<agreement>/<int:version>/withdraw", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def withdraw(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Take back a version that has not taken effect."""
    step = Step(
        _("Withdraw %(agreement)s, version %(version)s", agreement=agreement, version=version),
        [_("The version ends here, before it has taken effect. It stays readable.")],
        [_("The member can no longer sign it. Earlier versions stay as they are.")],
        _("Withdraw"),
        page_of(agreement, version),
        danger=True,
    )
    return carry_out(
        actor,
        step,
        lambda session, _form: agreements.withdraw(session, actor, agreement, version, now()),
        _("It is withdrawn."),
    )


@bp.route("/<agreement>/<int:version>/terminate", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def terminate(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Give notice for the association."""
    view = version_of(agreement, version)
    last = _last(agreement, version)
    step = Step(
        _("Give notice for %(agreement)s", agreement=agreement),
        [
            _(
                "The agreement ends at %(at)s, after the %(days)s days' notice that it sets.",
                at=instant(last, weekday=True, seconds=True),
                days=number(view.terms.notice_days),
            ),
            _("Until then it holds as before. Versions that have not taken effect are withdrawn now."),
            _("A notice cannot be taken back: a new agreement would be needed."),
        ],
        [
            _("From then on every call of %(member)s under it is denied.", member=view.terms.member),
            _("Custodians do not know of the notice: to them it runs until its own end."),
        ],
        _("Give notice"),
        page_of(agreement, version),
        danger=True,
    )
    return carry_out(
        actor,
        step,
        lambda session, _form: agreements.terminate(session, actor, agreement, now()),
        _("Notice is given. The last instant is %(at)s", at=instant(last, weekday=True, seconds=True)),
    )


def _last(agreement: str, version: int) -> datetime:
    with the_hub().database.reading() as session:
        running = agreements.current(session, agreement, at=now())
        return agreements.last_instant(running or get_row(session, agreement, version), now())

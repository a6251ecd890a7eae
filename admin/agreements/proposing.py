"""What takes two officers: put an agreement into effect, suspend it, resume it. Here it is proposed."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin.agreements import clauses, listing
from admin.agreements.asking import carry_out, version_of
from admin.agreements.family import bp, page_of
from admin.gate import shows
from admin.i18n import instant
from admin.office import now, the_hub
from admin.steps import Step, StepForm
from alliance_hub.agreements.service import AgreementView
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.service import Kind
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.encoding import b64


@bp.route("/<agreement>/<int:version>/activate", methods=["GET", "POST"])
@shows(Act.PROPOSE_AGREEMENTS)
def activate(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Propose to put a signed version into effect."""
    view = version_of(agreement, version)
    step = Step(
        _(
            "Propose to put %(agreement)s, version %(version)s, into effect",
            agreement=agreement,
            version=version,
        ),
        [
            _("Another agreement officer decides. On approval the secretariat's key signs it into the feed."),
            _("It is in force from %(at)s", at=instant(clauses.begins(view.terms), weekday=True)),
        ],
        [
            _(
                "%(member)s may then ask for: %(purposes)s",
                member=view.terms.member,
                purposes=listing.purposes(view),
            ),
            _("Versions before it end as it begins. Custodians judge by it once they have read the feed."),
        ],
        _("Propose"),
        page_of(agreement, version),
        second_factor=True,
        reason=True,
    )
    return _propose(actor, view, Kind.ACTIVATION, step)


@bp.route("/<agreement>/<int:version>/suspend", methods=["GET", "POST"])
@shows(Act.PROPOSE_AGREEMENTS)
def suspend(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Propose to take an agreement out of effect."""
    view = version_of(agreement, version)
    step = Step(
        _("Propose to suspend %(agreement)s", agreement=agreement),
        [_("Another agreement officer decides. On approval it rests until two officers resume it.")],
        [
            _(
                "Every call of %(member)s under it is denied at once, also running jobs: clause %(clause)s.",
                member=view.terms.member,
                clause="state",
            ),
            _("Without another agreement in force it cannot hand in records. What it handed in stays."),
            _("Custodians do not know of it: to keep them from answering too, suspend the member itself."),
        ],
        _("Propose"),
        page_of(agreement, version),
        danger=True,
        second_factor=True,
        reason=True,
    )
    return _propose(actor, view, Kind.AGREEMENT_SUSPENSION, step)


@bp.route("/<agreement>/<int:version>/resume", methods=["GET", "POST"])
@shows(Act.PROPOSE_AGREEMENTS)
def resume(actor: Actor, agreement: str, version: int) -> AnyResponse:
    """Propose to put a suspended agreement into effect again."""
    view = version_of(agreement, version)
    step = Step(
        _("Propose to resume %(agreement)s", agreement=agreement),
        [_("Another agreement officer decides. On approval the agreement is in effect again.")],
        [
            _(
                "%(member)s may ask again: %(purposes)s",
                member=view.terms.member,
                purposes=listing.purposes(view),
            )
        ],
        _("Propose"),
        page_of(agreement, version),
        second_factor=True,
        reason=True,
    )
    return _propose(actor, view, Kind.AGREEMENT_RESUMPTION, step)


def _propose(actor: Actor, view: AgreementView, kind: Kind, step: Step) -> AnyResponse:
    """Ask for reason and second factor, then write the proposal down."""
    hub, terms = the_hub(), view.terms
    facts = {
        "version": terms.version,
        "member": terms.member,
        "from": terms.valid_from,
        "until": terms.valid_until,
        "terms": b64(terms.sha256()),
    }

    def propose(session: Session, form: StepForm) -> None:
        approvals.propose(
            session,
            hub,
            actor,
            kind,
            object=f"agreement/{terms.agreement}",
            facts=facts,
            reason=form.reason.data or "",
            now=now(),
        )

    return carry_out(actor, step, propose, _("Proposed. Another officer decides."))

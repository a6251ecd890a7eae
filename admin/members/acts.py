"""The acts on a member that need two officers: each says what will happen, then proposes it."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired

from admin.attempts import attempt
from admin.days import today
from admin.gate import shows, the_hub
from admin.members.family import bp, member_page
from admin.objects import Text
from admin.steps import Step, StepForm
from alliance_hub.approvals.service import Kind, Proposal
from alliance_hub.membership import acts, quotas, service
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

PROPOSED = lazy_gettext("Proposed. It takes effect when another officer approves it.")
TWO = lazy_gettext("Nothing happens yet: another officer must approve it.")


class QuotaForm(StepForm):
    """How many subjects a member may ask about in a day."""

    quota = IntegerField(lazy_gettext("Subjects a day"), [InputRequired(lazy_gettext("a whole number"))])


@bp.route("/members/<name>/suspend", methods=["GET", "POST"])
@shows(Act.PROPOSE_MEMBERSHIP)
def suspend(actor: Actor, name: str) -> Response:
    """Propose that a member is taken out of work."""
    step = _step(
        name,
        title=_("Suspend %(member)s", member=name),
        says=[
            _("The suspension is stated in the feed; every custodian takes the member out of work."),
            _("The member can neither hand in nor ask; it still reads its account and ends contracts."),
            TWO,
        ],
        effects=[
            _(
                "Its contracts do not count, and totals of the same debtors stay closed to "
                "everybody for up to "
                "six cuts: nobody can subtract what is missing."
            ),
            _("Letting it work again brings its contracts back, if that comes before the seventh cut."),
        ],
        confirm=_("Propose the suspension"),
        danger=True,
    )
    return _propose_state(actor, name, Kind.SUSPENSION, step)


@bp.route("/members/<name>/resume", methods=["GET", "POST"])
@shows(Act.PROPOSE_MEMBERSHIP)
def resume(actor: Actor, name: str) -> Response:
    """Propose that a suspended member works again."""
    step = _step(
        name,
        title=_("Let %(member)s work again", member=name),
        says=[
            _("The resumption is stated in the feed; the member hands in and asks as before."),
            TWO,
        ],
        effects=[
            _(
                "Its contracts count again, but for those that custodians have forgotten meanwhile: "
                "these must "
                "be handed in anew."
            ),
        ],
        confirm=_("Propose that it works again"),
    )
    return _propose_state(actor, name, Kind.RESUMPTION, step)


@bp.route("/members/<name>/leave", methods=["GET", "POST"])
@shows(Act.PROPOSE_MEMBERSHIP)
def leave(actor: Actor, name: str) -> Response:
    """Propose that a member leaves for good."""
    step = _step(
        name,
        title=_("Let %(member)s leave", member=name),
        says=[
            _("The member is suspended for good, and all its data agreements end at once."),
            _(
                "Its own data are put together; its administrator and its tool may fetch them until "
                "the deadline."
            ),
            _(
                "The hub then erases what it holds of the member beyond what the protocol must keep, and the "
                "secretariat's key signs a deletion certificate that counts what was erased and "
                "says what stays."
            ),
            _(
                "The sealed records of its chunks stay in the feed until two further cuts are "
                "effective, because "
                "custodians that lag behind need them; a last certificate follows then."
            ),
            TWO,
        ],
        effects=[
            _(
                "Contracts that the member settles or withdraws before it leaves are forgotten by "
                "the custodians "
                "two cuts later. What is live when it leaves keeps totals of the same debtors "
                "closed for six cuts: "
                "let it withdraw first."
            ),
            _("It cannot be undone. The firm may apply again in the next epoch."),
        ],
        confirm=_("Propose that it leaves"),
        danger=True,
    )
    return _propose_state(actor, name, Kind.LEAVING, step)


@bp.route("/members/<name>/quota", methods=["GET", "POST"])
@shows(Act.PROPOSE_MEMBERSHIP)
def quota(actor: Actor, name: str) -> Response:
    """Propose another quota of subjects a day."""
    hub = the_hub()
    with hub.database.reading() as session:
        now = quotas.use(session, service.get(session, name), today(hub.clock()))
    form = QuotaForm(quota=now.limit)
    step = _step(
        name,
        title=_("Change the quota of %(member)s", member=name),
        says=[
            _(
                "It may ask about %(limit)s subjects a day now, and has asked about %(used)s today.",
                limit=f"{now.limit:,}",
                used=f"{now.used:,}",
            ),
            _("The new number counts from its approval on, today included."),
            TWO,
        ],
        effects=[
            _("Custodians keep quotas of their own, which the key set fixes: this one cannot widen them.")
        ],
        confirm=_("Propose the quota"),
    )

    def propose(session: Session, reason: str) -> Proposal:
        return acts.propose_quota(session, hub, actor, name, form.quota.data, reason=reason, now=hub.clock())

    return _propose(actor, name, step, form, propose)


def _step(
    name: str, *, title: Text, says: list[Text], effects: list[Text], confirm: Text, danger: bool = False
) -> Step:
    back = member_page(name)
    return Step(title, says, effects, confirm, back, danger=danger, second_factor=True, reason=True)


def _propose_state(actor: Actor, name: str, kind: Kind, step: Step) -> Response:
    hub = the_hub()
    with hub.database.reading() as session:
        service.get(session, name)

    def propose(session: Session, reason: str) -> Proposal:
        return acts.propose_state(session, hub, actor, kind, name, reason=reason, now=hub.clock())

    return _propose(actor, name, step, StepForm(), propose)


def _propose(
    actor: Actor, name: str, step: Step, form: StepForm, propose: Callable[[Session, str], Proposal]
) -> Response:
    def act() -> Text:
        with the_hub().database.transaction() as session:
            propose(session, form.reason.data or "")
        return PROPOSED

    return attempt(actor, step, form, act, then=member_page(name))

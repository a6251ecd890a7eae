"""The page of one version of an agreement: how it stands, what may be done, what it says, who signed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from admin import entries, proposals
from admin.agreements import clauses
from admin.agreements.family import bp, page_of
from admin.agreements.states import STATES
from admin.gate import shows
from admin.objects import Link, Text
from admin.office import now, the_hub
from admin.register import Column
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.keeping import get_row
from alliance_hub.agreements.service import AgreementState, AgreementView, Difference, Step
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.service import Kind, Proposal, ProposalState
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import search

VERSION_COLUMNS = (
    Column("version", lazy_gettext("Version"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("valid_from", lazy_gettext("In force from"), "instant"),
    Column("ends_at", lazy_gettext("In force until"), "instant"),
    Column("signed_at", lazy_gettext("Signed by the member"), "instant"),
    Column("activated_at", lazy_gettext("Put into effect"), "instant"),
    Column("compare", lazy_gettext("Difference"), "link"),
)
PROPOSAL_COLUMNS = (
    Column("what", lazy_gettext("Proposal")),
    Column("version", lazy_gettext("Version"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("proposed_at", lazy_gettext("Proposed"), "instant"),
    Column("decided_at", lazy_gettext("Decided"), "instant"),
    Column("reason", lazy_gettext("Reason")),
)
SIDES = {"member": lazy_gettext("Member"), "secretariat": lazy_gettext("Secretariat")}

TAKING = frozenset({Step.GIVE_BACK, Step.SUSPEND, Step.TERMINATE, Step.WITHDRAW})
"""Steps that take something away: offered last."""
TIMELINE = 40
FAR = 1
"""The version before: what a difference is shown against."""


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that may be done now: which step, its label, its page, and for which act."""

    step: Step
    label: Text
    endpoint: str
    act: Act
    kind: Kind | None = None
    """The kind of proposal, where two officers are needed."""


WAYS: Sequence[Way] = (
    Way(
        Step.SEND_TO_REVIEW,
        lazy_gettext("Send to review"),
        "agreement_pages.send_to_review",
        Act.WRITE_AGREEMENTS,
    ),
    Way(Step.REVISE, lazy_gettext("Change the draft"), "agreement_pages.revise", Act.WRITE_AGREEMENTS),
    Way(
        Step.REVIEW, lazy_gettext("Review: it may be offered"), "agreement_pages.review", Act.WRITE_AGREEMENTS
    ),
    Way(Step.OFFER, lazy_gettext("Offer to the member"), "agreement_pages.offer", Act.WRITE_AGREEMENTS),
    Way(Step.GIVE_BACK, lazy_gettext("Give back"), "agreement_pages.give_back", Act.WRITE_AGREEMENTS),
    Way(
        Step.ACTIVATE,
        lazy_gettext("Propose to put into effect"),
        "agreement_pages.activate",
        Act.PROPOSE_AGREEMENTS,
        Kind.ACTIVATION,
    ),
    Way(
        Step.RESUME,
        lazy_gettext("Propose to resume"),
        "agreement_pages.resume",
        Act.PROPOSE_AGREEMENTS,
        Kind.AGREEMENT_RESUMPTION,
    ),
    Way(
        Step.SUSPEND,
        lazy_gettext("Propose to suspend"),
        "agreement_pages.suspend",
        Act.PROPOSE_AGREEMENTS,
        Kind.AGREEMENT_SUSPENSION,
    ),
    Way(Step.TERMINATE, lazy_gettext("Give notice"), "agreement_pages.terminate", Act.WRITE_AGREEMENTS),
    Way(Step.WITHDRAW, lazy_gettext("Withdraw"), "agreement_pages.withdraw", Act.WRITE_AGREEMENTS),
)


@bp.get("/<agreement>")
@shows(Act.READ_AGREEMENTS)
def newest(actor: Actor, agreement: str) -> AnyResponse:
    """Go to the newest version."""
    with the_hub().database.reading() as session:
        versions = agreements.list_versions(session, agreement, at=now())
    return redirect(page_of(agreement, versions[0].terms.version), 303)


@bp.get("/<agreement>/<int:version>")
@shows(Act.READ_AGREEMENTS)
def show(actor: Actor, agreement: str, version: int) -> str:
    """Show one version."""
    hub = the_hub()
    with hub.database.reading() as session:
        view = agreements.get_version(session, agreement, version, at=now())
        versions = agreements.list_versions(session, agreement, at=now())
        proposed = approvals.list_about(session, f"agreement/{agreement}")
        return render_template(
            "agreements/show.html",
            title=_("%(agreement)s, version %(version)s", agreement=agreement, version=version),
            view=view,
            terms=view.terms,
            state=STATES[view.state],
            acts=_acts(actor, view, proposed),
            notes=notes(actor, view, versions),
            waiting=[_proposal(each) for each in proposed if each.state is ProposalState.OPEN],
            groups=clauses.groups(view.terms),
            signatures=agreements.signatures(session, hub, get_row(session, agreement, version)),
            sides=SIDES,
            version_columns=VERSION_COLUMNS,
            versions=[version_row(each) for each in versions],
            proposal_columns=PROPOSAL_COLUMNS,
            proposals=[_proposal(each) for each in proposed],
            timeline=_timeline(session, actor, agreement),
            member_page=entries.page_of(f"member/{view.terms.member}", actor),
            campaign_page=url_for("campaigns.show", id=view.campaign) if view.campaign else "",
        )


@bp.get("/<agreement>/<int:version>/document.json")
@shows(Act.READ_AGREEMENTS)
def document(actor: Actor, agreement: str, version: int) -> Response:
    """Give out the canonical terms: the bytes that both sides sign."""
    with the_hub().database.reading() as session:
        view = agreements.get_version(session, agreement, version, at=now())
    return as_file(view)


@bp.get("/<agreement>/<int:version>/text")
@shows(Act.READ_AGREEMENTS)
def text(actor: Actor, agreement: str, version: int) -> str:
    """Show the Chinese text that prevails."""
    with the_hub().database.reading() as session:
        view = agreements.get_version(session, agreement, version, at=now())
    return as_text(view, back=page_of(agreement, version))


@bp.get("/<agreement>/<int:version>/compare/<int:before>")
@shows(Act.READ_AGREEMENTS)
def compare(actor: Actor, agreement: str, version: int, before: int) -> str:
    """Show what a version says otherwise than another."""
    with the_hub().database.reading() as session:
        difference = agreements.diff(session, agreement, before, version)
    return as_difference(agreement, before, version, difference, back=page_of(agreement, version))


def as_file(view: AgreementView) -> Response:
    """Return the canonical terms as a file."""
    response = Response(view.terms.canonical(), mimetype="application/json")
    name = f"agreement-v{view.terms.version}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def as_text(view: AgreementView, *, back: str) -> str:
    """Return the page of the Chinese text."""
    title = _(
        "Text of %(agreement)s, version %(version)s",
        agreement=view.terms.agreement,
        version=view.terms.version,
    )
    return render_template("agreements/text.html", title=title, view=view, back=back)


def as_difference(agreement: str, before: int, after: int, difference: Difference, *, back: str) -> str:
    """Return the page of a difference."""
    return render_template(
        "agreements/compare.html",
        title=_(
            "%(agreement)s: version %(after)s against version %(before)s",
            agreement=agreement,
            after=after,
            before=before,
        ),
        before=before,
        after=after,
        changes=clauses.changes(difference.changes),
        lines=difference.lines,
        back=back,
    )


def version_row(view: AgreementView) -> dict[str, Any]:
    """Return a version as a row of the list of versions."""
    terms = view.terms
    earlier = terms.version - FAR
    compare = url_for(
        "agreement_pages.compare", agreement=terms.agreement, version=terms.version, before=earlier
    )
    return {
        "href": page_of(terms.agreement, terms.version),
        "version": terms.version,
        "state": STATES[view.state],
        "valid_from": clauses.begins(terms),
        "ends_at": view.ends_at,
        "signed_at": view.signed_at,
        "activated_at": view.activated_at,
        "compare": Link(_("against version %(version)s", version=earlier), compare) if earlier else None,
    }


def notes(actor: Actor, view: AgreementView, versions: Sequence[AgreementView]) -> list[Text]:
    """Return sentences on what keeps the version waiting, or an officer from acting."""
    said: list[Text] = []
    if view.given_back:
        said.append(_("Given back for changes: %(reason)s", reason=view.given_back))
    if view.state is AgreementState.REVIEW and view.reviewed_by is None and actor.ref == view.author:
        said.append(_("You wrote it, so another officer looks it over before it can be offered."))
    if view.state is AgreementState.OFFERED:
        said.append(
            _(
                "No officer can sign for the member. It does so with its own key: "
                "alliance-member agreements sign %(agreement)s",
                agreement=view.terms.agreement,
            )
        )
    if view.state is AgreementState.SUSPENDED:
        said.append(_("Suspended: every call under it is denied by clause %(clause)s.", clause="state"))
    if view.terminated_at is not None and view.state is not AgreementState.ENDED:
        said.append(_("Notice was given; it holds until its end."))
    if view.state is AgreementState.ACTIVE and clauses.begins(view.terms) > now():
        said.append(_("It has not begun: it holds from its first instant."))
    newer = [each for each in versions if each.terms.version > view.terms.version]
    if newer:
        said.append(_("There is a newer version: %(version)s.", version=newer[0].terms.version))
    return said


def _acts(actor: Actor, view: AgreementView, proposed: Sequence[Proposal]) -> list[Link]:
    steps = set(agreements.steps_now(view.life, officer=actor.ref))
    is_open = {each.kind for each in proposed if each.state is ProposalState.OPEN}
    terms = view.terms
    found = [
        (way.step, Link(way.label, _href(way, terms.agreement, terms.version)))
        for way in WAYS
        if way.step in steps and actor.may(way.act) and way.kind not in is_open
    ]
    first = [link for step, link in found if step not in TAKING]
    if actor.may(Act.WRITE_AGREEMENTS) and view.position is not None:
        href = url_for("agreement_pages.new", agreement=terms.agreement, version=terms.version)
        first.append(Link(_("Amend"), href))
    first.append(
        Link(
            _("Would this be allowed?"),
            url_for("trying.index", member=terms.member, agreement=terms.agreement),
        )
    )
    return first + [link for step, link in found if step in TAKING]


def _href(way: Way, agreement: str, version: int) -> str:
    return url_for(way.endpoint, agreement=agreement, version=version)


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "href": f"/console/approvals/{proposal.id}",
        "what": proposals.title(proposal),
        "version": proposal.facts.get("version"),
        "state": proposals.chip(proposal.state),
        "proposed_at": proposal.proposed_at,
        "decided_at": proposal.decided_at,
        "reason": proposal.reason,
    }


def _timeline(session: Session, actor: Actor, agreement: str) -> list[Any]:
    rows = search.list_about(session, f"agreement/{agreement}", limit=TIMELINE)
    return entries.timeline(rows, actor)

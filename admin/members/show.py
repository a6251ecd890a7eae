"""A member's page: its file, what it may do now, its keys, agreements, use, and how it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from admin import entries
from admin.agreements.states import STATES
from admin.days import today
from admin.gate import shows, the_hub
from admin.i18n import day, instant, number
from admin.members import words
from admin.members.family import application_page, bp
from admin.objects import Chip, Link, Text
from admin.register import Column
from alliance_hub.agreements import reading as agreements
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.service import Kind, ProposalState
from alliance_hub.membership import acts, files, keyring, leaving, quotas, service
from alliance_hub.membership.models import Exit, Member, Profile
from alliance_hub.membership.register import standing_of
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.records import register as submissions
from alliance_hub.records import service as records
from alliance_hub.transparency.search import list_about

TIMELINE = 50

ACTS: Mapping[Kind, tuple[str, LazyString]] = {
    Kind.RESUMPTION: ("members.resume", lazy_gettext("Let it work again")),
    Kind.QUOTA: ("members.quota", lazy_gettext("Change its quota")),
    Kind.SUSPENSION: ("members.suspend", lazy_gettext("Suspend")),
    Kind.LEAVING: ("members.leave", lazy_gettext("Let it leave")),
}
"""The acts on a member that need two officers: endpoint and label."""

AGREEMENT_COLUMNS = (
    Column("agreement", lazy_gettext("Agreement")),
    Column("version", lazy_gettext("Version"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("ends_at", lazy_gettext("In force until"), "instant"),
)


@bp.get("/members/<name>")
@shows(Act.READ_MEMBERS)
def show(actor: Actor, name: str) -> str:
    """Show a member."""
    hub = the_hub()
    now = hub.clock()
    with hub.database.reading() as session:
        member = service.get(session, name)
        profile, leaves = files.find_file(session, name), leaving.find_exit(session, name)
        return render_template(
            "members/member.html",
            title=name,
            member=member,
            profile=profile,
            chips=_chips(session, member, leaves),
            acts=_acts(session, actor, member),
            refused=_refused(session, actor, member),
            facts=_facts(session, member, profile),
            use=quotas.use(session, member, today(now)),
            contacts=_contacts(actor, profile),
            keys=[_key(each) for each in keyring.list_keys(session, member)],
            agreements=_agreements(session, actor, member, now),
            agreement_columns=AGREEMENT_COLUMNS,
            submissions=submissions.count_submissions(session, name, submissions.Wanted()),
            live=records.live_count(session, member),
            exit=leaves,
            stage=None if leaves is None else words.STAGES[leaves.stage],
            certificates=leaving.list_certificates(session, name) if leaves else [],
            timeline=entries.timeline(list_about(session, f"member/{name}", limit=TIMELINE), actor),
            edit=_edit(actor, member, leaves),
            application=_application(profile),
        )


def _chips(session: Session, member: Member, leaves: Exit | None) -> list[Chip]:
    chips = [words.standing_chip(standing_of(member.state, None if leaves is None else leaves.stage))]
    waiting = [
        each
        for each in approvals.list_about(session, acts.object_of(member.name))
        if each.state is ProposalState.OPEN
    ]
    return chips + [Chip(_("proposal waits: %(what)s", what=ACTS[each.kind][1]), "wait") for each in waiting]


def _acts(session: Session, actor: Actor, member: Member) -> list[Link]:
    """Return every act that is open to this officer now; what refuses the others is said beside."""
    if not actor.may(Act.PROPOSE_MEMBERSHIP):
        return []
    open_now = [kind for kind in ACTS if not acts.refusal_of(session, kind, member)]
    return [Link(ACTS[kind][1], url_for(ACTS[kind][0], name=member.name)) for kind in open_now]


def _refused(session: Session, actor: Actor, member: Member) -> list[tuple[Text, str]]:
    if not actor.may(Act.PROPOSE_MEMBERSHIP):
        return []
    found = [(ACTS[kind][1], acts.refusal_of(session, kind, member)) for kind in ACTS]
    return [(label, _(reason)) for label, reason in found if reason]


def _edit(actor: Actor, member: Member, leaves: Exit | None) -> str:
    """Return where the member's file is written, for officers who may while it stays."""
    may = actor.may(Act.REVIEW_APPLICATIONS) and leaves is None
    return url_for("members.edit", name=member.name) if may else ""


def _facts(session: Session, member: Member, profile: Profile | None) -> list[tuple[Text, Any]]:
    facts: list[tuple[Text, Any]] = []
    if profile is not None:
        until = day(profile.licence_until) if profile.licence_until else _("without end")
        facts += [
            (_("Legal name"), profile.legal_name),
            (_("Kind"), words.KINDS[profile.kind]),
            (_("Social credit code"), profile.uscc),
            (_("Licence"), words.LICENCES[profile.licence_kind]),
            (_("Licence number"), profile.licence_number),
            (_("Licence until"), until),
            (_("Controlling shareholder (social credit code)"), profile.controller_uscc),
            (_("Declared portfolio, as last stated"), number(profile.declared_portfolio)),
            (_("Member since"), instant(profile.admitted_at)),
        ]
    accepted = _(", ").join(str(index) for index in member.accepted_by) or _("none yet")
    return [
        *facts,
        (_("Enrolled portfolio"), number(member.declared_portfolio)),
        (_("Control group"), member.control_group),
        (_("Introduced itself"), instant(member.applied_at)),
        (_("Accepted by custodians"), accepted),
    ]


def _contacts(actor: Actor, profile: Profile | None) -> list[dict[str, Any]]:
    """Return the member's people, for officers who work with it; others need no names."""
    if profile is None or not actor.may(Act.REVIEW_APPLICATIONS):
        return []
    return [{**each, "label": words.contact_label(each["role"])} for each in profile.contacts]


def _key(keys: keyring.Keys) -> dict[str, Any]:
    return {
        "at": keys.at,
        "position": keys.position,
        "origin": words.ORIGINS[keys.origin],
        "fingerprint": keys.fingerprint,
    }


def _agreements(session: Session, actor: Actor, member: Member, now: Any) -> list[dict[str, Any]]:
    if not actor.may(Act.READ_AGREEMENTS):
        return []
    return [
        {
            "href": entries.page_of(f"agreement/{view.terms.agreement}/{view.terms.version}", actor),
            "agreement": view.terms.agreement,
            "version": view.terms.version,
            "state": STATES[view.state],
            "ends_at": view.ends_at,
        }
        for view in agreements.list_for(session, member, at=now)
    ]


def _application(profile: Profile | None) -> str:
    """Return the address of the application that a file was opened with, if there is one."""
    return "" if profile is None or profile.application is None else application_page(profile.application)

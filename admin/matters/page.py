"""The page of one matter."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from admin import i18n, office
from admin.gate import shows
from admin.groups import in_groups
from admin.matters import shown, words
from admin.matters.family import READS, bp, get, is_lawyer
from admin.objects import Chip, Link
from alliance_hub.matters.kinds import MatterState
from alliance_hub.matters.shown import BundleShown, MatterShown, OrderShown
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.encoding import b64


@bp.get("/<int:id>")
@shows(*READS)
def show(actor: Actor, id: int) -> str:
    """Show one matter."""
    matter = get(actor, id)
    with office.the_hub().database.reading() as session:
        entries = shown.timeline(session, matter, actor)
    return render_template(
        "matters/matter.html",
        title=matter.reference,
        register_href=url_for("matters.index"),
        register_label=_("My matters") if is_lawyer(actor) else _("Our matters"),
        matter=matter,
        chip=words.STATES[matter.state],
        runs=matter.state is MatterState.OPEN,
        acts=_acts(actor, matter),
        warnings=shown.warnings(matter),
        facts=_facts(matter),
        leaf_text=b64(matter.leaf),
        lawyers=[_lawyer(each) for each in matter.lawyers],
        contracts=shown.contracts(matter),
        entries=entries,
        certificates=shown.certificates(
            matter, lambda number: url_for("matters.take", id=matter.id, number=number)
        ),
        bundles=shown.bundles(matter, lambda bundle: _confirmation(actor, matter, bundle)),
        orders=[_order(each) for each in matter.orders],
    )


def _facts(matter: MatterShown) -> list[tuple[str, Any]]:
    return [
        (_("Kind"), words.KINDS[matter.kind]),
        (_("Member"), matter.member),
        (_("Law firm"), matter.law_firm),
        (
            _("Allowed by"),
            _(
                "agreement %(agreement)s, version %(version)s",
                agreement=matter.agreement,
                version=matter.version,
            ),
        ),
        (_("Opened"), i18n.instant(matter.opened_at, weekday=True)),
        (_("Expires"), i18n.instant(matter.until, weekday=True)),
        *([(_("Closed at"), i18n.instant(matter.closed_at, weekday=True))] if matter.closed_at else []),
    ]


def _lawyer(lawyer: Any) -> tuple[str, Chip]:
    accepted = Chip(_("terms accepted"), "good")
    waits = Chip(_("terms not accepted yet"), "wait")
    return f"{lawyer.name} ({lawyer.number})", accepted if lawyer.accepted_at else waits


def _order(order: OrderShown) -> dict[str, Any]:
    chip = Chip(_("waits for two officers of the association"), "wait")
    if order.certificate is not None:
        chip = Chip(_("followed: certificate %(number)s", number=order.certificate), "good")
    return {
        "court": order.court,
        "number": order.number,
        "ordered_on": order.ordered_on,
        "digest": in_groups(order.digest),
        "chip": chip,
    }


def _confirmation(actor: Actor, matter: MatterShown, bundle: BundleShown) -> str:
    """Return where a lawyer says that it holds the bundle; nothing once it has, or for others."""
    said = actor.name in {who for who, _at in bundle.received}
    if said or not is_lawyer(actor):
        return ""
    return url_for("matters.received", id=matter.id, seal=bundle.seal.hex())


def _acts(actor: Actor, matter: MatterShown) -> list[Link]:
    if not actor.may(Act.MANAGE_OWN_MATTERS) or matter.state is not MatterState.OPEN:
        return []
    dismiss = [Link(_("Dismiss a lawyer"), url_for("matters.dismiss", id=matter.id))]
    return [
        *([Link(_("Appoint a lawyer"), url_for("matters.appoint", id=matter.id))] if matter.law_firm else []),
        *(dismiss if matter.lawyers else []),
        Link(_("Let it end earlier"), url_for("matters.shorten", id=matter.id)),
        Link(_("Close the matter"), url_for("matters.close", id=matter.id)),
    ]

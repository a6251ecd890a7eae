"""The keys of one's own member, in force and before, and how to replace them from its own machine."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from admin.gate import shows
from admin.members import words
from admin.mine import own
from admin.office import the_hub
from admin.register import Column
from alliance_hub.membership import keyring
from alliance_hub.membership.keyring import Keys
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

bp = Blueprint("mine_keys", __name__, url_prefix="/mine/keys")

COLUMNS = (
    Column("at", lazy_gettext("In force since"), "instant"),
    Column("origin", lazy_gettext("How")),
    Column("fingerprint", lazy_gettext("Fingerprint")),
    Column("position", lazy_gettext("Position in the feed"), "number"),
)


@bp.get("/")
@shows(Act.READ_OWN)
def index(actor: Actor) -> str:
    """Show the keys in force and their history."""
    hub = the_hub()
    with hub.database.reading() as session:
        member = own.member(session, actor)
        return render_template(
            "mine/keys.html",
            title=_("Our keys"),
            member=member,
            custodians=range(1, hub.key_set.count + 1),
            threshold=hub.key_set.threshold,
            columns=COLUMNS,
            history=[_row(each) for each in keyring.list_keys(session, member)],
        )


def _row(keys: Keys) -> dict[str, Any]:
    return {
        "at": keys.at,
        "origin": words.ORIGINS[keys.origin],
        "fingerprint": keys.fingerprint,
        "position": keys.position,
    }

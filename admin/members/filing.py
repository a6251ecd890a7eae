"""A member's file, corrected: licence, portfolio as stated, shareholder, contacts."""

from __future__ import annotations

from flask import Response, make_response, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from admin.gate import shows, the_hub
from admin.members.family import bp, member_page
from admin.members.forms import FirmForm, facts_of
from admin.steps import done
from alliance_hub.membership import files, service
from alliance_hub.membership.applying import InvalidFacts, read_firm
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act


@bp.route("/members/<name>/file", methods=["GET", "POST"])
@shows(Act.REVIEW_APPLICATIONS)
def edit(actor: Actor, name: str) -> AnyResponse:
    """Write a member's file anew."""
    hub = the_hub()
    with hub.database.reading() as session:
        service.get(session, name)
        profile = files.find_file(session, name)
    form = FirmForm(data={} if profile is None else facts_of(profile))
    if not form.validate_on_submit():
        return _page(form, name)
    try:
        # What has run out stands in the file as such: its clock says so.
        facts = read_firm(form.raw(), today=None)
    except InvalidFacts as error:
        form.blame(error)
        return _page(form, name, status=422)
    with hub.database.transaction() as session:
        files.change(session, actor, name, facts, hub.clock())
    return done(_("The file is written; the log names the fields that changed."), member_page(name))


def _page(form: FirmForm, name: str, status: int = 200) -> Response:
    return make_response(
        render_template(
            "members/file.html",
            title=_("File of %(member)s", member=name),
            form=form,
            back=member_page(name),
        ),
        status,
    )

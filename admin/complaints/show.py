"""The page of one complaint."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, url_for
from flask_babel import gettext

from admin import entries, office
from admin.complaints.blueprint import bp
from admin.complaints.words import CHANNELS, KINDS, MISCONDUCT, OUTCOMES, rule_of, state_chip
from admin.gate import shows
from admin.objects import Link, TimelineEntry
from alliance_hub.clocks.rules import last_day
from alliance_hub.complaints import service
from alliance_hub.complaints.models import Complaint, ComplaintNote
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer
from alliance_hub.people.roles import Act
from alliance_hub.transparency import search
from alliance_hub.transparency.models import LogRow

ENTRIES = 200


@bp.get("/<number>")
@shows(Act.READ_COMPLAINTS, Act.WRITE_COMPLAINTS)
def show(actor: Actor, number: str) -> str:
    """Show one complaint."""
    with office.the_hub().database.reading() as session:
        complaint = service.get(session, number)
        misconduct = service.misconduct_of(session, complaint)
        notes = service.notes_of(session, complaint)
        rows = search.list_about(session, complaint.object, limit=ENTRIES)
        handler = None if complaint.officer is None else get_officer(session, complaint.officer)
    return render_template(
        "complaints/complaint.html",
        title=complaint.number,
        complaint=complaint,
        chip=state_chip(complaint, office.now()),
        last_day=last_day(complaint.due_at),
        kind=KINDS[complaint.kind],
        channel=CHANNELS[complaint.channel],
        outcome=complaint.outcome and OUTCOMES[complaint.outcome],
        misconduct=[(MISCONDUCT[each], rule_of(each)) for each in misconduct],
        handler=handler,
        member_href=entries.page_of(complaint.member and f"member/{complaint.member}", actor),
        links=_links(actor, complaint),
        entries=_timeline(rows, notes, complaint, actor),
    )


def _links(actor: Actor, complaint: Complaint) -> list[Link]:
    if not actor.may(Act.WRITE_COMPLAINTS):
        return []
    number = complaint.number
    note = Link(gettext("Add a note"), url_for("complaints.note", number=number))
    if complaint.closed_at is not None:
        return [note]
    return [
        Link(gettext("Close with an outcome"), url_for("complaints.close", number=number)),
        note,
        Link(gettext("Put into other hands"), url_for("complaints.assign", number=number)),
    ]


def _timeline(
    rows: Sequence[LogRow], notes: Sequence[ComplaintNote], complaint: Complaint, actor: Actor
) -> list[TimelineEntry]:
    """Return what happened, with the words that stand in the complaint and not in the log."""
    texts = {note.id: note.text for note in notes}

    def said(row: LogRow) -> str:
        facts = entries.facts_of(row)
        match row.kind:
            case "complaint_noted":
                return texts.get(facts.get("note", 0), "")
            case "complaint_closed":
                return complaint.conclusion or ""
            case "complaint_assigned":
                return str(gettext("to %(officer)s", officer=facts.get("to", "")))
        return ""

    return [
        TimelineEntry(
            row.at, row.actor or "", entries.deed(row.kind), entries.entry_page(row, actor), said(row)
        )
        for row in rows
    ]

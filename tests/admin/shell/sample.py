"""A page family that is in no console: one of each kind of page, so that the shell can be looked at alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from admin import charts, gate, navigation, office, register, safety, steps
from admin.charts import Chart, Series
from admin.navigation import Item
from admin.objects import TimelineEntry
from admin.register import Chip, Column, Empty, Filter, Link, Query, Rows
from admin.steps import Step, StepForm
from alliance_hub import errors
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

bp = Blueprint("sample", __name__, url_prefix="/sample", template_folder="templates")

MENU = (
    Item(navigation.WORK, "sample.listed", "Waiting for me", (Act.READ_MEMBERS,)),
    Item(navigation.WORK, "sample.none", "Deadlines"),
    Item(navigation.ALLIANCE, "sample.none", "Settings", (Act.READ_SETTINGS,)),
)

STATES = [
    ("active", "Active"),
    ("waiting", "Waiting"),
    ("ended", "Ended"),
]
TONES = {"active": "good", "waiting": "wait", "suspended": "bad", "ended": "still"}
WORDS = {**dict(STATES), "suspended": "Suspended"}
NAMES = (
    "North Bank",
    "South Finance",
    "East Credit",
    "=West()",
    "华北资产管理有限公司",
    "京东方小额贷款有限公司",
)

COLUMNS = (
    Column("name", "Name", sortable=True),
    Column("state", "State", "chip"),
    Column("records", "Records", "number", sortable=True),
    Column("sum", "Sum", "money"),
    Column("since", "Since", "day"),
    Column("at", "Last act", "instant", sortable=True),
    Column("due", "Deadline", "left"),
    Column("by", "Officer", "link"),
)
FILTERS = (
    Filter("state", "State", STATES),
    Filter("city", "City"),
    Filter("kind", "Kind", [(str(each), str(each)) for each in range(12)]),
)
EMPTY = Empty("Nothing here yet.", "Begin", "/console/sample/act")


def find(query: Query, count: int) -> Rows:
    """Return `count` made-up rows under a query."""
    word = query.filters.get("state")
    rows = [_row(index) for index in range(count)]
    kept = [row for row in rows if word in (None, row["word"]) and query.text in row["name"]]
    kept.sort(key=lambda row: row[query.sort], reverse=query.descending)
    return Rows(kept[query.offset : query.offset + query.limit], len(kept))


def _row(index: int) -> dict[str, Any]:
    word = list(WORDS)[index % 4]
    return {
        "href": f"/console/sample/{index}",
        "name": f"{NAMES[index % 6]} {index}",
        "word": word,
        "state": Chip(WORDS[word], TONES[word]),  # type: ignore[arg-type]
        "records": index * 7919,
        "sum": index * 1_234_567_89,
        "since": (office.now() - timedelta(days=index)).date(),
        "at": office.now() - timedelta(hours=index),
        "due": office.now() + timedelta(hours=60 - 7 * index) if index % 5 else None,
        "by": Link("association/017", "/console/sample/1"),
    }


@bp.get("/list")
@gate.shows(Act.READ_MEMBERS)
def listed(actor: Actor) -> Response:
    """Show the register of 123 rows."""
    query = register.parse(COLUMNS, FILTERS, sort="at", descending=True)
    return register.show(
        "Waiting for me",
        COLUMNS,
        FILTERS,
        query,
        find(query, 123),
        all_rows=lambda: find(query.whole(), 123),
        empty=EMPTY,
        note="What another officer proposed and you may decide.",
        actions=[Link("Invite a member", "/console/sample/act")],
        search="Name or number",
    )


@bp.get("/none")
@gate.shows()
def none(actor: Actor) -> Response:
    """Show an empty register."""
    query = register.parse(COLUMNS, FILTERS, sort="at")
    return register.show("Empty", COLUMNS, FILTERS, query, Rows([], 0), empty=EMPTY)


@bp.get("/<int:number>")
@gate.shows(Act.READ_MEMBERS)
def one(actor: Actor, number: int) -> str:
    """Show one object."""
    now = office.now()
    listed = "/console/sample/list"
    entries = [
        TimelineEntry(now, "association/017", "Admission approved", listed, "All papers were seen."),
        TimelineEntry(now - timedelta(days=3), "association/012", "Admission proposed", listed),
        TimelineEntry(now - timedelta(days=9), "North Bank", "Application received"),
    ]
    query = Query(sort="at")
    return render_template(
        "sample/one.html",
        title="North Bank",
        entries=entries,
        columns=COLUMNS[:5],
        rows=find(query, 4).rows,
        chart=CHART,
        facts=[(f"Fact {index}", f"Value {index}") for index in range(7)],
    )


CHART = Chart(
    [f"2026-{month:02}" for month in range(1, 12)],
    [
        Series("North Bank", [210, 240, 260, 300, 290, 330, 370, 420, 400, 460, 510]),
        Series("South Finance", [110, 120, None, 160, 150, 230, 330, 410, 440, 450, 500]),
        Series("East Credit", [10, 12, 15, 16, 20, 24, 60, 90, 140, 150, 160]),
    ],
    "records",
)


@bp.get("/figures")
@gate.shows()
def figures(actor: Actor) -> Response:
    """Answer the chart's figures."""
    return charts.answer(CHART)


@bp.route("/act", methods=["GET", "POST"])
@gate.shows()
def act(actor: Actor) -> AnyResponse:
    """Ask before acting."""
    form = StepForm()
    step = Step(
        "Suspend North Bank",
        ["North Bank may not ask or submit from the moment of approval."],
        ["Its 1,204 records leave matching with the next cut.", "All members' answers name it as suspended."],
        "Suspend",
        "/console/sample/1",
        danger=True,
        second_factor=True,
        reason=True,
    )
    if form.validate_on_submit():
        return steps.done("Suspended.", "/console/sample/1")
    return steps.ask(step, form)


@bp.post("/upload")
@gate.shows()
@safety.takes_upload(3_000_000)
def upload(actor: Actor) -> str:
    """Count what was sent, beside the token."""
    return str(sum(len(text) for key, text in request.form.items() if key != "csrf_token"))


@bp.get("/open")
@gate.public
def open_page() -> str:
    """Show a page for everybody."""
    return render_template("sample/open.html", title="Apply", form=StepForm())


@bp.get("/fails/<kind>")
@gate.public
def fails(kind: str) -> str:
    """Fail as asked."""
    raise {
        "forbidden": errors.Forbidden("this is for members, not for custodians", extra={"rule": "section 8"}),
        "missing": errors.NotFound("there is no such officer"),
        "surprise": RuntimeError("the row 110101199003070000"),
    }[kind]


@bp.get("/unmarked")
def unmarked() -> str:
    """Be a page that forgot to say for whom it is."""
    return "secret"

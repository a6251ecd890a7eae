"""The views of the operator's page: look, accept a member, pause and go on, close alarms."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from custodian import state
from custodian.console import gate, overview, words
from custodian.console.office import Office
from custodian.console.words import Both
from custodian.desk import alarms, pauses
from custodian.errors import CustodianError
from custodian.problems import surprise

bp = Blueprint("page", __name__)

_REFUSALS = {
    403: Both(
        "请打开终端里打印的地址；它只能用一次，重启 console 会打印新的。",
        "Open the address that the terminal printed. It works once; restart the console for a new one.",
    ),
    404: Both("没有这一页。", "There is no such page."),
    421: Both("请用终端里打印的地址访问。", "Use the address that the terminal printed."),
    400: Both(
        "表单已过期或不完整，什么也没有改变。请返回首页重试。",
        "The form is out of date or incomplete; nothing was changed. Go back and try again.",
    ),
}
_ELSE = Both("没有完成，请看终端。", "It was not done; see the terminal.")


def create_console(office: Office, token: gate.Token, authority: str) -> Flask:
    """Return the page of one office; it answers only at `authority`, to whoever brought the token."""
    app = Flask(__name__)
    app.extensions["office"] = office
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    gate.guard(app, token, authority)
    app.add_url_rule("/", "overview", show)
    app.register_blueprint(bp)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CustodianError, _refused)
    app.register_error_handler(Exception, _unexpected)
    app.jinja_env.filters |= {"clock": words.clock, "age": words.age, "number": words.number}
    app.jinja_env.globals |= {
        "conditions": words.CONDITIONS,
        "member_states": words.MEMBER_STATES,
        "log_places": words.LOG_PLACES,
    }
    return app


def show() -> str:
    """The page: what waits, the facts, the members, the alarms."""
    return render_template("overview.html", here=overview.gather(_office()))


@bp.get("/members/<name>/accept")
def ask_acceptance(name: str) -> str:
    """Ask for the fingerprint on the member's card; the one that the hub serves is not shown anywhere."""
    return _acceptance(name)


@bp.post("/members/<name>/accept")
def accept(name: str) -> Response | tuple[str, int]:
    """Accept the member whose card bears the fingerprint that was typed."""
    try:
        _office().accept(name, request.form.get("fingerprint", ""))
    except CustodianError as error:
        return _acceptance(name, str(error)), 409
    return _home()


@bp.get("/pause")
def ask_pause() -> str:
    """Say what a pause means before it begins."""
    return render_template("pause.html", here=overview.gather(_office()))


@bp.post("/pause")
def pause() -> Response:
    """Stop serving members."""
    pauses.pause(_office().ledger, _office().clock())
    return _home()


@bp.get("/resume")
def ask_resume() -> str:
    """Say what it means to serve again."""
    return render_template("resume.html", here=overview.gather(_office()))


@bp.post("/resume")
def resume() -> Response:
    """Serve members again."""
    pauses.resume(_office().ledger, _office().clock())
    return _home()


@bp.get("/alarms")
def ask_alarms() -> str:
    """Show the open alarms before they are said to be dealt with."""
    return render_template("alarms.html", here=overview.gather(_office()))


@bp.post("/alarms")
def close_alarms() -> Response:
    """Mark the alarms that were shown as dealt with."""
    alarms.close(_office().ledger, request.form.get("count", -1, type=int))
    return _home()


def _office() -> Office:
    office: Office = current_app.extensions["office"]
    return office


def _acceptance(name: str, refusal: str = "") -> str:
    with _office().feed() as db:
        member = state.find_member(db, name)
    if member is None:
        abort(404)
    here = overview.gather(_office())
    return render_template("accept.html", here=here, member=member, refusal=refusal)


def _home() -> Response:
    return redirect(url_for("overview"), 303)


def _http(error: HTTPException) -> tuple[str, int]:
    code = 400 if isinstance(error, CSRFError) else error.code or 500
    return render_template("refused.html", text=_REFUSALS.get(code, _ELSE), detail=""), code


def _refused(error: CustodianError) -> tuple[str, int]:
    return render_template("refused.html", text=_ELSE, detail=str(error)), 409


def _unexpected(error: Exception) -> tuple[str, int]:
    current_app.logger.error("unexpected %s", surprise(error))
    return render_template("refused.html", text=_ELSE, detail=""), 500

"""Chinese and English. What pages say stands in English in the code, and its Chinese in `translations/zh/`.

Each page family has a file of its own there; all are read when the console starts, so nothing has to be
compiled. Instants are told in Asia/Shanghai, amounts in yuan.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale, gettext, lazy_gettext, ngettext

from admin import office
from privacy.periods import SHANGHAI

LANGUAGES = {"zh": "中文", "en": "English"}
"""By the code of the locale; the first is what a browser sees before it chooses."""

COOKIE = "lang"
KEPT_FOR = timedelta(days=365)

TRANSLATIONS = Path(__file__).parent / "translations"

NOTHING = "—"
"""Stands where there is no value."""

_WEEKDAYS = (
    lazy_gettext("Mon"),
    lazy_gettext("Tue"),
    lazy_gettext("Wed"),
    lazy_gettext("Thu"),
    lazy_gettext("Fri"),
    lazy_gettext("Sat"),
    lazy_gettext("Sun"),
)


class OwnDomain(Domain):  # type: ignore[misc]
    """The console's messages, from its own files."""

    def __init__(self) -> None:
        super().__init__()
        self._read = {"zh": translations("zh")}

    def get_translations(self) -> NullTranslations:
        """Return the messages in the request's language."""
        return self._read.get(language(), NullTranslations())


def install(app: Flask) -> None:
    """Let the pages of `app` speak both languages."""
    babel = Babel(app, default_locale="zh", locale_selector=_chosen)
    babel.domain_instance = OwnDomain()
    app.jinja_env.filters |= {
        "instant": instant,
        "day": day,
        "left": left,
        "money": money,
        "number": number,
    }


def language() -> str:
    """Return the code of the language in which the request is answered."""
    locale = get_locale()
    return "zh" if locale is None else str(locale.language)


def catalog(code: str) -> Catalog:
    """Return what every page family says in the language `code`."""
    merged = Catalog(locale=code)
    for path in sorted((TRANSLATIONS / code).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=code, abort_invalid=True):
                if message.id:
                    merged[message.id] = message
    return merged


def translations(code: str) -> Translations:
    """Return the catalog in the form that gettext reads."""
    compiled = BytesIO()
    write_mo(compiled, catalog(code))
    compiled.seek(0)
    return Translations(compiled)


def instant(at: datetime | None, weekday: bool = False, seconds: bool = False) -> str:
    """Return an instant as it is in Shanghai: day, weekday where a clock matters, time."""
    if at is None:
        return NOTHING
    local = at.astimezone(SHANGHAI)
    time = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{day(local, weekday)} {time}"


def day(on: date | datetime | None, weekday: bool = False) -> str:
    """Return a day; that of an instant as it is in Shanghai."""
    if on is None:
        return NOTHING
    local = on.astimezone(SHANGHAI) if isinstance(on, datetime) else on
    return f"{local:%Y-%m-%d} {_WEEKDAYS[local.weekday()]}" if weekday else f"{local:%Y-%m-%d}"


def left(until: datetime | None) -> str:
    """Return how long there is until a deadline, or how long ago it was, in its largest whole unit."""
    if until is None:
        return NOTHING
    seconds = int((until - office.now()).total_seconds())
    words = _over(*_largest(-seconds)) if seconds < 0 else _left(*_largest(seconds))
    return str(words)


def money(fen: int | None, summary: bool = False, unit: bool = True) -> str:
    """Return an amount in yuan; a summary in 万 and 亿, or in thousands and millions."""
    if fen is None:
        return NOTHING
    if summary:
        return _in_short(fen)
    figure = f"{Decimal(fen) / 100:,.2f}"
    return str(gettext("CNY %(figure)s", figure=figure)) if unit else figure


def number(value: int | None) -> str:
    """Return a count with separators."""
    return NOTHING if value is None else f"{value:,}"


def _chosen() -> str:
    # A job has no request: it says in which language it writes by `force_locale`.
    code = request.cookies.get(COOKIE) if has_request_context() else None
    return code if code in LANGUAGES else "zh"


def _largest(seconds: int) -> tuple[int, str]:
    for size, unit in ((86_400, "d"), (3_600, "h")):
        if seconds >= size:
            return seconds // size, unit
    return seconds // 60, "m"


def _left(amount: int, unit: str) -> Any:
    return {
        "d": ngettext("%(num)s day left", "%(num)s days left", amount),
        "h": ngettext("%(num)s hour left", "%(num)s hours left", amount),
        "m": ngettext("%(num)s minute left", "%(num)s minutes left", amount),
    }[unit]


def _over(amount: int, unit: str) -> Any:
    return {
        "d": ngettext("%(num)s day over", "%(num)s days over", amount),
        "h": ngettext("%(num)s hour over", "%(num)s hours over", amount),
        "m": ngettext("%(num)s minute over", "%(num)s minutes over", amount),
    }[unit]


def _in_short(fen: int) -> str:
    yuan = Decimal(fen) / 100
    if language() == "zh":
        for size, unit in ((10**8, "亿元"), (10**4, "万元")):
            if abs(yuan) >= size:
                return f"{yuan / size:,.2f} {unit}"
        return f"{yuan:,.2f} 元"
    for size, unit in ((10**9, "bn"), (10**6, "m")):
        if abs(yuan) >= size:
            return f"CNY {yuan / size:,.2f} {unit}"
    return f"CNY {yuan:,.2f}"

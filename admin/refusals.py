"""What the hub says when it refuses, in the officer's language.

Services speak English, one sentence each, some with a number or a name filled in. `refusals*.po` holds these
sentences with a place where the service fills something in, and whoever answers looks for the one that fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask_babel import gettext

from admin import i18n

_PLACE = re.compile(r"%\((\w+)\)s")


def sentence(error: Exception) -> str:
    """Return an error's sentence, capital first; in English where the files lack it."""
    text = told(str(error), i18n.language())
    return f"{text[:1].upper()}{text[1:]}"


def told(text: str, code: str) -> str:
    """Return a refusal in the language `code`; so is what was filled in, where it is a known word."""
    as_it_stands = str(gettext(text))
    if as_it_stands != text:
        return as_it_stands
    for form, translation in _forms(code):
        if found := form.fullmatch(text):
            return translation % {name: gettext(value) for name, value in found.groupdict().items()}
    return text


@cache
def _forms(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    # The fewer places and the more words, the closer the fit.
    return tuple(sorted(_read(code), key=lambda pair: (pair[0].groups, -len(pair[0].pattern))))


def _read(code: str) -> Iterator[tuple[re.Pattern[str], str]]:
    for path in sorted((i18n.TRANSLATIONS / code).glob("refusals*.po")):
        with path.open("rb") as file:
            catalog: Catalog = read_po(file, locale=code, abort_invalid=True)
        for message in catalog:
            if message.id:
                yield _form(str(message.id)), str(message.string)


def _form(sentence: str) -> re.Pattern[str]:
    """Return what fits a sentence whose places may hold anything."""
    pieces = _PLACE.split(sentence)
    texts = [re.escape(piece.replace("%%", "%")) for piece in pieces[::2]]
    places = [f"(?P<{name}>.+?)" for name in pieces[1::2]]
    return re.compile("".join(map("".join, zip(texts, [*places, ""], strict=True))), re.DOTALL)

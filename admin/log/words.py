"""What somebody should look at in the log, in words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext

from admin.objects import Text, Tone
from admin.refusals import sentence
from alliance_hub.transparency.state import Health, Warning

WARNINGS: Mapping[Warning, tuple[Text, Tone]] = {
    Warning.REFUSED: (
        lazy_gettext("Nothing is signed at present, so that this hub does not contradict itself."),
        "bad",
    ),
    Warning.STILL: (
        lazy_gettext(
            "Entries have waited for their number for more than a minute. A member whose receipt stays "
            "outside the log takes it for misconduct: see that a worker runs, and what its log says."
        ),
        "bad",
    ),
    Warning.LONELY: (
        lazy_gettext(
            "Too few custodians have cosigned for more than ten minutes. Until they do, no newer checkpoint "
            "counts and no bundle can be built: see on the custodians' page which of them is silent."
        ),
        "bad",
    ),
    Warning.UNANCHORED: (
        lazy_gettext(
            "The time stamp authority has given none for two days: see that it can be reached, and that its "
            "root certificate has not changed."
        ),
        "wait",
    ),
}


def warnings(health: Health) -> list[tuple[Text, Tone]]:
    """Return what somebody should look at, in words, each with its tone."""
    found = []
    for each in health.warnings:
        text, tone = WARNINGS[each]
        if each is Warning.REFUSED and health.trouble is not None:
            text = f"{text} {sentence(health.trouble)}"
        found.append((text, tone))
    return found

"""When a complaint is late, which words of it are kept, and how it may end.

- The day of receipt is not counted, the last day ends at 24:00 in Shanghai (民法典 arts. 201, 203 [T]).
- A dispute about data is answered within 20 days (征信业管理条例 art. 25 [T]), anything else within the days
  that the secretariat has set.
- Neither resident IDs nor mobile numbers nor mail addresses are kept in any text; names cannot be told
  from other words, so the form asks for none.
- Whoever complained is told how it ended, unless it took the complaint back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from alliance_hub.complaints.kinds import UNANSWERED, Kind, Misconduct, Outcome
from alliance_hub.errors import Invalid
from privacy import identifiers
from privacy.errors import InvalidInputError
from privacy.periods import SHANGHAI, day_of

LONGEST_TEXT = 2_000
LONGEST_NAME = 100
OLDEST = timedelta(days=3 * 365)
"""How long ago a complaint may have been received; older ones are a slip of the pen [D]."""

DAYS_OF: dict[Kind, str] = {
    Kind.DISPUTE: "dispute_answer_days",
    Kind.MISCONDUCT: "complaint_answer_days",
    Kind.PERSONAL_INFORMATION: "complaint_answer_days",
    Kind.SERVICE: "complaint_answer_days",
}
"""Which parameter says how many days there are."""


class Standing(StrEnum):
    """How a complaint stands."""

    OPEN = "open"
    """It waits for its answer, in time."""
    OVERDUE = "overdue"
    """It waits for its answer, too long."""
    CLOSED = "closed"
    """It was answered in time, or needed no answer."""
    CLOSED_LATE = "closed_late"
    """It was answered, too late."""


def due_at(received_at: datetime, days: int) -> datetime:
    """Return the first instant at which an answer is late: the end of the last day, in UTC."""
    late = day_of(received_at) + timedelta(days=days + 1)
    return datetime.combine(late, time(), SHANGHAI).astimezone(UTC)


def standing(
    due_at: datetime, *, replied_at: datetime | None, closed_at: datetime | None, at: datetime
) -> Standing:
    """Return how a complaint stands at `at`."""
    if closed_at is None:
        return Standing.OVERDUE if at >= due_at else Standing.OPEN
    return Standing.CLOSED_LATE if (replied_at or closed_at) >= due_at else Standing.CLOSED


def require_received(received_at: datetime, *, now: datetime) -> None:
    """Raise Invalid unless a complaint can have been received then."""
    if received_at > now:
        raise Invalid("a complaint was received before now: correct the day and time", field="received_at")
    if received_at < now - OLDEST:
        raise Invalid("this is more than three years ago: correct the day", field="received_at")


def require_about(member: str | None, agency: str | None) -> None:
    """Raise Invalid unless somebody is named whom the complaint is about."""
    if not (member or "").strip() and not (agency or "").strip():
        raise Invalid("choose a member, or name the agency, or both", field="member")


def require_misconduct(kind: Kind, misconduct: Collection[Misconduct]) -> None:
    """Raise Invalid unless misconduct is named where it is complained of, and only there."""
    if kind is Kind.MISCONDUCT and not misconduct:
        raise Invalid("say what was done: tick at least one kind of misconduct", field="misconduct")
    if kind is not Kind.MISCONDUCT and misconduct:
        raise Invalid("misconduct is ticked: then the complaint's kind is misconduct", field="kind")


def require_reply(
    outcome: Outcome, replied_at: datetime | None, *, received_at: datetime, now: datetime
) -> None:
    """Raise Invalid unless whoever complained was told, after it complained and before now."""
    if replied_at is None:
        if outcome not in UNANSWERED:
            raise Invalid("say when the reply was sent: a complaint ends with its reply", field="replied_at")
    elif not received_at <= replied_at <= now:
        raise Invalid("the reply was sent after the complaint came and before now", field="replied_at")


def reference(text: str) -> str:
    """Return the rights desk's reference, trimmed; raises Invalid for what could be a name or a number."""
    found = unicodedata.normalize("NFKC", text).strip().upper()
    if not _REFERENCE.fullmatch(found):
        raise Invalid(
            "give the rights desk's reference, such as RD-2026-00017: letters, digits and hyphens, no name",
            field="complainant",
        )
    require_no_identifier(found, field="complainant")
    return found


def words(text: str, *, field: str, longest: int = LONGEST_TEXT, required: bool = True) -> str:
    """Return a text to keep, trimmed; raises Invalid when it is missing, long or holds an identifier."""
    found = text.replace("\r\n", "\n").strip()
    if required and not found:
        raise Invalid("write something here", field=field)
    if len(found) > longest:
        raise Invalid(f"write at most {longest} characters here", field=field)
    require_no_identifier(found, field=field)
    return found


def require_no_identifier(text: str, *, field: str) -> None:
    """Raise Invalid when a text holds a resident ID, a mobile number or a mail address, however spelt."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if any(_is_resident_id(found.group()) for found in _LONG_NUMBER.finditer(plain)):
        raise Invalid("this holds a resident ID: take it out, the hub keeps no identity", field=field)
    if any(_is(identifiers.Kind.MOBILE, found.group()) for found in _TELEPHONE.finditer(plain)):
        raise Invalid("this holds a mobile number: take it out, the hub keeps no contact point", field=field)
    if any(_is(identifiers.Kind.EMAIL, found.group()) for found in _MAIL.finditer(plain)):
        raise Invalid("this holds a mail address: take it out, the hub keeps no contact point", field=field)


def _is(kind: identifiers.Kind, text: str) -> bool:
    try:
        identifiers.normalise(kind, text)
    except InvalidInputError:
        return False
    return True


def _is_resident_id(text: str) -> bool:
    """Say so also of one with a wrong check character, as long as its birth date is one: a slip tells too."""
    if _is(identifiers.Kind.RESIDENT_ID, text):
        return True
    digits = re.sub(r"[^0-9X]", "", text.upper())
    if len(digits) != 18:
        return False
    try:
        return 1900 <= datetime.strptime(digits[6:14], "%Y%m%d").year <= 2099
    except ValueError:
        return False


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_REFERENCE = re.compile(r"[A-Z0-9](?:-?[A-Z0-9]){3,39}")
# Between digits people write spaces, hyphens and dots; a longer number is no mobile number.
_GAP = r"[\s.\-\u2010-\u2015\u2212]{0,2}"
_LONG_NUMBER = re.compile(rf"(?<![0-9])[0-9](?:{_GAP}[0-9]){{13,16}}(?:{_GAP}[0-9Xx])(?![0-9])")
_TELEPHONE = re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")

"""Whether a subject is reachable elsewhere, told from what other members' live records say.

- yes: at least one of them has not lost contact;
- no: every one that says anything has lost contact;
- unknown: none says anything. The answer never tells who, how many, or whether anybody holds the subject.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from alliance_hub.policy import FRESHNESS_DAYS
from privacy.answers import Freshness, Reachability, Reachable
from privacy.periods import day_of

_BANDS = tuple(zip(FRESHNESS_DAYS, (Freshness.D30, Freshness.D90, Freshness.D180), strict=True))

UNKNOWN = Reachable(status=Reachability.UNKNOWN, freshness=None, kinds=())
"""What a member hears that may not ask, and of a subject about whom nobody says anything."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What one live record says: contact lost or not, null when it does not say, and as of which day."""

    lost: bool | None
    as_of: date


def reachable(contacts: Iterable[Contact], *, now: datetime) -> Reachable:
    """Tell whether somebody else reaches the subject, and how old the newest word for it is."""
    telling = [contact for contact in contacts if contact.lost is not None]
    if not telling:
        return UNKNOWN
    reaching = [contact for contact in telling if not contact.lost]
    newest = max(contact.as_of for contact in reaching or telling)
    status = Reachability.YES if reaching else Reachability.NO
    return Reachable(status=status, freshness=freshness(newest, now), kinds=())


def freshness(as_of: date, now: datetime) -> Freshness:
    """Return the band of age, in days of Asia/Shanghai; a day that has not come yet counts as fresh."""
    age = (day_of(now) - as_of).days
    return next((band for last, band in _BANDS if age <= last), Freshness.OLDER)

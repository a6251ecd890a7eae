"""What is true of a match, as pure functions over values.

- An asker has standing for a subject when one of its own live records of it holds the standing key whose
  signature stands at the subject's position; without standing it hears nothing about the subject.
- Only live records of other control groups with the same pseudonym and standing key tell anything.
- What the agreement does not name stays unsaid: unknown reachability, no flags, no openings.
- Of the custodians, each manifest begins with another one, so that none carries all the work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.records.holders import Holder
from alliance_hub.skip_trace.rules import UNKNOWN, Contact, reachable
from privacy.answers import SharedFlag, SubjectAnswer
from privacy.encoding import b64
from privacy.errors import PrivacyError
from privacy.keyset import KeySet
from privacy.matching import Manifest, MatchRequest, verify_standing
from privacy.vocabulary import Category

ANSWERED = (Category.EXPOSURE, Category.REACHABILITY, Category.FLAGS)
"""What a match can tell, the weightiest first: the decision about the first that is allowed is named."""


def require_addressed(manifest: Manifest, key_set: KeySet, member: str) -> None:
    """Raise Invalid unless the manifest is made here and by this member, Conflict for another key set."""
    if manifest.alliance != key_set.alliance:
        raise Invalid("the manifest is made for another alliance", field="manifest.alliance")
    if manifest.member != member:
        raise Invalid("a manifest names the member that asks", field="manifest.member")
    require_keys(manifest.epoch, manifest.key_set, key_set)


def require_keys(epoch: int, digest: str, key_set: KeySet) -> None:
    """Raise Conflict `key-set` unless epoch and key-set digest are those in force."""
    if (epoch, digest) != (key_set.epoch, b64(key_set.digest)):
        raise Conflict("made under another key set than the one in force: fetch /v1/alliance", slug="key-set")


def require_period(manifest: Manifest, newest: str | None) -> None:
    """Raise Conflict unless the manifest names the period of the newest effective cut."""
    if newest is None:
        raise Conflict(
            "no cut is effective yet, so nothing can be opened: ask again after the first one",
            slug="no-period",
        )
    if manifest.period != newest:
        raise Conflict(
            f"the period that is opened now is {newest}: sign the manifest for that one",
            slug="period",
            extra={"period": newest},
        )


def answers(
    request: MatchRequest,
    records: Iterable[Holder],
    *,
    asker: str,
    group: str,
    categories: Collection[Category],
    now: datetime,
) -> tuple[SubjectAnswer, ...]:
    """Return what the hub says about each subject, in their order.

    `records` are all live records of the subjects; `group` is the asker's control group.
    """
    own: dict[str, set[bytes]] = {}
    others: dict[tuple[str, bytes | None], list[Holder]] = {}
    for record in records:
        subject = b64(record.pseudonym)
        if record.member == asker:
            own.setdefault(subject, set()).add(record.standing_key)
        elif record.group != group:
            others.setdefault((subject, record.standing_key), []).append(record)
    subjects, keys = request.manifest.subjects, standing_keys(request, own)
    return tuple(_answer(others.get(held, []), categories, now) for held in zip(subjects, keys, strict=True))


def standing_keys(request: MatchRequest, own: Mapping[str, Collection[bytes]]) -> list[bytes | None]:
    """Return for each subject the standing key by which the asker may ask, or None.

    `own` are the standing keys of the asker's live records by subject.
    """
    digest = request.manifest.sha256()
    return [
        next((key for key in own.get(subject, ()) if _signed(request, digest, position, key)), None)
        for position, subject in enumerate(request.manifest.subjects)
    ]


def custodian_order(manifest_digest: bytes, count: int) -> list[int]:
    """Return the custodians' indices in the order in which they are asked about this manifest."""
    first = int.from_bytes(manifest_digest[:4], "big")
    return [1 + (first + step) % count for step in range(count)]


def _answer(records: Sequence[Holder], categories: Collection[Category], now: datetime) -> SubjectAnswer:
    contacts = (Contact(record.lost_contact, record.as_of) for record in records)
    # A record on hold may be in dispute: its flag is not shown until the hold ends.
    flags = (
        SharedFlag(member=each.member, flag=each.flag)
        for each in records
        if each.flag is not None and not each.held
    )
    return SubjectAnswer(
        reachable=reachable(contacts, now=now) if Category.REACHABILITY in categories else UNKNOWN,
        flags=tuple(flags) if Category.FLAGS in categories else (),
    )


def _signed(request: MatchRequest, digest: bytes, position: int, key: bytes) -> bool:
    try:
        verify_standing(request, digest, position, key)
    except PrivacyError:
        return False
    return True

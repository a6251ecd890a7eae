"""What the page of a matter shows, the same to its lawyers and to its member's officers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from admin import entries, i18n
from admin.groups import in_groups
from admin.matters import words
from admin.objects import Chip, Text, TimelineEntry
from alliance_hub.matters.kinds import CertificateKind, Why
from alliance_hub.matters.shown import BundleShown, CertificateShown, MatterShown
from alliance_hub.people.actor import Actor
from alliance_hub.transparency.search import Search, search
from privacy.encoding import b64

ENTRIES = 100
"""How much of a matter's history its page shows."""


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A certificate in the page's table; `href` leads to its download, where there is one."""

    number: int
    kind: str
    issued_at: datetime
    chip: Chip
    why: Text
    href: str


@dataclass(frozen=True, slots=True)
class BundleLine:
    """A bundle in the page's table; the seal is hex in groups, `href` leads to its confirmation."""

    seal: str
    sealed_at: datetime
    delivered_at: datetime | None
    received: Sequence[str]
    chip: Chip
    why: Text
    href: str


def certificates(matter: MatterShown, href: Callable[[int], str]) -> list[CertificateLine]:
    """Return the certificates, the newest first."""
    return [_certificate(each, href) for each in reversed(matter.certificates)]


def bundles(matter: MatterShown, href: Callable[[BundleShown], str]) -> list[BundleLine]:
    """Return the bundles, the newest first."""
    return [_bundle(each, href(each)) for each in reversed(matter.bundles)]


def warnings(matter: MatterShown) -> list[str]:
    """Return what must not be overlooked: that the newest bundle is superseded, or a certificate in force."""
    if matter.bundles and (why := matter.bundles[-1].why):
        return [words.bundle_warning(i18n.day(matter.bundles[-1].sealed_at), why)]
    if not matter.bundles and any(each.why for each in _newest(matter.certificates)):
        return [gettext("A certificate below is superseded: the member can ask for a new one at any time.")]
    return []


def contracts(matter: MatterShown) -> list[str]:
    """Return the contracts' opaque references, as certificates name them."""
    return [b64(each) for each in matter.contracts]


def timeline(session: Session, matter: MatterShown, actor: Actor) -> list[TimelineEntry]:
    """Return what happened in the matter; another member's under the same reference is left out."""
    found = search(session, Search(object=f"matter/{matter.reference}"), limit=ENTRIES).entries
    own = [row for row in found if entries.facts_of(row).get("member") == matter.member]
    return [
        replace(each, note=_note(entries.facts_of(row)))
        for row, each in zip(own, entries.timeline(own, actor), strict=True)
    ]


def _note(said: Mapping[str, Any]) -> Text:
    """Return what an entry of the matter is about, where its kind alone does not say it."""
    match said:
        case {"kind": "matter_superseded", "why": str(why)}:
            return words.WHYS[Why(why)]
        case {"kind": "certificate", "said": str(kind)}:
            return words.CERTIFICATES[CertificateKind(kind)]
        case {"kind": "matter_lawyers", "appointed": str(who)}:
            return gettext("appointed: %(who)s", who=who)
        case {"kind": "matter_lawyers", "dismissed": str(who)}:
            return gettext("dismissed: %(who)s", who=who)
    return ""


def _newest(found: Sequence[CertificateShown]) -> list[CertificateShown]:
    """Return the newest certificate of each kind and subject."""
    return list({(each.kind, each.subject): each for each in found}.values())


def _certificate(each: CertificateShown, href: Callable[[int], str]) -> CertificateLine:
    kind = str(words.CERTIFICATES[each.kind])
    return CertificateLine(
        each.number,
        f"{kind} ({each.subject})" if each.subject else kind,
        each.issued_at,
        words.superseded_chip(each.why),
        _since(each.superseded_at, each.why),
        href(each.number),
    )


def _bundle(each: BundleShown, href: str) -> BundleLine:
    return BundleLine(
        in_groups(each.seal),
        each.sealed_at,
        each.delivered_at,
        [gettext("received: %(who)s, %(at)s", who=who, at=i18n.instant(at)) for who, at in each.received],
        words.superseded_chip(each.why),
        _since(each.superseded_at, each.why),
        href,
    )


def _since(at: datetime | None, why: Why | None) -> Text:
    if why is None or at is None:
        return ""
    return gettext("%(why)s (%(at)s)", why=str(words.WHYS[why]), at=i18n.instant(at))

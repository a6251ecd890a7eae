"""What must be true before a firm is admitted: what the hub finds by itself, and what an officer looks up.

Each item has its source. An officer's tick is a log entry; what the hub finds is found anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from alliance_hub.policy import SIGNED_WITHIN


class Item(StrEnum):
    """One thing to be checked."""

    USCC_FREE = "uscc_free"
    """Its social credit code is sound, and no member or other applicant has it."""
    LICENCE_RUNS = "licence_runs"
    """Its licence has not run out."""
    KEYS_INTRODUCED = "keys_introduced"
    """It has introduced itself with the keys on its card."""
    ENROLMENT_FRESH = "enrolment_fresh"
    """It signed its enrolment less than 24 hours ago, so that custodians take it."""
    GROUP_FITS = "group_fits"
    """The control group that it enrolled with fits its controlling shareholder."""
    LICENCE_SEEN = "licence_seen"
    """The licence stands in the public register of whoever issued it."""
    FINGERPRINT_READ = "fingerprint_read"
    """Its people read the fingerprint aloud, over a number that is not from the application."""
    DOCUMENTS = "documents"
    """The sealed application, business licence and authorisation are on file."""
    CONTROLLER_SEEN = "controller_seen"
    """The controlling shareholder is the one that the credit publicity system shows."""
    CONSENT_TEXT = "consent_text"
    """Its borrowers' consent names recipients, purposes and items, and its notice of adverse reports too."""
    REGULATOR_ASKED = "regulator_asked"
    """The local financial regulator was asked, or has filed the firm."""


SOURCES: Mapping[Item, str] = {
    Item.USCC_FREE: "GB 32100-2015",
    Item.LICENCE_RUNS: "Data agreement: parties hold a licence in force",
    Item.KEYS_INTRODUCED: "Protocol section 5, enrolment",
    Item.ENROLMENT_FRESH: "Protocol section 5, verdict",
    Item.GROUP_FITS: "Protocol section 1: members under one control count once",
    Item.LICENCE_SEEN: "Alliance's admission rules",
    Item.FINGERPRINT_READ: "Protocol section 5, acceptance",
    Item.DOCUMENTS: "Alliance's admission rules",
    Item.CONTROLLER_SEEN: "Protocol section 1: members under one control count once",
    Item.CONSENT_TEXT: "Credit Reporting Regulation arts. 15 and 29; PIPL art. 23",
    Item.REGULATOR_ASKED: "Credit Reporting Regulation arts. 2 and 7; legal opinion of the mode",
}
"""Where each item comes from."""

AUTOMATIC = (
    Item.USCC_FREE,
    Item.LICENCE_RUNS,
    Item.KEYS_INTRODUCED,
    Item.ENROLMENT_FRESH,
    Item.GROUP_FITS,
)
MANUAL = tuple(item for item in Item if item not in AUTOMATIC)


@dataclass(frozen=True, slots=True)
class Kin:
    """Another firm, a member or an applicant, as far as control goes."""

    name: str
    group: str | None
    """None before it has enrolled."""
    uscc: str
    controller_uscc: str | None


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the automatic items are judged by, at one instant."""

    at: datetime
    today: date
    uscc: str
    controller_uscc: str | None
    licence_until: date | None
    fingerprint: str
    enrolled_fingerprint: str | None
    """That of the enrolment of this name which waits for admission; None while there is none."""
    enrolled_group: str | None
    enrolled_at: datetime | None
    others: Sequence[Kin]
    """All other firms with the same code or controller, with either as the other, or in the same group."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the hub found of one item."""

    holds: bool
    says: str
    """Why not, and what to do; empty where it holds."""


def find(situation: Situation) -> dict[Item, Finding]:
    """Judge every automatic item."""
    return {
        Item.USCC_FREE: _finding(
            all(other.uscc != situation.uscc for other in situation.others),
            "a member or another applicant has this code: find out which of them is the firm",
        ),
        Item.LICENCE_RUNS: _finding(
            situation.licence_until is None or situation.licence_until >= situation.today,
            "the licence has run out: return the application until it is renewed",
        ),
        Item.KEYS_INTRODUCED: _introduced(situation),
        Item.ENROLMENT_FRESH: _fresh(situation),
        Item.GROUP_FITS: _group(situation),
    }


def related(kin: Kin, *, uscc: str, controller_uscc: str | None) -> bool:
    """Say whether a firm is under one control with another: same controller, or one controls the other."""
    if controller_uscc is not None and controller_uscc in {kin.controller_uscc, kin.uscc}:
        return True
    return kin.controller_uscc == uscc


def _finding(holds: bool, says: str) -> Finding:
    return Finding(holds, "" if holds else says)


def _introduced(situation: Situation) -> Finding:
    if situation.enrolled_fingerprint is None:
        return Finding(False, "it has not introduced itself: let it run alliance-member enrol")
    return _finding(
        situation.enrolled_fingerprint == situation.fingerprint,
        "it introduced itself with other keys than those on its card: find out whose they are",
    )


def _fresh(situation: Situation) -> Finding:
    signed_at = situation.enrolled_at
    return _finding(
        signed_at is not None and situation.at - signed_at < SIGNED_WITHIN,
        "custodians take no enrolment that was signed more than 24 hours ago: let it run enrol again",
    )


def _group(situation: Situation) -> Finding:
    group = situation.enrolled_group
    if group is None:
        return Finding(False, "its control group is known once it has introduced itself")
    known = [other for other in situation.others if other.group is not None]
    kin = {
        other.name
        for other in known
        if related(other, uscc=situation.uscc, controller_uscc=situation.controller_uscc)
    }
    mates = {other.name for other in known if other.group == group}
    if kin - mates:
        return Finding(
            False, "a firm under the same control stands in another group: let it enrol with that group"
        )
    return _finding(
        not mates or bool(kin),
        "it enrolled with the group of a firm that is not under the same control: let it name its own",
    )

"""The states of a version as chips."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext

from admin.objects import Chip
from alliance_hub.agreements.service import AgreementState

STATES: Mapping[AgreementState, Chip] = {
    AgreementState.DRAFT: Chip(lazy_gettext("draft"), "still"),
    AgreementState.REVIEW: Chip(lazy_gettext("in review"), "wait"),
    AgreementState.OFFERED: Chip(lazy_gettext("offered, waits for the member's signature"), "wait"),
    AgreementState.SIGNED: Chip(lazy_gettext("signed, waits for activation"), "wait"),
    AgreementState.ACTIVE: Chip(lazy_gettext("active"), "good"),
    AgreementState.SUSPENDED: Chip(lazy_gettext("suspended"), "bad"),
    AgreementState.TERMINATING: Chip(lazy_gettext("notice given"), "wait"),
    AgreementState.ENDED: Chip(lazy_gettext("ended"), "still"),
}

"""What registers are called that samples are drawn from, and the states of their rows."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext

from admin import entries
from admin.agreements.states import STATES as AGREEMENTS
from admin.complaints.words import OUTCOMES
from admin.members.words import STANDINGS
from admin.objects import Text
from alliance_hub.inspection.models import Register
from alliance_hub.matching.models import MatchState
from alliance_hub.people.roles import Act
from alliance_hub.records.models import SubmissionState

REGISTERS: Mapping[Register, Text] = {
    Register.MEMBERS: lazy_gettext("Members"),
    Register.AGREEMENTS: lazy_gettext("Data agreements"),
    Register.COMPLAINTS: lazy_gettext("Complaints"),
    Register.SUBMISSIONS: lazy_gettext("Submissions"),
    Register.MATCHES: lazy_gettext("Matches"),
    Register.LOG: lazy_gettext("Log entries"),
}
SAMPLES = (Act.DRAW_SAMPLE, Act.READ_ACTIVITY)
"""Whoever reads what everybody did, reads what was drawn; the other administrators see no business."""

STATES: Mapping[str, Mapping[str, Text]] = {
    "member": {state: label for state, (label, _) in STANDINGS.items()},
    "agreement": {state: chip.word for state, chip in AGREEMENTS.items()},
    "complaint": {"": lazy_gettext("To be answered"), **{str(each): OUTCOMES[each] for each in OUTCOMES}},
    "submission": {
        SubmissionState.RECEIVED: lazy_gettext("Taken in"),
        SubmissionState.PROCESSING: lazy_gettext("Being judged"),
        SubmissionState.DONE: lazy_gettext("Judged"),
    },
    "match": {
        MatchState.DECIDED: lazy_gettext("Allowed, not answered yet"),
        MatchState.ANSWERED: lazy_gettext("Allowed and answered"),
    },
    "entry": entries.DEEDS,
}
"""What the states of a register's rows are called; of a log entry, what was done."""

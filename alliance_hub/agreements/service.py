"""Everything that can be done with data agreements, under one name: `agreements.require(...)`."""

from __future__ import annotations

from alliance_hub.agreements.amending import (
    Campaign,
    Outcome,
    advance_many,
    amend,
    amend_many,
    diff,
    get_campaign,
    list_campaigns,
)
from alliance_hub.agreements.deciding import decide, refusal, require, require_in_force, standing
from alliance_hub.agreements.diffs import Change, Difference, Line, LineKind, clauses
from alliance_hub.agreements.drafting import (
    draft,
    give_back,
    offer,
    read_document,
    review,
    revise,
    send_to_review,
    terms_of,
    withdraw,
)
from alliance_hub.agreements.ending import end_all, last_instant, terminate, terminate_own
from alliance_hub.agreements.keeping import current, next_name, next_version
from alliance_hub.agreements.lifecycle import STEPS, AgreementState, By, Step, require_step, steps_now
from alliance_hub.agreements.made_up import offer_made_up
from alliance_hub.agreements.parties import find_association_party, find_member_party
from alliance_hub.agreements.reading import (
    AgreementPage,
    AgreementQuery,
    AgreementView,
    count_states,
    find_text,
    get_own,
    get_version,
    list_all,
    list_for,
    list_versions,
)
from alliance_hub.agreements.rules import Clause, PolicyDecision
from alliance_hub.agreements.signing import Signature, sign, signatures
from alliance_hub.agreements.templates import AgreementTemplate, get_template, list_templates, save_template

__all__ = [
    "STEPS",
    "AgreementPage",
    "AgreementQuery",
    "AgreementState",
    "AgreementTemplate",
    "AgreementView",
    "By",
    "Campaign",
    "Change",
    "Clause",
    "Difference",
    "Line",
    "LineKind",
    "Outcome",
    "PolicyDecision",
    "Signature",
    "Step",
    "advance_many",
    "amend",
    "amend_many",
    "clauses",
    "count_states",
    "current",
    "decide",
    "diff",
    "draft",
    "end_all",
    "find_association_party",
    "find_member_party",
    "find_text",
    "get_campaign",
    "get_own",
    "get_template",
    "get_version",
    "give_back",
    "last_instant",
    "list_all",
    "list_campaigns",
    "list_for",
    "list_templates",
    "list_versions",
    "next_name",
    "next_version",
    "offer",
    "offer_made_up",
    "read_document",
    "refusal",
    "require",
    "require_in_force",
    "require_step",
    "review",
    "revise",
    "save_template",
    "send_to_review",
    "sign",
    "signatures",
    "standing",
    "steps_now",
    "terminate",
    "terminate_own",
    "terms_of",
    "withdraw",
]

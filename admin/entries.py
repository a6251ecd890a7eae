"""Log entries in words: what was done, by whom, to what, and the pages that these have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from flask_babel import gettext, lazy_gettext

from admin import office, parameters
from admin.objects import Text, TimelineEntry
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency.models import LogRow

DEEDS: Mapping[str, Text] = {
    "agreement_activated": lazy_gettext("Data agreement put into effect"),
    "agreement_drafted": lazy_gettext("Data agreement drafted"),
    "agreement_ended": lazy_gettext("Data agreement ended"),
    "agreement_given_back": lazy_gettext("Draft agreement given back"),
    "agreement_offered": lazy_gettext("Data agreement offered"),
    "agreement_resumed": lazy_gettext("Data agreement resumed"),
    "agreement_reviewed": lazy_gettext("Draft agreement reviewed"),
    "agreement_revised": lazy_gettext("Draft agreement revised"),
    "agreement_sent_to_review": lazy_gettext("Draft agreement sent to review"),
    "agreement_signed": lazy_gettext("Data agreement signed"),
    "agreement_suspended": lazy_gettext("Data agreement suspended"),
    "agreement_terminated": lazy_gettext("Notice given for a data agreement"),
    "agreement_withdrawn": lazy_gettext("Offer of a data agreement withdrawn"),
    "agreements_amended": lazy_gettext("One amendment drafted for many members"),
    "application": lazy_gettext("Member introduced itself"),
    "application_amended": lazy_gettext("Application amended"),
    "application_item_ticked": lazy_gettext("Item of the checklist ticked"),
    "application_item_unticked": lazy_gettext("Tick of the checklist taken back"),
    "application_ready": lazy_gettext("Application ready for admission"),
    "application_received": lazy_gettext("Application received"),
    "application_refused": lazy_gettext("Application turned down"),
    "application_refused_by_review": lazy_gettext("Application turned down by review"),
    "application_returned": lazy_gettext("Application returned for correction"),
    "application_review_begun": lazy_gettext("Application review begun"),
    "application_withdrawn": lazy_gettext("Application withdrawn"),
    "authenticator_replaced": lazy_gettext("Another authenticator set up"),
    "bundle": lazy_gettext("Evidence bundle sealed"),
    "bundle_delivered": lazy_gettext("Evidence bundle handed over"),
    "bundle_received": lazy_gettext("Evidence bundle received by a lawyer"),
    "campaign_offer": lazy_gettext("Amendments of many offered"),
    "campaign_review": lazy_gettext("Amendments of many reviewed"),
    "campaign_send_to_review": lazy_gettext("Amendments of many sent to review"),
    "campaign_withdraw": lazy_gettext("Amendments of many withdrawn"),
    "ceremony_decided": lazy_gettext("Key ceremony decided"),
    "certificate": lazy_gettext("Certificate issued in a matter"),
    "certificate_downloaded": lazy_gettext("Certificate downloaded"),
    "complaint_assigned": lazy_gettext("Complaint assigned"),
    "complaint_closed": lazy_gettext("Complaint closed"),
    "complaint_entered": lazy_gettext("Complaint entered"),
    "complaint_noted": lazy_gettext("Note added to a complaint"),
    "deputy_appointed": lazy_gettext("Deputy appointed"),
    "deputy_ended": lazy_gettext("Deputy's time ended"),
    "existence_asked": lazy_gettext("Certificate of existence asked for on a court's order"),
    "existence_certified": lazy_gettext("Certificate of existence issued on a court's order"),
    "inspector_viewed": lazy_gettext("Page viewed by an inspector"),
    "invitation_taken": lazy_gettext("Invitation taken up"),
    "log_entry_erased": lazy_gettext("Log entry erased"),
    "match": lazy_gettext("Match decided"),
    "match_job": lazy_gettext("Match job denied"),
    "matter": lazy_gettext("Matter opened"),
    "matter_closed": lazy_gettext("Matter closed"),
    "matter_denied": lazy_gettext("Matter denied by the data agreement"),
    "matter_lawyers": lazy_gettext("Lawyer of a matter appointed or dismissed"),
    "matter_shortened": lazy_gettext("Matter shortened"),
    "matter_superseded": lazy_gettext("Certificate or bundle of a matter superseded"),
    "matter_terms_accepted": lazy_gettext("Terms of a matter accepted by a lawyer"),
    "matter_viewed": lazy_gettext("Matter viewed by a lawyer"),
    "member_admitted": lazy_gettext("Member admitted"),
    "member_data_exported": lazy_gettext("Leaving member's data handed back"),
    "member_exit_certified": lazy_gettext("Leaving member's data erased and certified"),
    "member_file_changed": lazy_gettext("Member's file changed"),
    "member_leaving": lazy_gettext("Member's exit begun"),
    "member_quota_changed": lazy_gettext("Member's quota changed"),
    "member_resumed": lazy_gettext("Member works again"),
    "member_suspended": lazy_gettext("Member suspended"),
    "mode_changed": lazy_gettext("Regulatory mode changed"),
    "officer_added": lazy_gettext("Officer entered"),
    "officer_disabled": lazy_gettext("Officer disabled"),
    "officer_enabled": lazy_gettext("Officer enabled"),
    "officer_invited": lazy_gettext("Officer invited"),
    "officer_locked": lazy_gettext("Login locked after failures"),
    "officer_reset": lazy_gettext("Officer's login reset"),
    "officer_sessions_ended": lazy_gettext("Officer's sessions ended"),
    "officer_unlocked": lazy_gettext("Login unlocked"),
    "organisation_added": lazy_gettext("Organisation entered"),
    "organisation_closed": lazy_gettext("Organisation closed"),
    "organisation_opened": lazy_gettext("Organisation opened again"),
    "parameter_changed": lazy_gettext("Parameter changed"),
    "passkey_added": lazy_gettext("Passkey added"),
    "passkey_removed": lazy_gettext("Passkey removed"),
    "password_changed": lazy_gettext("Password changed"),
    "proposal_approved": lazy_gettext("Proposal approved"),
    "proposal_lapsed": lazy_gettext("Proposal lapsed"),
    "proposal_made": lazy_gettext("Proposal made"),
    "proposal_rejected": lazy_gettext("Proposal rejected"),
    "proposal_withdrawn": lazy_gettext("Proposal withdrawn"),
    "recovery_code_used": lazy_gettext("Recovery code used"),
    "recovery_codes_renewed": lazy_gettext("New recovery codes made"),
    "role_ended": lazy_gettext("Role taken away"),
    "role_granted": lazy_gettext("Role given"),
    "sample_drawn": lazy_gettext("Sample drawn"),
    "session_began": lazy_gettext("Logged in"),
    "session_ended": lazy_gettext("Logged out"),
    "statement": lazy_gettext("Statement appended to the feed"),
    "submission_processed": lazy_gettext("Submission processed"),
    "submission_received": lazy_gettext("Submission received"),
    "succession": lazy_gettext("Epoch ended"),
    "template_saved": lazy_gettext("Template of agreements saved"),
}
"""What the log's kinds of entry are called."""

LEAF_SHOWN = 12
"""Characters of a leaf in a title: no two entries of a log share so many."""

OBJECTS: Mapping[str, Text] = {
    "agreement": lazy_gettext("Data agreement"),
    "application": lazy_gettext("Application"),
    "campaign": lazy_gettext("Amendment of many"),
    "complaint": lazy_gettext("Complaint"),
    "court_order": lazy_gettext("Court's order"),
    "custodian": lazy_gettext("Custodian"),
    "key-set": lazy_gettext("Key set"),
    "log-entry": lazy_gettext("Log entry"),
    "matter": lazy_gettext("Matter"),
    "member": lazy_gettext("Member"),
    "officer": lazy_gettext("Officer"),
    "organisation": lazy_gettext("Organisation"),
    "page": lazy_gettext("Page"),
    "parameter": lazy_gettext("Parameter"),
    "proposal": lazy_gettext("Proposal"),
    "register": lazy_gettext("Register"),
    "submission": lazy_gettext("Submission"),
    "template": lazy_gettext("Template"),
}
"""What log entries are about."""

_PAGES: Mapping[str, tuple[str, tuple[Act, ...]]] = {
    "agreement": ("agreements/{}", (Act.READ_AGREEMENTS,)),
    "application": ("applications/{}", (Act.READ_MEMBERS,)),
    "complaint": ("complaints/{}", (Act.READ_COMPLAINTS,)),
    "court_order": ("court-orders/{}", (Act.PROPOSE_EXISTENCE, Act.APPROVE_EXISTENCE)),
    "custodian": ("custodians", (Act.READ_CUSTODIANS,)),
    "key-set": ("custodians", (Act.READ_CUSTODIANS,)),
    "log-entry": ("activity/by-leaf/{}", (Act.READ_ACTIVITY,)),
    "matter": ("matters/by-reference/{}", (Act.READ_MATTERS, Act.READ_OWN_MATTERS)),
    "member": ("members/{}", (Act.READ_MEMBERS,)),
    "officer": ("officers/by-ref/{}", (Act.READ_OFFICERS,)),
    "organisation": ("organisations/{}", (Act.READ_OFFICERS,)),
    "parameter": ("settings/{}", (Act.READ_SETTINGS,)),
    "proposal": ("approvals/{}", ()),
}
"""Under which address an object has its page, and which acts that asks for: one of them, or none."""


def deed(kind: str) -> Text:
    """Return what was done, in words; a kind that has none yet by its own name."""
    return DEEDS.get(kind, kind)


def thing(object: str | None) -> str:
    """Return what an entry is about, in words: `member/North` as "Member North"."""
    if object is None:
        return ""
    kind, _, name = object.partition("/")
    if kind not in OBJECTS or not name:
        return object
    if kind == "parameter":
        name = parameters.name_of(name)
    if kind == "log-entry":
        name = f"{name[:LEAF_SHOWN]}…"
    return str(gettext("%(kind)s %(name)s", kind=str(OBJECTS[kind]), name=name))


def page_of(object: str | None, actor: Actor) -> str:
    """Return the address of an object's page, or nothing where there is none for this officer."""
    kind, _, name = (object or "").partition("/")
    address, acts = _PAGES.get(kind, ("", ()))
    if not address or (acts and not any(actor.may(act) for act in acts)):
        return ""
    return f"{office.ROOT}/{address.format(quote(name, safe=''))}"


def entry_page(row: LogRow, actor: Actor) -> str:
    """Return the address of an entry's page, for officers who read the log."""
    return f"{office.ROOT}/activity/{row.id}" if actor.may(Act.READ_ACTIVITY) else ""


def facts_of(row: LogRow) -> dict[str, Any]:
    """Return what an entry says; nothing once it is erased."""
    return {} if row.entry is None else dict(json.loads(row.entry))


def timeline(rows: Iterable[LogRow], actor: Actor) -> list[TimelineEntry]:
    """Return entries as an object's page shows them."""
    return [TimelineEntry(row.at, row.actor or "", deed(row.kind), entry_page(row, actor)) for row in rows]

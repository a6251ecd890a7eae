"""Proposals in words: what will happen once another officer approves, and what that means for others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext

from admin import i18n, office
from admin.entries import deed, thing
from admin.facts import KINDS, worded
from admin.groups import in_groups
from admin.objects import Chip, Text, Tone
from alliance_hub.approvals.models import Kind, Proposal, ProposalState
from alliance_hub.transparency import search
from privacy.encoding import unb64

STATES: Mapping[ProposalState, tuple[Text, Tone]] = {
    ProposalState.OPEN: (lazy_gettext("Waiting"), "wait"),
    ProposalState.APPROVED: (lazy_gettext("Approved"), "good"),
    ProposalState.REJECTED: (lazy_gettext("Rejected"), "bad"),
    ProposalState.WITHDRAWN: (lazy_gettext("Withdrawn"), "still"),
    ProposalState.LAPSED: (lazy_gettext("Lapsed"), "still"),
}

DANGEROUS = frozenset(
    {Kind.SUSPENSION, Kind.LEAVING, Kind.AGREEMENT_SUSPENSION, Kind.MODE, Kind.COURT_ORDER, Kind.LOG_ERASURE}
)
"""What takes something away from somebody."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a proposal will do, a sentence each, and what that means for others."""

    says: list[str]
    effects: list[str]


def describe(proposal: Proposal) -> Description:
    """Return what will happen when the proposal is approved."""
    says, effects = _WORDS[proposal.kind]
    known = defaultdict(
        lambda: i18n.NOTHING, **{"name": proposal.object.partition("/")[2], **facts(proposal)}
    )
    if proposal.kind is Kind.LOG_ERASURE:
        known["what"] = _entry(str(proposal.facts["leaf"]))
    if proposal.kind is Kind.MODE:
        effects = (_AMOUNTS[bool(proposal.facts.get("names_amounts"))], *effects)
    return Description([str(each) % known for each in says], [str(each) % known for each in effects])


def title(proposal: Proposal) -> str:
    """Return a proposal's name: what is to be done, to what."""
    return str(gettext("%(act)s: %(object)s", act=str(KINDS[proposal.kind]), object=thing(proposal.object)))


def chip(state: ProposalState) -> Chip:
    """Return a proposal's state as a chip."""
    return Chip(*STATES[state])


def facts(proposal: Proposal) -> dict[str, str]:
    """Return the facts that the proposal was made with, in words: none is hidden from whoever decides."""
    said = {name: worded(name, value) for name, value in proposal.facts.items()}
    if proposal.kind is Kind.COURT_ORDER:
        # In hex, as sha256sum prints it: whoever decides compares it with the scan.
        said["digest"] = in_groups(unb64(str(proposal.facts["digest"])))
    return said


def _entry(leaf: str) -> str:
    """Return what can be said of a log entry to whoever may not read it: its kind and its instant."""
    with office.the_hub().database.reading() as session:
        row = search.find_by_leaf(session, unb64(leaf))
    return i18n.NOTHING if row is None else f"{deed(row.kind)} ({i18n.instant(row.at, seconds=True)})"


_ = lazy_gettext

# By kind: what will happen, and what that means for others. Names in brackets are facts of the proposal;
# `name` is what it is about.
_WORDS: Mapping[Kind, tuple[tuple[Text, ...], tuple[Text, ...]]] = {
    Kind.ADMISSION: (
        (
            _("%(member)s becomes a member: its enrolment is countersigned and stands in the feed."),
            _("Its declared portfolio is %(declared_portfolio)s contracts."),
        ),
        (
            _("Custodians may now accept it; it works once enough of them have compared its fingerprint."),
            _("Its officers get an organisation of their own. Without an agreement it can ask nothing."),
        ),
    ),
    Kind.SUSPENSION: (
        (_("%(name)s may neither hand in records nor ask, from the moment of approval."),),
        (
            _("For some periods nothing is opened about the subjects of its records: no total betrays them."),
            _("It still reads what is its own, and still says when a debt is paid."),
        ),
    ),
    Kind.RESUMPTION: (
        (_("%(name)s may hand in records and ask again, from the moment of approval."),),
        (_("Its records count again from the next period on."),),
    ),
    Kind.LEAVING: (
        (
            _("%(name)s leaves: it is suspended for good, and its agreements end."),
            _("Its data are handed back to it, then erased, with a signed certificate."),
        ),
        (
            _("Its records leave every answer. Of what stands in the feed, pseudonyms and digests stay."),
            _("It cannot be undone: whoever wants to come back applies anew."),
        ),
    ),
    Kind.QUOTA: (
        (_("%(name)s may ask about %(new)s subjects a day instead of %(old)s."),),
        (_("The custodians' own quotas stay as the key set says: they cannot be raised here."),),
    ),
    Kind.ACTIVATION: (
        (_("Version %(version)s of the agreement %(name)s is stated in the feed and takes effect."),),
        (
            _("What its member asks is decided by it from then on, each answer naming its clause."),
            _("An earlier version ends where this one begins, and stays readable."),
        ),
    ),
    Kind.AGREEMENT_SUSPENSION: (
        (_("The agreement %(name)s rests: what is asked under it is denied, naming the clause."),),
        (_("Its member gets no answer until the agreement is resumed, or another is in effect."),),
    ),
    Kind.AGREEMENT_RESUMPTION: (
        (_("The agreement %(name)s is in effect again, until the day that its terms name."),),
        (_("What its member asks is decided by it again."),),
    ),
    Kind.PARAMETER: (
        (_("The parameter %(name)s becomes %(new)s %(unit)s instead of %(old)s."),),
        (_("It holds for everybody from the moment of approval; what began before is not judged anew."),),
    ),
    Kind.MODE: (
        (
            _("The regulatory mode becomes “%(new)s” instead of “%(old)s”."),
            _("It stands on the legal opinion with SHA-256 %(opinion_digest)s."),
            _("The authority was consulted under %(consultation)s."),
        ),
        (
            _("Every call of every member is decided by the new mode from the moment of approval."),
            _("The banner of every page and the answers of the API name the new mode."),
        ),
    ),
    Kind.CEREMONY: (
        (
            _("On %(on)s the custodians make the keys of epoch %(epoch)s."),
            _("Of %(custodians)s custodians, %(threshold)s are needed to open anything."),
        ),
        (
            _("Approval puts the decision on record. The ceremony itself is held by people, offline."),
            _("Once the present epoch ends, every member renews with the new keys and hands in anew."),
        ),
    ),
    Kind.COURT_ORDER: (
        (
            _("In the matter %(matter)s of %(member)s it is certified whether others hold the debtor."),
            _("The order: %(court)s, %(number)s, dated %(ordered_on)s, SHA-256 of its scan %(digest)s."),
        ),
        (
            _("The certificate says yes or no: never who holds the debtor, how many, or how much."),
            _("It stands in the log and goes to the member, who hands it in. It cannot be taken back."),
        ),
    ),
    Kind.LOG_ERASURE: (
        (
            _("What the log entry with the leaf %(leaf)s says is erased, with its salt."),
            _("The entry: %(what)s."),
        ),
        (
            _("Leaf and number stay, so that every proof still holds; a receipt still shows the entry."),
            _("It cannot be undone. A new bundle that rests on this entry can no longer be built."),
        ),
    ),
    Kind.INSPECTION: (
        (_("%(name)s may read all registers until %(until)s."),),
        (_("It changes nothing and draws random samples; every view is logged."),),
    ),
}

_AMOUNTS: Mapping[bool, Text] = {
    True: _("The opinion names amounts: exposure may be answered."),
    False: _("The opinion does not name amounts: no exposure is answered."),
}
"""What a mode's opinion means for answers."""

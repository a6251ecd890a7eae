"""What a member's pages call states, and what they say of a refused row or chunk: why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from admin.objects import Chip
from alliance_hub.matching.models import MatchState
from alliance_hub.records.models import ChunkState, RowOutcome, SubmissionState
from alliance_hub.records.rules import ChunkReason, RowReason

SUBMISSIONS: Mapping[SubmissionState, Chip] = {
    SubmissionState.RECEIVED: Chip(lazy_gettext("received"), "wait"),
    SubmissionState.PROCESSING: Chip(lazy_gettext("being processed"), "wait"),
    SubmissionState.DONE: Chip(lazy_gettext("processed"), "good"),
}
REFUSED_ROWS = Chip(lazy_gettext("processed, with refused rows"), "bad")

CHUNKS: Mapping[ChunkState, Chip] = {
    ChunkState.WAITING: Chip(lazy_gettext("waiting"), "wait"),
    ChunkState.APPENDED: Chip(lazy_gettext("in the feed"), "good"),
    ChunkState.REFUSED: Chip(lazy_gettext("refused"), "bad"),
}
OUTCOMES: Mapping[RowOutcome, Chip] = {
    RowOutcome.UNCHANGED: Chip(lazy_gettext("unchanged"), "still"),
    RowOutcome.REFUSED: Chip(lazy_gettext("refused"), "bad"),
}
MATCHES: Mapping[MatchState, Chip] = {
    MatchState.DECIDED: Chip(lazy_gettext("allowed, waits for custodians"), "wait"),
    MatchState.ANSWERED: Chip(lazy_gettext("answered"), "good"),
}
ALLOWED = Chip(lazy_gettext("allowed"), "good")
DENIED = Chip(lazy_gettext("denied"), "bad")

ROWS: Mapping[str, LazyString] = {
    RowReason.EPOCH: lazy_gettext(
        "It was made for another key epoch. Run alliance-member renew, then submit again."
    ),
    RowReason.CONTRIBUTION: lazy_gettext(
        "Its sealed amount does not fit the key set. Make it anew with the member tool."
    ),
    RowReason.PRIVATE_DIGEST: lazy_gettext(
        "What it says does not fit its digest. Make it anew with the member tool."
    ),
    RowReason.PRODUCT_CLASS: lazy_gettext("The alliance takes no contracts of this product. Leave it out."),
    RowReason.FLAG: lazy_gettext("The flag's category is unknown or its text too long. Correct the flag."),
    RowReason.TWICE: lazy_gettext("This submission names the contract before. Keep one of the two rows."),
    RowReason.ENDED: lazy_gettext(
        "The contract was settled or withdrawn. Leave it out; a new debt needs a new contract."
    ),
    RowReason.OTHER_CONTENT: lazy_gettext(
        "The same day stands with other content. Correct it under a later day."
    ),
    RowReason.OLDER: lazy_gettext("A later day of this contract stands already. Leave it out."),
    RowReason.AHEAD: lazy_gettext("Its day has not come yet. Submit it when it has."),
    RowReason.TOO_MANY_CONTRACTS: lazy_gettext(
        "You hold as many contracts of this debtor as the alliance takes."
    ),
}
"""By the reason of a refused row."""

CHUNK_REASONS: Mapping[str, LazyString] = {
    ChunkReason.CLOSED: lazy_gettext("This key epoch has ended. Run alliance-member renew and submit there."),
    ChunkReason.ALLIANCE: lazy_gettext("It was made for another alliance or key epoch."),
    ChunkReason.SEQUENCE: lazy_gettext(
        "It is not your next statement: one before it was refused, or another came first."
    ),
    ChunkReason.SIGNATURE: lazy_gettext("It is not signed with your key in force."),
    ChunkReason.SIGNED_AT: lazy_gettext(
        "It was signed more than 24 hours away, or before your last statement."
    ),
    ChunkReason.NOT_ACTIVE: lazy_gettext("Your organisation was not active then. Ask the secretariat."),
    ChunkReason.KEY_SET: lazy_gettext("It names another key set than the one in force."),
    ChunkReason.ROOT: lazy_gettext("Its records do not give the root that was signed."),
    ChunkReason.PROOF: lazy_gettext(
        "It does not prove that you know what its amounts hold. Make and sign it anew."
    ),
    ChunkReason.PORTFOLIO: lazy_gettext(
        "With it this period would hold more than twice your declared portfolio."
    ),
    ChunkReason.ROWS: lazy_gettext(
        "At least one of its rows is refused. Drop those and sign the rest again."
    ),
}
"""By the reason of a refused chunk."""

"""Every number that the hub decides by and the key set does not fix, with its source.

What all parties pin (contributors, period length, retention, quotas) is `privacy.keyset.Policy`; what
one member has signed is its agreement. Marks as in the domain notes: [T] statute, [D] our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# Protocol section 4: a statement's `signed_at` lies within a day of the stamp, else it is void.
SIGNED_WITHIN = timedelta(hours=24)

# Protocol section 4: chunks beyond twice the declared portfolio in a period are void.
PORTFOLIOS_PER_PERIOD = 2

# Protocol section 4: contracts per member and pseudonym; more would let one member fill a cohort.
CONTRACTS_PER_PSEUDONYM = 256

# Protocol section 4: a record on hold, or of a suspended member, blocks its subject for this many cuts.
BLOCKING_CUTS = 6

# Protocol section 6, bands of `Freshness`; [D].
FRESHNESS_DAYS = (30, 90, 180)

# Domain section 6: an agreement says from when until when; one year unless the offer says otherwise [D].
AGREEMENT_DAYS = 365

# One page of a list unless the reader asks for another, and the most it may ask for [D].
PAGE = 100
MAX_PAGE = 1_000

# Entries of the feed in one answer unless the custodian asks for another number; a chunk of 4,096 records
# is about 6 MB as JSON, and answers are streamed [D].
FEED_PAGE = 200

# Threads that serve requests in the one worker process [D].
SERVING_THREADS = 8


# A proposal that nobody has decided by then must be made again: circumstances change [D].
PROPOSAL_LIFE = timedelta(days=14)

# Domain section 8: five failures lock a login for half an hour; a session ends after a quarter of an hour of
# rest and after eight hours in any case.
LOGIN_FAILURES = 5
LOGIN_LOCK = timedelta(minutes=30)
SESSION_IDLE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=8)

# Failed logins from one network address before it has to wait, and for how long they count: an office of
# many behind one address must get in, a guesser not [D].
SOURCE_FAILURES = 20
SOURCE_WINDOW = timedelta(minutes=15)

# Between password and second factor a login waits this long [D].
LOGIN_PENDING = timedelta(minutes=5)

# A link by which an officer chooses its password; long enough for a weekend [D].
INVITATION_LIFE = timedelta(hours=72)

# An inspector's and a lawyer's appointment ends by itself; a deputy stands in for a season at most [D].
EXPIRING_LONGEST = timedelta(days=366)
DEPUTY_LONGEST = timedelta(days=92)

# NIST SP 800-63B section 5.1.1: length counts, and what is easily guessed is refused; 12 is ours [D].
PASSWORD_LETTERS = 12
PASSWORD_LONGEST = 128

# RFC 6238 section 5.2: one step of half a minute either way, for clocks that differ.
TOTP_SECONDS = 30
TOTP_SKEW = 1

RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What one hash of a password costs (RFC 9106 section 4)."""

    kibibytes: int
    passes: int
    lanes: int


# RFC 9106's second recommendation: 64 MiB, three passes, four lanes; about a twentieth of a second.
PASSWORD_COST = PasswordCost(kibibytes=65_536, passes=3, lanes=4)

# A session at work is noted as such once in this time, not with every page: each note is a write [D].
SESSION_TOUCH = timedelta(minutes=1)


class RegulatoryMode(StrEnum):
    """Which business the hub may do (domain section 2; 征信业管理条例 arts. 2, 7, 36 [T])."""

    SYNTHETIC = "synthetic"
    """Everything, with made-up data only."""
    POST_LOAN_MATCH = "post_loan_match"
    """A creditor asks about its own overdue, consented contracts; needs a recorded legal opinion."""
    VIA_LICENSED_BUREAU = "via_licensed_bureau"
    """The hub prepares and validates batches; a licensed bureau serves them, so it answers no match."""

    @property
    def answers_matches(self) -> bool:
        """Say whether the hub itself may answer a match in this mode."""
        return self is not RegulatoryMode.VIA_LICENSED_BUREAU

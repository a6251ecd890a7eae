"""What a member checks (protocol section 4): pure comparisons of what everybody said with what it knows.

- Signed heads: at one position there is one head. Two of them are a fork: somebody was shown another feed.
- The hub's account agrees with every custodian's, where both speak of the same moment.
- Each of this member's statements stands on the feed as it signed it, at one position, and counts.
- Nothing that this member signed is missing from the feed.
- Under every effective cut stand the signatures of all custodians, over one head and one state.
- The custodians count the same live records; what differs from the vault is explained.
- The hub's log only grew, the custodians cosigned the same, and it holds what this member has receipts of.
"""

from member.checks.cuts import author_of, compare_cuts, effective_cuts
from member.checks.heads import compare_heads, compare_with_hub
from member.checks.live import compare_live
from member.checks.seen import Check, Seen, Verdict, exit_code, failures, weight, who
from member.checks.statements import LIFE, compare_missing, compare_statements, find_missing

__all__ = [
    "LIFE",
    "Check",
    "Seen",
    "Verdict",
    "author_of",
    "compare_cuts",
    "compare_heads",
    "compare_live",
    "compare_missing",
    "compare_statements",
    "compare_with_hub",
    "effective_cuts",
    "exit_code",
    "failures",
    "find_missing",
    "weight",
    "who",
]

"""The member's side: its files, its vault, its keys, and the command `alliance-member`.

The same without the command:

    from member import Home, open_member, submit

    with open_member(Home(Path("/srv/alliance")), passphrase) as south:
        report = submit(south, Path("loans.csv"), as_of=date(2026, 10, 31))

Long lists are sealed in processes of their own, so a script that submits guards its main part with
`if __name__ == "__main__":`, as `multiprocessing` asks.
"""

from member.accusing import export_accusation, fault_of, list_accusations
from member.agreements import (
    find_offer,
    find_version,
    list_agreements,
    sign_agreement,
    terminate_agreement,
    text_of,
    try_question,
)
from member.answers import Matched, match
from member.auditing import Disclosure, prepare_opening, ref_of, sign_opening
from member.checking import Checked, check
from member.contributions import Contributed, list_contributions, name_contracts
from member.deletions import Certified, list_deletions
from member.ending import settle, withdraw
from member.errors import (
    Declined,
    KeySetRefused,
    MemberError,
    NotYet,
    QuotaExceeded,
    Refused,
    RetryLater,
    Unavailable,
    Untrusted,
    VaultBusy,
    VaultRefused,
)
from member.home import Home, default_home
from member.joining import Standing, enrol
from member.member import Member, open_member
from member.overview import Status, status
from member.renewal import Successor, find_successor, renew
from member.report import Report
from member.seeking import Looked, look_for_receipts
from member.setup import create_member, read_key_set, restore_member
from member.submission import Submitted, submit
from member.vault.backup import back_up

__all__ = [
    "Certified",
    "Checked",
    "Contributed",
    "Declined",
    "Disclosure",
    "Home",
    "KeySetRefused",
    "Looked",
    "Matched",
    "Member",
    "MemberError",
    "NotYet",
    "QuotaExceeded",
    "Refused",
    "Report",
    "RetryLater",
    "Standing",
    "Status",
    "Submitted",
    "Successor",
    "Unavailable",
    "Untrusted",
    "VaultBusy",
    "VaultRefused",
    "back_up",
    "check",
    "create_member",
    "default_home",
    "enrol",
    "export_accusation",
    "fault_of",
    "find_offer",
    "find_successor",
    "find_version",
    "list_accusations",
    "list_agreements",
    "list_contributions",
    "list_deletions",
    "look_for_receipts",
    "match",
    "name_contracts",
    "open_member",
    "prepare_opening",
    "read_key_set",
    "ref_of",
    "renew",
    "restore_member",
    "settle",
    "sign_agreement",
    "sign_opening",
    "status",
    "submit",
    "terminate_agreement",
    "text_of",
    "try_question",
    "withdraw",
]

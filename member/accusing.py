"""A falsehood is kept with what shows it, said aloud, and given out for others to check.

Only what anybody can check against the key set is kept: a member that accused on its own word could frame a
custodian, and nobody would have to believe it.
"""

from __future__ import annotations

from pathlib import Path

from member.errors import Refused
from member.files.tables import require_ending, write_document
from member.member import Member
from member.vault import accusations, epochs
from member.vault.accusations import Kept
from privacy.accusations import Accusation, FalseEvaluation, verify_accusation
from privacy.errors import VerifyError


def accuse(member: Member, accusation: Accusation) -> str | None:
    """Keep an accusation, warn of it, and return the sentence that names who is at fault.

    None, and nothing is kept, for one that does not show what it claims.
    """
    try:
        fault = verify_accusation(accusation, member.key_set)
    except VerifyError:
        return None
    accusations.keep(member.vault, accusation, at=member.clock())
    member.report.warn(f"{fault}. What shows it is kept: see alliance-member accusations list")
    return fault


def list_accusations(member: Member) -> list[Kept]:
    """Return everything that was found, the first first."""
    return accusations.list_accusations(member.vault)


def get_accusation(member: Member, number: int) -> Kept:
    """Return the accusation of that number; raises Refused when there is none."""
    kept = accusations.find(member.vault, number)
    if kept is None:
        raise Refused(f"there is no accusation number {number}: see accusations list", rule="accusation")
    return kept


def fault_of(member: Member, accusation: Accusation) -> str:
    """Return the sentence that names who is at fault, checked anew against its epoch's key set.

    Raises Refused without that key set, VerifyError for one that shows nothing.
    """
    about = accusation.request if isinstance(accusation, FalseEvaluation) else accusation.manifest
    return verify_accusation(accusation, epochs.get_key_set(member.vault, about.epoch).key_set)


def export_accusation(member: Member, number: int, out: Path) -> Kept:
    """Write an accusation to a .json file that `alliance-custodian check-accusation` reads.

    Raises Refused without such an accusation, FileError for a file that cannot be written.
    """
    require_ending(out, ".json")
    kept = get_accusation(member, number)
    write_document(out, kept.accusation)
    return kept

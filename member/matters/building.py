"""From a matter that is ready to a sealed bundle: certified, gathered, assembled, reported."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from member.errors import Refused
from member.matters import bundle, office
from member.matters.certificate import Certificate
from member.matters.evidence_list import taken_of
from member.matters.folder import Folder
from member.matters.ready import Ready
from member.matters.stamping import Authority
from member.matters.state import Built
from member.member import Member
from privacy.encoding import b64, canonical, parse_instant, unb64
from privacy.evidence import MatterEvidence

KINDS = ("agreement", "decision", "record", "flag", "settlement", "notice")
"""What is certified for every bundle; of what the hub has nothing, it certifies nothing."""


@dataclass(frozen=True, slots=True)
class Signing:
    """With what a bundle is stamped and its reports are signed, where the member has it."""

    authority: Authority | None = None
    certificate: Certificate | None = None


class Incomplete(Refused):
    """The matter lacks something; `ready` says what."""

    def __init__(self, ready: Ready) -> None:
        super().__init__("the matter is not complete: see alliance-member matters check", rule="complete")
        self.ready = ready


def require_ready(ready: Ready, *, incomplete: bool = False) -> None:
    """Raise Refused unless a matter can be built; with `incomplete` what its profile wants may be missing."""
    if ready.opened.opened_at is None:
        raise Refused(
            "the matter is not open at the hub yet: run alliance-member matters open", rule="matter"
        )
    if ready.case is None or (ready.lacks and not incomplete):
        raise Incomplete(ready)


def gather(member: Member, ready: Ready) -> tuple[MatterEvidence, dict[int, bytes]]:
    """Fetch a matter's evidence and its certificates on paper; waits for the checkpoint."""
    found = office.evidence(member, ready.opened.reference)
    numbers = [signed.certificate.number for signed in found.certificates]
    return found, office.papers(member, ready.opened.reference, numbers)


def build(member: Member, ready: Ready, out: Path, signing: Signing, *, incomplete: bool = False) -> Built:
    """Have a matter certified, and write its bundle; raises Refused, RetryLater and FileError."""
    require_ready(ready, incomplete=incomplete)
    office.certify(member, ready.opened.reference, KINDS)
    return seal(member, ready, out, signing)


def seal(member: Member, ready: Ready, out: Path, signing: Signing) -> Built:
    """Write the bundle of a matter whose certificates stand, and report its seal to the hub.

    What is written is kept in the matter's folder before the hub hears of it: told again it changes nothing.
    """
    prepared = ready.prepared()
    if prepared is None:
        raise Incomplete(ready)
    evidence, papers = gather(member, ready)
    at = member.clock()
    sealed = bundle.assemble(
        member,
        prepared,
        evidence,
        papers,
        out,
        at=at,
        authority=signing.authority,
        certificate=signing.certificate,
    )
    built = Built(
        seal=b64(bundle.seal_digest(sealed)),
        sealed_at=sealed.seal.sealed_at,
        file=out.name,
        digest=taken_of(out).sha256,
        mark=mark_of(ready),
    )
    _keep(ready.folder, built)
    ready.folder.log(member.name, "封存证据包 / bundle sealed", at, built.digest)
    report(member, ready.folder, built)
    return built


def mark_of(ready: Ready) -> str:
    """Return a digest of what a person gave for a bundle: with the same, another would only be newer."""
    given = {
        "case": ready.folder.document(),
        "profile": ready.profile.document(),
        "documents": [each.document() for each in ready.listed],
    }
    return hashlib.sha256(canonical(given)).hexdigest()


def find_current(member: Member, ready: Ready, out: Path) -> Built | None:
    """Return the bundle at `out` if nothing has changed since, here or at the hub; the hub hears of it."""
    built = standing(ready, out)
    if built is None:
        return None
    report(member, ready.folder, built)
    return None if why_superseded(member, ready.folder, built) is not None else built


def standing(ready: Ready, out: Path) -> Built | None:
    """Return the bundle of the same inputs that stands at `out` already, byte for byte; None for none."""
    wanted = mark_of(ready)
    built = next((each for each in reversed(ready.opened.bundles) if each.mark == wanted), None)
    if built is None or not out.is_file() or taken_of(out).sha256 != built.digest:
        return None
    return built


def why_superseded(member: Member, folder: Folder, built: Built) -> str | None:
    """Return why the hub says that a bundle is out of date; None while it is not."""
    shown = office.show(member, folder.opened().reference)
    gone = (each for each in shown.bundles if each.seal == built.seal and each.superseded_at)
    return next((each.why or "" for each in gone), None)


def report(member: Member, folder: Folder, built: Built) -> None:
    """Tell the hub of a bundle, unless it has heard: a run may have been stopped before it was told."""
    if not built.reported:
        opened, sealed_at = folder.opened(), parse_instant(built.sealed_at)
        office.report_sealed(member, opened.reference, seal=unb64(built.seal), sealed_at=sealed_at)
        _keep(folder, msgspec.structs.replace(built, reported=True))


def _keep(folder: Folder, built: Built) -> None:
    """Write down how a bundle stands, in place of what was known of it."""
    opened = folder.opened()
    others = (each for each in opened.bundles if each.seal != built.seal)
    folder.keep(msgspec.structs.replace(opened, bundles=(*others, built)))

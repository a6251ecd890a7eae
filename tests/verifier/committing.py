"""Bundles whose log was written for the occasion: hub and member agree on a lie, and custodians cosign it.

They cosign what only grew, and know nothing of what entries say: so each claim must stand by itself.
"""

from __future__ import annotations

import copy
from typing import Any

from privacy import merkle
from privacy.certificates import Certificate, sign_certificate
from privacy.checkpoint import Checkpoint
from privacy.encoding import Json, b64, canonical
from privacy.evidence import MatterRequest, sign_matter
from privacy.messages import parse
from privacy.signing import SigningKey
from tests.privacy.samples import key
from tests.verifier import making
from tests.verifier.making import Draft
from tests.verifier.story import CHECKPOINT, SECOND_KEY, Log, note_over, sha256_text, told


def committed_to(draft: Draft) -> Draft:
    """Return the bundle with a request, logged and signed, that commits to the opening that it has."""
    return requested_otherwise(draft, opening=sha256_text(canonical(draft.evidence["opening"])))


def requested_otherwise(
    draft: Draft,
    *,
    logged_at: str | None = None,
    by: SigningKey = SECOND_KEY,
    public: str = "",
    **changes: Any,
) -> Draft:
    """Return the bundle with another request, signed by the member and logged by the hub."""
    request = parse(MatterRequest, {**draft.evidence["matter"]["request"], **changes})
    signed = sign_matter(by, request)
    log = copy.deepcopy(told().log)
    entry = next(entry for entry in log.entries if entry["kind"] == "matter")
    entry |= {"request": b64(request.sha256()), "signature": signed.signature}
    entry |= {"matter": request.matter, "member": request.member, "at": logged_at or entry["at"]}
    entry["key"] = public or b64(by.public)
    draft.evidence["matter"] = making.plain(signed)
    return _relogged(draft, log)


def decided_otherwise(**changes: Any) -> Draft:
    """Return a bundle in which the hub certifies something else of a question than the log says."""
    document = making.plain(told().certificates[1].certificate)
    document["said"]["decisions"][0] |= changes
    return certified_otherwise(2, document)


def asked_otherwise(**facts: Any) -> Draft:
    """Return a bundle in which the log says something else of a question, and the certificate the same."""
    log, document = copy.deepcopy(told().log), making.plain(told().certificates[1].certificate)
    place = next(at for at, entry in enumerate(log.entries) if entry["kind"] == "match")
    log.entries[place] |= facts
    decision = document["said"]["decisions"][0]
    decision |= {name: fact for name, fact in facts.items() if name in decision}
    decision["leaf"] = b64(log.leaves[place])
    return certified_otherwise(2, document, log)


def certified_otherwise(number: int, document: Json, log: Log | None = None) -> Draft:
    """Return a bundle in which the hub signed and logged another certificate under this number."""
    draft, log = making.draft(), log or copy.deepcopy(told().log)
    certificate = parse(Certificate, document)
    place = next(at for at, entry in enumerate(log.entries) if entry.get("number") == number)
    log.entries[place]["certificate"] = b64(certificate.sha256())
    log.entries[place]["said"] = document["said"]["kind"]
    signed = sign_certificate(key("hub"), certificate, leaf=log.leaves[place])
    draft.evidence["certificates"][number - 1] = making.plain(signed)
    return _relogged(draft, log)


def _relogged(draft: Draft, log: Log) -> Draft:
    """Return the bundle with proofs, checkpoint and anchor of a log that was rewritten."""
    origin, leaves = told().note.checkpoint.origin, log.leaves
    draft.evidence["log"] = [making.plain(log.proof(index)) for index in told().shown]
    newest = Checkpoint(origin, len(leaves), merkle.root(leaves))
    del draft.evidence["anchor"]
    return draft.changed(note=note_over(told().key_set, newest, CHECKPOINT, 1, 2).text())

"""The transparency log: what the hub has signed of it, proofs, and where its witnesses cosign.

A hub whose database was set back shows nothing (503 `log-behind`) until it holds again what it has signed.
"""

from __future__ import annotations

from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from alliance_hub.errors import Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.matching.rules import require_keys
from alliance_hub.permissions import Permission
from alliance_hub.transparency import checkpoints, cosigning, keeping, proofs
from api import answers, bodies
from api.log_forms import (
    CheckpointShown,
    ConsistencyShown,
    CosignatureHandedIn,
    CosignatureTaken,
    InclusionShown,
)
from api.openapi import describe
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64, unb64

bp = APIBlueprint("log", __name__, tag="Transparency log")

HUB = "hub"

Size = Annotated[int, Field(ge=0, le=2**53 - 1)]


class WhichCheckpoint(BaseModel):
    """The one that is to be cosigned, or the newest that counts."""

    counted: bool = False


class Sizes(BaseModel):
    """Between which sizes of the log."""

    old: Size
    new: Size


class Place(BaseModel):
    """Which leaf, base64url, and under a checkpoint of which size; without it the whole log."""

    leaf: str = Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")
    size: Size | None = None


@bp.get("/log/checkpoint")
@describe(bp, answers={200: CheckpointShown}, refuses=(404, 422, 503), signed=False)
@bp.input(WhichCheckpoint, location="query")
def show(query_data: WhichCheckpoint) -> Response:
    """Show a checkpoint.

    A signed note: origin, size, root, the hub's signature, the cosignatures of custodians. It is the one that
    is to be cosigned now; it stands still until custodians have done so. With `counted` the newest that at
    least t of them have cosigned. 404 `no-checkpoint` while there is none.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        keeping.require_continued(session, hub)
        if query_data.counted:
            note = checkpoints.newest_counted(session, hub.key_set)
        else:
            shown = checkpoints.offered(session)
            note = None if shown is None else shown.note
    if note is None:
        raise NotFound("there is no such checkpoint yet: ask again later", slug="no-checkpoint")
    return answers.form(CheckpointShown(checkpoint=note.text()))


@bp.get("/log/consistency")
@describe(bp, answers={200: ConsistencyShown}, refuses=(409, 422, 503), signed=False)
@bp.input(Sizes, location="query")
def consistency(query_data: Sizes) -> Response:
    """Prove that the log only grew.

    The nodes that show, by RFC 9162 section 2.1.4, that the log of `new` entries begins with that of `old`.
    409 `not-reached` when the log has not come from the one to the other.
    """
    hub, old, new = the_hub(), query_data.old, query_data.new
    with hub.database.reading() as session:
        keeping.require_continued(session, hub)
        path = proofs.consistency(session, old, new)
    return answers.form(ConsistencyShown(old=old, new=new, path=tuple(map(b64, path))))


@bp.get("/log/inclusion")
@describe(bp, answers={200: InclusionShown}, refuses=(403, 404, 409, 422, 503))
@allows(Permission.READ_LOG)
@bp.input(Place, location="query")
def inclusion(caller: Caller, query_data: Place) -> Response:
    """Prove that the log holds an entry.

    Its place and the path, by RFC 9162 section 2.1.3, for the leaf of a receipt. 503 `not-integrated` in the
    first seconds, 409 `later-checkpoint` when it stands behind the end of a log of `size`.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        keeping.require_continued(session, hub)
        proof = proofs.inclusion(session, unb64(query_data.leaf), size=query_data.size)
    path = tuple(map(b64, proof.path))
    return answers.form(InclusionShown(leaf=b64(proof.leaf), index=proof.index, size=proof.size, path=path))


@bp.post("/log/cosignatures")
@describe(bp, body=CosignatureHandedIn, answers={200: CosignatureTaken}, refuses=(403, 409, 422, 503))
@allows(Permission.COSIGN_LOG)
def cosign(caller: Caller) -> Response:
    """Cosign a checkpoint.

    For custodians, whose cosignatures make it count, and for members. Make it only after you have checked
    the hub's signature, and that the log begins with everything that you cosigned before. The same again
    changes nothing. 409 `no-checkpoint` when the hub does not keep one of this size.
    """
    hub, handed_in = the_hub(), bodies.message(CosignatureHandedIn)
    _require_ours(hub, handed_in)
    with hub.database.transaction() as session:
        keeping.require_continued(session, hub)
        custodians = cosigning.receive(
            session, hub, caller.sender, handed_in.size, handed_in.line, hub.clock()
        )
    return answers.form(CosignatureTaken(size=handed_in.size, custodians=tuple(custodians)))


def _require_ours(hub: Hub, handed_in: CosignatureHandedIn) -> None:
    if handed_in.recipient != HUB:
        raise Invalid("a cosignature is for the hub", field="recipient")
    require_keys(handed_in.epoch, handed_in.key_set, hub.key_set)

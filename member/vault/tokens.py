"""OPRF outputs that were paid for with quota: each is kept, sealed, under a keyed hash of its input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from member.vault.vault import Vault


class Batch(msgspec.Struct, frozen=True):
    """Blinded elements under one request id, kept until answered: asked again it costs nothing."""

    request_id: str
    inputs: list[bytes]
    blinds: list[bytes]
    elements: list[bytes]


def mark(vault: Vault, data: bytes) -> bytes:
    """Return the name under which the output of OPRF input `data` is kept."""
    return vault.mark("token", data)


def find(vault: Vault, epoch: int, inputs: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the known 64-byte outputs by their inputs."""
    found: dict[bytes, bytes] = {}
    for data in inputs:
        name = mark(vault, data)
        row: Any = vault.db.execute(
            "SELECT sealed FROM tokens WHERE epoch = ? AND mark = ?", (epoch, name)
        ).fetchone()
        if row:
            found[data] = vault.unseal("tokens", row[0], context=name)
    return found


def store(vault: Vault, epoch: int, batch: Batch, outputs: Mapping[bytes, bytes]) -> None:
    """Keep a batch's outputs and forget the batch, in one step."""
    names = {data: mark(vault, data) for data in outputs}
    rows = [
        (epoch, names[data], vault.seal("tokens", output, context=names[data]))
        for data, output in outputs.items()
    ]
    with vault.db as db:
        db.executemany("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?)", rows)
        db.execute("DELETE FROM batches WHERE request_id = ?", (batch.request_id,))


def remember(vault: Vault, epoch: int, batch: Batch) -> None:
    """Keep a batch before it is sent."""
    sealed = vault.seal("batches", msgspec.json.encode(batch))
    with vault.db as db:
        db.execute("INSERT INTO batches VALUES (?, ?, ?)", (batch.request_id, epoch, sealed))


def unanswered(vault: Vault, epoch: int) -> list[Batch]:
    """Return the batches that an interrupted run left behind."""
    rows = vault.db.execute(
        "SELECT sealed FROM batches WHERE epoch = ? ORDER BY request_id", (epoch,)
    ).fetchall()
    return [msgspec.json.decode(vault.unseal("batches", sealed), type=Batch) for (sealed,) in rows]

"""What the hub holds of a leaving member, as an archive for it: one file of JSON lines for each kind.

The archive is made in a file beside the database and then stored in pieces, so that memory stays small and
whatever machine the member asks has it. Until the last piece stands with the stage, nothing may be fetched;
a job that died in between begins anew.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from alliance_hub.faults import reached
from alliance_hub.hub import Hub
from alliance_hub.jobs.service import Lease
from alliance_hub.membership.holdings import FILES, README
from alliance_hub.membership.models import Exit, ExportPart
from alliance_hub.membership.vocabulary import ExitStage
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, b64, instant_text

PART_BYTES = 2**20
LINES_A_LEASE = 20_000
"""After so many lines the job says that it is alive."""


def export(hub: Hub, name: str, lease: Lease) -> None:
    """Put a leaving member's data together and store them; raises LeaseLost."""
    with tempfile.TemporaryFile(dir=hub.settings.home) as file:
        _write(hub, name, file, lease)
        reached("exit.written")
        _drop_parts(hub, name, lease)
        size, digest = _store(hub, name, file, lease)
    reached("exit.stored")
    with hub.database.transaction() as session:
        lease.renew(session, hub.clock())
        leaving = session.get_one(Exit, name)
        leaving.stage, leaving.exported_at = ExitStage.EXPORTED, hub.clock()
        leaving.export_until = leaving.deadline_at
        leaving.export_size, leaving.export_digest = size, digest
        facts = {"object": f"member/{name}", "sha256": b64(digest), "bytes": size}
        transparency.record_entry(session, "member_data_exported", facts, now=hub.clock())
    reached("exit.exported")


def read_parts(session: Session, name: str) -> Iterator[bytes]:
    """Yield the stored archive, piece by piece."""
    numbers = select(ExportPart.number).where(ExportPart.member == name).order_by(ExportPart.number)
    for number in session.scalars(numbers).all():
        yield session.scalars(
            select(ExportPart.body).where(ExportPart.member == name, ExportPart.number == number)
        ).one()


def _write(hub: Hub, name: str, file: IO[bytes], lease: Lease) -> None:
    at = hub.clock()
    told: dict[str, Json] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, hub.database.reading() as session:
        for file_name, lines in FILES.items():
            told[file_name] = _add(archive, _entry(file_name, at), _alive(hub, lease, lines(session, name)))
        archive.writestr(_entry("README.txt", at), README)
        archive.writestr(_entry("contents.json", at), json.dumps(_contents(hub, name, at, told), indent=2))


def _add(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, lines: Iterable[bytes]) -> Json:
    sha, count = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as target:
        for line in lines:
            sha.update(line + b"\n")
            target.write(line + b"\n")
            count += 1
    return {"lines": count, "sha256": sha.hexdigest()}


def _alive(hub: Hub, lease: Lease, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Pass lines on, renewing the lease now and then."""
    for number, line in enumerate(lines):
        if number % LINES_A_LEASE == 0:
            with hub.database.transaction() as session:
                lease.renew(session, hub.clock())
        yield line


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _contents(hub: Hub, name: str, at: datetime, files: dict[str, Json]) -> Json:
    key_set = hub.key_set
    return {
        "alliance": key_set.alliance,
        "epoch": key_set.epoch,
        "member": name,
        "made_at": instant_text(at),
        "files": files,
    }


def _drop_parts(hub: Hub, name: str, lease: Lease) -> None:
    with hub.database.transaction() as session:
        lease.renew(session, hub.clock())
        session.execute(delete(ExportPart).where(ExportPart.member == name))


def _store(hub: Hub, name: str, file: IO[bytes], lease: Lease) -> tuple[int, bytes]:
    """Store the file in pieces; return its size and SHA-256."""
    file.seek(0)
    sha, size = hashlib.sha256(), 0
    for number, body in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
        sha.update(body)
        size += len(body)
        with hub.database.transaction() as session:
            lease.renew(session, hub.clock())
            session.add(ExportPart(member=name, number=number, body=body))
    return size, sha.digest()

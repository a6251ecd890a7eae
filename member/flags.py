"""Evasion flags: only who holds the same debtor can read the narrative (protocol section 7)."""

from __future__ import annotations

from datetime import date

from privacy import sealing
from privacy.encoding import b64, canonical, unb64
from privacy.errors import CannotOpen, PrivacyError
from privacy.records import Flag

_PURPOSE = "flag"


def seal_flag(
    subject_key: bytes,
    *,
    flag_id: bytes,
    as_of: date,
    category: str,
    narrative: str,
    member: str,
    pseudonym: bytes,
    epoch: int,
) -> Flag:
    """Return the flag as it stands in a record's private rest.

    Its version is the day of its figures, `yyyymmdd`: of one contract and day there is one content.
    """
    version = int(as_of.strftime("%Y%m%d"))
    envelope = sealing.seal_under(
        _key(subject_key, epoch, flag_id),
        narrative.encode(),
        purpose=_PURPOSE,
        context=_context(b64(flag_id), version, member, pseudonym, epoch),
    )
    return Flag(id=b64(flag_id), version=version, category=category, sealed=b64(envelope))


def open_flag(flag: Flag, subject_key: bytes, *, member: str, pseudonym: bytes, epoch: int) -> str:
    """Return the narrative of a flag that `member` set; raises CannotOpen."""
    try:
        narrative = sealing.open_under(
            _key(subject_key, epoch, unb64(flag.id)),
            unb64(flag.sealed),
            purpose=_PURPOSE,
            context=_context(flag.id, flag.version, member, pseudonym, epoch),
        )
        return narrative.decode()
    except (PrivacyError, UnicodeDecodeError) as error:
        raise CannotOpen(
            "the flag's narrative does not open: it was changed, or is another debtor's"
        ) from error


def _key(subject_key: bytes, epoch: int, flag_id: bytes) -> bytes:
    return sealing.derive_key(subject_key, _PURPOSE, epoch.to_bytes(4, "big"), flag_id)


def _context(flag_id: str, version: int, member: str, pseudonym: bytes, epoch: int) -> bytes:
    return canonical([flag_id, version, member, b64(pseudonym), epoch])

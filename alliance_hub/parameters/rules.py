"""Which values and modes can be set.

- A parameter's value is a whole number between its bounds, and another one than now.
- Made-up and real data never share a key set, so a mode fits the key set or waits for another ceremony.
- Every mode but the synthetic one stands on a recorded legal opinion and a consultation of the authority.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.parameters.catalogue import Parameter
from alliance_hub.policy import RegulatoryMode
from privacy.keyset import KeySet

LONGEST_REFERENCE = 200

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Standing:
    """The regulatory mode with what it stands on."""

    mode: RegulatoryMode
    opinion_digest: str = ""
    consultation: str = ""
    names_amounts: bool = False

    @property
    def tells_amounts(self) -> bool:
        """Say whether an answer may hold amounts: of made-up data always, else if the opinion names them."""
        return self.mode is RegulatoryMode.SYNTHETIC or self.names_amounts


def require_sound(parameter: Parameter, new: int, *, old: int) -> None:
    """Raise Invalid for a value outside the bounds, Conflict for the one that is in force."""
    if not parameter.low <= new <= parameter.high:
        raise Invalid(
            f"{parameter.name} lies between {parameter.low} and {parameter.high} {parameter.unit}: "
            f"{parameter.source.reference} [{parameter.source.mark}]",
            field="new",
        )
    if new == old:
        raise Conflict("this value is in force already: propose another one", slug="same")


def require_recorded(wanted: Standing) -> None:
    """Raise Invalid unless a mode for real data names its legal opinion and its consultation."""
    if wanted.mode is RegulatoryMode.SYNTHETIC:
        return
    if not _SHA256.fullmatch(wanted.opinion_digest):
        raise Invalid(
            "give the legal opinion's SHA-256 as 64 hexadecimal digits (sha256sum FILE)",
            field="opinion_digest",
        )
    if not 0 < len(wanted.consultation.strip()) <= LONGEST_REFERENCE:
        raise Invalid(
            "name the reference under which the authority was consulted, "
            f"in at most {LONGEST_REFERENCE} characters",
            field="consultation",
        )


def require_fitting(key_set: KeySet, mode: RegulatoryMode) -> None:
    """Raise Conflict where the key set was made for the other kind of data."""
    if key_set.policy.synthetic and mode is not RegulatoryMode.SYNTHETIC:
        raise Conflict(
            f"the key set of epoch {key_set.epoch} is for made-up data only: hold a key ceremony for real "
            "data, and set the mode at its hub",
            slug="key-set-synthetic",
        )
    if mode is RegulatoryMode.SYNTHETIC and not key_set.policy.synthetic:
        raise Conflict(
            f"the key set of epoch {key_set.epoch} is for real data: made-up data need "
            "an alliance of their own",
            slug="key-set-real",
        )


def require_changed(now: Standing, wanted: Standing) -> None:
    """Raise Conflict where mode, opinion, consultation and amounts are all as they are."""
    if now == wanted:
        raise Conflict("the hub works in this mode, on this opinion, already", slug="same")

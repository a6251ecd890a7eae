"""What can go wrong in the privacy core, one class for each answer that a caller can give.

    PrivacyError
    ├── DeserializeError      bytes or text that are not the encoding they claim to be
    ├── InvalidInputError     a well-formed value that the rules refuse; names its field
    ├── VerifyError           a signature or proof that does not hold
    └── CannotOpen            a sealed value that this key does not open, or shares that do not fit

No message ever carries an identifier, a pseudonym, an amount or a key.
"""

from __future__ import annotations


class PrivacyError(Exception):
    """Root of every error that `privacy` raises on purpose."""


class DeserializeError(PrivacyError):
    """Bytes or text are not the encoding that they claim to be (RFC 9497 section 2.1)."""


class InvalidInputError(PrivacyError):
    """A value is well formed but the rules refuse it.

    `field` names what was refused, so that a front door can point at it.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class VerifyError(PrivacyError):
    """A signature, proof or digest does not hold."""


class CannotOpen(PrivacyError):
    """A sealed value does not open with this key, or the shares do not fit together."""

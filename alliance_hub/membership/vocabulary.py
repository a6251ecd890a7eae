"""The words of membership: what applicants are, how far an application or a leaving has come."""

from __future__ import annotations

from enum import StrEnum


class MemberKind(StrEnum):
    """What a firm is to the alliance [S]."""

    LENDING_PLATFORM = "lending_platform"
    """It lends, or runs the platform on which others do."""
    LOAN_ASSIST = "loan_assist"
    """It helps licensed lenders to find, judge or serve borrowers."""
    ASSET_DISPOSER = "asset_disposer"
    """It takes over overdue debts and works them out."""


class LicenceKind(StrEnum):
    """On which licence or record a firm does its business."""

    FINANCIAL = "financial"
    """Financial licence of a bank, consumer finance or trust company."""
    SMALL_LOAN = "small_loan"
    """Approval of a small-loan company."""
    GUARANTEE = "guarantee"
    """Licence for financing guarantees."""
    ASSET_MANAGEMENT = "asset_management"
    """Approval of a local asset management company."""
    FILING = "filing"
    """Filing with the local financial regulator, where no licence is required."""
    BUSINESS = "business"
    """Business licence alone, for a firm whose work needs no other."""


class ContactRole(StrEnum):
    """For what somebody at a firm is called."""

    BUSINESS = "business"
    """Answers for the membership."""
    DATA_PROTECTION = "data_protection"
    """Answers for personal information (PIPL art. 52)."""
    TECHNICAL = "technical"
    """Runs the member's tool and its keys."""


class ApplicationState(StrEnum):
    """How far an application is."""

    RECEIVED = "received"
    """Nobody has looked at it yet."""
    IN_REVIEW = "in_review"
    """An officer works through the checklist."""
    RETURNED = "returned"
    """The applicant is to correct something; the reason says what."""
    READY = "ready"
    """Everything on the checklist is done: its admission can be proposed."""
    ADMITTED = "admitted"
    """Two officers admitted it; its enrolment stands in the feed."""
    REFUSED = "refused"
    """The secretariat turned it down; the reason says why."""
    WITHDRAWN = "withdrawn"
    """The applicant took it back."""


UNDER_WAY = frozenset(
    {
        ApplicationState.RECEIVED,
        ApplicationState.IN_REVIEW,
        ApplicationState.RETURNED,
        ApplicationState.READY,
    }
)
"""States in which an application still holds its name."""


class ExitStage(StrEnum):
    """How far a leaving is; the job that does it goes on from here after any crash."""

    SUSPENDED = "suspended"
    """The member is out of work for good; its own data are being put together."""
    EXPORTED = "exported"
    """Its own data wait to be fetched; what the hub holds besides is being erased."""
    ERASED = "erased"
    """A first certificate is signed; the copy and the feed's chunks still wait for their end."""
    CLOSED = "closed"
    """Nothing is left that the protocol does not keep; the last certificate says so."""
